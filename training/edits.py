"""A model edited by a person: tried on test leads as a trained one is, published, promoted where the gate says so."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from models.changes import Changes, about_edit, edited_by, hand_set_in
from models.manifest import REPORT
from models.registry import Registry, RunRecord
from models.shelf import Published, Shelf
from scoring.batch import probabilities_of
from scoring.editing import BadEdit, Edited, edited
from scoring.scorecard import SCALE, Scorecard

from .beside import later_codes, log_odds_of, peers_beside
from .carried import carried
from .edit_beside import Beside, Ranked, beside_of
from .edit_leads import Source, chosen_of
from .fitting import Fitting
from .gate import Gate, Trial, judge
from .publish import Publication
from .recalibrated import recalibrated
from .report.edited import PARENT, edited_report
from .report.evidence import Evidence, evidence_of
from .rivals import Rival, as_attachment, champions_on, rival_of, unfair_in_words
from .split import Split
from .train import judged_metrics


@dataclass(frozen=True)
class Tried:
    """What came of an edit. judged: the card that later models are compared with, None where the parent keeps none.

    beside: it and its parent on the same test leads; tested, evidence: those leads. None where there were none that are
    fair.
    """

    card: Scorecard
    judged: Scorecard | None
    gate: Gate
    beside: Beside | None = None
    evidence: Evidence | None = None
    tested: MappingType[str, object] | None = None
    notes: tuple[str, ...] = ()

    @property
    def figures(self) -> dict[str, object]:
        """Of the judged card on its test leads; empty where it was not judged."""
        return {} if self.beside is None else self.beside.after.as_dict()


@dataclass(frozen=True)
class EditRun:
    """An edit that was tried and published."""

    tried: Tried
    published: Publication
    about: MappingType[str, Any]


@dataclass(frozen=True)
class _Edit:
    """An edit and what it is made on."""

    parent: Published
    changes: Changes
    found: Edited
    rival: Rival | None

    @property
    def slope(self) -> bool:
        """Whether tables may be scaled: points that a person set are kept to the digit."""
        return not (self.changes.points or hand_set_in(self.parent.about))

    def carried(self) -> tuple[Scorecard | None, tuple[str, ...]]:
        """The judged card with the same edit, and in words what it cannot take."""
        if self.rival is None:
            return None, (f"model {self.parent.version} keeps no card of before it had seen all leads",)
        there = carried(self.changes.points, self.parent.card, self.rival.card)
        names = {f.name for f in self.rival.card.fields}
        try:
            made = edited(there.card, veto=set(self.changes.veto) & names, points=there.points).card
        except BadEdit as fault:
            return None, (f"the edit cannot be tried on the card that was judged: {fault}",)
        return made, tuple(f"not tried on test leads, which know no such level: {one}" for one in there.lost)


def edit(
    parent: Published,
    changes: Changes,
    shelf: Shelf,
    registry: Registry,
    sources: Sequence[Source],
    *,
    at: datetime,
    promote: bool = True,
) -> EditRun:
    """Change a model by a person's word, judge it, publish it, promote it where it may serve. Raises BadEdit.

    sources: where leads to judge it on may be, the best first. Where there are none, it is published and waits for a
    person's word.
    """
    made = _Edit(parent, changes, edited_by(parent, changes), rival_of(shelf, parent.version))
    champion = shelf.champion()
    tried = _tried(made, sources, shelf)
    about = _about(made, tried, at)
    files = {REPORT: edited_report(tried.card, about, tried)}
    files |= {} if tried.judged is None else as_attachment(tried.judged)
    published = shelf.add(tried.card, about=about, at=at, attachments=files)
    promoted = promote and tried.gate.decision == "promote" and shelf.champion() == champion
    if promoted:
        shelf.promote(published.version, by=changes.by, at=at)
    said = registry.record_safely(published, _record(made, tried), shelf)
    return EditRun(tried, Publication(published, promoted, champion, tuple(said)), about)


def _tried(made: _Edit, sources: Sequence[Source], shelf: Shelf) -> Tried:
    """Calibrate the edit on leads that are there, and judge it on those that its parent had not learned from."""
    judged, notes = made.carried()
    found = chosen_of(sources, made.parent, made.rival, frozenset(made.changes.veto))
    seen, why = found.seen, "; ".join(notes[:1] if judged is None else found.passed)
    if seen is None:
        return Tried(made.found.card, judged, _needs_word(why), notes=notes)
    card = recalibrated(made.found.card, made.parent.card, seen.fitting, seen.looks, slope=made.slope)
    if judged is None or made.rival is None or seen.parts is None:
        return Tried(card, judged, _needs_word(why), notes=notes)
    looks = seen.parts.train.looks
    judged = recalibrated(judged, made.rival.card, seen.fitting, looks, slope=made.slope)
    tried = Tried(card, judged, _needs_word(""), notes=(*notes, f"judged on {seen.source}", *found.passed))
    return _judged(made, seen.fitting, seen.parts, tried, seen.source, shelf)


def _judged(made: _Edit, fitting: Fitting, parts: Split, tried: Tried, source: str, shelf: Shelf) -> Tried:
    judged, rival = tried.judged, made.rival
    assert judged is not None
    assert rival is not None
    rivals = [rival, *(one for one in champions_on(shelf) if one.version != rival.version)]
    after, before = (_ranked(card, fitting, parts) for card in (judged, rival.card))
    then = probabilities_of(before.scores.log_odds)
    seen = _left_of(judged, frozenset(made.changes.veto))
    rows = fitting.completed(fitting.rows(parts.train, parts.cut, seen.derived), parts.train)
    codes = later_codes(fitting, parts, seen)
    peers = peers_beside(fitting, parts, seen, rows, codes)
    trial = Trial(
        after.metrics,
        parts.test_bought,
        after.scores.log_odds / SCALE,
        peers,
        log_odds_of(fitting, parts, rivals),
        merit=f"edited by {made.changes.by}: {made.changes.why}",
    )
    return replace(
        tried,
        gate=_with_suspects(judge(trial), made),
        beside=beside_of(before, after, parts.test_bought, shelf.cuts(), source),
        evidence=evidence_of(judged, after.scores, parts, fitting.history, {PARENT: then}, codes),
        tested=parts.as_dict(),
        notes=(*tried.notes, *unfair_in_words(rivals, parts.cut)),
    )


def _ranked(card: Scorecard, fitting: Fitting, parts: Split) -> Ranked:
    scores = fitting.score(card, parts.test)
    value = fitting.history.value[parts.test.lead]
    return Ranked(card, scores, judged_metrics(card, scores, parts.test_bought, value))


def _left_of(card: Scorecard, out: frozenset[str]) -> Scorecard:
    """A card of the fields that are left, for the peers: who competes may see no more than the edit does."""
    fields = tuple(f for f in card.fields if f.name not in out)
    return replace(
        card, fields=fields, mains=(), pairs=(), derived=tuple(d for d in card.derived if d.field not in out)
    )


def _with_suspects(gate: Gate, made: _Edit) -> Gate:
    """An edit answers for no field under suspicion: what waited for a word on one waits on."""
    about = made.parent.about
    left = [one["field"] for one in about.get("suspect_fields", ()) if one["field"] not in made.changes.veto]
    if gate.decision != "promote" or not left or (about.get("gate") or {}).get("decision") != "needs_word":
        return gate
    reason = f"its parent waits for a word on fields under suspicion ({', '.join(left)})"
    return Gate("needs_word", (reason, *gate.reasons), gate.rival, gate.against)


def _needs_word(reason: str) -> Gate:
    return Gate("needs_word", (f"not judged: {reason}",))


def _about(made: _Edit, tried: Tried, at: datetime) -> dict[str, Any]:
    return {
        **about_edit(made.parent, made.changes, made.found, at),
        "metrics": tried.figures,
        "beside": None if tried.beside is None else tried.beside.as_dict(),
        "judged_on": tried.tested,
        "gate": tried.gate.as_dict(),
        "notes": list(tried.notes),
    }


def _record(made: _Edit, tried: Tried) -> RunRecord:
    return RunRecord(
        parameters={"parent": made.parent.version, "veto": ", ".join(made.changes.veto)[:400]},
        metrics={name: value for name, value in tried.figures.items() if isinstance(value, float)},
        tags={"gate": tried.gate.decision, "edited": "by hand"},
    )

"""A model edited by a person: tried on test leads as a trained one is, published, promoted where the gate says so."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from models.changes import Changes, about_edit, edited_by, hand_set_in
from models.registry import Registry, RunRecord
from models.shelf import Published, Shelf
from scoring.editing import BadEdit, Edited, edited
from scoring.errors import Refused
from scoring.measure import Metrics
from scoring.scorecard import SCALE, Scorecard

from .beside import later_codes, log_odds_of, peers_beside
from .carried import carried
from .fitting import Fitting
from .gate import Gate, Trial, judge
from .history import History
from .labels import label
from .mapping import Mapping
from .publish import Publication
from .recalibrated import recalibrated
from .rivals import Rival, as_attachment, champions_on, rival_of, unfair_in_words
from .split import Split, everything, split
from .train import SEED, judged_metrics

Source = Callable[[], tuple[History, Mapping]]
"""Reads the leads that an edit is tried on, and the names in them. Raises Refused where there are none."""


@dataclass(frozen=True)
class Tried:
    """What came of an edit. judged: the card that later models are compared with, None where the parent keeps none.

    metrics, tested: of the judged card on its test leads; None where there were none that are fair.
    """

    card: Scorecard
    judged: Scorecard | None
    gate: Gate
    metrics: Metrics | None = None
    tested: MappingType[str, object] | None = None
    notes: tuple[str, ...] = ()


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
    source: Source,
    *,
    at: datetime,
    promote: bool = True,
) -> EditRun:
    """Change a model by a person's word, judge it, publish it, promote it where it may serve. Raises BadEdit.

    Where there are no leads to judge it on, it is published and waits for a person's word.
    """
    made = _Edit(parent, changes, edited_by(parent, changes), rival_of(shelf, parent.version))
    champion = shelf.champion()
    try:
        tried = _tried(made, *source(), champions_on(shelf))
    except Refused as fault:
        judged, notes = made.carried()
        tried = Tried(made.found.card, judged, _needs_word(f"not judged: {fault}"), notes=notes)
    about = _about(made, tried, at)
    files = {} if tried.judged is None else as_attachment(tried.judged)
    published = shelf.add(tried.card, about=about, at=at, attachments=files)
    promoted = promote and tried.gate.decision == "promote" and shelf.champion() == champion
    if promoted:
        shelf.promote(published.version, by=changes.by, at=at)
    said = registry.record_safely(published, _record(made, tried), shelf)
    return EditRun(tried, Publication(published, promoted, champion, tuple(said)), about)


def _tried(made: _Edit, history: History, mapping: Mapping, champions: list[Rival]) -> Tried:
    """Calibrate the edit on these leads, and judge it on those of them that its parent had not learned from."""
    labels = label(history, made.parent.card.horizon_days or mapping.horizon_days)
    out = frozenset(made.changes.veto)
    parent = made.parent.card
    columns = {f.name: history.columns[f.name] for f in parent.fields if f.name in history.columns}
    fitting = Fitting(history, columns, labels, mapping, SEED).without(out)
    looks = everything(history, labels, labels.horizon_days).looks
    card = recalibrated(made.found.card, parent, fitting, looks, slope=made.slope)
    judged, notes = made.carried()
    if judged is None or made.rival is None:
        return Tried(card, judged, _needs_word(f"not judged: {notes[0]}"), notes=notes)
    parts = split(history, labels)
    judged = recalibrated(judged, made.rival.card, fitting, parts.train.looks, slope=made.slope)
    if not made.rival.is_fair(parts.cut):
        why = f"not judged: model {made.parent.version} has learned from all leads that it could be judged on"
        return Tried(card, judged, _needs_word(why), notes=notes)
    rivals = [made.rival, *(rival for rival in champions if rival.version != made.rival.version)]
    return _judged(made, fitting, parts, Tried(card, judged, _needs_word(""), notes=notes), rivals)


def _judged(made: _Edit, fitting: Fitting, parts: Split, tried: Tried, rivals: list[Rival]) -> Tried:
    judged = tried.judged
    assert judged is not None
    scores = fitting.score(judged, parts.test)
    metrics = judged_metrics(judged, scores, parts.test_bought, fitting.history.value[parts.test.lead])
    seen = _seen(judged, frozenset(made.changes.veto))
    rows = fitting.completed(fitting.rows(parts.train, parts.cut, seen.derived), parts.train)
    beside = peers_beside(fitting, parts, seen, rows, later_codes(fitting, parts, seen))
    trial = Trial(
        metrics,
        parts.test_bought,
        scores.log_odds / SCALE,
        beside,
        log_odds_of(fitting, parts, rivals),
        merit=f"edited by {made.changes.by}: {made.changes.why}",
    )
    gate = _with_suspects(judge(trial), made)
    notes = (*tried.notes, *unfair_in_words(rivals, parts.cut))
    return Tried(tried.card, judged, gate, metrics, parts.as_dict(), notes)


def _seen(card: Scorecard, out: frozenset[str]) -> Scorecard:
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
    return Gate("needs_word", (reason,))


def _about(made: _Edit, tried: Tried, at: datetime) -> dict[str, Any]:
    figures = {} if tried.metrics is None else tried.metrics.as_dict()
    return {
        **about_edit(made.parent, made.changes, made.found, at),
        "metrics": figures,
        "judged_on": tried.tested,
        "gate": tried.gate.as_dict(),
        "notes": list(tried.notes),
    }


def _record(made: _Edit, tried: Tried) -> RunRecord:
    figures = {} if tried.metrics is None else tried.metrics.as_dict()
    return RunRecord(
        parameters={"parent": made.parent.version, "veto": ", ".join(made.changes.veto)[:400]},
        metrics={name: value for name, value in figures.items() if isinstance(value, float)},
        tags={"gate": tried.gate.decision, "edited": "by hand"},
    )

"""`train`: a history in, a judged scorecard out."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scoring.batch import TableScorer, probabilities_of
from scoring.columns import Column
from scoring.errors import Refused, WrongUsage
from scoring.infer import infer
from scoring.measure import Metrics, measure, share_in_top
from scoring.scorecard import Scorecard
from scoring.values import MISSING_WORDS

from .baselines import Peers, peers
from .boosting import Progress
from .design import Design, canonical_order, design_of
from .families import Chosen
from .gate import Gate, judge
from .history import History
from .labels import Labels, label, refuse_too_few
from .leakage import Leaks, closed_against_open, find_leaks
from .learn import Learned, learn
from .mapping import Mapping, names_near
from .pictures import pictures_of
from .split import Split, moment_text, split

SEED = 7


@dataclass(frozen=True)
class Trained:
    """What a training run found.

    Metrics, peers and pictures are of the judged model; the card, rows, buyers, left-out fields and estimators are of
    the published one, the same family refitted on all known leads.
    """

    card: Scorecard
    rows: int
    buyers: int
    split: Split
    metrics: Metrics
    peers: Peers
    gate: Gate
    left_out: dict[str, str]
    leaks: Leaks
    metrics_without_suspects: Metrics | None
    missing_words: MappingType[str, tuple[str, ...]]
    notes: tuple[str, ...]
    pictures: dict[str, bytes]
    chosen: Chosen
    estimators: dict[str, object]

    def summary(self) -> dict[str, object]:
        """What `train --json` prints of the run, but for what publishing adds."""
        return {
            "rows": self.rows,
            "buyers": self.buyers,
            "split": self.split.as_dict(),
            "family": self.chosen.as_dict(),
            "metrics": self.metrics.as_dict(),
            "metrics_without_suspects": (self.metrics_without_suspects or self.metrics).as_dict(),
            "yardstick": self.peers.yardstick.as_dict(),
            "baselines": {
                "base_rate": self.peers.base_rate.as_dict(),
                "best_field": {**self.peers.best_field.as_dict(), "field": self.peers.best_field_name},
                "logistic_regression": self.peers.logistic.as_dict(),
            },
            "excluded_fields": [
                *(f.as_dict() for f in self.leaks.excluded),
                *({"field": f, "reason": r, "evidence": {}} for f, r in self.left_out.items()),
            ],
            "suspect_fields": [f.as_dict() for f in self.leaks.suspects],
            "kept_fields": list(self.leaks.kept),
            "gate": self.gate.as_dict(),
            "notes": list(self.notes),
        }


def train(
    history: History, mapping: Mapping, *, strict: bool = False, seed: int = SEED, progress: Progress | None = None
) -> Trained:
    """Learn, judge once on leads that were not seen, then learn again from all. Raises Refused and WrongUsage.

    strict: fields under suspicion of knowing the outcome are left out as well.
    """
    columns, ignored = _candidates(history, mapping)
    labels = label(history, mapping.horizon_days)
    refuse_too_few(labels.bought[labels.known])
    parts = split(history, labels)
    leaks = _leaks(history, columns, parts, mapping, strict)
    columns = _without(columns, leaks)
    run = _Run(history, columns, labels, mapping, seed)
    judged = run.learn(parts.train, parts.train_bought, _renamed(progress, "1/2"))
    metrics, pictures = _judge(run, parts, judged)
    if progress:
        progress("comparing", 0, 1)
    without = _without_suspects(run, parts, leaks)
    beside = _peers(run, parts, judged)
    everyone = np.flatnonzero(labels.known)
    final = run.learn(everyone, labels.bought[everyone], _renamed(progress, "2/2"), judged.chosen)
    return Trained(
        card=final.card,
        rows=len(everyone),
        buyers=int(labels.bought[everyone].sum()),
        split=parts,
        metrics=metrics,
        peers=beside,
        gate=judge(metrics, beside, without, [finding.field for finding in leaks.suspects]),
        left_out={**ignored, **{out.name: out.reason for out in final.inferred.left_out}},
        leaks=leaks,
        metrics_without_suspects=without,
        missing_words=final.inferred.missing_words,
        notes=(*history.notes, *labels.notes, *_said(parts, final, mapping)),
        pictures=pictures,
        chosen=final.chosen,
        estimators={"boosted": final.estimators},
    )


def _renamed(progress: Progress | None, part: str) -> Progress | None:
    return (lambda text, done, total: progress(f"{text} {part}", done, total)) if progress else None


def _said(parts: Split, final: Learned, mapping: Mapping) -> tuple[str, ...]:
    words = sorted({w for found in final.inferred.missing_words.values() for w in found})
    said = [f"read as missing: {', '.join(map(repr, words))}"] if words else []
    if mapping.monotone:
        said.append("[fields] monotone is not applied by this version")
    if parts.cut is not None:
        said.append("field values are taken as the source has them today, not as of the day the lead came in")
    cut = (moment_text(parts.cut) or "")[:10]
    how = f"judged on the {len(parts.test):,} latest leads, created after {cut}" if cut else "judged on a random fifth"
    return (*parts.notes, *said, f"{how}; the published model is fitted again on all {len(final.bought):,} known leads")


def _candidates(history: History, mapping: Mapping) -> tuple[dict[str, Column], dict[str, str]]:
    """The columns that may become fields; a name that is ignored or described must exist."""
    for name in (*mapping.ignore, *mapping.keep, *mapping.kinds):
        if name not in history.columns and name != history.id_column:
            raise WrongUsage(f"no column {name!r} to ignore, keep or describe", names_near(name, history.columns))
    columns = {name: c for name, c in history.columns.items() if name not in mapping.ignore}
    return columns, {name: "ignored: the user's word" for name in mapping.ignore if name in history.columns}


@dataclass(frozen=True)
class _Run:
    """What every fit of one training run shares."""

    history: History
    columns: dict[str, Column]
    labels: Labels
    mapping: Mapping
    seed: int

    def learn(
        self,
        rows: NDArray[np.intp],
        bought: NDArray[np.bool_],
        progress: Progress | None = None,
        chosen: Chosen | None = None,
    ) -> Learned:
        return learn(
            self.take(rows),
            bought,
            as_of=self.as_of(rows),
            kinds={n: k for n, k in self.mapping.kinds.items() if n in self.columns},
            horizon_days=self.labels.horizon_days,
            seed=self.seed,
            chosen=chosen,
            progress=progress,
        )

    def take(self, rows: NDArray[np.intp]) -> dict[str, Column]:
        return {name: column.rows(rows) for name, column in self.columns.items()}

    def as_of(self, rows: NDArray[np.intp]) -> NDArray[np.int64] | None:
        return None if self.history.created is None else self.history.created[rows]

    def score(self, card: Scorecard, rows: NDArray[np.intp]) -> NDArray[np.int64]:
        return TableScorer(card).log_odds(self.take(rows), len(rows), as_of=self.as_of(rows))


def _leaks(history: History, columns: dict[str, Column], parts: Split, mapping: Mapping, strict: bool) -> Leaks:
    """What the gate finds on leads that are not test leads; the user's word on a field wins."""
    rows = parts.train
    table = {name: column.rows(rows) for name, column in columns.items()}
    as_of = None if history.created is None else history.created[rows]
    kinds = {n: k for n, k in mapping.kinds.items() if n in columns}
    fields = infer(table, missing_words=MISSING_WORDS, kinds=kinds, as_of=as_of).fields
    design = design_of(fields, table, MISSING_WORDS, rows=len(rows), as_of=as_of)
    order = canonical_order(design, parts.train_bought.astype(np.int64))
    others = history.take(np.setdiff1d(np.arange(history.rows), parts.test))
    seen = {name: others.columns[name] for name in columns}
    gaps = closed_against_open(seen, others.won | others.lost, others.created, MISSING_WORDS)
    return Leaks.of(
        find_leaks(design.take(order), parts.train_bought[order], filled_gap=gaps), keep=mapping.keep, strict=strict
    )


def _without(columns: dict[str, Column], leaks: Leaks) -> dict[str, Column]:
    rest = {name: column for name, column in columns.items() if name not in leaks.excluded_names}
    if columns and not rest:
        names = ", ".join(sorted(leaks.excluded_names))
        raise Refused(
            f"every field gives the outcome away ({names})", "give fields from before, or --keep those that are"
        )
    return rest


def _without_suspects(run: _Run, parts: Split, leaks: Leaks) -> Metrics | None:
    """The same test leads judged by a model that never saw the suspects; None without suspects."""
    suspects = {finding.field for finding in leaks.suspects}
    rest = {name: column for name, column in run.columns.items() if name not in suspects}
    if not suspects:
        return None
    bare = replace(run, columns=rest)
    try:
        card = bare.learn(parts.train, parts.train_bought).card
    except Refused:
        return measure(parts.test_bought, np.full(len(parts.test), parts.train_bought.mean()))
    return judged_metrics(parts.test_bought, bare.score(card, parts.test), run.history.value[parts.test])


def _judge(run: _Run, parts: Split, judged: Learned) -> tuple[Metrics, dict[str, bytes]]:
    """The test leads scored once, through the card, as a file of leads would be."""
    log_odds = run.score(judged.card, parts.test)
    pictures = pictures_of(parts.test_bought, probabilities_of(log_odds))
    return judged_metrics(parts.test_bought, log_odds, run.history.value[parts.test]), pictures


def judged_metrics(bought: NDArray[np.bool_], log_odds: NDArray[np.int64], value: NDArray[np.float64]) -> Metrics:
    """All metrics of scored leads; the value in the top 20 % only where every buyer has one. Shapes (n,)."""
    order = log_odds.astype(np.float64)
    metrics = measure(bought, probabilities_of(log_odds), order)
    if not bought.any() or np.isnan(value[bought]).any():
        return metrics
    return replace(metrics, value_in_top_20pct=share_in_top(bought, order, 0.2, np.nan_to_num(value)))


def _peers(run: _Run, parts: Split, judged: Learned) -> Peers:
    """Peers see the same fields, by the same codes, of the same leads."""

    def design(rows: NDArray[np.intp]) -> Design:
        return design_of(judged.card.fields, run.take(rows), MISSING_WORDS, rows=len(rows), as_of=run.as_of(rows))

    seen = design(parts.train)
    order = canonical_order(seen, parts.train_bought.astype(np.int64))
    known = parts.train_bought[order]
    return peers(seen.take(order), known, design(parts.test), parts.test_bought, seed=run.seed)

"""`train`: a history in, a judged scorecard out."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.batch import Scores, probabilities_of, worth_of
from scoring.columns import Column
from scoring.errors import Refused, WrongUsage
from scoring.measure import Metrics, measure, share_in_top
from scoring.scorecard import SCALE, Scorecard

from .activities import derivable
from .arrivals import arrivals_of
from .baselines import Peers
from .beside import later_codes, log_odds_of, peers_beside
from .boosting import Progress
from .censoring import EFFECTIVE, Method
from .families import Chosen
from .fitting import Fitted, Fitting
from .gate import Gate, Trial, judge
from .history import History
from .labels import label, refuse_too_few
from .leakage import Leaks
from .leakage.in_history import columns_without, leaks_of
from .learn import Learned
from .mapping import Mapping, names_near
from .pictures import pictures_of
from .promises import Promises, promises_of
from .report.evidence import Evidence, evidence_of
from .rivals import Rival, unfair_in_words
from .shift import Alarm, alarms_between
from .split import Known, Split, everything, moment_text, split
from .words import words_in_words, words_of

SEED = 7

SETTLED_ROWS = 20_000
"""From so many rows on the family chosen before the test leads is kept; of fewer it is chosen again with all."""


@dataclass(frozen=True)
class Trained:
    """What a training run found.

    Metrics, peers, pictures and evidence are of the judged model, whose card is `judged`; the rest is of the published
    one, the same family refitted on all known leads. mature: leads that are older than the horizon. words: whose words
    the labels are. arrivals: leads by bin of the card's fields, as they came in.
    """

    card: Scorecard
    judged: Scorecard
    rows: int
    buyers: int
    mature: int
    mature_buyers: int
    split: Split
    censoring: dict[str, object] | None
    metrics: Metrics
    promises: Promises
    peers: Peers
    gate: Gate
    left_out: dict[str, str]
    leaks: Leaks
    metrics_without_suspects: Metrics | None
    missing_words: MappingType[str, tuple[str, ...]]
    notes: tuple[str, ...]
    pictures: dict[str, bytes]
    chosen: Chosen
    alarms: tuple[Alarm, ...]
    estimators: dict[str, object]
    evidence: Evidence
    seed: int
    words: MappingType[str, Any] = field(default_factory=dict)
    arrivals: MappingType[str, object] = field(default_factory=dict)
    strict: bool = False

    def summary(self) -> dict[str, object]:
        """What `train --json` prints of the run, but for what publishing adds."""
        return {
            "rows": self.rows,
            "buyers": self.buyers,
            "mature": {"rows": self.mature, "buyers": self.mature_buyers},
            "split": self.split.as_dict(),
            "censoring": self.censoring,
            "labels": self.words,
            "family": self.chosen.as_dict(),
            "metrics": self.metrics.as_dict(),
            "metrics_without_suspects": (self.metrics_without_suspects or self.metrics).as_dict(),
            **self.promises.as_dict(),
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
            "alarms": [alarm.as_dict() for alarm in self.alarms],
            "notes": list(self.notes),
            "strict": self.strict,
        }


def train(
    history: History,
    mapping: Mapping,
    *,
    strict: bool = False,
    seed: int = SEED,
    rivals: Sequence[Rival] = (),
    vetoed: MappingType[str, str] = MappingProxyType({}),
    progress: Progress | None = None,
) -> Trained:
    """Learn, judge once on leads that were not seen, then learn again from all. Raises Refused and WrongUsage.

    strict: fields under suspicion are left out as well. rivals: champions that the gate compares with on these leads.
    vetoed: fields that a person has left out, counted ones too, and why.
    """
    columns, ignored = candidates_of(history, mapping)
    columns, ignored = {n: c for n, c in columns.items() if n not in vetoed}, {**ignored, **vetoed}
    labels = label(history, mapping.horizon_days)
    everyone = everything(history, labels, labels.horizon_days)
    refuse_too_few(everyone.bought[everyone.looks.age == 0])
    parts = split(history, labels)
    leaks = leaks_of(history, columns, parts, mapping, strict)
    columns = columns_without(columns, leaks)
    fitting = Fitting(history, columns, labels, mapping, seed, frozenset(vetoed))
    judged = _learn_judged(fitting, parts, _renamed(progress, "1/2"))
    scores = fitting.score(judged.card, parts.test)
    metrics = judged_metrics(judged.card, scores, parts.test_bought, history.value[parts.test.lead])
    if progress:
        progress("comparing", 0, 1)
    without = _without_suspects(fitting, parts, leaks)
    codes = later_codes(fitting, parts, judged.card)
    beside = peers_beside(fitting, parts, judged.card, judged.rows, codes)
    final = fitting.learn(
        everyone,
        until=history.until if everyone.censored is not None else None,
        horizon_days=labels.horizon_days,
        progress=_renamed(progress, "2/2"),
        chosen=judged.learned.chosen if len(everyone.bought) >= SETTLED_ROWS else None,
    )
    return Trained(
        card=final.card,
        rows=len(np.unique(everyone.looks.lead)),
        buyers=len(np.unique(everyone.looks.lead[everyone.bought])),
        mature=int(labels.known.sum()),
        mature_buyers=int((labels.known & labels.bought).sum()),
        split=parts,
        censoring=None if everyone.censored is None else everyone.censored.as_dict(),
        metrics=metrics,
        promises=promises_of(judged.card, scores, parts, history),
        peers=beside,
        judged=judged.card,
        gate=judge(
            Trial(metrics, parts.test_bought, scores.log_odds / SCALE, beside, log_odds_of(fitting, parts, rivals)),
            without,
            [finding.field for finding in leaks.suspects],
        ),
        left_out={**ignored, **{out.name: out.reason for out in final.learned.inferred.left_out}},
        leaks=leaks,
        metrics_without_suspects=without,
        missing_words=final.learned.inferred.missing_words,
        notes=(
            *history.notes,
            *labels.notes,
            *words_in_words(history),
            *unfair_in_words(rivals, parts.cut),
            *_said(parts, everyone, final.learned, history),
        ),
        pictures=pictures_of(parts.test_bought, probabilities_of(scores.log_odds)),
        chosen=final.learned.chosen,
        alarms=alarms_between(fitting, judged.card, parts),
        estimators={"boosted": final.learned.estimators},
        evidence=evidence_of(judged.card, scores, parts, history, beside.scores, codes),
        seed=seed,
        arrivals=arrivals_of(fitting, final.card),
        words=words_of(history),
        strict=strict,
    )


def _learn_judged(fitting: Fitting, parts: Split, progress: Progress | None = None) -> Fitted:
    return fitting.learn(parts.train, until=parts.cut, horizon_days=parts.horizon_days, progress=progress)


def _renamed(progress: Progress | None, part: str) -> Progress | None:
    return (lambda text, done, total: progress(f"{text} {part}", done, total)) if progress else None


def _said(parts: Split, everyone: Known, final: Learned, history: History) -> tuple[str, ...]:
    words = sorted({w for found in final.inferred.missing_words.values() for w in found})
    said = [f"read as missing: {', '.join(map(repr, words))}"] if words else []
    if parts.cut is not None and not history.changes:
        said.append("field values are taken as the source has them today, not as of the day the lead came in")
    cut = (moment_text(parts.cut) or "")[:10]
    how = (
        f"judged on {parts.test.rows:,} of the latest leads, created after {cut}" if cut else "judged on a random fifth"
    )
    leads = len(np.unique(everyone.looks.lead))
    again = f"{how}; the published model is fitted again on all {leads:,} known leads"
    return (*_young_in_words(everyone), *parts.notes, *said, again)


def _young_in_words(everyone: Known) -> tuple[str, ...]:
    """What was done about leads that are too young to know."""
    found = everyone.censored
    if found is None or found.method is Method.NONE:
        return ()
    days, effective = found.horizon_days, f"{found.effective:,.0f} mature non-buyers, effective"
    if found.method is Method.WEIGHTS:
        how = "of those, who bought or was lost counts already, weighted for those not known yet"
        return (f"some leads are younger than the horizon of {days} days: {how} ({effective})",)
    how = "these count by their chance of buying yet, by a time-to-purchase model"
    why = f"{effective}; weights want {EFFECTIVE} and young leads that are like the mature"
    return (f"some leads are younger than the horizon of {days} days: {how} ({why})",)


def candidates_of(history: History, mapping: Mapping) -> tuple[dict[str, Column], dict[str, str]]:
    """The columns that may become fields; a name that is ignored or described must exist."""
    counted = {d.field for d in derivable(history.lives, history.until or 0, aged=True)}
    for name in (*mapping.ignore, *mapping.keep, *mapping.kinds, *mapping.monotone.keys() - counted):
        if name not in history.columns and name != history.id_column:
            raise WrongUsage(f"no column {name!r} to ignore, keep or describe", names_near(name, history.columns))
    columns = {name: c for name, c in history.columns.items() if name not in mapping.ignore}
    return columns, {name: "ignored: the user's word" for name in mapping.ignore if name in history.columns}


def _without_suspects(fitting: Fitting, parts: Split, leaks: Leaks) -> Metrics | None:
    """The same test leads judged by a model that never saw the suspects; None without suspects."""
    suspects = frozenset(finding.field for finding in leaks.suspects)
    if not suspects:
        return None
    bare = fitting.without(suspects)
    try:
        card = _learn_judged(bare, parts).card
    except Refused:
        average = float(np.average(parts.train.bought, weights=parts.train.looks.weight))
        return measure(parts.test_bought, np.full(parts.test.rows, average))
    scores = bare.score(card, parts.test)
    return judged_metrics(card, scores, parts.test_bought, fitting.history.value[parts.test.lead])


def judged_metrics(card: Scorecard, scores: Scores, bought: NDArray[np.bool_], value: NDArray[np.float64]) -> Metrics:
    """All metrics of scored leads; the value in the top 20 % of the ranks where every buyer has one. Shapes (n,)."""
    order, worth = scores.log_odds.astype(np.float64), worth_of(card, scores)
    metrics = measure(bought, worth.probability, order)
    if not bought.any() or np.isnan(value[bought]).any():
        return metrics
    ranked = order if worth.expected_value is None else worth.expected_value
    return replace(metrics, value_in_top_20pct=share_in_top(bought, ranked, 0.2, np.nan_to_num(value)))

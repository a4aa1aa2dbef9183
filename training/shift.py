"""Alarms before any outcome is known: are new leads still those that the model was learned from?"""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from scoring.batch import TableScorer, probabilities_of
from scoring.columns import Column, Moments
from scoring.fields import Kind
from scoring.scorecard import Scorecard
from scoring.values import DAY, MISSING_WORDS

from .design import design_of
from .fitting import Fitting
from .split import Split

Floats = NDArray[np.float64]

MOVED = 0.25
"""The population stability index from which on a population counts as another (Siddiqi 2006)."""

ALPHA = 0.001
"""Chance of a false alarm of one field, before the number of fields is allowed for."""

FURTHER = 1.5
SURE = 4.0
"""The base rate's alarm: odds that differ by this factor at least, and by so many standard errors."""

ROUNDS = 500

LEARNED_DAYS = 365
FEWEST = 50
"""Leads that are learned from and new ones, at least, for an alarm."""


@dataclass(frozen=True)
class Alarm:
    """name: `population` or `base_rate`. text: what was seen, in words. evidence: its numbers."""

    name: str
    text: str
    evidence: dict[str, object]

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        return {"name": self.name, "text": self.text, "evidence": self.evidence}


@dataclass(frozen=True)
class Sample:
    """n leads as a card looks at them. as_of: seconds since 1970, None without dates."""

    table: MappingType[str, Column]
    rows: int
    as_of: Moments | None


def alarms_of(card: Scorecard, learned: Sample, new: Sample) -> tuple[Alarm, ...]:
    """What tells that new leads are not those that a card was learned from; outcomes are not looked at."""
    found = (_population(card, learned, new), _base_rate(card, learned, new))
    return tuple(alarm for alarm in found if alarm is not None)


def stability_index(before: Floats, after: Floats) -> tuple[float, float]:
    """The population stability index of counts by level, less what chance adds, and the chance of seeing it unmoved.

    Without a move the index is distributed as chi-square times (1/n + 1/m) (Yurdakul and Naranjo 2020). Levels of
    which few are expected count as one. Shapes (levels,).
    """
    both = before + after
    share = min(before.sum(), after.sum()) / both.sum()
    often = both * share >= 5
    before, after = (np.append(c[often], c[~often].sum()) for c in (before, after))
    kept = before + after > 0
    n, m = before.sum(), after.sum()
    p, q = ((c[kept] + 0.5) / (c.sum() + 0.5 * kept.sum()) for c in (before, after))
    index, noise, freedom = float(np.sum((q - p) * np.log(q / p))), 1 / n + 1 / m, max(int(kept.sum()) - 1, 1)
    return index - freedom * noise, float(chi2.sf(index / noise, freedom))


def _population(card: Scorecard, learned: Sample, new: Sample) -> Alarm | None:
    """Fields whose levels are distributed otherwise than they were."""
    codes = [design_of(card.fields, s.table, MISSING_WORDS, rows=s.rows, as_of=s.as_of).codes for s in (learned, new)]
    moved: dict[str, float] = {}
    fields = [(i, f) for i, f in enumerate(card.fields) if f.kind is not Kind.TEXT]
    for i, field in fields:
        before, after = (np.bincount(c[:, i], minlength=field.size).astype(np.float64) for c in codes)
        index, chance = stability_index(before, after)
        if index >= MOVED and chance < ALPHA / len(fields):
            moved[field.name] = round(index, 3)
    if not moved:
        return None
    first = sorted(moved, key=lambda name: (-moved[name], name))
    named = ", ".join(f"{name} ({moved[name]:.2f})" for name in first[:3])
    return Alarm(
        "population",
        f"new leads are not those that were learned from: {len(moved)} of {len(card.fields)} fields have moved, "
        f"{named} most (stability index from {MOVED} on)",
        {"stability_index": {name: moved[name] for name in first}},
    )


def _base_rate(card: Scorecard, learned: Sample, new: Sample) -> Alarm | None:
    """Whether the scores look as if buyers were more or fewer than the model takes for granted."""
    before, after = (
        probabilities_of(TableScorer(card).log_odds(s.table, s.rows, as_of=s.as_of)) for s in (learned, new)
    )
    usual = float(before.mean())
    if not 0 < usual < 1:
        return None
    found, errors = shifted_base_rate(after, usual)
    odds = found / (1 - found) * (1 - usual) / usual if found < 1 else np.inf
    if abs(errors) < SURE or 1 / FURTHER < odds < FURTHER:
        return None
    way = "more" if odds > 1 else "fewer"
    return Alarm(
        "base_rate",
        f"the scores of new leads look as if {way} of them would buy than the {usual:.1%} that were learned from: a "
        f"guess without outcomes ({found:.0%}) is never applied; judge again as soon as outcomes are known",
        {"learned": usual, "estimate_without_outcomes": found, "standard_errors": errors},
    )


def shifted_base_rate(probability: Floats, usual: float) -> tuple[float, float]:
    """The base rate that makes new leads' scores most likely (Saerens et al. 2002), and how far off `usual` is.

    probability: of new leads, shape (n,), by a model of base rate `usual`. The second: the score test's standard
    errors against no shift, signed. An alarm and no correction: where more than the base rate moved, it runs away.
    """
    buyer, other = probability / usual, (1 - probability) / (1 - usual)
    gradient = buyer - other
    spread = float(np.sqrt(np.sum(gradient**2)))
    rate = usual
    for _ in range(ROUNDS):
        share = rate * buyer / (rate * buyer + (1 - rate) * other)
        rate = float(np.clip(share.mean(), 1e-6, 1 - 1e-6))
    return rate, float(gradient.sum()) / spread if spread > 0 else 0.0


def alarms_between(fitting: Fitting, card: Scorecard, parts: Split) -> tuple[Alarm, ...]:
    """The alarms of a judged card: leads of the last year before the cut against the test leads, as they came in.

    None without dates: a random fifth is no later than the rest.
    """
    if parts.cut is None or parts.train.looks.as_of is None:
        return ()
    first = parts.train.looks.age == 0
    late = parts.train.looks.as_of > parts.cut - LEARNED_DAYS * DAY
    learned = parts.train.looks.take(first & late if (first & late).any() else first)
    samples = [
        Sample(fitting.table(card, looks), looks.rows, looks.as_of)
        for looks in (learned, parts.test.take(parts.test.age == 0))
    ]
    return alarms_of(card, *samples) if all(s.rows >= FEWEST for s in samples) else ()

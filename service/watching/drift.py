"""Drift: are new leads still those that the model learned from? One test a field, told in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from .chance import chi_square_tail, surges

WEEKS = 52
"""Looks a year: windows of four weeks that are looked at more often share most of their leads."""

FALSE_A_YEAR = 0.5
"""False alarms a year of a whole page, all fields together: half of the one that is too many, as leads of one day are
more alike than chance has it."""

LEAST = 0.02
"""A stability index that nobody need act on, however sure it is: a shift by a seventh of a standard deviation."""

FEWEST = 50
"""Leads on either side from which on a field is looked at."""

EXPECTED = 8.0
"""Leads expected in a bin on either side; of fewer, chi-square is no guide and the bins count as one.
With 5 windows of 100 leads raised half as many false alarms again (benchmarks/drift.py)."""

EMPTIED, FILLED = 0.9, 0.5
"""A field has gone empty if so large a share is missing, where no more than the second was."""

SAME, VARIED = 0.995, 0.95
"""A field has become constant if so large a share has one value, where no more than the second had."""

STRANGE = 0.25
"""A field is full of values that the model does not know from this share on, where half of it were at most."""

NAMED = 4
"""The tests of these share a quarter of a field's false alarms each; chance hardly ever uses them up."""


class Found(StrEnum):
    """What is said of a field."""

    FINE = "fine"
    MOVED = "moved"
    EMPTY = "gone empty"
    CONSTANT = "constant"
    UNKNOWN = "unknown values"
    TOO_FEW = "cannot tell"


ALARMING = frozenset({Found.MOVED, Found.EMPTY, Found.CONSTANT, Found.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Bins:
    """Leads by bin of a field. strange: of these, those whose value the model does not know or cannot read."""

    counts: Sequence[int]
    strange: int = 0

    @property
    def leads(self) -> int:
        """How many leads there are."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Drift:
    """What was found of a field. index: the stability index less what chance adds; None for too few leads.

    threshold: the index from which on it is an alarm. moved: the place of the bin that moved most, and its two shares.
    """

    field: str
    found: Found
    leads: int
    index: float | None = None
    threshold: float | None = None
    moved: tuple[int, float, float] | None = None
    strange: float = 0.0


def drift_of(field: str, learned: Bins, new: Bins, *, fields: int, missing: int = 0) -> Drift:
    """Compare a field's bins. fields: how many the page looks at; missing: the place of the bin of missing values."""
    if min(learned.leads, new.leads) < FEWEST:
        return Drift(field, Found.TOO_FEW, new.leads)
    before, after = _pooled(learned.counts, new.counts)
    noise, freedom = 1 / learned.leads + 1 / new.leads, len(before) - 1
    if not freedom:
        top = max(range(len(learned.counts)), key=lambda i: learned.counts[i])
        before, after = ([float(side.counts[top]), float(side.leads - side.counts[top])] for side in (learned, new))
    index = stability_index(before, after) - (len(before) - 1) * noise
    threshold = max(LEAST, critical(freedom, fields) * noise - freedom * noise) if freedom else None
    found = _named(learned, new, missing, alpha_of(fields) / NAMED)
    if found is Found.FINE and (_surged(learned, new, alpha_of(fields)) if threshold is None else index >= threshold):
        found = Found.MOVED
    return Drift(
        field,
        found,
        new.leads,
        index,
        threshold,
        most_moved(learned.counts, new.counts),
        new.strange / new.leads,
    )


def _surged(learned: Bins, new: Bins, alpha: float) -> bool:
    """Whether the commonest bin, or all others together, hold more than chance allows: where all else is too seldom
    for chi-square, an exact test of the two."""
    n, m = learned.leads, new.leads
    top = max(range(len(learned.counts)), key=lambda i: learned.counts[i])
    before, after = learned.counts[top], new.counts[top]
    surged = surges(before, n, after, m, alpha / 2) or surges(n - before, n, m - after, m, alpha / 2)
    return surged and stability_index([before, n - before], [after, m - after]) - (1 / n + 1 / m) >= LEAST


def stability_index(before: Sequence[float], after: Sequence[float]) -> float:
    """The population stability index of two counts by bin, half a lead added to each bin.

    Without a move it is distributed as chi-square times (1/n + 1/m) (Yurdakul and Naranjo 2020).
    """
    bins = len(before)
    n, m = sum(before) + 0.5 * bins, sum(after) + 0.5 * bins
    pairs = [((b + 0.5) / n, (a + 0.5) / m) for b, a in zip(before, after, strict=True)]
    return math.fsum((q - p) * math.log(q / p) for p, q in pairs)


def alpha_of(fields: int) -> float:
    """The chance of a false alarm that one look at one of so many fields may have."""
    return FALSE_A_YEAR / (WEEKS * max(fields, 1))


@lru_cache(maxsize=4096)
def critical(freedom: int, fields: int) -> float:
    """Chi-square that so many fields, each looked at every week of a year, exceed by chance FALSE_A_YEAR times."""
    alpha = alpha_of(fields)
    low, high = 0.0, 20.0 + 4.0 * freedom
    while chi_square_tail(high, freedom) > alpha:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if chi_square_tail(middle, freedom) > alpha else (low, middle)
    return high


def _pooled(learned: Sequence[int], new: Sequence[int]) -> tuple[list[float], list[float]]:
    """Both counts, with the bins of which few leads are expected on either side made one."""
    n, m = sum(learned), sum(new)
    share = min(n, m) / (n + m)
    before, after, rest = [], [], [0.0, 0.0]
    for b, a in zip(learned, new, strict=True):
        if (b + a) * share >= EXPECTED:
            before.append(float(b))
            after.append(float(a))
        else:
            rest = [rest[0] + b, rest[1] + a]
    if sum(rest) * share >= EXPECTED or not before:
        return [*before, rest[0]], [*after, rest[1]]
    smallest = min(range(len(before)), key=lambda i: before[i] + after[i])
    before[smallest] += rest[0]
    after[smallest] += rest[1]
    return before, after


def _named(learned: Bins, new: Bins, missing: int, alpha: float) -> Found:
    """What has a name of its own; each by a test of its own, for all leads may be in a bin that nobody expected."""
    n, m = learned.leads, new.leads

    def jumped(before: int, after: int, most: float, least: float) -> bool:
        return before / n <= most and after / m >= least and surges(before, n, after, m, alpha)

    if jumped(min(learned.strange, n), new.strange, min(0.5, new.strange / m / 2), STRANGE):
        return Found.UNKNOWN
    if jumped(learned.counts[missing], new.counts[missing], FILLED, EMPTIED):
        return Found.EMPTY
    top = max(range(len(new.counts)), key=lambda i: new.counts[i])
    if jumped(learned.counts[top], new.counts[top], VARIED, SAME):
        return Found.CONSTANT
    return Found.FINE


def most_moved(learned: Sequence[int], new: Sequence[int]) -> tuple[int, float, float]:
    """The place of the bin whose share moved most, of two the one that rose, and its share before and after."""
    n, m = sum(learned), sum(new)
    shares = [(b / n, a / m) for b, a in zip(learned, new, strict=True)]
    moves = [round(after - before, 9) for before, after in shares]
    place = max(range(len(shares)), key=lambda i: (abs(moves[i]), moves[i]))
    return place, *shares[place]

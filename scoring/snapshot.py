"""A lead as of a moment: what is counted from its life, with nothing of later. One lead by the standard library."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite
from typing import NamedTuple

from .values import DAY, level_key

WINDOWS = (7, 30, 90, 0)
"""Days that counts and sums look back; 0 is for ever."""

TREND_DAYS = 30
NEVER_DAYS = 36_525
"""The days since what never happened: a hundred years, a number that stands apart in a bin of its own."""

CENTS = 10_000
"""Amounts are added as whole ten-thousandths: sums are exact in any order."""

OTHER_KIND = "other"

LARGEST_AMOUNT = 1e9
"""Larger amounts count as this: then a sum of a lead's amounts fits 64 bits."""


class Measure(StrEnum):
    """What is taken of a lead's life.

    count, sum: of activities within `days`, or of all where days is 0. since: whole days since the last one.
    trend: how many more in the last 30 days than in the 30 before. age: whole days since the lead was created.
    """

    COUNT = "count"
    SUM = "sum"
    SINCE = "since"
    TREND = "trend"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Derived:
    """A field that is counted from a lead's life. kind: of the activities, any kind where empty."""

    field: str
    measure: Measure
    kind: str = ""
    days: int = 0


class Activity(NamedTuple):
    """Something that happened to a lead. at: seconds since 1970."""

    at: int
    kind: str
    amount: float | None = None


def activity_of(at: int, kind: str, amount: float | None = None) -> Activity:
    """An activity whose kind is compared as levels are; a blank kind is `other`. at: seconds since 1970."""
    return Activity(at, level_key(kind) or OTHER_KIND, amount)


def named(measure: Measure, kind: str = "", days: int = 0) -> Derived:
    """The derived field with the name that people read.

    >>> named(Measure.COUNT, "visit", 30).field, named(Measure.SINCE).field, named(Measure.SUM, "purchase").field
    ('visit in 30 days', 'days since any activity', 'amount of purchase ever')
    """
    what, when = kind or "any activity", f"in {days} days" if days else "ever"
    text = {
        Measure.COUNT: f"{what} {when}",
        Measure.SUM: f"amount of {what} {when}",
        Measure.SINCE: f"days since {what}",
        Measure.TREND: f"trend of {what}",
        Measure.AGE: "days since creation",
    }[measure]
    return Derived(text, measure, kind, days)


def cents_of(amount: float | None) -> int:
    """An amount in whole ten-thousandths, 0 where there is none."""
    if amount is None or not isfinite(amount):
        return 0
    return round(min(max(amount, -LARGEST_AMOUNT), LARGEST_AMOUNT) * CENTS)


def derived_values(
    derived: Sequence[Derived], *, created: int | None, activities: Iterable[Activity] | None, as_of: int
) -> dict[str, float | None]:
    """Every derived field's value for one lead; None (missing) where created or activities are not known.

    created, as_of: seconds since 1970. What happened after as_of is not seen.

    >>> spec = [named(Measure.COUNT, "visit", 7), named(Measure.SINCE, "visit"), named(Measure.AGE)]
    >>> visits = [Activity(0, "visit"), Activity(9 * 86_400, "visit"), Activity(99 * 86_400, "visit")]
    >>> derived_values(spec, created=0, activities=visits, as_of=10 * 86_400)
    {'visit in 7 days': 1.0, 'days since visit': 1.0, 'days since creation': 10.0}
    """
    life = None if activities is None else _by_kind(derived, activities, as_of)
    return {d.field: _value(d, created, life, as_of) for d in derived}


class _Events(NamedTuple):
    """Known activities of one kind, in order of time, and the running sums of their amounts."""

    at: list[int]
    sums: list[int]


def _by_kind(derived: Sequence[Derived], activities: Iterable[Activity], as_of: int) -> dict[str, _Events]:
    wanted = {d.kind for d in derived if d.measure is not Measure.AGE}
    known = sorted((a for a in activities if a.at <= as_of), key=lambda a: a.at)
    found = {}
    for kind in wanted:
        mine = [a for a in known if not kind or a.kind == kind]
        sums = [0]
        for activity in mine:
            sums.append(sums[-1] + cents_of(activity.amount))
        found[kind] = _Events([a.at for a in mine], sums)
    return found


def _value(d: Derived, created: int | None, life: Mapping[str, _Events] | None, as_of: int) -> float | None:
    if d.measure is Measure.AGE:
        return None if created is None else float(max(0, (as_of - created) // DAY))
    if life is None:
        return None
    at, sums = life[d.kind]
    if d.measure is Measure.SINCE:
        return float(min((as_of - at[-1]) // DAY, NEVER_DAYS - 1)) if at else float(NEVER_DAYS)
    if d.measure is Measure.TREND:
        middle, start = (bisect_right(at, as_of - days * DAY) for days in (TREND_DAYS, 2 * TREND_DAYS))
        return float(len(at) - 2 * middle + start)
    first = bisect_right(at, as_of - d.days * DAY if d.days else -inf)
    return float(len(at) - first) if d.measure is Measure.COUNT else (sums[-1] - sums[first]) / CENTS

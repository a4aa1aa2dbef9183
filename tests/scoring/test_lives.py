"""The lives of many leads and of one: the same numbers to the bit, and nothing of what happened later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring.lives import UNKNOWN, Lives, derived_columns
from scoring.snapshot import NEVER_DAYS, Activity, Derived, Measure, derived_values, named
from scoring.values import DAY

from .strategies import quick

KINDS = ("visit", "demo", "purchase")
SPEC = [
    *(named(m, kind, days) for m in (Measure.COUNT, Measure.SUM) for kind in ("", *KINDS) for days in (0, 7, 30, 90)),
    *(named(m, kind) for m in (Measure.SINCE, Measure.TREND) for kind in ("", *KINDS, "never seen")),
    named(Measure.AGE),
]

near_days = st.integers(-200, 200).map(lambda d: d * DAY)
moments = st.builds(lambda day, second: day + second, near_days, st.sampled_from([0, 1, -1, 43_200]))
amounts = st.none() | st.floats(-1e6, 1e6) | st.sampled_from([float("nan"), float("inf"), 1e300, 0.1])
activities = st.lists(st.tuples(st.integers(0, 3), st.builds(Activity, moments, st.sampled_from(KINDS), amounts)))


@dataclass(frozen=True)
class Seen:
    """Snapshots of leads (place, as of), and when each lead was created."""

    leads: list[tuple[int, int]]
    created: list[int | None]


seen = st.builds(
    Seen,
    st.lists(st.tuples(st.integers(-1, 3), moments), min_size=1, max_size=8),
    st.lists(st.none() | moments, min_size=4, max_size=4),
)


def lives_of(happened: list[tuple[int, Activity]]) -> Lives:
    return Lives.of(
        np.array([lead for lead, _ in happened], dtype=np.int64),
        np.array([a.at for _, a in happened], dtype=np.int64),
        np.array([KINDS.index(a.kind) for _, a in happened], dtype=np.int32),
        np.array([np.nan if a.amount is None else a.amount for _, a in happened], dtype=np.float64),
        KINDS,
    )


def as_columns(happened: list[tuple[int, Activity]], who: Seen) -> list[dict[str, float | None]]:
    lead = np.array([place for place, _ in who.leads], dtype=np.intp)
    created = np.array([UNKNOWN if c is None else c for c in who.created], dtype=np.int64)[lead]
    created[lead < 0] = UNKNOWN
    as_of = np.array([moment for _, moment in who.leads], dtype=np.int64)
    found = derived_columns(SPEC, lead=lead, as_of=as_of, created=created, lives=lives_of(happened))
    rows = [{name: float(column.values[i]) for name, column in found.items()} for i in range(len(lead))]
    return [{name: None if np.isnan(v) else v for name, v in row.items()} for row in rows]


def one_by_one(happened: list[tuple[int, Activity]], who: Seen) -> list[dict[str, float | None]]:
    found = []
    for lead, as_of in who.leads:
        mine = None if lead < 0 else [a for place, a in happened if place == lead]
        created = None if lead < 0 else who.created[lead]
        found.append(derived_values(SPEC, created=created, activities=mine, as_of=as_of))
    return found


@given(activities, seen)
@quick
def test_many_leads_and_one_lead_have_the_same_numbers(happened: list[tuple[int, Activity]], who: Seen) -> None:
    assert as_columns(happened, who) == one_by_one(happened, who)


@given(activities, activities, seen, st.randoms())
@quick
def test_what_happens_later_changes_nothing(
    happened: list[tuple[int, Activity]], more: list[tuple[int, Activity]], who: Seen, dice: st.DataObject
) -> None:
    last = max(moment for _, moment in who.leads)
    later = [(lead, a._replace(at=last + 1 + abs(a.at))) for lead, a in more]
    mixed = [*happened, *later]
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    assert as_columns(mixed, who) == as_columns(happened, who)
    assert one_by_one(mixed, who) == one_by_one(happened, who)


def value_of(d: Derived, *happened: Activity, as_of: int = 100 * DAY) -> float | None:
    return derived_values([d], created=0, activities=happened, as_of=as_of)[d.field]


def test_a_window_day_is_24_hours_and_the_moment_itself_is_known() -> None:
    visits = named(Measure.COUNT, "visit", 7)
    now = 100 * DAY
    assert value_of(visits, Activity(now, "visit")) == 1
    assert value_of(visits, Activity(now + 1, "visit")) == 0
    assert value_of(visits, Activity(now - 7 * DAY + 1, "visit")) == 1
    assert value_of(visits, Activity(now - 7 * DAY, "visit")) == 0


def test_what_never_happened_is_a_hundred_years_ago() -> None:
    assert value_of(named(Measure.SINCE, "demo"), Activity(0, "visit")) == NEVER_DAYS
    assert value_of(named(Measure.SINCE, "visit"), Activity(0, "visit")) == 100


def test_a_trend_compares_the_last_thirty_days_with_those_before() -> None:
    now = 100
    at = [Activity(day * DAY, "visit") for day in (now - 1, now - 2, now - 40, now - 70)]
    assert value_of(named(Measure.TREND, "visit"), *at) == 1


def test_without_activities_their_numbers_are_missing_and_without_any_they_are_zero() -> None:
    spec = [named(Measure.COUNT, "visit"), named(Measure.AGE)]
    assert derived_values(spec, created=None, activities=None, as_of=0) == {
        "visit ever": None,
        "days since creation": None,
    }
    assert derived_values(spec, created=0, activities=[], as_of=0)["visit ever"] == 0

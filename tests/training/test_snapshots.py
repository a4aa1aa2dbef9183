"""Looks at leads: planned from the lead's key alone, while it is open, and blind to all that came after."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.columns import Column, Numbers
from scoring.snapshot import Measure, named
from scoring.values import DAY
from training.censoring import censored
from training.changes import Changes
from training.history import History
from training.outcomes import NEVER
from training.snapshots import AGES, SPREAD, Snapshots, at_creation, drawn, one_each, table_of

from .futures import lively, planted
from .worlds import history, market, numbers, texts

DAYS = 400
DERIVED = [named(m, k, d) for m, k, d in ((Measure.COUNT, "", 0), (Measure.COUNT, "demo", 30), (Measure.SUM, "", 90))]
DERIVED += [named(Measure.SINCE, "visit"), named(Measure.TREND, ""), named(Measure.AGE)]


@pytest.fixture(scope="module")
def lived() -> History:
    return lively(120, DAYS)


def told(looks: Snapshots, found: History) -> dict[tuple[str, int], tuple[int, float]]:
    """Each look's moment and weight, by the lead's id and the planned age."""
    assert looks.as_of is not None
    return {
        (found.ids[i], age): (at, weight)
        for i, age, at, weight in zip(
            looks.lead.tolist(), looks.age.tolist(), looks.as_of.tolist(), looks.weight.tolist(), strict=True
        )
    }


def values(column: Column) -> list[object]:
    if isinstance(column, Numbers):
        return [float(v) for v in column.values]
    return [None if i < 0 else column.values[i] for i in column.index.tolist()]


def test_looks_do_not_depend_on_the_order_of_the_file() -> None:
    found = market(300, DAYS).known_at(DAYS * DAY)
    shuffled = found.take(np.random.default_rng(2).permutation(found.rows))
    assert told(drawn(found, until=DAYS * DAY), found) == told(drawn(shuffled, until=DAYS * DAY), shuffled)
    leads = np.arange(found.rows)
    assert told(one_each(found, leads, until=300 * DAY), found) == told(
        one_each(shuffled, leads, until=300 * DAY), shuffled
    )


def test_where_leads_have_no_ids_looks_do_not_hang_on_what_became_of_them() -> None:
    found = replace(market(300, DAYS).known_at(DAYS * DAY), id_column=None)
    never = np.full(found.rows, NEVER)
    other = replace(found, won_at=never, lost_at=never, won=never != NEVER, lost=never != NEVER)
    open_to_the_end = told(drawn(other, until=DAYS * DAY), other)
    assert len(open_to_the_end) > len(told(drawn(found, until=DAYS * DAY), found))
    assert set(told(drawn(found, until=DAYS * DAY), found).items()) <= set(open_to_the_end.items())


def test_a_lead_is_looked_at_when_it_came_in_and_about_the_planned_days_after() -> None:
    found = market(500, DAYS).known_at(2 * DAYS * DAY)
    looks = drawn(found, until=2 * DAYS * DAY)
    assert looks.as_of is not None
    assert found.created is not None
    after = (looks.as_of - found.created[looks.lead]) / DAY
    for k, age in enumerate(AGES):
        mine = after[looks.age == k]
        assert (np.abs(mine - age) <= SPREAD * age + 1e-5).all()
        assert age == 0 or mine.std() > SPREAD * age / 4


@settings(max_examples=25, deadline=None)
@given(until=st.integers(1, 2 * DAYS))
def test_a_lead_s_looks_weigh_one_at_most_and_one_where_it_stays_open(until: int) -> None:
    found = market(200, DAYS).known_at(2 * DAYS * DAY)
    looks = drawn(found, until=until * DAY)
    assert looks.as_of is not None
    assert (looks.as_of <= until * DAY).all()
    total = np.bincount(looks.lead, weights=looks.weight, minlength=found.rows)
    assert total.max(initial=0) <= 1 + 1e-9
    assert found.created is not None
    stays = (found.ends == NEVER) & (found.created <= until * DAY)
    assert total[stays] == pytest.approx(np.ones(stays.sum()))


def test_a_lead_is_not_looked_at_once_it_was_won_or_lost() -> None:
    found = market(500, DAYS).known_at(DAYS * DAY)
    looks = drawn(found, until=DAYS * DAY)
    assert looks.as_of is not None
    later = looks.age > 0
    assert later.any()
    assert (found.ends[looks.lead[later]] > looks.as_of[later]).all()


def test_a_lead_that_was_won_on_the_day_it_came_in_is_looked_at_once() -> None:
    found = history([10, 10], won_after=[0, None], until=300)
    looks = drawn(found, until=300 * DAY)
    assert np.bincount(looks.lead).tolist() == [1, len(AGES)]


def test_one_look_each_is_at_creation_for_half_and_later_for_the_rest() -> None:
    found = history([0] * 2000, until=600)
    looks = one_each(found, np.arange(2000), until=600 * DAY)
    assert np.array_equal(looks.lead, np.arange(2000))
    counts = np.bincount(looks.age, minlength=len(AGES))
    assert counts[0] == pytest.approx(1000, abs=90)
    assert counts[1:].min() > 180
    early = one_each(found, np.arange(2000), until=10)
    assert (early.age == 0).all()


def test_a_field_is_as_it_was_at_the_moment(lived: History) -> None:
    looks = Snapshots(np.array([7, 7]), np.array([100, 300]) * DAY, np.ones(2), np.zeros(2, dtype=np.int8))
    changes = {"plan": Changes(np.array([7, 7]), np.array([50, 200]) * DAY, texts(["team", "firm"]))}
    table = table_of(replace(lived, changes=changes), lived.columns, looks, ())
    assert values(table["plan"]) == ["team", "firm"]
    assert values(table_of(replace(lived, changes=None), lived.columns, looks, ())["plan"]) == ["free", "free"]


def test_a_history_without_dates_is_looked_at_once_a_lead() -> None:
    looks = at_creation(history(won=[True, False, True]), np.array([0, 2]))
    assert (looks.as_of, looks.weight.tolist(), looks.lead.tolist()) == (None, [1, 1], [0, 2])


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(5, DAYS), seed=st.integers(0, 10_000))
def test_whatever_happens_after_a_moment_changes_no_look_no_table_no_label_and_no_weight(
    lived: History, cut: int, seed: int
) -> None:
    until = cut * DAY
    other = planted(lived, until, np.random.default_rng(seed))
    looks, again = drawn(lived, until=until), drawn(other, until=until)
    assert told(looks, lived) == told(again, other)
    table, twin = (table_of(h, h.columns, looks, DERIVED) for h in (lived, other))
    assert {name: values(c) for name, c in table.items()} == {name: values(c) for name, c in twin.items()}
    labels, same = (censored(h, looks, 60, until=until) for h in (lived, other))
    for name in ("known", "bought", "weight", "level", "took", "room"):
        assert np.array_equal(getattr(labels, name), getattr(same, name)), name
    assert (labels.method, labels.effective) == (same.method, same.effective)


def test_planting_before_the_moment_does_change_what_is_seen(lived: History) -> None:
    other = planted(lived, 100 * DAY, np.random.default_rng(1))
    looks = drawn(lived, until=300 * DAY)
    table, twin = (table_of(h, h.columns, looks, DERIVED) for h in (lived, other))
    assert all(values(table[d.field]) != values(twin[d.field]) for d in DERIVED if d.measure is not Measure.AGE)
    assert values(table["plan"]) != values(twin["plan"])


def test_numbers_that_change_are_read_as_texts_of_the_same_value(lived: History) -> None:
    looks = Snapshots(np.array([0]), np.array([10 * DAY]), np.ones(1), np.zeros(1, dtype=np.int8))
    changes = {"staff": Changes(np.array([0]), np.array([5 * DAY]), texts(["12"]))}
    found = replace(lived, columns={"staff": numbers(range(120))}, changes=changes)
    assert values(table_of(found, found.columns, looks, ())["staff"]) == ["12"]

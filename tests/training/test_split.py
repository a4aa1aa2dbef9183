"""The split: forward in time where dates allow, as known at the cut; else by a hash of the id."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.values import DAY
from training.history import History
from training.labels import label
from training.split import Split, split

from .worlds import history


def dated_history(seed: int = 1, rows: int = 1500, days: int = 900) -> History:
    dice = np.random.default_rng(seed)
    created = np.sort(dice.integers(0, days, rows)).tolist()
    after = [int(dice.integers(0, 150)) if dice.random() < 0.4 else None for _ in created]
    return history(created, won_after=after, until=days + 150)


def undated_history(rows: int = 300) -> History:
    return history(won=[i % 3 == 0 for i in range(rows)], lost=[i % 3 == 1 for i in range(rows)])


def parts_of(found: History, horizon: int = 90) -> Split:
    return split(found, label(found, horizon))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 5000), horizon=st.integers(30, 120))
def test_no_test_lead_was_created_before_the_cut_and_nothing_was_learned_after_it(seed: int, horizon: int) -> None:
    found = dated_history(seed)
    parts = parts_of(found, horizon)
    assert (parts.kind, parts.horizon_days) == ("forward", horizon)
    assert parts.cut is not None
    assert found.created is not None
    assert found.until is not None
    looks, censored, test = parts.train.looks, parts.train.censored, parts.test
    assert looks.as_of is not None
    assert test.as_of is not None
    assert censored is not None
    assert (found.created[test.lead] > parts.cut).all()
    assert (test.as_of + horizon * DAY <= found.until).all()
    assert (looks.as_of <= parts.cut).all()
    buyers = looks.lead[parts.train.bought]
    assert (found.won_at[buyers] <= parts.cut).all()
    assert (found.won_at[buyers] <= looks.as_of[parts.train.bought] + horizon * DAY).all()
    unseen = ~parts.train.bought & censored.known & ~found.lost[looks.lead]
    assert (looks.as_of[unseen] + horizon * DAY <= parts.cut).all()


def test_what_a_training_lead_did_after_the_cut_is_not_known() -> None:
    found = dated_history()
    parts = parts_of(found)
    late = found.won_at[parts.train.looks.lead] > (parts.cut or 0)
    assert late.any()
    assert not parts.train.bought[late].any()


def test_planting_purchases_after_the_cut_changes_nothing_of_what_is_learned_from() -> None:
    found = dated_history()
    parts = parts_of(found)
    assert found.created is not None
    rest = np.flatnonzero((found.won_at > (parts.cut or 0)) & (found.created <= (parts.cut or 0)))
    found.won_at[rest] = (parts.cut or 0) + 1
    again = parts_of(found)
    assert again.cut == parts.cut
    assert np.array_equal(again.train.looks.lead, parts.train.looks.lead)
    assert np.array_equal(again.train.bought, parts.train.bought)
    assert parts.train.censored is not None
    assert again.train.censored is not None
    assert np.array_equal(again.train.censored.weight, parts.train.censored.weight)


def test_no_lead_is_in_both_parts_and_every_test_lead_is_known() -> None:
    for found in (dated_history(), undated_history()):
        parts, labels = parts_of(found), label(found, 90)
        assert not set(parts.train.looks.lead) & set(parts.test.lead)
        first = parts.test.age == 0
        assert labels.known[parts.test.lead].all()
        assert np.array_equal(parts.test_bought[first], labels.bought[parts.test.lead[first]])


def test_the_test_is_about_the_latest_fifth_of_the_known_leads_that_were_still_open_when_looked_at() -> None:
    found = dated_history()
    parts = parts_of(found)
    assert found.created is not None
    latest = (found.created > (parts.cut or 0)) & label(found, 90).known
    assert latest.sum() == pytest.approx(0.2 * label(found, 90).known.sum(), rel=0.1)
    assert 0.7 * latest.sum() <= parts.test.rows <= latest.sum()
    assert len(set(parts.test.lead)) == parts.test.rows


def test_test_leads_are_looked_at_at_creation_and_on_later_days() -> None:
    ages = np.bincount(parts_of(dated_history()).test.age, minlength=4)
    assert ages[0] > ages[1:].max() > 0


def test_where_few_have_lived_through_the_horizon_a_shorter_one_is_judged_and_said_so() -> None:
    dice = np.random.default_rng(5)
    created = np.sort(dice.integers(0, 100, 2000)).tolist()
    after = [int(dice.integers(1, 60)) if dice.random() < 0.4 else None for _ in created]
    after = [a if a is not None and created[i] + a <= 110 else None for i, a in enumerate(after)]
    parts = parts_of(history(created, won_after=after, until=110))
    assert parts.kind == "forward"
    assert parts.horizon_days is not None
    assert parts.horizon_days < 90
    assert f"judged on purchases within {parts.horizon_days} days" in parts.notes[0]


def test_without_dates_a_fifth_of_each_kind_is_drawn() -> None:
    parts = parts_of(undated_history())
    assert (parts.kind, parts.cut) == ("stratified", None)
    assert (parts.test_bought.sum(), (~parts.test_bought).sum()) == (20, 20)
    assert (parts.train.bought.sum(), (~parts.train.bought).sum()) == (80, 80)


def test_the_draw_depends_on_the_id_and_not_on_the_order_of_the_file() -> None:
    found = undated_history()
    rows = np.random.default_rng(4).permutation(found.rows)
    shuffled = found.take(rows)
    test, again = parts_of(found).test, parts_of(shuffled).test
    assert {found.ids[i] for i in test.lead} == {shuffled.ids[i] for i in again.lead}


def test_other_ids_are_drawn_otherwise() -> None:
    found = undated_history()
    renamed = history(won=found.won.tolist(), lost=found.lost.tolist(), ids=[f"other {i}" for i in range(found.rows)])
    assert parts_of(found).test.lead.tolist() != parts_of(renamed).test.lead.tolist()


def test_a_history_too_short_for_a_test_forward_in_time_says_so() -> None:
    created = [0] * 100 + [1] * 100
    found = history(created, won_after=[3 if i % 3 == 0 else None for i in range(200)], until=120)
    parts = parts_of(found)
    assert parts.kind == "stratified"
    assert "too short for a test forward in time" in parts.notes[0]


def test_too_few_buyers_after_the_cut_fall_back_to_a_draw() -> None:
    created = list(range(500))
    after = [3 if i % 4 == 0 and i < 350 else None for i in range(500)]
    assert parts_of(history(created, won_after=after, until=700)).kind == "stratified"


def test_the_split_is_told_as_plain_data() -> None:
    said = parts_of(dated_history()).as_dict()
    assert said["kind"] == "forward"
    assert str(said["cut"]).endswith("Z")
    assert set(said) == {"kind", "train", "test", "train_buyers", "test_buyers", "cut", "judged_horizon_days"}

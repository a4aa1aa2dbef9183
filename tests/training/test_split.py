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
def test_no_test_lead_was_created_before_the_cut_and_no_label_was_learned_after_it(seed: int, horizon: int) -> None:
    found = dated_history(seed)
    parts = parts_of(found, horizon)
    assert parts.kind == "forward"
    assert parts.cut is not None
    assert found.created is not None
    assert (found.created[parts.test] > parts.cut).all()
    assert (found.created[parts.train] + horizon * DAY <= parts.cut).all()
    assert (found.won_at[parts.train[parts.train_bought]] <= parts.cut).all()


def test_what_a_training_lead_did_after_the_cut_is_not_known() -> None:
    found = dated_history()
    parts = parts_of(found)
    late = found.won_at[parts.train] > (parts.cut or 0)
    assert late.any()
    assert not parts.train_bought[late].any()


def test_planting_purchases_after_the_cut_changes_no_training_label() -> None:
    found = dated_history()
    parts = parts_of(found)
    planted = found.won_at.copy()
    rows = parts.train[~parts.train_bought]
    planted[rows] = (parts.cut or 0) + 1
    found.won_at[:] = planted
    again = parts_of(found)
    assert np.array_equal(again.train, parts.train)
    assert np.array_equal(again.train_bought, parts.train_bought)


def test_no_lead_is_in_both_parts_and_every_test_lead_is_known() -> None:
    for found in (dated_history(), undated_history()):
        parts, labels = parts_of(found), label(found, 90)
        assert not set(parts.train) & set(parts.test)
        assert labels.known[parts.test].all()
        assert np.array_equal(parts.test_bought, labels.bought[parts.test])


def test_the_test_is_about_the_latest_fifth_of_the_known_leads() -> None:
    found = dated_history()
    parts = parts_of(found)
    assert len(parts.test) == pytest.approx(0.2 * label(found, 90).known.sum(), rel=0.1)


def test_without_dates_a_fifth_of_each_kind_is_drawn() -> None:
    parts = parts_of(undated_history())
    assert (parts.kind, parts.cut) == ("stratified", None)
    assert (parts.test_bought.sum(), (~parts.test_bought).sum()) == (20, 20)
    assert (parts.train_bought.sum(), (~parts.train_bought).sum()) == (80, 80)


def test_the_draw_depends_on_the_id_and_not_on_the_order_of_the_file() -> None:
    found = undated_history()
    rows = np.random.default_rng(4).permutation(found.rows)
    shuffled = found.take(rows)
    test, again = parts_of(found).test, parts_of(shuffled).test
    assert {found.ids[i] for i in test} == {shuffled.ids[i] for i in again}


def test_other_ids_are_drawn_otherwise() -> None:
    found = undated_history()
    renamed = history(won=found.won.tolist(), lost=found.lost.tolist(), ids=[f"other {i}" for i in range(found.rows)])
    assert parts_of(found).test.tolist() != parts_of(renamed).test.tolist()


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
    assert set(said) == {"kind", "train", "test", "train_buyers", "test_buyers", "cut"}

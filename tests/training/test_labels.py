"""Labels: bought within the horizon, known only when the horizon has passed, and never from the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.errors import Refused
from scoring.values import DAY
from training.history import History
from training.labels import label, refuse_too_few
from training.outcomes import NEVER

from .worlds import history


def test_young_leads_are_unknown_whatever_became_of_them() -> None:
    found = history(
        [0, 0, 80, 80, 80], won_after=[5, None, 5, None, None], lost=[False, False, False, False, True], until=100
    )
    labels = label(found, 90)
    assert labels.known.tolist() == [True, True, False, False, False]
    assert not labels.odd.any()


def test_mature_leads_are_labelled_whether_they_bought_were_lost_or_neither() -> None:
    labels = label(history([0, 0, 0], won_after=[5, None, None], lost=[False, True, False], until=90), 90)
    assert labels.known.all()
    assert labels.bought.tolist() == [True, False, False]
    assert labels.horizon_days == 90


def test_the_last_day_of_the_horizon_counts_and_the_next_does_not() -> None:
    labels = label(history([0, 0], won_after=[90, 91], until=200), 90)
    assert labels.known.all()
    assert labels.bought.tolist() == [True, False]


def test_a_lead_is_mature_on_the_day_on_which_its_horizon_ends() -> None:
    found = history([0, 1], won_after=[3, None], until=90)
    assert label(found, 90).known.tolist() == [True, False]


def test_a_lead_won_before_it_was_created_is_left_out_and_said_so() -> None:
    labels = label(history([100, 100, 100], won_after=[-5, -1, 5], until=300), 90)
    assert labels.known.tolist() == [False, True, True]
    assert labels.bought.tolist() == [False, True, True]
    assert "1 leads were won before they were created: not open then, left out" in labels.notes


def test_a_lead_won_on_no_known_date_is_left_out_and_not_counted_as_lost() -> None:
    found = history([0, 0, 0], won_after=[5, None, None], won=[True, True, False], until=300)
    labels = label(found, 90)
    assert labels.known.tolist() == [True, False, True]
    assert labels.bought.tolist() == [True, False, False]
    assert "1 leads were won on no date that can be read: left out" in labels.notes


def test_without_dates_open_leads_are_left_out_and_counted() -> None:
    labels = label(history(won=[True, False, False], lost=[False, True, False]), 90)
    assert labels.known.tolist() == [True, True, False]
    assert labels.bought.tolist() == [True, False, False]
    assert labels.horizon_days is None
    assert labels.notes == ("1 leads are neither won nor lost: open is not lost, left out",)


def test_with_creation_dates_but_no_dates_of_purchase_labels_are_as_given() -> None:
    found = history([0, 0], won=[True, False], lost=[False, True], until=10)
    assert label(found, 90).known.all()
    assert label(found, 90).horizon_days is None


def test_nobody_is_left_out_without_a_word() -> None:
    assert label(history([0, 0], won_after=[1, None], until=90), 90).notes == ()


CREATED = st.lists(st.integers(0, 400), min_size=3, max_size=30)


def random_history(created: list[int], seed: int, until: int) -> History:
    dice = np.random.default_rng(seed)
    after = [None if dice.random() < 0.5 else int(dice.integers(-2, 200)) for _ in created]
    after = [a if a is not None and created[i] + a <= until else None for i, a in enumerate(after)]
    after[0] = 0
    return history(created, won_after=after, lost=[a is None and dice.random() < 0.5 for a in after], until=until)


@settings(max_examples=150, deadline=None)
@given(created=CREATED, seed=st.integers(0, 999), horizon=st.integers(1, 120), extra=st.integers(1, 300))
def test_labels_at_a_moment_see_nothing_of_what_came_later(
    created: list[int], seed: int, horizon: int, extra: int
) -> None:
    at = max(created) + 50
    before = random_history(created, seed, at)
    dice = np.random.default_rng(seed + 1)
    later = np.where((before.won_at == NEVER) & (dice.random(len(created)) < 0.7), (at + extra) * DAY, before.won_at)
    after = replace(
        before,
        won_at=later,
        won=later != NEVER,
        lost=dice.random(len(created)) < 0.5,
        value=dice.random(len(created)),
        until=(at + extra) * DAY,
    )
    then, now = label(before, horizon), label(after, horizon, until=at * DAY)
    assert np.array_equal(then.known, now.known)
    assert np.array_equal(then.bought, now.bought)


@settings(max_examples=100, deadline=None)
@given(created=CREATED, seed=st.integers(0, 999), horizon=st.integers(1, 120))
def test_what_was_known_stays_known_and_stays_the_same(created: list[int], seed: int, horizon: int) -> None:
    found = random_history(created, seed, max(created) + 300)
    first = label(found, horizon, until=(max(created) + 10) * DAY)
    last = label(found, horizon)
    assert not (first.known & ~last.known).any()
    assert np.array_equal(first.bought[first.known], last.bought[first.known])
    assert not (last.bought & ~last.known).any()


@pytest.mark.parametrize(
    ("bought", "words"),
    [
        ([], "only 0 leads with a known outcome; at least 50"),
        ([True] * 25 + [False] * 24, "only 49 leads"),
        ([True] * 60, "all 60 known leads bought; both kinds"),
        ([False] * 60, "all 60 known leads were lost"),
        ([True] * 9 + [False] * 51, "only 9 buyers among 60 known leads; at least 10"),
        ([True] * 51 + [False] * 9, "only 9 leads that did not buy among 60"),
    ],
)
def test_too_little_to_learn_from_is_refused_with_what_is_missing(bought: list[bool], words: str) -> None:
    with pytest.raises(Refused, match=words):
        refuse_too_few(np.array(bought, dtype=bool))


def test_fifty_leads_and_ten_buyers_are_enough() -> None:
    refuse_too_few(np.arange(50) < 10)

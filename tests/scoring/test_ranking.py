"""Rank and grade: total, stable, and the same for every order of the rows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import GradeCuts
from scoring.ranking import best_first, positions, ranks

from .strategies import quick

Lead = tuple[float, int, str]
few_leads = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.5, 1e6]), st.integers(-2, 2), st.text("ab0é", max_size=2)), max_size=30
)


def ranked(found: list[Lead], arrow: bool = False) -> list[int]:
    worth, log_odds = np.array([w for w, _, _ in found]), np.array([o for _, o, _ in found], dtype=np.int64)
    ids = [i for _, _, i in found]
    return ranks(worth, log_odds, pa.array(ids, pa.string()) if arrow else ids).tolist()


@given(few_leads, st.booleans())
@quick
def test_every_lead_has_one_rank_by_worth_then_log_odds_then_id(found: list[Lead], arrow: bool) -> None:
    places = ranked(found, arrow)
    assert sorted(places) == list(range(1, len(found) + 1))
    order = [lead for _, lead in sorted(zip(places, found, strict=True), key=lambda pair: pair[0])]
    assert order == sorted(found, key=lambda lead: (-lead[0], -lead[1], lead[2]))


@given(few_leads, st.randoms(use_true_random=False))
@quick
def test_the_order_of_the_rows_makes_no_difference(found: list[Lead], dice: object) -> None:
    found = list({lead[2]: lead for lead in found}.values())
    shuffled = sorted(found, key=lambda _: dice.random())  # type: ignore[attr-defined]
    assert dict(zip(shuffled, ranked(shuffled), strict=True)) == dict(zip(found, ranked(found), strict=True))


def test_rows_of_one_id_keep_their_order() -> None:
    assert ranked([(1.0, 0, "b"), (1.0, 0, "a"), (1.0, 0, "a"), (2.0, 0, "z")]) == [4, 2, 3, 1]


def test_probabilities_that_are_1_to_the_last_digit_are_told_apart_by_log_odds() -> None:
    assert ranked([(1.0, 5, "a"), (1.0, 9, "b"), (1.0, 7, "c")]) == [3, 1, 2]


def test_ids_are_compared_as_text() -> None:
    assert ranked([(1.0, 0, "10"), (1.0, 0, "9"), (1.0, 0, "1.0"), (1.0, 0, "")]) == [3, 4, 2, 1]


def test_order_and_place_are_inverse() -> None:
    order = best_first(np.array([0.1, 0.9, 0.5]), np.zeros(3, dtype=np.int64), ["a", "b", "c"])
    assert order.tolist() == [1, 2, 0]
    assert positions(order).tolist() == [3, 1, 2]


def test_no_leads_have_no_ranks() -> None:
    assert ranked([]) == []


def test_grades_without_a_capacity_are_the_top_10_20_30_and_40_percent() -> None:
    grades = [GradeCuts().grade_of(p) for p in range(1000)]
    assert [grades.count(g) for g in "ABCD"] == [100, 200, 300, 400]


@given(st.lists(st.integers(0, 1000), min_size=3, max_size=3).map(sorted))
@quick
def test_a_grade_holds_its_share_of_reference_leads_and_never_falls_with_the_score(shares: list[int]) -> None:
    a, b, c = (s / 1000 for s in shares)
    grades = [GradeCuts(a, b, c).grade_of(p) for p in range(1000)]
    assert [grades.count(g) for g in "ABC"] == [shares[0], shares[1] - shares[0], shares[2] - shares[1]]
    assert all(low >= high for low, high in pairwise(grades))


@pytest.mark.parametrize("cuts", [(0.3, 0.2, 0.6), (-0.1, 0.2, 0.3), (0.1, 0.2, 1.1), (float("nan"), 0.5, 0.6)])
def test_cuts_that_do_not_rise_from_0_to_1_are_refused(cuts: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="grade cuts"):
        GradeCuts(*cuts)

"""Every metric against its definition, counted out by hand."""

from __future__ import annotations

import json
import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.measure import auc, auc_with_error, calibration_error, log_loss, measure, share_in_top
from scoring.ratios import Z95

from .strategies import quick

scored = st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=25)


def split(found: list[tuple[bool, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([b for b, _ in found]), np.array([s / 4 for _, s in found])


@given(scored)
@quick
def test_auc_is_the_share_of_pairs_in_the_right_order_ties_as_half(found: list[tuple[bool, int]]) -> None:
    buyers, others = [s for b, s in found if b], [s for b, s in found if not b]
    area = auc(*split(found))
    if not buyers or not others:
        assert math.isnan(area)
        return
    wins = sum((a > b) + 0.5 * (a == b) for a in buyers for b in others)
    assert area == pytest.approx(wins / (len(buyers) * len(others)), abs=1e-12)


@given(scored)
@quick
def test_auc_of_the_turned_order_is_what_is_left_to_1(found: list[tuple[bool, int]]) -> None:
    bought, score = split(found)
    assert auc(bought, score) == pytest.approx(1 - auc(bought, -score), abs=1e-12, nan_ok=True)


def test_the_standard_error_is_delongs() -> None:
    rng = np.random.default_rng(1)
    bought, score = rng.random(40) < 0.4, np.round(rng.normal(size=40), 1)
    buyers, others = score[bought], score[~bought]
    wins = (buyers[:, None] > others) + 0.5 * (buyers[:, None] == others)
    variance = wins.mean(axis=1).var(ddof=1) / len(buyers) + wins.mean(axis=0).var(ddof=1) / len(others)
    area, error = auc_with_error(bought, score)
    assert (area, error) == pytest.approx((wins.mean(), math.sqrt(variance)), abs=1e-12)


def test_the_interval_holds_the_truth_in_95_of_100_samples() -> None:
    rng, truth = np.random.default_rng(7), 0.5 * (1 + math.erf(0.5))
    held = 0
    for _ in range(1500):
        bought = np.arange(160) < 50
        area, error = auc_with_error(bought, rng.normal(size=160) + bought)
        held += abs(area - truth) <= Z95 * error
    assert 0.93 <= held / 1500 <= 0.965


def test_one_buyer_or_one_other_is_enough_for_an_area() -> None:
    assert auc_with_error(np.array([True, False]), np.array([1.0, 0.0])) == (1.0, 0.0)


@given(scored, st.integers(1, 6))
@quick
def test_the_share_in_the_top_is_what_a_lot_among_ties_gives_on_average(
    found: list[tuple[bool, int]], top: int
) -> None:
    found = found[:8]
    top = min(top, len(found))
    bought, score = split(found)
    cut = sorted(score.tolist(), reverse=True)[top - 1]
    sure = [i for i, s in enumerate(score) if s > cut]
    tied = [i for i, s in enumerate(score) if s == cut]
    draws = [sum(bought[[*sure, *drawn]]) for drawn in combinations(tied, top - len(sure))]
    expected = sum(draws) / len(draws) / max(1, bought.sum())
    assert share_in_top(bought, score, top / len(found)) == pytest.approx(expected, abs=1e-9)


def test_all_leads_hold_all_buyers_and_equal_scores_their_share() -> None:
    bought = np.array([True, False, True, False])
    assert share_in_top(bought, np.arange(4.0), 1.0) == 1.0
    assert share_in_top(bought, np.zeros(4), 0.25) == pytest.approx(0.25)
    assert share_in_top(bought, np.arange(4.0), 0.25) == 0.0


def test_a_share_of_places_counts_as_a_share_of_the_lead() -> None:
    assert share_in_top(np.array([True, False]), np.array([1.0, 0.0]), 0.25) == pytest.approx(0.5)


def test_worth_counts_for_buyers_alone() -> None:
    bought, worth = np.array([True, True, False]), np.array([90.0, 10.0, 500.0])
    assert share_in_top(bought, np.array([2.0, 1.0, 3.0]), 2 / 3, worth) == pytest.approx(0.9)


def test_no_buyers_have_no_share_and_no_area_but_do_not_fail() -> None:
    found = measure(np.array([False, False]), np.array([0.1, 0.2]))
    assert math.isnan(found.auc)
    assert found.auc_ci == (0.0, 1.0)
    assert found.buyers_in_top_10pct == 0.0


@given(scored)
@quick
def test_log_loss_and_brier_are_means_over_leads(found: list[tuple[bool, int]]) -> None:
    bought, probability = split(found)
    said = [
        math.log(p if b else 1 - p) if p not in (0, 1) else (0 if b == p else math.log(1e-15))
        for b, p in zip(bought, probability, strict=True)
    ]
    assert log_loss(bought, probability) == pytest.approx(-sum(said) / len(said), abs=0.05, rel=1e-3)
    expected = sum((p - b) ** 2 for b, p in zip(bought, probability, strict=True)) / len(found)
    assert measure(bought, probability).brier == pytest.approx(expected)


def test_certainty_that_is_wrong_costs_a_finite_loss() -> None:
    assert log_loss(np.array([True]), np.array([0.0])) == pytest.approx(-math.log(1e-15))
    assert log_loss(np.array([True, False]), np.array([0.5, 0.5])) == pytest.approx(math.log(2))


def test_calibration_error_is_the_mean_distance_over_bins_of_equal_numbers() -> None:
    bought = np.array([False, True, True, True])
    assert calibration_error(bought, np.array([0.1, 0.2, 0.7, 0.8]), bins=2) == pytest.approx((0.7 + 0.5) / 4)
    assert calibration_error(bought, np.array([0.0, 1.0, 1.0, 1.0])) == 0.0


def test_one_promise_for_all_is_off_by_the_distance_to_what_happened() -> None:
    assert calibration_error(np.arange(100) < 30, np.full(100, 0.5)) == pytest.approx(0.2)
    assert calibration_error(np.arange(100) < 30, np.full(100, 0.3)) == pytest.approx(0.0, abs=1e-12)


@given(scored, st.randoms(use_true_random=False))
@quick
def test_no_metric_depends_on_the_order_of_the_rows(found: list[tuple[bool, int]], dice: object) -> None:
    shuffled = sorted(found, key=lambda _: dice.random())  # type: ignore[attr-defined]
    one, other = (measure(*split(rows)).as_dict() for rows in (found, shuffled))
    for name, value in one.items():
        assert other[name] == pytest.approx(value, nan_ok=True, abs=1e-12)


def test_the_order_may_come_from_log_odds_where_probabilities_are_equal() -> None:
    bought = np.array([False, True])
    assert measure(bought, np.array([1.0, 1.0]), rank_by=np.array([50.0, 60.0])).auc == 1.0
    assert measure(bought, np.array([1.0, 1.0])).auc == 0.5


def test_metrics_are_plain_data() -> None:
    found = measure(np.array([True, False, False]), np.array([0.9, 0.2, 0.1])).as_dict()
    assert json.loads(json.dumps(found)) == found
    assert found["value_in_top_20pct"] is None

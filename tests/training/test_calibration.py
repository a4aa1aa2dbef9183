"""Calibration: the slope that held-out leads ask for, and a base that promises as many as bought."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from training.calibration import STEEPEST, calibrated_loss, intercept_for, shrinkage, slope_of

ROWS = 20_000
EACH = np.ones(ROWS)


def drawn(seed: int = 1, base: float = -1.0) -> tuple[np.ndarray, np.ndarray]:
    """True log-odds and who bought by them."""
    dice = np.random.default_rng(seed)
    z = base + dice.normal(size=ROWS)
    return z, dice.random(ROWS) < expit(z)


@pytest.mark.parametrize("boldness", [0.5, 1.0, 2.0, 5.0])
def test_log_odds_that_are_too_bold_or_too_timid_are_set_right(boldness: float) -> None:
    z, bought = drawn()
    assert slope_of([(boldness * z + 3, bought, EACH)]) == pytest.approx(1 / boldness, rel=0.06)


def test_parts_of_different_levels_share_a_slope() -> None:
    low, high = drawn(1, -3.0), drawn(2, 1.0)
    assert slope_of([(2 * low[0], low[1], EACH), (2 * high[0] + 7, high[1], EACH)]) == pytest.approx(0.5, rel=0.06)


def test_log_odds_that_say_nothing_or_the_opposite_have_no_slope() -> None:
    z, bought = drawn()
    assert slope_of([(np.zeros(ROWS), bought, EACH)]) == 0
    assert slope_of([(-z, bought, EACH)]) == 0


def test_a_perfect_separation_ends_in_a_bounded_slope() -> None:
    bought = np.arange(200) < 60
    assert 0 < slope_of([(np.where(bought, 1.0, -1.0), bought, np.ones(200))]) <= STEEPEST


@pytest.mark.parametrize("wrong_by", [-4.0, 0.0, 9.0])
def test_as_many_are_promised_as_bought(wrong_by: float) -> None:
    z, bought = drawn()
    shift = intercept_for(z + wrong_by, bought, EACH)
    assert expit(z + wrong_by + shift).mean() == pytest.approx(bought.mean(), abs=1e-9)


def test_the_loss_of_a_ranking_does_not_depend_on_its_level_or_boldness() -> None:
    z, bought = drawn()
    assert calibrated_loss((2 * z - 5, bought, EACH)) == pytest.approx(calibrated_loss((z, bought, EACH)), abs=1e-6)
    assert (
        calibrated_loss((np.random.default_rng(0).normal(size=ROWS), bought, EACH))
        > calibrated_loss((z, bought, EACH)) + 0.05
    )


def test_a_row_that_stands_for_two_leads_counts_as_two() -> None:
    z, bought = drawn()
    twice = np.where(bought, 2.0, 1.0)
    doubled = np.concatenate((np.arange(ROWS), np.flatnonzero(bought)))
    part = (z[doubled], bought[doubled], np.ones(len(doubled)))
    assert slope_of([(z, bought, twice)]) == pytest.approx(slope_of([part]), rel=1e-6)
    assert intercept_for(z, bought, twice) == pytest.approx(intercept_for(*part), abs=1e-9)
    assert calibrated_loss((z, bought, twice)) == pytest.approx(calibrated_loss(part), abs=1e-9)


def test_a_slope_is_shrunk_by_what_choosing_costs_and_no_more() -> None:
    dice = np.random.default_rng(6)
    log_odds = dice.normal(size=2000)
    telling = (log_odds, dice.random(2000) < expit(log_odds - 1), np.ones(2000))
    idle = (log_odds, dice.random(2000) < 0.3, np.ones(2000))
    assert 0.98 < shrinkage([telling], slope_of([telling])) < 1
    assert shrinkage([idle], slope_of([idle])) < 0.5
    assert shrinkage([telling], 0.0) == 0.0

"""Observed/expected, intercept and slope: on promises whose truth is known, and where there is none to tell."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from scoring import calibrated, ratios
from scoring.calibrated import Calibration, calibration_of
from scoring.ratios import Kept

DICE = np.random.default_rng(11)


def promised(leads: int, *, slope: float = 1.0, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Who bought, and what was promised, where the true log-odds are shift + slope x the promised ones."""
    log_odds = DICE.normal(-1.5, 1.2, leads)
    truth = 1 / (1 + np.exp(-(shift + slope * log_odds)))
    return DICE.random(leads) < truth, 1 / (1 + np.exp(-log_odds))


def holds(ends: tuple[float, float] | None, truth: float) -> bool:
    assert ends is not None
    return ends[0] <= truth <= ends[1]


def test_the_examples_in_the_words_are_true() -> None:
    assert [doctest.testmod(module).failed for module in (calibrated, ratios)] == [0, 0]


def test_the_intervals_of_true_promises_hold_the_truth_in_95_of_100_tests() -> None:
    held = np.zeros(3)
    for _ in range(600):
        found = calibration_of(*promised(400))
        held += (holds(found.observed_expected_ci, 1), holds(found.intercept_ci, 0), holds(found.slope_ci, 1))
    assert np.all((held / 600 > 0.92) & (held / 600 < 0.98)), held / 600


def test_a_known_shift_and_a_known_slope_are_found() -> None:
    bought, probability = promised(200_000, slope=0.6)
    found = calibration_of(bought, probability)
    assert found.slope == pytest.approx(0.6, abs=0.02)
    assert holds(found.slope_ci, 0.6)
    fewer = calibration_of(*promised(200_000, shift=-0.7))
    assert fewer.intercept == pytest.approx(-0.7, abs=0.02)
    assert fewer.slope == pytest.approx(1, abs=0.02)
    assert fewer.kept is Kept.FEWER
    assert calibration_of(*promised(200_000, shift=0.7)).kept is Kept.MORE


def test_observed_over_expected_is_counted_by_hand() -> None:
    found = calibration_of(np.arange(100) < 30, np.full(100, 0.2))
    assert found.observed_expected == pytest.approx(1.5)
    assert found.kept is Kept.MORE
    assert calibration_of(np.arange(100) < 22, np.full(100, 0.2)).kept is Kept.AS_PROMISED
    assert (found.slope, found.slope_ci) == (None, None), "one promise for all has no slope"


@pytest.mark.parametrize(
    ("bought", "probability"),
    [
        ([], []),
        ([True], [0.5]),
        ([False] * 5, [0.1, 0.2, 0.3, 0.4, 0.5]),
        ([True] * 5, [0.1, 0.2, 0.3, 0.4, 0.5]),
        ([False, False, True, True], [0.1, 0.2, 0.8, 0.9]),
        ([False, True], [0.0, 1.0]),
    ],
)
def test_where_there_is_no_line_to_draw_none_is_told(bought: list[bool], probability: list[float]) -> None:
    found = calibration_of(np.array(bought, dtype=bool), np.array(probability))
    assert found.slope is None
    assert all(f"{value}" != "nan" for value in found.as_dict().values())


def test_any_order_of_the_leads_gives_the_same_figures() -> None:
    bought, probability = promised(500)
    turned = DICE.permutation(500)
    assert calibration_of(bought, probability) == calibration_of(bought[turned], probability[turned])


def test_the_figures_have_the_names_of_the_literature_and_read_as_a_line() -> None:
    found = Calibration(0.9, (0.8, 1.0), -0.1, (-0.2, 0.0), None, None)
    assert list(found.as_dict()) == [
        *("observed_expected", "observed_expected_ci", "calibration_intercept", "calibration_intercept_ci"),
        *("calibration_slope", "calibration_slope_ci"),
    ]
    assert str(found) == "observed/expected 0.90 (0.80 to 1.00), calibration intercept -0.10 (-0.20 to 0.00)"

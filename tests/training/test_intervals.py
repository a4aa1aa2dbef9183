"""Intervals: the figures are those of `scoring.measure`, and 95 of 100 intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from scoring.measure import auc, calibration_error, log_loss, share_in_top
from training.intervals import Ranked, auc_of, calibration_noise, draws, paired, plain_numbers, top_of


def leads(rows: int, seed: int, base: float = -1.0) -> tuple[np.ndarray, np.ndarray]:
    """True log-odds and who bought by them."""
    dice = np.random.default_rng(seed)
    z = base + dice.normal(size=rows)
    return z, dice.random(rows) < expit(z)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3, 3), st.booleans(), st.integers(0, 3)), min_size=6, max_size=40),
    st.sampled_from([0.1, 0.2, 0.5]),
)
def test_a_weighted_figure_is_that_of_the_leads_repeated(rows: list[tuple[int, bool, int]], share: float) -> None:
    score, bought, times = (np.array(column) for column in zip(*rows, strict=True))
    again = np.repeat(np.arange(len(rows)), times)
    if len(set(bought[again].tolist())) < 2:
        return
    weight, ranked = times[None, :].astype(float), Ranked.by(score.astype(float))
    assert auc_of(weight, bought, ranked)[0] == pytest.approx(auc(bought[again], score[again].astype(float)))
    found = share_in_top(bought[again], score[again].astype(float), share)
    assert top_of(weight, bought, ranked, share)[0] == pytest.approx(found)


def test_differences_are_those_of_the_figures() -> None:
    z, bought = leads(800, 1)
    worse = z + np.random.default_rng(2).normal(size=800)
    found = paired(bought, z, worse, rounds=50)
    assert found["auc"].value == pytest.approx(auc(bought, z) - auc(bought, worse))
    assert found["log_loss"].value == pytest.approx(log_loss(bought, expit(z)) - log_loss(bought, expit(worse)))
    assert found["buyers_in_top_20pct"].value == pytest.approx(
        share_in_top(bought, z, 0.2) - share_in_top(bought, worse, 0.2)
    )
    assert found["auc"].low > 0
    assert found["log_loss"].high < 0


def test_a_model_and_itself_cannot_be_told_apart() -> None:
    z, bought = leads(500, 3)
    for interval in paired(bought, z, z, rounds=50).values():
        assert (interval.value, interval.low, interval.high) == (0, 0, 0)


def test_as_many_buyers_are_drawn_in_every_round() -> None:
    _, bought = leads(300, 4)
    for weight in draws(bought, 20, 1):
        assert (weight[:, bought].sum(axis=1) == bought.sum()).all()
        assert (weight.sum(axis=1) == 300).all()


def test_about_95_of_100_intervals_hold_the_true_difference() -> None:
    dice = np.random.default_rng(5)
    z, bought = leads(60_000, 6)
    noisy = z + dice.normal(0, 0.7, len(z))
    truth = auc(bought, z) - auc(bought, noisy)
    held = 0
    for start in range(0, 60_000, 1_000):
        part = slice(start, start + 1_000)
        found = paired(bought[part], z[part], noisy[part], rounds=150)["auc"]
        held += found.low <= truth <= found.high
    assert 52 <= held <= 60


def test_a_calibrated_model_stays_within_its_noise_and_a_wrong_one_does_not() -> None:
    within = 0
    for seed in range(60):
        z, bought = leads(600, 100 + seed)
        within += calibration_error(bought, expit(z)) <= calibration_noise(expit(z), rounds=200)
    assert within >= 52
    z, bought = leads(3_000, 9)
    assert calibration_error(bought, expit(2 * z)) > calibration_noise(expit(2 * z))


def test_the_three_plain_numbers_are_those_of_the_grades() -> None:
    grades = np.array(["A", "A", "B", "C", "D", "D", "D", "D"])
    bought = np.array([True, True, False, True, True, False, False, False])
    found = plain_numbers(bought, grades)
    assert (found.flagged, found.buyers_flagged, found.best_against_worst) == (3 / 8, 0.5, 4.0)
    assert plain_numbers(bought, np.array(["A"] * 8)).best_against_worst is None

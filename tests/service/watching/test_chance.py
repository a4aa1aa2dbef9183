"""Intervals and tails, held against their definitions and against published values."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
from scipy.stats import binom, chi2, poisson_binom

from scoring.ratios import ratio_interval
from service.watching import chance, trust
from service.watching.chance import chi_square_tail, surges, unlikely, wilson


def test_the_examples_in_the_words_are_true() -> None:
    for module in (chance, trust):
        assert doctest.testmod(module).failed == 0


def test_an_interval_of_equal_chances_is_wilsons() -> None:
    low, high = ratio_interval(7, 40 * 0.2, 40 * 0.04)
    assert [0.2 * low, 0.2 * high] == pytest.approx(wilson(7, 40), rel=1e-9)


@pytest.mark.parametrize("bought", [0, 1, 5, 12, 40])
def test_a_sum_of_unequal_chances_is_counted_out(bought: int) -> None:
    dice = np.random.default_rng(bought)
    chances = dice.uniform(0.01, 0.6, 40)
    sum_of = poisson_binom(chances)
    expected = min(1.0, 2 * min(sum_of.cdf(bought), sum_of.sf(bought - 1)))
    assert unlikely(bought, [(1, float(p)) for p in chances]) == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_many_leads_are_told_as_by_counting_them_out() -> None:
    assert unlikely(640, [(6_000, 0.1)]) == pytest.approx(2 * binom.sf(639, 6_000, 0.1), rel=0.05)
    assert unlikely(0, [(1_000_000, 0.0)]) == 1.0


@pytest.mark.parametrize("freedom", [1, 2, 3, 9, 29, 200])
def test_the_tail_of_chi_square(freedom: int) -> None:
    for x in (0.1, 1.0, freedom, 2.5 * freedom + 10):
        assert chi_square_tail(x, freedom) == pytest.approx(chi2.sf(x, freedom), rel=1e-8)
    assert chi_square_tail(0, freedom) == 1.0


def test_what_was_always_so_does_not_surge() -> None:
    assert not surges(50, 50, 50, 50, 1e-3)
    assert not surges(0, 60, 0, 60, 1e-3)
    assert surges(0, 60, 60, 60, 1e-3)
    assert math.isclose(wilson(0, 60)[0], 0.0)

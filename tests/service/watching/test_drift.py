"""Drift of a field: seen where it is, named where it has a name, and silent without it."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.drift import detection, false_alarms
from service.watching.drift import Bins, Found, drift_of


def found(learned: list[int], new: list[int], *, strange: int = 0, fields: int = 20) -> Found:
    return drift_of("f", Bins(learned), Bins(new, strange), fields=fields).found


def test_a_year_of_weeks_without_drift_raises_at_most_one_false_alarm() -> None:
    for window in (100, 1_000):
        seen = false_alarms(2_000, window, seeds=12)
        assert seen.ours / 12 <= 1.5
    assert false_alarms(2_000, 100, seeds=1).fixed > 100, "the fixed rule cries wolf where windows are small"


def test_half_a_standard_deviation_is_seen_and_a_quarter_in_a_larger_window() -> None:
    assert detection(20_000, 200, 0.5, seeds=20).ours >= 17
    seen = detection(20_000, 1_000, 0.25, seeds=20)
    assert seen.ours >= 18
    assert seen.fixed <= 5, "which the fixed rule sleeps through"


def test_the_threshold_falls_as_the_window_grows_and_never_below_what_matters() -> None:
    even = [200] * 10
    at = [drift_of("f", Bins(even), Bins([n] * 10), fields=20).threshold or 0 for n in (10, 100, 100_000)]
    assert at[0] > at[1] > at[2]
    huge = drift_of("f", Bins([10**6] * 10), Bins([10**6] * 10), fields=20).threshold
    assert huge == pytest.approx(0.02)


@pytest.mark.parametrize("learned", [[0, 500, 500], [0, 1_000], [300, 700]])
def test_a_field_that_went_empty_is_named(learned: list[int]) -> None:
    assert found(learned, [100] + [0] * (len(learned) - 1)) is Found.EMPTY


def test_a_field_that_became_constant_is_named() -> None:
    assert found([0, 800, 1_200], [0, 100, 0]) is Found.CONSTANT
    assert found([0, 1_960, 40], [0, 100, 0]) is Found.FINE, "it nearly was before"


def test_values_that_the_model_does_not_know_are_named() -> None:
    assert found([0, 10, 900, 1_100], [0, 60, 20, 20], strange=60) is Found.UNKNOWN
    assert found([0, 900, 1_100], [60, 20, 20], strange=60) is Found.UNKNOWN, "rather than empty: they cannot be read"


def test_a_field_that_was_nearly_constant_and_is_not_any_more_has_moved() -> None:
    assert found([7_400, 300, 300], [38, 23, 23]) is Found.MOVED
    assert found([7_400, 300, 300], [77, 4, 3]) is Found.FINE
    assert (drift_of("f", Bins([7_400, 300, 300]), Bins([38, 23, 23]), fields=20).index or 0) > 0.5


def test_of_few_leads_nobody_can_tell() -> None:
    assert found([500, 500], [0, 49]) is Found.TOO_FEW
    assert found([], [50, 50]) is Found.TOO_FEW


def test_any_counts_are_told_without_a_fault() -> None:
    dice = np.random.default_rng(3)
    for _ in range(300):
        size = int(dice.integers(1, 12))
        sides = [(dice.integers(0, 200, size) * dice.integers(0, 2, size)).tolist() for _ in range(2)]
        assert isinstance(found(*sides, strange=0), Found)

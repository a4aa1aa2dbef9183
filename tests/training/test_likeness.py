"""The mature stand for the young only where nothing tells one from the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring.columns import Column
from training.history import History
from training.likeness import LEVELS, alike, as_often

from .worlds import history, numbers, texts

ROWS = 2000
YOUNG = np.arange(ROWS) >= 1400


def judged(column: Column) -> bool:
    found: History = replace(history([0] * ROWS), columns={"field": column})
    return alike(found, np.arange(ROWS), YOUNG)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_drawn_alike_is_alike(seed: int) -> None:
    dice = np.random.default_rng(seed)
    assert judged(numbers(dice.normal(size=ROWS)))
    assert judged(texts([f"level {k}" for k in dice.integers(0, 5, ROWS)]))
    assert judged(texts([f"town {k}" for k in dice.zipf(1.6, ROWS)]))
    assert judged(numbers(np.where(dice.random(ROWS) < 0.3, np.nan, dice.poisson(1, ROWS))))


def test_a_source_that_only_the_young_have_is_told() -> None:
    dice = np.random.default_rng(1)
    source = np.where(YOUNG & (dice.random(ROWS) < 0.15), "new fair", "web")
    assert not judged(texts(source.tolist()))


def test_a_number_that_has_grown_is_told() -> None:
    assert not judged(numbers(np.random.default_rng(1).normal(size=ROWS) + 0.5 * YOUNG))


def test_a_field_that_the_young_lack_is_told() -> None:
    assert not judged(numbers(np.where(YOUNG & (np.arange(ROWS) % 3 == 0), np.nan, 1.0)))
    assert not judged(texts([None if y and i % 3 == 0 else "x" for i, y in enumerate(YOUNG.tolist())]))


def test_texts_that_are_all_different_tell_nothing() -> None:
    assert judged(texts([f"note {i}" for i in range(ROWS)]))
    assert LEVELS < ROWS


def test_who_bought_early_is_told_too() -> None:
    dice = np.random.default_rng(2)
    assert as_often((dice.random(ROWS) < 0.1).astype(np.int64), YOUNG)
    assert not as_often((dice.random(ROWS) < np.where(YOUNG, 0.2, 0.1)).astype(np.int64), YOUNG)


def test_where_all_are_young_or_none_is_there_is_nothing_to_compare() -> None:
    codes = np.arange(ROWS) % 7
    assert as_often(codes, np.ones(ROWS, dtype=bool))
    assert as_often(codes, np.zeros(ROWS, dtype=bool))
    assert as_often(codes[:0], YOUNG[:0])


def test_a_field_without_any_value_is_alike() -> None:
    assert judged(numbers([float("nan")] * ROWS))

"""Additive tables: purified, centred, pruned and compiled without changing what they say of a lead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.batch import TableScorer
from scoring.fields import Field, Kind
from scoring.scorecard import SCALE, Scorecard
from scoring.values import MISSING_WORDS
from training.additive import MIN_SPREAD, Additive, PairTable, blend, compiled, log_odds_of, mean_of, purified
from training.design import Design

from .worlds import World, design_in, world


def made(seed: int, rows: int = 300, sizes: tuple[int, ...] = (5, 4, 6)) -> tuple[Additive, Design]:
    """A random model with all pairs over correlated codes; the last code of the first field has no lead."""
    dice = np.random.default_rng(seed)
    codes = np.column_stack([dice.integers(0, size, rows) for size in sizes]).astype(np.int32)
    codes[:, 1] = np.minimum((codes[:, 0] + codes[:, 1]) // 2, sizes[1] - 1)
    codes[codes[:, 0] == sizes[0] - 1, 0] = 0
    fields = tuple(Field(f"f{i}", Kind.NUMBER, edges=tuple(map(float, range(s - 2)))) for i, s in enumerate(sizes))
    mains = {i: dice.normal(size=s) for i, s in enumerate(sizes)}
    pairs = {
        (a, b): PairTable(np.arange(sizes[a]), np.arange(sizes[b]), dice.normal(size=(sizes[a], sizes[b])))
        for a in range(len(sizes))
        for b in range(a + 1, len(sizes))
    }
    return Additive(0.3, mains, pairs, {}), Design(fields, codes, {})


def weights(pair: PairTable, design: Design, a: int, b: int) -> np.ndarray:
    found = np.zeros(pair.values.shape)
    np.add.at(found, (pair.rows[design.codes[:, a]], pair.columns[design.codes[:, b]]), 1)
    return found


@pytest.fixture(scope="module")
def with_words() -> tuple[Additive, Design, World]:
    found = world(800)
    design = design_in(found)
    dice = np.random.default_rng(3)
    mains = {i: dice.normal(size=design.size(i)) for i in design.plain}
    words = {i: dice.normal(size=design.size(i)) for i in design.words}
    a, b = design.plain[0], design.plain[1]
    table = PairTable(
        np.arange(design.size(a)), np.arange(design.size(b)), dice.normal(size=(design.size(a), design.size(b)))
    )
    return Additive(-1.0, mains, {(a, b): table}, words), design, found


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_purified_pairs_have_mean_zero_along_each_row_and_column(seed: int) -> None:
    model, design = made(seed)
    for (a, b), pair in purified(model, design).pairs.items():
        mass = weights(pair, design, a, b) * pair.values
        assert np.abs(mass.sum(axis=0)).max() < 1e-6
        assert np.abs(mass.sum(axis=1)).max() < 1e-6


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_purifying_changes_no_lead_where_no_pair_is_dropped(seed: int) -> None:
    model, design = made(seed)
    assert np.abs(log_odds_of(purified(model, design), design) - log_odds_of(model, design)).max() < 1e-9


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_mains_are_centred_on_the_average_lead(seed: int) -> None:
    model, design = made(seed)
    found = purified(model, design)
    for i, table in found.mains.items():
        assert abs(table[design.codes[:, i]].mean()) < 1e-9
    assert found.base == pytest.approx(log_odds_of(model, design).mean(), abs=1e-9)


def test_a_code_that_no_lead_has_says_nothing() -> None:
    model, design = made(1)
    found = purified(model, design)
    assert found.mains[0][-1] == 0
    for (a, _), pair in found.pairs.items():
        if a == 0:
            assert not pair.values[pair.rows[-1]].any()


def test_purifying_twice_is_purifying_once() -> None:
    model, design = made(2)
    once = purified(model, design)
    twice = purified(once, design)
    assert np.abs(log_odds_of(once, design) - log_odds_of(twice, design)).max() < 1e-9
    for i in once.mains:
        assert np.abs(once.mains[i] - twice.mains[i]).max() < 1e-8


def test_the_weakest_pairs_are_dropped_and_their_mains_stay() -> None:
    model, design = made(3)
    pairs = dict(model.pairs)
    weak = min(pairs)
    pairs[weak] = replace(pairs[weak], values=pairs[weak].values * 0.1 + np.arange(5)[:, None])
    found = purified(replace(model, pairs=pairs), design, max_pairs=2)
    assert weak not in found.pairs
    assert len(found.pairs) == 2
    whole = purified(replace(model, pairs=pairs), design)
    assert weak in whole.pairs
    for i in whole.mains:
        assert np.array_equal(found.mains[i], whole.mains[i])


def test_a_pair_without_interaction_is_dropped() -> None:
    model, design = made(4)
    flat = np.add.outer(np.arange(5.0), np.arange(4.0))
    noise = np.random.default_rng(0).normal(size=(5, 4)) * MIN_SPREAD / 100
    pairs = {**model.pairs, (0, 1): replace(model.pairs[0, 1], values=flat + noise)}
    found = purified(replace(model, pairs=pairs), design)
    assert (0, 1) not in found.pairs
    assert {(0, 2), (1, 2)} == set(found.pairs)


def test_rows_that_are_alike_become_one() -> None:
    model, design = made(5)
    table = model.pairs[0, 1].values.copy()
    table[2] = table[1]
    alike = replace(model, pairs={(0, 1): replace(model.pairs[0, 1], values=table)})
    found = purified(alike, design)
    pair = found.pairs[0, 1]
    assert pair.rows[1] == pair.rows[2]
    assert len(pair.values) == 4
    assert np.abs(log_odds_of(found, design) - log_odds_of(alike, design)).max() < 1e-8


def test_texts_are_centred_too(with_words: tuple[Additive, Design, World]) -> None:
    model, design, _ = with_words
    found = purified(model, design)
    assert np.abs(log_odds_of(found, design) - log_odds_of(model, design)).max() < 1e-9
    alone = Additive(0.0, {}, {}, found.words)
    assert abs(log_odds_of(alone, design).mean()) < 1e-9


@settings(max_examples=15, deadline=None)
@given(slope=st.floats(0, 3), intercept=st.floats(-5, 5))
def test_scaling_is_affine_in_log_odds(slope: float, intercept: float) -> None:
    model, design = made(6)
    expected = intercept + slope * log_odds_of(model, design)
    assert np.abs(log_odds_of(model.scaled(slope, intercept), design) - expected).max() < 1e-9


def test_the_mean_of_models_is_their_mean_in_log_odds(with_words: tuple[Additive, Design, World]) -> None:
    model, design, _ = with_words
    other = model.scaled(0.5, 1.0)
    one, two = log_odds_of(model, design), log_odds_of(other, design)
    assert np.abs(log_odds_of(mean_of([model, other]), design) - (one + two) / 2).max() < 1e-9


def test_a_blend_with_a_model_without_pairs_is_a_mean_in_log_odds(with_words: tuple[Additive, Design, World]) -> None:
    model, design, _ = with_words
    simple = Additive(0.4, dict(model.mains), {}, dict(model.words))
    expected = 0.6 * log_odds_of(model, design) + 0.4 * log_odds_of(simple, design)
    assert np.abs(log_odds_of(blend(model, simple, 0.6), design) - expected).max() < 1e-9


def test_compiled_integers_reproduce_the_log_odds(with_words: tuple[Additive, Design, World]) -> None:
    model, design, found = with_words
    pure = purified(model, design)
    base, mains, pairs = compiled(pure, design.fields)
    words = tuple(sorted(MISSING_WORDS))
    card = Scorecard(base, design.fields, mains, pairs, (0,) * 1000, words, None, 0.3)
    integers = TableScorer(card).log_odds(found.columns, design.rows)
    assert np.abs(integers / SCALE - log_odds_of(pure, design)).max() < 1e-5

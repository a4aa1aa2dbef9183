"""Boosting: categorical columns first, only the pairs asked for, and tables that are the estimator itself."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from scoring.fields import Kind
from scoring.scorecard import to_json
from training import boosting
from training.additive import log_odds_of
from training.boosting import Boosted, fit_boosted, layout_of
from training.design import Design
from training.folds import random_folds
from training.learn import learn
from training.readoff import Layout, matrix_of, read_off

from .worlds import World, design_in, numbers, texts, world

ROWS = 1200


@pytest.fixture(scope="module")
def small() -> World:
    return world(ROWS)


@pytest.fixture(scope="module")
def design(small: World) -> Design:
    return design_in(small)


@pytest.fixture(scope="module")
def boosted(small: World, design: Design) -> Boosted:
    return fit_boosted(design, small.bought, seed=7, folds=random_folds(small.bought, 7)[:2])


def random_codes(design: Design, rows: int, seed: int) -> Design:
    """Leads that no one has seen: every code of every field is as likely as the others."""
    dice = np.random.default_rng(seed)
    codes = np.column_stack(
        [dice.integers(0, 2 if f.kind is Kind.TEXT else f.size, rows) for f in design.fields]
    ).astype(np.int32)
    words = {i: (dice.random((rows, w.shape[1])) < 0.4).astype(np.uint8) for i, w in design.words.items()}
    for i, matrix in words.items():
        matrix[codes[:, i] == 0] = 0
    return Design(design.fields, codes, words)


def interacting(rows: int = 1500) -> World:
    """Two categories and two numbers in mixed order; every pair of them interacts strongly."""
    dice = np.random.default_rng(5)
    n1, n2 = dice.integers(0, 8, rows), dice.integers(0, 8, rows)
    c1, c2 = dice.integers(0, 4, rows), dice.integers(0, 4, rows)
    signs = [np.where(x >= half, 1, -1) for x, half in ((n1, 4), (c1, 2), (n2, 4), (c2, 2))]
    z = sum(a * b for a, b in combinations(signs, 2))
    return World(
        {
            "n1": numbers(n1),
            "c1": texts([f"one {c}" for c in c1]),
            "n2": numbers(n2),
            "c2": texts([f"two {c}" for c in c2]),
        },
        dice.random(rows) < 1 / (1 + np.exp(-z)),
        z.astype(float),
    )


def fitted(design: Design, bought: NDArray[np.bool_], layout: Layout) -> HistGradientBoostingClassifier:
    matrix = matrix_of(design, layout)
    seen, held = random_folds(bought, 7)[0]
    return boosting._fit(matrix, bought, None, seen, held, layout, 7)


def interaction(estimator: HistGradientBoostingClassifier, design: Design, layout: Layout, a: int, b: int) -> float:
    """The largest second difference of the log-odds over two fields: 0 where they do not interact."""
    size_a, size_b = design.size(a), design.size(b)
    grid = np.tile(design.codes[0], (size_a * size_b, 1))
    grid[:, a], grid[:, b] = np.divmod(np.arange(size_a * size_b), size_b)
    asked = Design(design.fields, grid.astype(np.int32), {})
    found = estimator.decision_function(matrix_of(asked, layout)).reshape(size_a, size_b)
    return float(np.abs(found - found[:1] - found[:, :1] + found[0, 0]).max())


def test_categorical_columns_come_first(small: World, design: Design) -> None:
    layout = layout_of(design, small.bought)
    kinds = [design.fields[i].kind for i in layout.fields]
    assert kinds == [Kind.CATEGORY, Kind.FLAG, Kind.NUMBER, Kind.NUMBER]
    assert [design.fields[i].name for i in layout.fields] == ["source", "do not call", "staff", "visits"]


@pytest.mark.parametrize("asked", [(0, 1), (0, 3), (1, 2), (1, 3), (0, 2)])
def test_only_the_pair_that_was_asked_for_interacts(asked: tuple[int, int]) -> None:
    found = interacting()
    design = design_in(found)
    everything = layout_of(design, found.bought)
    layout = Layout(everything.levels, everything.ordered, everything.words, list(asked))
    estimator = fitted(design, found.bought, layout)
    seen = {pair: interaction(estimator, design, layout, *pair) for pair in combinations(range(4), 2)}
    assert seen.pop(asked) > 0.5
    assert max(seen.values()) < 1e-9


def test_with_every_pair_allowed_every_pair_interacts() -> None:
    found = interacting()
    design = design_in(found)
    layout = layout_of(design, found.bought)
    estimator = fitted(design, found.bought, layout)
    assert all(interaction(estimator, design, layout, *pair) > 0.2 for pair in combinations(range(4), 2))


def test_a_word_of_a_text_never_interacts(boosted: Boosted, design: Design) -> None:
    text = next(iter(design.words))
    lead = random_codes(design, 400, 3)
    lead.codes[:, text] = 1
    effects = []
    for word in (0, 1):
        matrix = lead.words[text].copy()
        matrix[:, 0] = word
        effects.append(boosted.log_odds(Design(lead.fields, lead.codes, {text: matrix})))
    assert np.ptp(effects[1] - effects[0]) < 1e-9


def test_tables_are_the_estimator_on_codes_that_nobody_has_seen(boosted: Boosted, design: Design) -> None:
    strangers = random_codes(design, 5000, 11)
    for estimator in boosted.estimators:
        tables = read_off(estimator, boosted.design, boosted.layout)
        asked = estimator.decision_function(matrix_of(strangers, boosted.layout))
        assert np.abs(log_odds_of(tables, strangers) - asked).max() < 1e-10


def test_tables_are_the_estimator_where_all_fields_have_as_many_bins() -> None:
    dice = np.random.default_rng(8)
    values = dice.random((3000, 8))
    z = 6 * (values[:, 0] > 0.5) * (values[:, 1] > 0.5) + 4 * (values[:, 2] + values[:, 3] > 1.4) - 3
    found = World({f"f{i}": numbers(v) for i, v in enumerate(values.T)}, dice.random(3000) < 1 / (1 + np.exp(-z)), z)
    made = design_in(found)
    boosted = fit_boosted(made, found.bought, seed=7, folds=random_folds(found.bought, 7)[:1])
    strangers = random_codes(made, 5000, 11)
    assert np.abs(log_odds_of(boosted.additive(), strangers) - boosted.log_odds(strangers)).max() < 1e-10


def test_the_mean_of_the_bags_is_the_mean_of_the_tables(boosted: Boosted, design: Design) -> None:
    strangers = random_codes(design, 2000, 12)
    assert np.abs(log_odds_of(boosted.additive(), strangers) - boosted.log_odds(strangers)).max() < 1e-10


def test_every_held_out_lead_has_the_log_odds_of_the_bag_that_did_not_see_it(small: World, design: Design) -> None:
    folds = random_folds(small.bought, 7)
    found = fit_boosted(design, small.bought, seed=7, folds=folds)
    for estimator, (seen, held) in zip(found.estimators, folds, strict=True):
        assert not set(seen) & set(held)
        own = estimator.decision_function(matrix_of(design.take(held), found.layout))
        assert np.array_equal(found.out_of_fold[held], own)
    assert np.isfinite(found.out_of_fold).all()


def test_pairs_are_offered_to_the_fields_that_explain_most() -> None:
    dice = np.random.default_rng(2)
    columns = {f"f{i:02}": numbers(dice.integers(0, 5, 400)) for i in range(boosting.PAIR_FIELDS + 5)}
    z = sum(columns[f"f{i:02}"].values for i in (3, 33)) - 4.0  # type: ignore[union-attr, misc]
    found = World(dict(columns), dice.random(400) < 1 / (1 + np.exp(-z)), z)
    layout = layout_of(design_in(found), found.bought)
    assert len(layout.paired) == boosting.PAIR_FIELDS
    assert {3, 33} <= set(layout.paired)
    assert set(layout.fields) == set(range(boosting.PAIR_FIELDS + 5))


def card_digest(rows: int, shuffle: int | None = None) -> str:
    """SHA-256 of the card that is learned from a world, perhaps from its leads in another order."""
    found = world(rows)
    found = found if shuffle is None else found.shuffled(shuffle)
    learned = learn(found.columns, found.bought, as_of=None, kinds={}, horizon_days=None, seed=7)
    return hashlib.sha256(to_json(learned.card)).hexdigest()


def test_shuffled_leads_give_the_same_card_byte_for_byte() -> None:
    assert card_digest(600, shuffle=4) == card_digest(600)


def test_shuffled_dated_leads_give_the_same_card_byte_for_byte() -> None:
    found = world(900)
    moments = np.random.default_rng(8).integers(0, 700, 900).astype(np.int64) * 86_400

    def digest(rows: NDArray[np.intp]) -> str:
        columns = {n: c.rows(rows) for n, c in found.columns.items() if n != "about" and n != "staff"}
        learned = learn(columns, found.bought[rows], as_of=moments[rows], kinds={}, horizon_days=30, seed=7)
        assert learned.chosen.folds == "forward"
        return hashlib.sha256(to_json(learned.card)).hexdigest()

    assert digest(np.random.default_rng(1).permutation(900)) == digest(np.arange(900))


@pytest.mark.slow
def test_one_and_two_threads_give_the_same_card_byte_for_byte() -> None:
    program = "from tests.training.test_boosting import card_digest; print(card_digest(600))"
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "OMP_NUM_THREADS": threads, "PYTHONHASHSEED": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    ]
    assert said[0] == said[1]
    assert said[0].strip() == card_digest(600)

"""What is learned at a cut: by what was known then, whatever comes later and however the file is sorted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring.batch import worth_of
from scoring.columns import Coded
from scoring.scorecard import Scorecard, to_json
from scoring.values import DAY
from training.censoring import Method
from training.fitting import Fitting
from training.history import History
from training.labels import label
from training.mapping import Mapping
from training.snapshots import Snapshots, drawn
from training.split import Known, known_at

from .futures import lively, planted
from .worlds import texts

ROWS, DAYS, HORIZON, CUT = 400, 400, 60, 300 * DAY


def fitting_of(found: History) -> Fitting:
    return Fitting(found, found.columns, label(found, HORIZON), Mapping(short_horizon_days=20), 7)


def known_in(found: History, until: int = CUT) -> Known:
    return known_at(found, label(found, HORIZON), HORIZON, until)


def learned(found: History, until: int = CUT) -> Scorecard:
    return fitting_of(found).learn(known_in(found, until), until=until, horizon_days=HORIZON).card


@pytest.fixture(scope="module")
def lived() -> History:
    return lively(ROWS, DAYS)


@pytest.fixture(scope="module")
def card(lived: History) -> Scorecard:
    return learned(lived)


def test_a_card_learned_at_a_cut_is_the_same_to_the_byte_whatever_comes_after(lived: History, card: Scorecard) -> None:
    other = planted(lived, CUT, np.random.default_rng(5))
    assert to_json(learned(other)) == to_json(card)


def test_the_same_holds_where_the_young_are_completed() -> None:
    young, cut = lively(600, 90, seed=6), 65 * DAY
    known = known_in(young, cut)
    assert known.censored is not None
    assert known.censored.method is Method.HAZARD
    other = planted(young, cut, np.random.default_rng(5)).take(np.random.default_rng(6).permutation(young.rows))
    assert to_json(learned(other, cut)) == to_json(learned(young, cut))


def test_something_else_before_the_cut_makes_another_card(lived: History, card: Scorecard) -> None:
    other = planted(lived, CUT - 100 * DAY, np.random.default_rng(5))
    assert to_json(learned(other)) != to_json(card)


def test_a_file_in_another_order_gives_the_same_card(lived: History, card: Scorecard) -> None:
    shuffled = lived.take(np.random.default_rng(8).permutation(lived.rows))
    assert to_json(learned(shuffled)) == to_json(card)


def test_the_card_tells_probability_readiness_and_value_of_looks_on_any_day(lived: History, card: Scorecard) -> None:
    looks = drawn(lived, until=CUT)
    scores = fitting_of(lived).score(card, looks)
    worth = worth_of(card, scores)
    assert card.short_horizon_days == 20
    assert worth.readiness is not None
    assert worth.expected_value is not None
    assert len(worth.probability) == looks.rows
    assert (worth.expected_value > 0).all()
    assert 0.5 < worth.probability.mean() / known_in(lived).bought.mean() < 1.5


def test_a_short_horizon_that_is_no_shorter_is_none(lived: History) -> None:
    fitting = replace(fitting_of(lived), mapping=Mapping(short_horizon_days=HORIZON))
    made = fitting.learn(known_in(lived), until=CUT, horizon_days=HORIZON).card
    assert (made.short, made.short_horizon_days) == (None, None)


def test_the_schema_is_inferred_from_fields_as_they_were(lived: History) -> None:
    renamed = replace(lived, columns={**lived.columns, "plan": texts(["today"] * ROWS)})
    rows = fitting_of(renamed).rows(known_in(renamed), CUT)
    assert rows.leads is not None
    plan = rows.leads["plan"]
    assert isinstance(plan, Coded)
    assert {"today", "free", "team", "firm"} == {plan.values[i] for i in plan.index.tolist()}


def test_rows_carry_weights_or_are_completed(lived: History) -> None:
    known = known_in(lived)
    assert known.censored is not None
    rows = fitting_of(lived).rows(known, CUT)
    hazard = known.censored.method is Method.HAZARD
    assert np.array_equal(rows.weights, known.looks.weight if hazard else known.censored.weight)
    whole = fitting_of(lived).learn(known, until=CUT, horizon_days=HORIZON).rows
    assert whole.weights.sum() == pytest.approx(drawn(lived, until=CUT).weight.sum(), rel=0.1)


def test_a_column_that_is_taken_away_is_no_field(lived: History) -> None:
    bare = fitting_of(lived).without(frozenset({"source"}))
    made = bare.learn(known_in(lived), until=CUT, horizon_days=HORIZON).card
    assert "source" not in {f.name for f in made.fields}


def test_a_look_is_scored_by_what_was_known_then(lived: History, card: Scorecard) -> None:
    leads = np.arange(50)
    assert lived.created is not None
    as_of = lived.created[leads] + 30 * DAY
    looks = Snapshots(leads, as_of, np.ones(50), np.zeros(50, dtype=np.int8))
    whole = fitting_of(lived).score(card, looks).log_odds
    for lead in (0, 17, 49):
        other = planted(lived, int(as_of[lead]), np.random.default_rng(lead))
        one = looks.take(np.array([lead]))
        assert fitting_of(other).score(card, one).log_odds[0] == whole[lead]

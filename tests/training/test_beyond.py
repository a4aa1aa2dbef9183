"""Numbers that speak in proportion to their value: chosen where that is true, and going on beyond all that was seen."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from scoring.batch import TableScorer
from scoring.columns import Numbers
from scoring.fields import Field, Kind
from scoring.scorecard import SCALE, from_json, to_json
from scoring.snapshot import NEVER_DAYS
from training.additive import Additive, PairTable, log_odds_of
from training.beyond import REACH, STEPS, borders_beyond, extended
from training.design import Design, Seen
from training.learn import Learned, learn
from training.logistic import Shape

from .worlds import numbers

LEADS = 3000


@pytest.fixture(scope="module")
def straight() -> Learned:
    """Leads whose log-odds rise by 0.04 a unit of `budget`, which lies between 50 and 150."""
    dice = np.random.default_rng(3)
    budget, other = 50 + 100 * dice.random(LEADS), dice.normal(size=LEADS)
    bought = dice.random(LEADS) < 1 / (1 + np.exp(5 - 0.04 * budget))
    columns = {"budget": numbers(budget), "other": numbers(other)}
    return learn(columns, bought, as_of=None, kinds={}, horizon_days=None, seed=7)


def log_odds_at(learned: Learned, budget: list[float]) -> np.ndarray:
    table = {"budget": Numbers(np.array(budget)), "other": Numbers(np.zeros(len(budget)))}
    return np.asarray(TableScorer(learned.card).log_odds(table, len(budget)) / SCALE)


def test_a_straight_line_is_chosen_where_it_is_the_truth(straight: Learned) -> None:
    assert straight.chosen.shape is Shape.LINE
    assert straight.chosen.as_dict()["numbers_as"] == "line"


def test_it_goes_on_beyond_what_was_seen_and_not_for_ever(straight: Learned) -> None:
    end, beyond, far, farther = log_odds_at(straight, [149.0, 200.0, 10_000.0, 1e12])
    assert end + 0.5 < beyond < far
    assert far == farther
    assert far - end < 0.04 * 1.3 * REACH * 100
    assert log_odds_at(straight, [10.0])[0] < log_odds_at(straight, [51.0])[0] - 0.5


def test_the_card_with_such_bins_survives_its_own_json(straight: Learned) -> None:
    card = straight.card
    assert from_json(to_json(card)) == card
    budget = next(f for f in card.fields if f.name == "budget")
    assert budget.counts[-1] == 0 == budget.counts[-STEPS]
    assert sum(budget.counts) == LEADS


def made() -> tuple[Additive, Design]:
    edges = (11.0, 12.0, 14.0, 16.0)
    fields = (Field("n", Kind.NUMBER, edges=edges, lowest=10.0), Field("flag", Kind.FLAG, levels=("no", "yes")))
    codes = np.array([[0, 1], [1, 2], [2, 1], [3, 2], [4, 1], [5, 2]], dtype=np.int32)
    seen = Seen(np.array([0.0, 10.0, 11.0, 13.0, 15.0, 18.0]), 10.0, 18.0)
    mains = {0: np.array([0.1, -1.0, -0.5, 0.5, 1.5, 3.0]), 1: np.zeros(3)}
    pair = PairTable(np.arange(6), np.array([0, 1, 2]), np.arange(18.0).reshape(6, 3))
    return Additive(0.0, mains, {(0, 1): pair}, {}, {0: 0.5}), Design(fields, codes, {}, seen={0: seen})


def test_leads_that_were_seen_keep_their_log_odds() -> None:
    model, design = made()
    longer, stretched = extended(model, design)
    assert np.array_equal(log_odds_of(model, design), log_odds_of(longer, stretched))
    assert stretched.fields[0].size > design.fields[0].size
    assert len(longer.mains[0]) == stretched.fields[0].size == len(longer.pairs[0, 1].rows)


def test_pairs_beyond_stay_what_they_are_at_the_end() -> None:
    longer, _ = extended(*made())
    rows = longer.pairs[0, 1].rows
    assert rows[0] == 0
    assert rows[1] == 1
    assert rows[-1] == 5
    assert np.all(np.diff(rows) >= 0)


def test_a_line_that_adds_next_to_nothing_has_no_bins_beyond() -> None:
    model, design = made()
    flat = Additive(model.base, model.mains, model.pairs, {}, {0: 1e-4})
    assert extended(flat, design)[1].fields == design.fields


def test_of_few_different_values_and_of_never_no_line_goes_on() -> None:
    dice = np.random.default_rng(4)
    days = np.where(dice.random(LEADS) < 0.5, NEVER_DAYS, dice.integers(0, 90, LEADS))
    flag = dice.integers(0, 2, LEADS)
    bought = dice.random(LEADS) < 1 / (1 + np.exp(2 - 2 * flag))
    columns = {"days since demo": numbers(days), "demo": numbers(flag)}
    fields = learn(columns, bought, as_of=None, kinds={}, horizon_days=None, seed=7).card.fields
    assert all(count for field in fields for count in field.counts[1:])


def test_borders_beyond_whole_numbers_are_whole_and_amounts_do_not_fall_below_nothing() -> None:
    _, design = made()
    low, high = borders_beyond(design.fields[0], design.seen[0], 1.2)
    assert all(b.is_integer() for b in (*low, *high))
    assert all(a < b for a, b in pairwise((*low, *design.fields[0].edges, *high)))
    assert min(low) > 0
    assert max(low) <= 10 < 18 < min(high)


def test_numbers_of_any_size_are_no_fault() -> None:
    dice = np.random.default_rng(5)
    huge = np.where(dice.random(400) < 0.5, 1e308, -1e308) * dice.random(400)
    tiny = dice.random(400) * 1e-300
    columns = {"huge": numbers(huge), "tiny": numbers(tiny)}
    learned = learn(columns, dice.random(400) < 0.3, as_of=None, kinds={}, horizon_days=None, seed=7)
    assert from_json(to_json(learned.card)) == learned.card

"""What a card says beside its log-odds: the value of a purchase, and the chance within the short horizon."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.batch import TableScorer
from scoring.columns import Numbers
from scoring.scorecard import SCALE, Scorecard
from training.heads import FEWEST_VALUES, short_head, value_head
from training.learn import Learned, learn
from training.rows import Rows

from .worlds import World, world

LEADS = 1500


@pytest.fixture(scope="module")
def found() -> World:
    return world(LEADS, seed=4)


@pytest.fixture(scope="module")
def learned(found: World) -> Learned:
    return learn(found.columns, found.bought, as_of=None, kinds={}, horizon_days=None, seed=7)


def sales(found: World, many: int = LEADS, seed: int = 1) -> tuple[Rows, NDArray[np.float64]]:
    """Buyers, and what they paid: large companies pay much more, and no two the same."""
    buyers = np.flatnonzero(found.bought)[:many]
    staff = np.nan_to_num(column(found, "staff"), nan=50.0)[buyers]
    value = 100 * np.sqrt(staff + 1) * np.exp(np.random.default_rng(seed).normal(0, 0.8, len(buyers)))
    rows = Rows(found.columns, found.bought, lead=np.arange(LEADS)).take(buyers)
    return rows, value


def column(rows: Rows | World, name: str) -> NDArray[np.float64]:
    """The numbers of a column, or the places of its levels."""
    found = (rows.columns if isinstance(rows, World) else rows.table)[name]
    return found.values if isinstance(found, Numbers) else found.index.astype(np.float64)


def promised(card: Scorecard, rows: Rows) -> NDArray[np.float64]:
    scores = TableScorer(card).score(rows.table, rows.rows, as_of=rows.as_of, reasons=0)
    assert scores.log_value is not None
    return np.exp(scores.log_value / SCALE)


def test_the_values_promised_add_up_to_those_that_came(found: World, learned: Learned) -> None:
    rows, value = sales(found)
    card = replace(learned.card, value=value_head(learned.card, rows, value))
    assert promised(card, rows).sum() == pytest.approx(value.sum(), rel=1e-3)


def test_large_companies_are_promised_more(found: World, learned: Learned) -> None:
    rows, value = sales(found)
    worth = promised(replace(learned.card, value=value_head(learned.card, rows, value)), rows)
    staff = column(rows, "staff")
    large, small = staff > np.nanquantile(staff, 0.8), staff < np.nanquantile(staff, 0.2)
    assert worth[large].mean() > 2 * worth[small].mean()
    assert worth[large].sum() == pytest.approx(value[large].sum(), rel=0.2)


def test_with_fewer_than_thirty_values_the_mean_is_promised(found: World, learned: Learned) -> None:
    rows, value = sales(found, FEWEST_VALUES - 1)
    head = value_head(learned.card, rows, value)
    assert (head.slope, head.mains) == (0, ())
    assert promised(replace(learned.card, value=head), rows) == pytest.approx(
        np.full(rows.rows, value.mean()), rel=1e-4
    )
    more, paid = sales(found, FEWEST_VALUES)
    assert value_head(learned.card, more, paid).slope != 0 or value_head(learned.card, more, paid).mains


def test_values_of_one_lead_s_looks_are_not_taken_for_many(found: World, learned: Learned) -> None:
    rows, value = sales(found, FEWEST_VALUES - 1)
    thrice = rows.take(np.tile(np.arange(rows.rows), 3))
    head = value_head(learned.card, thrice, np.tile(value, 3))
    assert (head.slope, head.mains) == (0, ())


def test_where_values_hang_on_nothing_all_are_promised_about_the_mean(found: World, learned: Learned) -> None:
    rows, _ = sales(found)
    value = np.exp(np.random.default_rng(3).normal(6, 1, rows.rows))
    worth = promised(replace(learned.card, value=value_head(learned.card, rows, value)), rows)
    assert np.log(worth).std() < 0.15


def test_the_order_of_the_buyers_does_not_matter(found: World, learned: Learned) -> None:
    rows, value = sales(found)
    moved = np.random.default_rng(2).permutation(rows.rows)
    again = value_head(learned.card, rows.take(moved), value[moved])
    assert again == value_head(learned.card, rows, value)


def soon(found: World, level: NDArray[np.float64] | None = None) -> Rows:
    """About half of the purchases come within the short horizon, keen sources' oftener."""
    keen = column(found, "source") % 2 == 0
    early = np.random.default_rng(5).random(LEADS) < np.where(keen, 0.8, 0.2)
    return Rows(found.columns, found.bought & early, level=level, lead=np.arange(LEADS))


def short_of(card: Scorecard, rows: Rows) -> NDArray[np.float64]:
    scorer = TableScorer(replace(card, horizon_days=90, short_horizon_days=30, short=short_head(card, rows)))
    scores = scorer.score(rows.table, rows.rows, as_of=None, reasons=0)
    assert scores.short_log_odds is not None
    return 1 / (1 + np.exp(-scores.short_log_odds / SCALE))


def test_as_many_are_promised_soon_as_bought_soon(found: World, learned: Learned) -> None:
    rows = soon(found)
    chance = short_of(learned.card, rows)
    assert chance.mean() == pytest.approx(rows.bought.mean(), rel=1e-2)
    keen = column(found, "source") % 2 == 0
    rest = ~keen
    assert rows.bought[keen].mean() > 2 * rows.bought[rest].mean()
    assert chance[keen].mean() > 1.8 * chance[rest].mean()


def test_of_the_last_year_s_leads_as_many_are_promised_soon_as_bought_soon(found: World, learned: Learned) -> None:
    level = np.where(np.arange(LEADS) >= 1000, 1.0, 0.0)
    rows = soon(found, level)
    turned = replace(rows, bought=rows.bought & ((level == 0) | (np.arange(LEADS) % 2 == 0)))
    late = level > 0
    assert short_of(learned.card, turned)[late].mean() == pytest.approx(turned.bought[late].mean(), rel=1e-2)


def test_too_few_of_the_last_year_set_no_level(found: World, learned: Learned) -> None:
    few = np.where(np.arange(LEADS) >= LEADS - 5, 1.0, 0.0)
    assert np.array_equal(short_of(learned.card, soon(found, few)), short_of(learned.card, soon(found)))

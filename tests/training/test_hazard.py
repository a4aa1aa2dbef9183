"""Time to purchase: what the young will do, where next to none has lived through the horizon."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.values import DAY
from training.censoring import Method
from training.fitting import Fitting
from training.hazard import completed, period_edges
from training.history import History
from training.labels import label
from training.mapping import Mapping
from training.outcomes import NEVER
from training.rows import Rows
from training.split import Known, everything

from .worlds import Market, history, market

END = int(90.25 * DAY)
LEADS = 3343


def young(found: History) -> tuple[Rows, Known]:
    """The rows of a history whose young are too many for weights, and what is known of them."""
    labels = label(found, 90)
    known = everything(found, labels, 90)
    assert known.censored is not None
    assert known.censored.method is Method.HAZARD
    return Fitting(found, found.columns, labels, Mapping(), 7).rows(known, found.until), known


def made(found: History) -> Rows:
    rows, known = young(found)
    assert known.censored is not None
    return completed(rows, known.censored, {})


def at_first(rows: Rows, found: History) -> NDArray[np.bool_]:
    assert rows.lead is not None
    assert found.created is not None
    return np.asarray(rows.as_of == found.created[rows.lead])


def shares(world: Market) -> tuple[float, float]:
    """The share of buyers as completed, and what came of the same leads."""
    found = world.known_at(END)
    rows = made(found)
    first = at_first(rows, found)
    truth = (world.won_at <= world.created + 90 * DAY)[world.created <= END].mean()
    return float(rows.weights[first] @ rows.bought[first] / rows.weights[first].sum()), float(truth)


@pytest.mark.parametrize("lost", [0.0, 0.7])
def test_three_months_of_leads_give_the_true_share_of_buyers_within_ninety_days(lost: float) -> None:
    found = [shares(market(LEADS, 92, seed=seed, lost=lost)) for seed in range(5)]
    promised, truth = np.mean(found, axis=0)
    assert promised == pytest.approx(truth, rel=0.06)
    assert max(abs(np.log(p / t)) for p, t in found) < 0.25


def test_nine_mature_non_buyers_would_have_carried_all_others() -> None:
    world = market(LEADS, 92, lost=0.0)
    found = world.known_at(END)
    _, known = young(found)
    assert known.censored is not None
    mature = known.censored.known & ~known.censored.bought & (known.looks.age == 0)
    assert mature.sum() < 120
    open_is_lost = known.bought[known.looks.age == 0].mean()
    assert open_is_lost < 0.7 * world.truth.mean()


def test_keen_sources_are_told_from_dull_ones() -> None:
    world = market(LEADS, 92, seed=3)
    found = world.known_at(END)
    rows = made(found)
    source = rows.table["source"].index  # type: ignore[union-attr]
    shares = [np.average(rows.bought[source == k], weights=rows.weights[source == k] + 1e-12) for k in range(4)]
    assert shares[0] > 1.5 * shares[2]


def test_no_lead_counts_more_or_less_and_what_is_known_stays() -> None:
    found = market(LEADS, 92).known_at(END)
    rows, known = young(found)
    assert known.censored is not None
    whole = completed(rows, known.censored, {})
    assert rows.lead is not None
    assert whole.lead is not None
    before = np.bincount(rows.lead, weights=rows.weights)
    assert np.bincount(whole.lead, weights=whole.weights) == pytest.approx(before)
    sure = known.censored.known
    assert np.array_equal(whole.bought[: sure.sum()], known.bought[sure])
    assert np.array_equal(whole.weights[: sure.sum()], rows.weights[sure])


def test_a_lead_that_has_been_open_for_long_is_less_likely_to_buy_yet() -> None:
    found = market(LEADS, 92, seed=5).known_at(END)
    rows = made(found)
    assert rows.as_of is not None
    assert rows.lead is not None
    mine = at_first(rows, found) & rows.bought & (found.won_at[rows.lead] == NEVER)
    waited = (END - rows.as_of[mine]) / DAY
    weight = np.array([at_first(rows, found)[rows.lead == i] @ rows.weights[rows.lead == i] for i in rows.lead[mine]])
    chance = rows.weights[mine] / weight
    assert chance[waited > 70].mean() < 0.5 * chance[waited < 20].mean()


def test_the_order_of_the_file_does_not_matter_to_the_bit() -> None:
    found = market(800, 92).known_at(END)
    shuffled = found.take(np.random.default_rng(2).permutation(found.rows))

    def told(history: History) -> list[tuple[str, int, bool, float]]:
        rows = made(history)
        assert rows.lead is not None
        assert rows.as_of is not None
        ids = [history.ids[i] for i in rows.lead.tolist()]
        return sorted(zip(ids, rows.as_of.tolist(), rows.bought.tolist(), rows.weights.tolist(), strict=True))

    assert told(found) == told(shuffled)


def test_periods_reach_as_far_as_enough_looks_were_followed() -> None:
    found = market(LEADS, 60).known_at(60 * DAY)
    _, known = young(found)
    assert known.censored is not None
    edges = period_edges(known.censored)
    assert edges[0] == 0
    assert (np.diff(edges) > 0).all()
    assert 50 * DAY < edges[-1] < 60 * DAY


def test_without_a_purchase_there_is_one_period_and_nobody_is_said_to_buy() -> None:
    found = history(list(range(60)), until=60)
    _, known = young(found)
    assert known.censored is not None
    assert len(period_edges(known.censored)) == 2
    rows = made(found)
    assert rows.weights @ rows.bought == 0


def test_of_very_many_periods_a_sample_gives_the_same_share(monkeypatch: pytest.MonkeyPatch) -> None:
    world = market(LEADS, 92, seed=1, lost=0.3)
    whole, _ = shares(world)
    monkeypatch.setattr("training.hazard.MOST_ROWS", 5000)
    part, _ = shares(world)
    assert part != whole
    assert part == pytest.approx(whole, rel=0.05)

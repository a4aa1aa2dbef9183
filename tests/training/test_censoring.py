"""Labels of the young: what is known counts for what is not, and the share of buyers is the true one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring.values import DAY
from training.censoring import EFFECTIVE, LEVEL_DAYS, Labels, Method, censored
from training.history import History
from training.outcomes import NEVER
from training.snapshots import Snapshots, at_creation, drawn

from .worlds import history, market, texts


def of_all(found: History, horizon: int = 90, until: int | None = None) -> Labels:
    """Labels of one look at each lead."""
    return censored(found, at_creation(found, np.arange(found.rows)), horizon, until=until or found.until or 0)


def share(labels: Labels, weight: np.ndarray) -> float:
    return float(weight @ labels.bought / weight.sum())


@pytest.mark.parametrize("lost", [0.0, 0.8])
@pytest.mark.parametrize("days", [730, 250])
def test_weights_find_the_true_share_of_buyers_of_short_and_long_histories(days: int, lost: float) -> None:
    world = market(40_000, days, lost=lost)
    found = world.known_at(days * DAY)
    labels, truth = of_all(found), world.truth.mean()
    assert labels.method is Method.WEIGHTS
    assert share(labels, labels.weight) == pytest.approx(truth, rel=0.05)
    assert share(labels, labels.level) == pytest.approx(truth, rel=0.05)


def test_closed_leads_alone_and_open_as_lost_are_far_off() -> None:
    world = market(40_000, 150, lost=0.3)
    found, truth = world.known_at(150 * DAY), world.truth.mean()
    labels = of_all(found)
    assert share(labels, labels.weight) == pytest.approx(truth, rel=0.05)
    assert labels.bought[found.won | found.lost].mean() > 2 * truth
    assert labels.bought.mean() < 0.85 * truth


def test_weights_find_the_true_share_in_later_looks_too() -> None:
    world = market(40_000, 400, lost=0.5)
    found, later = world.known_at(400 * DAY), world.known_at(900 * DAY)
    looks = drawn(found, until=400 * DAY)
    labels = censored(found, looks, 90, until=400 * DAY)
    oracle = censored(later, looks, 90, until=900 * DAY)
    assert oracle.known.all()
    for age in range(5):
        mine = looks.age == age
        truth = share(oracle.take(mine), looks.weight[mine])
        assert share(labels.take(mine), labels.weight[mine]) == pytest.approx(truth, rel=0.12), age


def test_each_segment_has_its_own_true_share() -> None:
    world = market(40_000, 300, lost=0.5)
    found = world.known_at(300 * DAY)
    labels = of_all(found)
    source = found.columns["source"].index  # type: ignore[union-attr]
    for k in range(4):
        mine = source == k
        assert share(labels.take(mine), labels.weight[mine]) == pytest.approx(world.truth[mine].mean(), rel=0.1)


def test_the_last_year_s_share_is_promised_after_the_market_has_turned() -> None:
    old, new = market(30_000, 700, seed=1), market(30_000, 700, seed=2)
    late = old.created > 335 * DAY
    dull = np.where(late & (np.arange(30_000) % 2 == 0), NEVER, old.won_at)
    found = replace(old, won_at=dull, lost_at=new.lost_at).known_at(700 * DAY)
    labels = of_all(found)
    assert share(labels, labels.level) == pytest.approx(old.truth.mean() / 2, rel=0.06)
    assert share(labels, labels.weight) > 1.3 * share(labels, labels.level)
    assert found.created is not None
    assert (labels.level[found.created <= (700 - LEVEL_DAYS) * DAY] == 0).all()


def test_a_loss_is_resolved_whatever_its_age() -> None:
    found = history([90, 90, 90, 90], lost=[True, True, False, False], until=100)
    undated = of_all(found)
    assert undated.known.tolist() == [True, True, False, False]
    assert not undated.bought.any()
    dated = of_all(replace(found, lost_at=np.array([95 * DAY, NEVER, NEVER, NEVER])))
    assert dated.known.tolist() == [True, True, False, False]
    assert dated.took.tolist()[:2] == [5 * DAY, 10 * DAY]


def test_a_loss_counts_from_the_day_that_it_was_marked() -> None:
    found = history([0, 0], lost=[True, False], until=300)
    found = replace(found, lost_at=np.array([40 * DAY, NEVER]))
    assert of_all(found, until=39 * DAY).known.tolist() == [False, False]
    assert of_all(found, until=40 * DAY).known.tolist() == [True, False]
    assert of_all(found, until=90 * DAY).known.tolist() == [True, True]


def test_who_was_lost_and_bought_later_is_lost_until_then() -> None:
    found = replace(history([0, 0], won_after=[60, None], until=300), lost_at=np.array([20 * DAY, NEVER]))
    looks = drawn(found, until=300 * DAY)
    assert looks.as_of is not None
    assert (looks.as_of[looks.lead == 0] <= 20 * DAY).all()
    between, after = of_all(found, until=40 * DAY), of_all(found, until=70 * DAY)
    assert (between.known.tolist(), between.bought.tolist()) == ([True, False], [False, False])
    assert (after.known.tolist(), after.bought.tolist()) == ([True, False], [True, False])
    assert [int(labels.took[0]) for labels in (between, after)] == [20 * DAY, 60 * DAY]


def test_a_purchase_counts_from_its_day_and_only_within_the_horizon() -> None:
    found = history([0, 0, 0], won_after=[30, 100, None], until=300)
    assert of_all(found, until=29 * DAY).known.tolist() == [False] * 3
    young = of_all(found, until=30 * DAY)
    assert (young.known.tolist(), young.bought.tolist()) == ([True, False, False], [True, False, False])
    grown = of_all(found, until=300 * DAY)
    assert (grown.known.tolist(), grown.bought.tolist()) == ([True] * 3, [True, False, False])


def test_where_all_are_mature_every_lead_stands_for_itself() -> None:
    labels = of_all(history([0, 1, 2], won_after=[5, None, 80], until=200))
    assert labels.method is Method.NONE
    assert labels.weight.tolist() == [1, 1, 1]


def test_nine_mature_non_buyers_are_too_few_to_stand_for_all() -> None:
    world = market(3343, 92, lost=0.0)
    labels = of_all(world.known_at(int(90.25 * DAY)))
    mature = labels.known & ~labels.bought
    assert 3 <= mature.sum() <= 15
    assert labels.effective == pytest.approx(mature.sum())
    assert labels.method is Method.HAZARD
    assert labels.as_dict()["method"] == "time to purchase"


def test_from_two_hundred_mature_non_buyers_on_weights_are_used() -> None:
    young = [0] * EFFECTIVE + [100] * 50
    assert of_all(replace(history(young, until=120), columns={})).method is Method.WEIGHTS
    assert of_all(replace(history(young[1:], until=120), columns={})).method is Method.HAZARD


def test_losses_alone_do_not_stand_for_leads_that_stay_open() -> None:
    world = market(3343, 60, seed=2, lost=0.7)
    labels = of_all(world.known_at(60 * DAY))
    assert labels.effective > EFFECTIVE
    assert share(labels, labels.weight) > 1.4 * world.truth.mean()
    assert labels.method is Method.HAZARD


def test_labels_do_not_depend_on_the_order_of_the_file() -> None:
    found = market(2000, 200).known_at(200 * DAY)
    rows = np.random.default_rng(3).permutation(found.rows)
    looks = drawn(found, until=200 * DAY)
    place = np.argsort(rows)
    moved = Snapshots(place[looks.lead], looks.as_of, looks.weight, looks.age)
    order = np.argsort(moved.lead, kind="stable")
    labels = censored(found, looks, 90, until=200 * DAY).take(order)
    again = censored(found.take(rows), moved.take(order), 90, until=200 * DAY)
    for name in ("known", "bought", "weight", "level", "took", "room", "age"):
        assert np.array_equal(getattr(labels, name), getattr(again, name)), name


def test_a_source_of_the_last_weeks_has_no_mature_leads_to_stand_for_it() -> None:
    world = market(8000, 365)
    found = world.known_at(365 * DAY)
    assert of_all(found).method is Method.WEIGHTS
    late = (world.created > 320 * DAY) & (np.arange(8000) % 3 == 0)
    fresh = replace(found, columns={**found.columns, "source": texts(["fair" if f else "web" for f in late.tolist()])})
    labels = of_all(fresh)
    assert share(labels.take(late), labels.weight[late]) > 2 * world.truth[late].mean()
    assert labels.method is Method.HAZARD

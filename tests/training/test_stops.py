"""Leads that are not followed for a while: who is looked at, what is known when, and how much the others stand for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring.values import DAY
from training.censoring import Labels, Method, censored
from training.outcomes import NEVER
from training.snapshots import drawn
from training.stops import Stops

from .worlds import history, market


def test_a_stop_is_known_from_its_day_on_and_until_it_is_taken_back() -> None:
    stops = Stops.of([(1, 10, 20), (1, 30, NEVER), (0, 15, NEVER)])
    assert stops is not None
    assert [stops.standing(2, until).tolist() for until in (9, 10, 20, 30)] == [
        [NEVER, NEVER],
        [NEVER, 10],
        [15, NEVER],
        [15, 30],
    ]
    looks = np.array([[14, 15, 40], [9, 10, 20]])
    assert stops.cover(looks).tolist() == [[False, True, True], [False, True, False]]
    moved = stops.take(np.array([-1, 5]))
    assert moved is not None
    assert moved.lead.tolist() == [5, 5]
    assert Stops.of([]) is None


def test_who_is_not_followed_is_not_looked_at() -> None:
    found = history([0] * 50, until=600)
    whole = drawn(found, until=600 * DAY)
    cut = drawn(replace(found, stops=Stops.of((i, 40 * DAY, 100 * DAY) for i in range(50))), until=600 * DAY)
    assert cut.as_of is not None
    assert whole.as_of is not None
    days, all_days = cut.as_of / DAY, whole.as_of / DAY
    assert not ((days >= 40) & (days < 100)).any()
    assert len(days) == (~((all_days >= 40) & (all_days < 100))).sum()


def share_of_buyers(labels: Labels) -> float:
    return float((labels.weight * labels.bought).sum() / labels.weight.sum())


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5])
def test_leads_that_were_followed_stand_for_those_that_were_stopped(share: float) -> None:
    """Stopped at random, whatever would have become of them: the share of buyers stays what it is."""
    days, dice = 900, np.random.default_rng(4)
    found = market(6000, days, lost=0.6).known_at(days * DAY)
    assert found.created is not None
    assert found.lost_at is not None
    looks = drawn(found, until=days * DAY)
    looks = looks.take(looks.age == 0)
    truth = censored(found, looks, 90, until=days * DAY)
    at = found.created + dice.integers(1, 60, found.rows) * DAY
    stopped = (dice.random(found.rows) < share) & (at < found.ends)
    won_at, lost_at = (np.where(stopped, NEVER, moments) for moments in (found.won_at, found.lost_at))
    unknown = replace(found, won_at=won_at, lost_at=lost_at, won=won_at != NEVER, lost=lost_at != NEVER)
    stops = Stops.of((i, int(at[i]), NEVER) for i in np.flatnonzero(stopped).tolist())
    seen = censored(replace(unknown, stops=stops), looks, 90, until=days * DAY)
    assert seen.method is truth.method is Method.WEIGHTS
    assert share_of_buyers(seen) == pytest.approx(share_of_buyers(truth), rel=0.06)
    assert seen.weight.sum() == pytest.approx(truth.weight.sum(), rel=0.03)
    if share:
        as_lost = replace(unknown, lost_at=np.where(stopped, at, lost_at), lost=(lost_at != NEVER) | stopped)
        wrong = censored(as_lost, looks, 90, until=days * DAY)
        assert share_of_buyers(wrong) < (1 - 0.4 * share) * share_of_buyers(truth), "what it is for"


def test_what_the_crm_says_later_counts_to_the_end() -> None:
    found = history([0, 0], won_after=[50, None], until=600)
    found = replace(found, stops=Stops.of([(0, 10 * DAY, NEVER), (1, 10 * DAY, NEVER)]))
    assert (found.followed(30 * DAY) / DAY).tolist() == [10, 10], "as known then"
    assert (found.followed(600 * DAY) / DAY).tolist() == [600, 10]

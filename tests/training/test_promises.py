"""What readiness and value promised of the test leads, and what came of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring.batch import Scores
from scoring.scorecard import SCALE
from scoring.values import DAY
from tests.cards import living_card
from training.history import History
from training.outcomes import NEVER
from training.promises import promises_of
from training.snapshots import at_creation
from training.split import Known, Split

from .worlds import history

CARD = living_card()
NONE = np.zeros(0, dtype=np.int32)


def judged(
    found: History, *, log_odds: list[float], short: list[float], log_value: list[float]
) -> tuple[Scores, Split]:
    """Test leads with these scores, looked at when they came in."""
    whole = [np.rint(np.array(x) * SCALE).astype(np.int64) for x in (log_odds, short, log_value)]
    scores = Scores(whole[0], whole[1], whole[2], NONE, [], NONE, [])
    looks = at_creation(found, np.arange(found.rows))
    bought = found.won_at <= 90 * DAY
    return scores, Split("forward", Known(looks, bought), looks, bought, 0, 90)


@pytest.fixture
def four() -> History:
    found = history([0, 0, 0, 0], won_after=[10, 80, None, None], until=200)
    return replace(found, value=np.array([100.0, 900.0, np.nan, np.nan]))


def test_of_each_readiness_it_is_told_who_bought_soon_and_who_bought(four: History) -> None:
    scores, parts = judged(four, log_odds=[1, 1, -1, -9], short=[0, -6, -6, -9], log_value=[5, 5, 5, 5])
    told = promises_of(CARD, scores, parts, four).readiness
    assert {name: (r.leads, r.bought_soon, r.bought) for name, r in told.items()} == {
        "now": (1, 1.0, 1.0),
        "later": (2, 0.0, 0.5),
        "browsing": (1, 0.0, 0.0),
    }


def test_the_revenue_of_the_top_fifth_is_told_by_expected_value_and_by_probability(four: History) -> None:
    scores, parts = judged(four, log_odds=[2, 1, 0, -1], short=[0] * 4, log_value=[1, 9, 1, 1])
    told = promises_of(CARD, scores, parts, four)
    assert told.by_expected_value is not None
    assert told.by_probability is not None
    assert told.by_expected_value > told.by_probability
    assert told.mean_value == 500


def test_without_values_or_a_short_horizon_nothing_is_told(four: History) -> None:
    scores, parts = judged(four, log_odds=[2, 1, 0, -1], short=[0] * 4, log_value=[1, 9, 1, 1])
    unvalued = replace(four, value=np.full(4, np.nan))
    assert promises_of(CARD, scores, parts, unvalued).as_dict()["value"] is None
    plain = replace(CARD, short=None, short_horizon_days=None, value=None)
    bare = replace(scores, short_log_odds=None, log_value=None)
    assert promises_of(plain, bare, parts, four).as_dict() == {"readiness": None, "value": None}
    assert (four.won_at[2:] == NEVER).all()

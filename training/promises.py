"""What readiness and value promised of the test leads, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.batch import Scores, worth_of
from scoring.measure import share_in_top
from scoring.scorecard import Scorecard
from scoring.values import DAY
from scoring.worth import READINESS

from .history import History
from .split import Split

Flags = NDArray[np.bool_]

TOP = 0.2
"""The share of leads that a team with little time works on."""


@dataclass(frozen=True)
class Ready:
    """Test leads of one readiness: how many, and the shares of them that bought within either horizon."""

    leads: int
    bought_soon: float
    bought: float

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        return {
            "leads": self.leads,
            "bought_within_short_horizon": self.bought_soon,
            "bought_within_horizon": self.bought,
        }


@dataclass(frozen=True)
class Promises:
    """readiness: by name, none without a short horizon. The value of all test purchases that the top fifth of leads
    brought, ranked by expected value and by probability; None where no purchase has a value. mean_value: of a purchase.
    """

    readiness: dict[str, Ready]
    mean_value: float | None
    by_expected_value: float | None
    by_probability: float | None

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        return {
            "readiness": {name: ready.as_dict() for name, ready in self.readiness.items()} or None,
            "value": None
            if self.by_expected_value is None
            else {
                "mean": self.mean_value,
                "in_top_20pct_by_expected_value": self.by_expected_value,
                "in_top_20pct_by_probability": self.by_probability,
            },
        }


def promises_of(card: Scorecard, scores: Scores, parts: Split, history: History) -> Promises:
    """Judge what a card says of the test leads beside the probability."""
    worth, bought = worth_of(card, scores), parts.test_bought
    readiness = {} if worth.readiness is None else _readiness(worth.readiness, card, parts, history)
    value = history.value[parts.test.lead]
    if worth.expected_value is None or not bought.any() or np.isnan(value[bought]).any():
        return Promises(readiness, None, None, None)
    value = np.nan_to_num(value)
    return Promises(
        readiness,
        float(value[bought].mean()),
        share_in_top(bought, worth.expected_value, TOP, value),
        share_in_top(bought, scores.log_odds.astype(np.float64), TOP, value),
    )


def _readiness(places: NDArray[np.int8], card: Scorecard, parts: Split, history: History) -> dict[str, Ready]:
    assert parts.test.as_of is not None
    assert card.short_horizon_days is not None
    soon = history.won_at[parts.test.lead] <= parts.test.as_of + card.short_horizon_days * DAY
    found = {}
    for place, name in enumerate(READINESS):
        mine = places == place
        if mine.any():
            found[name] = Ready(int(mine.sum()), float(soon[mine].mean()), float(parts.test_bought[mine].mean()))
    return found

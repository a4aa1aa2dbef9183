"""What a card says beside the probability: the chance within a short horizon, readiness, the value of a purchase."""

from __future__ import annotations

import math

from .scorecard import LARGEST, SCALE, Head, Scorecard


def head_of(log_odds: int, head: Head, tables: int) -> int:
    """What a head says of a lead, in 2^-20, from its log-odds and the sum of the head's own tables."""
    within = min(max(log_odds, -LARGEST), LARGEST)
    return head.base + (within * head.slope >> 20) + tables


LARGEST_LOG_VALUE = 34.0
"""No deal is worth more than e^34, some 6e14: amounts stay exact to the cent where they are stored."""


def value_of(log_value: int) -> float:
    """An amount of money from its natural logarithm in 2^-20: one function of the integer, for every path."""
    return math.exp(min(max(log_value / SCALE, -100.0), LARGEST_LOG_VALUE))


READINESS = ("now", "later", "browsing")

NOW_TIMES = 2.0
LATER_TIMES = 0.5
"""A lead is ready now from twice the average chance within the short horizon on, later from half the average chance
within the horizon on; the rest are browsing."""


def readiness_of(card: Scorecard, probability: float, short_probability: float | None) -> str | None:
    """now, later or browsing; None where the card has no short horizon."""
    if card.short is None or short_probability is None:
        return None
    if short_probability >= NOW_TIMES * card.short.average:
        return READINESS[0]
    return READINESS[1] if probability >= LATER_TIMES * card.buyers_share else READINESS[2]

"""A simulated B2B CRM history whose truth is known: the world, who buys in it, and what the CRM knows of it.

Each lead has a *fit* (what it is) and an *intent* (what it wants), both in log-odds. Fields show most of the
fit and some of the intent; activities show intent. Whether a lead ever buys is a toss with log-odds from
both, the market and the seller's effort; when is log-normal, sooner with intent; for how much is log-normal,
by size, industry and product. The three tosses are independent given all that, so every true probability is
one formula (`true_probability`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from training import sample_words as words
from training.sample_activities import Ends, draw_activities
from training.sample_companies import LOG_EMPLOYEES_MEAN
from training.sample_dice import Flags, Floats, Words, dice, draw_levels_by_row, logistic
from training.sample_files import SampleHistory, write_sample
from training.sample_leads import Leads, draw_leads
from training.sample_records import lead_ids, lead_records
from training.sample_window import DAY, HOUR, moments, window_before

__all__ = ["SampleHistory", "simulate", "true_probability", "write_sample"]

BASE_LOG_ODDS = -3.85  # set so that 7 % of leads buy within 90 days
FIT_WEIGHT, INTENT_WEIGHT = 1.1, 1.2
EFFORT_WEIGHT = 0.35  # log-odds for each unit of log effort: twice the calls, a quarter more purchases
SEASON, SEASON_MONTHS = 0.2, 12  # log-odds, and the months of one round
TURN, TURN_AT, TURN_WIDTH = -0.4, 0.7, 0.04  # log-odds; late in the history, over a month (shares of it)

DELAY_DAYS = 42.0  # median days from lead to purchase
DELAY_INTENT, DELAY_SIZE, DELAY_EFFORT = (
    -0.35,
    0.12,
    -0.2,
)  # log days for each unit: keen, small and called is soon
DELAY_SD = 1.05  # log days: a tenth of the purchases take nearly four times the median
SHORTEST_DELAY = HOUR  # seconds

VALUE = 6_000.0  # median deal at 55 employees, currency units
VALUE_SIZE, VALUE_SD = 0.45, 0.8  # log value for each log employee, and the spread between equal deals

LOSS_DAYS, LOSS_SD = 60.0, 0.9  # median days until a dead lead is marked as lost, log spread
REASON_INTENT = np.array([-0.6, 0.1, 0.4, 0.1, 0.1, 0.0])  # by `LOST_REASONS`: logs for each unit of intent
REASON_FIT = np.array([0.0, 0.1, 0.3, -0.8, 0.1, 0.0])
REASON_BASE = np.log([0.36, 0.16, 0.14, 0.16, 0.08, 0.10])


@dataclass(frozen=True)
class _Chances:
    """What is settled for each lead before the dice fall: ever buying, log days to it, log value."""

    ever: Floats
    log_delay: Floats
    log_value: Floats


def simulate(*, leads: int = 8000, seed: int = 7, until: datetime, months: int = 24) -> SampleHistory:
    """Return a history of `leads` leads created in the `months` months before `until` (UTC), and its truth.

    Raises ValueError for a naive `until` or a count below one.
    """
    window = window_before(until, months)
    if leads < 1:
        raise ValueError(f"leads must be at least 1, got {leads}")
    world = draw_leads(leads, seed, window)
    chances = _chances(world, months)
    bought_at = _draw_purchases(world, chances, seed)
    value = _draw_values(chances, bought_at, seed)
    lost_at, reason = _draw_losses(world, np.isnan(bought_at), seed)
    ends = Ends(bought_at=bought_at, lost_at=lost_at, until=window.until)
    return SampleHistory(
        leads=lead_records(world, seed),
        activities=draw_activities(world, ends, seed),
        outcomes=_outcomes(ends, value, reason),
        truth=_truth(world, chances, bought_at, value),
        until=until.astimezone(UTC),
    )


def true_probability(ever: Floats, log_delay: Floats, days: float) -> Floats:
    """Return the chance of buying within `days` of creation: of ever buying, times of doing so in time."""
    z = (math.log(days) - log_delay) / DELAY_SD
    return np.asarray(ever * _normal_share(z), dtype=np.float64)


def _chances(leads: Leads, months: int) -> _Chances:
    """Return each lead's chances from fit, intent, market and effort."""
    size = np.log(leads.companies.employees[leads.company]) - LOG_EMPLOYEES_MEAN
    effort = np.log(words.SELLER_EFFORT[leads.owner])
    wish = FIT_WEIGHT * leads.fit + INTENT_WEIGHT * leads.intent
    push = EFFORT_WEIGHT * effort + _market(leads.age_of_market, months)
    slowness = DELAY_INTENT * leads.intent + DELAY_SIZE * size + DELAY_EFFORT * effort
    by_trade = words.INDUSTRY_LOG_VALUE[leads.companies.industry[leads.company]]
    return _Chances(
        ever=logistic(BASE_LOG_ODDS + wish + push),
        log_delay=math.log(DELAY_DAYS) + slowness,
        log_value=math.log(VALUE) + VALUE_SIZE * size + by_trade + words.PRODUCT_LOG_VALUE[leads.product],
    )


def _market(age: Floats, months: int) -> Floats:
    """Return the market's push in log-odds: seasons, and a turn for the worse near the end."""
    season = SEASON * np.sin(2 * np.pi * age * months / SEASON_MONTHS)
    return np.asarray(season + TURN * logistic((age - TURN_AT) / TURN_WIDTH), dtype=np.float64)


def _draw_purchases(leads: Leads, chances: _Chances, seed: int) -> Floats:
    """Return the second of each lead's purchase, NaN where it never buys."""
    rng = dice(seed, "purchases")
    buys = rng.random(len(leads)) < chances.ever
    delay = np.exp(chances.log_delay + rng.normal(0, DELAY_SD, len(leads))) * DAY
    return np.where(buys, leads.created_at + np.floor(np.maximum(delay, SHORTEST_DELAY)), np.nan)


def _draw_values(chances: _Chances, bought_at: Floats, seed: int) -> Floats:
    rng = dice(seed, "values")
    value = np.round(np.exp(chances.log_value + rng.normal(0, VALUE_SD, len(bought_at))))
    return np.where(np.isnan(bought_at), np.nan, np.maximum(value, 1.0))


def _draw_losses(leads: Leads, never: Flags, seed: int) -> tuple[Floats, Words]:
    """Return when tidy sellers mark leads that never buy as lost (NaN = never marked), and the reason."""
    rng = dice(seed, "losses")
    marked = never & (rng.random(len(leads)) < words.SELLER_TIDINESS[leads.owner])
    days = np.exp(math.log(LOSS_DAYS) + rng.normal(0, LOSS_SD, len(leads)))
    lost_at = np.where(marked, leads.created_at + np.floor(days * DAY), np.nan)
    pull = REASON_BASE + leads.intent[:, None] * REASON_INTENT + leads.fit[:, None] * REASON_FIT
    return lost_at, np.array(words.LOST_REASONS)[draw_levels_by_row(np.exp(pull), rng)]


def _outcomes(ends: Ends, value: Floats, reason: Words) -> pd.DataFrame:
    """Return a row for each lead that had bought or was marked as lost by `until`, in order of time."""
    won, lost = ends.bought_at <= ends.until, ends.lost_at <= ends.until  # NaN is neither
    at = np.where(won, ends.bought_at, ends.lost_at)
    known = np.flatnonzero(won | lost)
    known = known[np.argsort(at[known], kind="stable")]
    return pd.DataFrame(
        {
            "lead_id": lead_ids(len(at))[known],
            "outcome": np.where(won, "won", "lost")[known],
            "at": moments(at[known]),
            "value": np.where(won, value, np.nan)[known],
            "reason": np.where(won, "", reason)[known],
        }
    )


def _truth(leads: Leads, chances: _Chances, bought_at: Floats, value: Floats) -> pd.DataFrame:
    """Return what no CRM knows, a row a lead; a log-normal value has the mean median times exp(sd^2 / 2)."""
    return pd.DataFrame(
        {
            "lead_id": lead_ids(len(leads)),
            "probability_90d": true_probability(chances.ever, chances.log_delay, 90),
            "probability_30d": true_probability(chances.ever, chances.log_delay, 30),
            "expected_value_given_purchase": np.exp(chances.log_value + VALUE_SD**2 / 2),
            "bought_at": moments(bought_at),
            "value": value,
            "intent": leads.intent,
            "fit": leads.fit,
        }
    )


def _normal_share(z: Floats) -> Floats:
    """Return the share of a normal below z."""
    return np.array([0.5 * math.erfc(-mark / math.sqrt(2)) for mark in z.tolist()])

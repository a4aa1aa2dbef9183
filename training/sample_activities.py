"""What happens to the simulated leads over time: it follows intent, and never the purchase itself.

Counts and moments are drawn from intent, the seller's effort and chance alone. A purchase or a loss only
*ends* what was drawn: after the purchase the process is over and support begins; after a loss the seller
stops calling. So activities seen while a lead is open tell about its intent and nothing else, and support
kinds give a buyer away to whoever looks past the moment of scoring: a trap that is meant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from training import sample_words as words
from training.sample_dice import Floats, Ints, Words, dice
from training.sample_leads import Leads
from training.sample_records import lead_ids
from training.sample_window import DAY, moments

KINDS: dict[str, tuple[float, float]] = {  # mean number for a lead of intent 0, and log growth with intent
    "visit": (1.5, 0.8),
    "email_opened": (1.8, 0.3),
    "email_clicked": (0.4, 0.7),
    "webinar": (0.1, 0.5),
    "pricing_page": (0.35, 1.0),
    "demo_requested": (0.1, 1.1),
    "call": (0.9, 0.25),
}
SUPPORT_KINDS = ("onboarding_call", "support_ticket", "invoice")
MOST_OF_A_KIND = 60.0  # mean number; keeps the far tail of intent within what one person can do
PACE_DAYS, PACE_INTENT = 15.0, -0.3  # mean wait for an activity; keen leads act sooner
BACKGROUND_SHARE, BACKGROUND_DAYS = 0.15, 360  # newsletters and chance visits, spread over a year
SCANNER_SHARE, SCANNER_OPENS = 0.02, 12.0  # leads whose mail scanner opens every mail: many opens, no intent
SUPPORT_MEAN, SUPPORT_WAIT_DAYS = 2.5, 60.0
EARLIER_PURCHASES_MEAN = 0.7  # beyond the first; of companies that bought before
EARLIER_DAYS = (60, 900)  # how long before the lead
EARLIER_LOG_VALUE, EARLIER_SIZE, EARLIER_SD = 6.8, 0.3, 0.7  # logs: median 3,000 at 55 employees


@dataclass(frozen=True)
class Ends:
    """When each lead's process ends, in seconds since 1970 (NaN = never), and the last second seen."""

    bought_at: Floats
    lost_at: Floats
    until: int


@dataclass(frozen=True)
class Events:
    """Activities as arrays: number of the lead, seconds since 1970, kind, amount (NaN = none)."""

    lead: Ints
    at: Floats
    kind: Words
    amount: Floats


def draw_activities(leads: Leads, ends: Ends, seed: int) -> pd.DataFrame:
    """Return `lead_id, at, kind, amount` of all that happened up to the end, in order of time."""
    rng = dice(seed, "activities")
    drawn = [_before_end(_draw_kind(leads, kind, rng), ends) for kind in KINDS]
    drawn += [_draw_support(ends.bought_at, rng), _draw_earlier_purchases(leads, rng)]
    lead = np.concatenate([events.lead for events in drawn])
    at = np.concatenate([events.at for events in drawn])
    kind = np.concatenate([events.kind for events in drawn])
    amount = np.concatenate([events.amount for events in drawn])
    seen = np.lexsort((lead, at))
    seen = seen[at[seen] <= ends.until]
    return pd.DataFrame(
        {
            "lead_id": lead_ids(len(leads))[lead[seen]],
            "at": moments(at[seen]),
            "kind": kind[seen],
            "amount": amount[seen],
        }
    )


def _draw_kind(leads: Leads, kind: str, rng: np.random.Generator) -> Events:
    base, growth = KINDS[kind]
    mean = base * np.exp(growth * leads.intent)
    if kind == "call":
        mean *= words.SELLER_EFFORT[leads.owner]
    if kind == "email_opened":
        mean *= np.where(rng.random(len(leads)) < SCANNER_SHARE, SCANNER_OPENS, 1.0)
    lead = np.repeat(np.arange(len(leads)), rng.poisson(np.minimum(mean, MOST_OF_A_KIND)))
    return _events(lead, leads.created_at[lead] + _draw_waits(leads.intent[lead], rng) * DAY, kind)


def _draw_waits(intent: Floats, rng: np.random.Generator) -> Floats:
    """Return days from creation to each activity: soon and fading, or any day of the next year."""
    soon = rng.exponential(PACE_DAYS * np.exp(PACE_INTENT * intent))
    background = rng.random(len(intent)) < BACKGROUND_SHARE
    return np.where(background, rng.random(len(intent)) * BACKGROUND_DAYS, soon)


def _before_end(events: Events, ends: Ends) -> Events:
    """Keep what happened before the purchase (and, for calls, before the loss); NaN ends nothing."""
    kept = ~(events.at >= ends.bought_at[events.lead])
    kept &= (events.kind != "call") | ~(events.at >= ends.lost_at[events.lead])
    return Events(events.lead[kept], events.at[kept], events.kind[kept], events.amount[kept])


def _draw_support(bought_at: Floats, rng: np.random.Generator) -> Events:
    buyers = np.flatnonzero(~np.isnan(bought_at))
    lead = np.repeat(buyers, rng.poisson(SUPPORT_MEAN, len(buyers)))
    at = bought_at[lead] + rng.exponential(SUPPORT_WAIT_DAYS, len(lead)) * DAY
    kind = np.array(SUPPORT_KINDS)[rng.integers(0, len(SUPPORT_KINDS), len(lead))]
    return Events(lead, at, kind, np.full(len(lead), np.nan))


def _draw_earlier_purchases(leads: Leads, rng: np.random.Generator) -> Events:
    """Draw what old customers bought before they became this lead: known at creation."""
    customers = np.flatnonzero(leads.companies.customer[leads.company])
    lead = np.repeat(customers, 1 + rng.poisson(EARLIER_PURCHASES_MEAN, len(customers)))
    at = leads.created_at[lead] - rng.uniform(*EARLIER_DAYS, len(lead)) * DAY
    size = np.log(leads.companies.employees[leads.company[lead]])
    log_value = EARLIER_LOG_VALUE + EARLIER_SIZE * size + rng.normal(0, EARLIER_SD, len(lead))
    return _events(lead, at, "purchase", np.asarray(np.round(np.exp(log_value)), dtype=np.float64))


def _events(lead: Ints, at: Floats, kind: str, amount: Floats | None = None) -> Events:
    kinds, no_amount = np.full(len(lead), kind), np.full(len(lead), np.nan)
    return Events(lead, at, kinds, no_amount if amount is None else amount)

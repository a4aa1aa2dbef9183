"""`python -m benchmarks.handover`: what a call brings by who is called, on histories whose truth is known.

A model learns from two years of `leadrank sample`. In the weeks after, sellers call as many of the leads that come in
as they have time for, chosen each morning in five ways and given out by the service's own rule: only the order differs.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from numpy.typing import NDArray

from scoring.batch import per_mille_of, worth_of
from scoring.scorecard import Scorecard
from scoring.values import DAY
from service.handover.allocating import Allocation, Candidate, Companies, Desks, Seat
from service.handover.days import WORKING_DAYS, Today
from service.handover.room import Load, calls_of, room_of
from service.handover.sellers import Seller
from training.fitting import Fitting
from training.history import History, config_of, read_history
from training.labels import label
from training.mapping import Mapping as Names
from training.mapping import read_mapping
from training.outcomes import NEVER
from training.simulate import simulate, write_sample
from training.snapshots import Snapshots

from .follow_up import fitted, leadrank

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

END = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday, with which the last week ends. What is bought later is known all the same."""

MONTHS, HORIZON = 24, 90
SELLERS = 5
SHARE = 0.3
"""Calls a week, of the leads that come in: the share that is graded A or B."""

THRESHOLD = 700
"""Per mille of the reference leads: about as many are above it as there are calls, as long as the market stays."""


@dataclass(frozen=True)
class World:
    """Leads with all of their future. truth: what each was truly worth as it came in. calls: of a seller and week."""

    history: History
    company: Sequence[str]
    truth: Floats
    first: datetime
    calls: int


@dataclass(frozen=True)
class Morning:
    """The leads that came in since the first week and are still open, as the model sees them. Shapes (n,)."""

    at: datetime
    lead: Rows
    expected: Floats
    probability: Floats
    per_mille: NDArray[np.int64]
    created: NDArray[np.int64]

    def without(self, called: Called) -> Morning:
        """Those of them that nobody has called."""
        left = ~np.isin(self.lead, list(called.at))
        return Morning(
            self.at,
            self.lead[left],
            self.expected[left],
            self.probability[left],
            self.per_mille[left],
            self.created[left],
        )


Way = Callable[[Morning, random.Random], Floats]
"""What of a morning comes first: the smallest; infinite for who is not called at all."""

WAYS: dict[str, Way] = {
    "expected value": lambda leads, _: -leads.expected,
    "probability": lambda leads, _: -leads.probability,
    "score over 70, first come": lambda leads, _: np.where(leads.per_mille >= THRESHOLD, leads.created, np.inf),
    "first come": lambda leads, _: leads.created.astype(np.float64),
    "random": lambda leads, dice: np.array([dice.random() for _ in leads.lead]),
}


@dataclass
class Called:
    """What was done in one way: when each lead was called, who has which company, how many calls it took."""

    at: dict[int, int] = field(default_factory=dict)
    sellers: dict[str, str] = field(default_factory=dict)
    calls: int = 0


def world(leads: int, weeks: int, seed: int) -> World:
    """A simulated market with some weeks after its two years."""
    months = MONTHS + round(weeks / 4.35)
    made = simulate(leads=round(leads * months / MONTHS), seed=seed, until=END, months=months)
    with tempfile.TemporaryDirectory() as folder:
        write_sample(made, Path(folder))
        config = config_of(Path(folder))
        history = read_history(Path(folder), Names() if config is None else read_mapping(config))
    place = {lead: i for i, lead in enumerate(made.truth["lead_id"])}
    order = [place[lead] for lead in history.ids]
    truth = made.truth.iloc[order]
    stamps = truth["bought_at"]
    won_at = np.where(stamps.notna(), stamps.astype("int64").to_numpy(), NEVER)
    whole = replace(history, won_at=won_at, won=won_at != NEVER, value=truth["value"].to_numpy(dtype=np.float64))
    worth = (truth["probability_90d"] * truth["expected_value_given_purchase"]).to_numpy(dtype=np.float64)
    first = END - timedelta(weeks=weeks)
    assert whole.created is not None
    came = int((whole.created > first.timestamp()).sum())
    company = made.leads["company"].iloc[order].tolist()
    return World(whole, company, worth, first, max(1, round(SHARE * came / weeks / SELLERS)))


def mornings_of(world: World, card: Scorecard, weeks: int) -> list[Morning]:
    """Every working day at seven, the same for all ways."""
    history = world.history
    assert history.created is not None
    fitting = Fitting(history, history.columns, label(history, HORIZON), Names(), 0)
    found = []
    for week, day in product(range(weeks), range(WORKING_DAYS)):
        at = world.first + timedelta(weeks=week, days=day, hours=7)
        now = int(at.timestamp())
        came = (history.created > world.first.timestamp()) & (history.created <= now)
        lead = np.flatnonzero(came & (history.ends > now))
        looks = Snapshots(lead, np.full(len(lead), now), np.ones(len(lead)), np.zeros(len(lead), dtype=np.int8))
        scores = fitting.score(card, looks)
        worth = worth_of(card, scores)
        assert worth.expected_value is not None
        per_mille = per_mille_of(card, scores.log_odds)
        found.append(Morning(at, lead, worth.expected_value, worth.probability, per_mille, history.created[lead]))
    return found


def seats_of(world: World, given: Mapping[str, Load], today: Today) -> list[Seat]:
    """The sellers with the room that they have today: every lead of an earlier week was answered."""
    sellers = [Seller(f"seller {n}", world.calls) for n in range(SELLERS)]
    return [
        Seat(s.name, frozenset(), False, room_of(s, given[s.name], today), Counter(given[s.name].contacts))
        for s in sellers
    ]


def call(
    world: World, leads: Morning, way: Way, dice: random.Random, called: Called, seats: Sequence[Seat]
) -> list[tuple[int, str]]:
    """Give this morning's leads out in one way; the places of those that are called, noted with who called them."""
    order = way(leads, dice)
    some = [
        Candidate(str(lead), None, world.company[lead] or None, (float(first), 0, str(lead).encode()))
        for first, lead in sorted(zip(order, leads.lead.tolist(), strict=True))
        if first < np.inf
    ]
    of_company: dict[str, list[Candidate]] = {}
    for one in some:
        of_company.setdefault(one.company or "", []).append(one)
    known = Companies(
        lambda company: [called.sellers[company]] if company in called.sellers else [],
        lambda company: of_company.get(company, []),
    )
    given = Allocation(Desks(seats), known).run({(None, None): iter(some)})
    called.sellers |= {one.company: seller for one, seller in given if one.company}
    return [(int(one.lead_id), seller) for one, seller in given]


def run(world: World, mornings: Sequence[Morning], way: Way, seed: int) -> Called:
    """All mornings in one way."""
    called, dice = Called(), random.Random(seed)
    given: dict[str, Load] = {}
    for morning in mornings:
        today = Today.of(morning.at, UTC)
        if today.day == today.monday:
            called.calls += calls_made(given)
            given = {f"seller {n}": Load() for n in range(SELLERS)}
        seats = seats_of(world, given, today)
        for lead, seller in call(world, morning.without(called), way, dice, called, seats):
            called.at[lead] = int(morning.at.timestamp())
            given[seller].before[str(lead)] = world.company[lead] or None
    called.calls += calls_made(given)
    return called


def calls_made(given: Mapping[str, Load]) -> int:
    """The calls of a week."""
    return sum(calls_of(load.before.values()) for load in given.values())


def brought(world: World, called: Called, weeks: int) -> dict[str, float]:
    """What was won within the horizon after the calls, in value and deals, and what the called leads were truly worth.

    Each for a call that was made; `of time`: for a call that there was time for.
    """
    history, lead = world.history, np.array(sorted(called.at))
    at = np.array([called.at[i] for i in lead.tolist()])
    won = (history.won_at[lead] > at) & (history.won_at[lead] <= at + HORIZON * DAY)
    value, time = float(history.value[lead][won].sum()), world.calls * SELLERS * weeks
    return {
        "value": value / called.calls,
        "value of time": value / time,
        "deals": float(won.sum()) / called.calls,
        "truth": float(world.truth[lead].sum()) / called.calls,
        "truth of time": float(world.truth[lead].sum()) / time,
        "used": called.calls / time,
    }


def main() -> None:
    """Print a row for every way: the mean over the seeds, and its standard error."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=8)
    options.add_argument("--leads", type=int, default=8000, help="that come in within the two years to learn from")
    options.add_argument("--weeks", type=int, default=13)
    asked = options.parse_args()
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for seed in range(1, asked.seeds + 1):
        made = world(asked.leads, asked.weeks, seed)
        card = fitted(leadrank, made.history, int(made.first.timestamp()), HORIZON)
        mornings = mornings_of(made, card, asked.weeks)
        for name, way in WAYS.items():
            called = run(made, mornings, way, seed)
            found[name].append(brought(made, called, asked.weeks))
        said = "; ".join(f"{name} {rows[-1]['value']:,.0f}" for name, rows in found.items())
        print(f"seed {seed}: {made.calls * SELLERS} calls a week; value won a call: {said}", flush=True)
    print(f"{'':26} {'for a call that was made':^52} {'for a call that there was time for':^38}  calls")
    heads = [f"{h:>16}" for h in ("value won", "deals", "true worth", "value won", "true worth")]
    print(f"{'who is called':26} {'  '.join(heads)}   made")
    for name, rows in found.items():
        print(_row(name, rows))


def _row(name: str, rows: Sequence[dict[str, float]]) -> str:
    keys = ("value", "deals", "truth", "value of time", "truth of time")
    cells = [_mean([row[key] for row in rows], 3 if key == "deals" else 0) for key in keys]
    used = np.mean([row["used"] for row in rows])
    return f"{name:26} {'  '.join(f'{cell:>16}' for cell in cells)}  {used:5.0%}"


def _mean(values: Sequence[float], digits: int) -> str:
    error = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return f"{np.mean(values):,.{digits}f} ± {error:,.{digits}f}"


if __name__ == "__main__":
    main()

"""`python -m benchmarks.target`: how often the truth lies in a target's interval, in markets whose truth is known.

Each market is drawn anew: leads come in, buy or not, soon or late, for more or less; a model gives chances that are
off, as is what it thinks of values. The service's own plan is made from what is known then. The market goes on,
and more leads of one grade come in until the target is made: as many as it took should lie between low and high nine
times of ten. Beside it stands the plan on a napkin, from each grade's conversion times its mean value.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.targets.counting import Bought, Matured, Open
from service.targets.evidence import GRADES, Evidence, evidence_of
from service.targets.planning import Range, Task, planned

Floats = NDArray[np.float64]

HORIZON = 90
YEAR = 365
BUYS = {"A": 0.35, "B": 0.15, "C": 0.07, "D": 0.02}
"""The share of a grade's leads that buys, sooner or later."""

SHARES = (0.1, 0.2, 0.3, 0.4)
VALUES = {"A": 6_000.0, "B": 5_000.0, "C": 4_000.0, "D": 3_000.0}
LOST_AFTER = 60.0
"""Mean days after which one that does not buy is lost."""


@dataclass(frozen=True)
class Market:
    """What a market is like. a_day: leads that come in; days: until the target's day; history: since the first lead.

    off: by how much the model's chances are off, as the standard deviation of a logarithm, of all leads together;
    spread: of the logarithm of a deal's value; turn: conversion from now on, beside what it was.
    """

    name: str
    a_day: float = 5.0
    days: float = 30.0
    history: float = YEAR + 3.0 * HORIZON
    off: float = 0.25
    spread: float = 0.8
    turn: float = 1.0


MARKETS = (
    Market("5 leads a day, 30 days"),
    Market("5 leads a day, 90 days", days=90),
    Market("50 leads a day, 30 days", a_day=50),
    Market("50 leads a day, 90 days", a_day=50, days=90),
    Market("1 lead a day, 30 days", a_day=1),
    Market("1 lead a day, 90 days", a_day=1, days=90),
    Market("first leads 60 days ago", history=60),
    Market("deals of very unequal value", spread=1.3, days=90),
    Market("the market turns by a quarter", turn=0.75, days=90, a_day=50),
)


@dataclass(frozen=True)
class Leads:
    """Leads with all of their future. came, wait: days, wait infinite for who never buys; ends: when it is closed."""

    grade: NDArray[np.str_]
    buys: Floats
    came: Floats
    wait: Floats
    ends: Floats
    value: Floats


def leads_of(dice: np.random.Generator, market: Market, came: Floats, grade: NDArray[np.str_], turn: float) -> Leads:
    """Leads that came in on these days. Waits are Weibull of shape 0.8 and scale 40: many soon, some late."""
    mean = np.array([BUYS[g] for g in grade.tolist()]) * turn
    buys = np.minimum(0.9, mean * dice.gamma(8, 1 / 8, len(grade)))
    wait = np.where(dice.random(len(grade)) < buys, 40.0 * dice.weibull(0.8, len(grade)), np.inf)
    closed = came + np.minimum(wait, dice.exponential(LOST_AFTER, len(grade)) + np.where(wait < np.inf, np.inf, 0))
    centre = np.array([VALUES[g] for g in grade.tolist()])
    value = centre * np.exp(market.spread * dice.standard_normal(len(grade)) - market.spread**2 / 2)
    return Leads(grade, buys, came, wait, closed, value)


def chance_within(leads: Leads, age: Floats, days: float) -> Floats:
    """The true chance that a lead which is still open at its age buys within so many days."""

    def waits(time: Floats) -> Floats:
        return np.exp(-((time / 40.0) ** 0.8))

    still = leads.buys * waits(age) + (1 - leads.buys) * np.exp(-age / LOST_AFTER)
    return leads.buys * (waits(age) - waits(age + days)) / still


@dataclass(frozen=True)
class Day:
    """What is known on the day (day 0), and what the open leads will really bring until the target's day."""

    evidence: Evidence
    brings: float
    new: dict[str, float]
    """What a new lead of a grade brings, on a napkin."""
    napkin: float
    """What the open leads bring, on a napkin."""


def day_of(dice: np.random.Generator, market: Market) -> Day:
    """A market up to today, and a little farther."""
    count = dice.poisson(market.a_day * market.history)
    came, grade = -dice.uniform(0, market.history, count), dice.choice(np.array(GRADES), count, p=SHARES)
    leads = leads_of(dice, market, came, grade, 1.0)
    error, worth = np.exp(market.off * dice.standard_normal()), np.exp(0.2 * dice.standard_normal())
    noise = np.exp(0.3 * dice.standard_normal(count) - 0.045)
    first = np.minimum(0.95, chance_within(leads, np.zeros(count), HORIZON) * error * noise)
    now = np.minimum(0.95, chance_within(leads, -came, HORIZON) * error * noise)
    shown, open_ones = came > -(YEAR + HORIZON), leads.ends > 0
    matured = shown & (came <= -HORIZON)
    bought_at = came + leads.wait
    opened, ripe = {}, {}
    for g in GRADES:
        here, ripe_here = open_ones & (grade == g), matured & (grade == g)
        chances = float(now[here].sum())
        if here.any():
            opened[g] = Open(int(here.sum()), chances, chances * VALUES[g] * worth)
        if ripe_here.any():
            ripe[g] = Matured(int(ripe_here.sum()), float(first[ripe_here].sum()))
    past = [
        Bought(str(i), grade[i], float(leads.wait[i]), float(leads.value[i]), bool(matured[i]))
        for i in np.flatnonzero(shown & (bought_at <= 0)).tolist()
    ]
    soon = open_ones & (bought_at > 0) & (bought_at <= market.days)
    if market.turn != 1.0:
        soon &= dice.random(count) < market.turn
    new, napkin = _napkin(opened, ripe, past)
    return Day(evidence_of(opened, ripe, past, HORIZON), float(leads.value[soon].sum()), new, napkin)


def _napkin(
    opened: dict[str, Open], ripe: dict[str, Matured], past: Sequence[Bought]
) -> tuple[dict[str, float], float]:
    """What a new lead of each grade brings, and all open ones: conversion times mean value, as in a spreadsheet."""
    new = {}
    for grade in GRADES:
        bought = sum(p.matured and p.days <= HORIZON and p.grade == grade for p in past)
        values = [p.value or 0.0 for p in past if p.grade == grade]
        leads = ripe[grade].leads if grade in ripe else 0
        new[grade] = bought / leads * float(np.mean(values)) if bought else 0.0
    return new, sum(new[grade] * one.leads for grade, one in opened.items())


def needed(dice: np.random.Generator, market: Market, gap: float, grade: str) -> float:
    """How many leads of a grade that come in today it takes, one after the other, until the gap is closed."""
    if gap <= 0:
        return 0.0
    count, found, chunk = 0, 0.0, 2_000
    while count < 200_000:
        some = leads_of(dice, market, np.zeros(chunk), np.full(chunk, grade), market.turn)
        paid = np.where(some.wait <= market.days, some.value, 0.0).cumsum() + found
        if paid[-1] >= gap:
            return float(count + int(np.argmax(paid >= gap)) + 1)
        count, found = count + chunk, float(paid[-1])
    return np.inf


@dataclass
class Tally:
    """How often it was as said."""

    rounds: int = 0
    open_inside: int = 0
    inside: int = 0
    enough: int = 0
    about_enough: int = 0
    naive_enough: int = 0
    misses: list[float] = field(default_factory=list)
    naive_misses: list[float] = field(default_factory=list)


def tried(market: Market, rounds: int, seed: int, grade: str) -> Tally:
    """A market again and again. The target is half as much again as is expected of the open leads."""
    dice, tally = np.random.default_rng(seed), Tally()
    for _ in range(rounds):
        day = day_of(dice, market)
        if not day.evidence.grades:
            continue
        expected = planned(Task(1.0, 0.0, market.days, True), day.evidence).expected.about
        goal = max(20_000.0, 1.5 * expected)
        plan = planned(Task(goal, 0.0, market.days, True), day.evidence)
        one = next((g for g in plan.grades if g.of.grade == grade), None)
        if one is None or one.needed is None:
            continue
        took = needed(dice, market, goal - day.brings, grade)
        naive = max(0.0, goal - day.napkin) / day.new[grade] if day.new[grade] > 0 else np.inf
        _note(tally, plan.expected, day.brings, one.needed, took, naive)
    return tally


def _note(tally: Tally, expected: Range, brings: float, leads: Range, took: float, naive: float) -> None:
    tally.rounds += 1
    tally.open_inside += expected.low <= brings <= expected.high
    tally.inside += leads.low <= took <= leads.high
    tally.enough += took <= leads.high
    tally.about_enough += took <= leads.about
    tally.naive_enough += bool(took <= naive < np.inf)
    tally.misses.append(abs(took - leads.about) / max(1.0, took))
    tally.naive_misses.append(abs(took - naive) / max(1.0, took) if naive < np.inf else 1.0)


def row_of(market: Market, found: Tally) -> str:
    """A line of the table."""
    n = found.rounds
    shares = (found.open_inside, found.inside, found.enough, found.about_enough, found.naive_enough)
    misses = (np.median(found.misses), np.median(found.naive_misses))
    cells = [*(share / n for share in shares), *misses]
    return f"{market.name:31} {n:5} " + " ".join(f"{cell:9.0%}" for cell in cells)


def main() -> None:
    """Print a row for every market."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=300)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--grade", choices=GRADES, default="A")
    asked = options.parse_args()
    heads = ("open in", "leads in", "high is", "about is", "napkin is", "about", "napkin")
    print(f"{'':31} {'':5} " + " ".join(f"{h:>9}" for h in heads))
    tails = ("interval", "interval", "enough", "enough", "enough", "misses by", "misses by")
    print(f"{'market':31} {'times':>5} " + " ".join(f"{h:>9}" for h in tails))
    for market in MARKETS:
        print(row_of(market, tried(market, asked.rounds, asked.seed, asked.grade)), flush=True)


if __name__ == "__main__":
    main()

"""`python -m benchmarks.gate`: twenty bad candidates and twenty good ones before the gate, each with what it said.

A world of known truth; champion, candidates and baselines learn from its leads by the product's own learner, and all
are judged on the same later leads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from scoring.batch import TableScorer
from scoring.columns import Coded, Column, Numbers
from scoring.measure import measure
from scoring.scorecard import SCALE, Scorecard
from scoring.values import MISSING_WORDS
from training.baselines import Peers, peers
from training.design import design_of
from training.gate import Gate, Trial, judge
from training.learn import learn

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Table = dict[str, Column]

LEADS, TEST = 4000, 2500
LEVELS = ["referral", "search", "fair", "cold list", "partner"]
WEIGHTS = np.array([0.9, 0.2, -0.1, -1.2, 0.6])


@dataclass(frozen=True)
class World:
    """n leads, who bought, and their true log-odds."""

    table: Table
    bought: Flags
    truth: Floats

    def take(self, rows: NDArray[np.intp]) -> World:
        """Some of the leads."""
        return World({n: c.rows(rows) for n, c in self.table.items()}, self.bought[rows], self.truth[rows])


def world(rows: int, seed: int, turn: float = 1.0) -> World:
    """Five fields that say something, with one interaction. turn: -1 for a population in which all is reversed."""
    dice = np.random.default_rng(seed)
    source = dice.integers(0, 5, rows)
    staff, visits = dice.lognormal(4, 1.1, rows).round(), dice.poisson(3, rows).astype(float)
    budget, days = dice.gamma(2, 20, rows).round(), dice.integers(0, 60, rows).astype(float)
    z = WEIGHTS[source] + 0.45 * (np.log(staff) - 4) + 0.25 * (visits - 3) + 0.012 * (budget - 40)
    z = turn * (z - 0.02 * (days - 30) + 0.35 * (source == 0) * (visits > 3)) - 1.9
    table: Table = {
        "source": Coded(LEVELS, source.astype(np.int32)),
        **{n: Numbers(v) for n, v in (("staff", staff), ("visits", visits), ("budget", budget), ("days", days))},
    }
    return World(table, dice.random(rows) < expit(z), z)


def card_of(found: World, seed: int = 7, fields: tuple[str, ...] = ()) -> Scorecard:
    """A card learned from a world, of some of its fields."""
    table = {n: c for n, c in found.table.items() if not fields or n in fields}
    return learn(table, found.bought, as_of=None, kinds={}, horizon_days=None, seed=seed).card


def scored(card: Scorecard, found: World) -> Floats:
    """The log-odds of every lead."""
    return TableScorer(card).log_odds(found.table, len(found.bought)) / SCALE


def beside(card: Scorecard, seen: World, test: World) -> Peers:
    """The baselines, learned from the same leads."""
    designs = [design_of(card.fields, w.table, MISSING_WORDS, rows=len(w.bought), as_of=None) for w in (seen, test)]
    return peers(designs[0], seen.bought, designs[1], test.bought, seed=7)


@dataclass(frozen=True)
class Court:
    """The leads that are learned from, the test leads, the champion's log-odds there, and the baselines."""

    seen: World
    test: World
    champion: Floats
    peers: Peers

    def verdict(self, log_odds: Floats, rows: int | None = None) -> Gate:
        """What the gate says of a candidate, on the first test leads."""
        some = np.arange(len(self.test.bought) if rows is None else rows)
        bought, score = self.test.bought[some], log_odds[some]
        trimmed = replace(
            self.peers,
            scores={name: score[some] for name, score in self.peers.scores.items()},
            base_rate=measure(bought, np.full(len(some), self.test.bought.mean())),
        )
        metrics = measure(bought, expit(score), score)
        return judge(Trial(metrics, bought, score, trimmed, {"champion": self.champion[some]}))


def bad(court: Court) -> dict[str, Callable[[], Gate]]:
    """Twenty candidates that must not serve."""
    seen, test, good = court.seen, court.test, court.champion
    dice = np.random.default_rng(3)
    noise = dice.normal(size=len(good))
    middle = good.mean()

    def with_labels(bought: Flags) -> Floats:
        return scored(card_of(replace(seen, bought=bought)), test)

    def of(rows: int, **more: tuple[str, ...]) -> Floats:
        return scored(card_of(seen.take(np.arange(rows)), **more), test)

    flips = dice.random(len(seen.bought)) < 0.4
    return {
        "the same of every lead": lambda: court.verdict(np.full(len(good), middle)),
        "inverted": lambda: court.verdict(2 * middle - good),
        "noise alone": lambda: court.verdict(noise + middle),
        "shuffled labels": lambda: court.verdict(with_labels(dice.permutation(seen.bought))),
        "four labels in ten flipped": lambda: court.verdict(with_labels(seen.bought ^ flips)),
        "labels inverted": lambda: court.verdict(with_labels(~seen.bought)),
        "a little noise added": lambda: court.verdict(good + 0.6 * noise),
        "much noise added": lambda: court.verdict(good + 2 * noise),
        "log-odds three times too bold": lambda: court.verdict(3 * (good - middle) + middle),
        "log-odds a third of what they should be": lambda: court.verdict((good - middle) / 3 + middle),
        "promises three times as many": lambda: court.verdict(good + 1.3),
        "promises a third": lambda: court.verdict(good - 1.3),
        "twenty times too many": lambda: court.verdict(good + 4),
        "learned from one field": lambda: court.verdict(of(LEADS, fields=("visits",))),
        "learned from two weak fields": lambda: court.verdict(of(LEADS, fields=("budget", "days"))),
        "learned from 120 leads": lambda: court.verdict(of(120)),
        "of a population where all is reversed": lambda: court.verdict(
            scored(card_of(world(LEADS, 50, turn=-1)), test)
        ),
        "the best tenth put last": lambda: court.verdict(np.where(good > np.quantile(good, 0.9), good.min() - 1, good)),
        "two groups, nothing between": lambda: court.verdict(np.where(good > middle, -0.5, -3.0)),
        "judged on 25 leads": lambda: court.verdict(good, 25),
    }


def good_ones(court: Court) -> dict[str, Callable[[], Gate]]:
    """Twenty candidates that are as good as the champion: other seeds, other draws, more leads."""
    seen, test = court.seen, court.test
    more = world(2 * LEADS, 99)

    def again(seed: int) -> Gate:
        return court.verdict(scored(card_of(seen, seed=seed), test))

    def redrawn(seed: int) -> Gate:
        rows = np.random.default_rng(seed).choice(len(more.bought), round(1.2 * LEADS), replace=False)
        return court.verdict(scored(card_of(more.take(np.sort(rows))), test))

    def larger(seed: int) -> Gate:
        return court.verdict(scored(card_of(more, seed=seed), test))

    found: dict[str, Callable[[], Gate]] = {f"another seed ({s})": lambda s=s: again(s) for s in range(1, 8)}
    found |= {f"a fifth more leads, drawn anew ({s})": lambda s=s: redrawn(s) for s in range(1, 8)}
    return found | {f"twice the leads ({s})": lambda s=s: larger(s) for s in range(1, 7)}


def main() -> None:
    """Print every candidate with what the gate said, and the counts."""
    seen, test = world(LEADS, 1), world(TEST, 2)
    champion = card_of(seen)
    court = Court(seen, test, scored(champion, test), beside(champion, seen, test))
    kept = promoted = 0
    for name, ask in bad(court).items():
        gate = ask()
        kept += gate.decision != "promote"
        print(f"bad   {gate.decision:8} {name}: {gate.reasons[0]}")
    for name, ask in good_ones(court).items():
        gate = ask()
        promoted += gate.decision == "promote"
        print(f"good  {gate.decision:8} {name}: {gate.reasons[0]}")
    print(f"{kept} of 20 bad candidates kept back, {promoted} of 20 good ones promoted")


if __name__ == "__main__":
    main()

"""The numbers behind the pictures: gains with their band, reliability, months; the same for any order of the leads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from scoring.ratios import Kept, kept_of, ratio_interval

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

GRID = np.linspace(0, 1, 101)
"""Shares of leads called at which gains are drawn."""

ROUNDS = 400
GROUPS = 2000
"""Places of the ranking that leads are drawn by: leads of neighbouring scores share one in large tests."""


@dataclass(frozen=True, slots=True)
class Gains:
    """Of the best GRID shares of leads, the share of all that was gained. low, high: the middle 95 % of redraws."""

    share: Floats
    low: Floats
    high: Floats

    def at(self, called: float) -> tuple[float, float, float]:
        """Share, low and high of the best `called` share of leads."""
        return tuple(float(np.interp(called, GRID, v)) for v in (self.share, self.low, self.high))  # type: ignore[return-value]


def gains_of(gained: Floats, score: Floats, *, seed: int, rounds: int = ROUNDS) -> Gains:
    """gained: what each lead brought, 0 of those that did not buy; ties count as drawn by lot. Shapes (n,).

    The band is a Poisson bootstrap (Hanley and MacGibbon 2006) of places of the ranking.
    """
    leads, worth, square = _ranked(gained, score)
    share = _curve(leads, worth)
    if len(leads) > GROUPS:
        starts = np.linspace(0, len(leads), GROUPS, endpoint=False).astype(np.intp)
        leads, worth, square = (np.add.reduceat(v, starts) for v in (leads, worth, square))
    dice = np.random.default_rng(seed)
    buyers = np.where(square > 0, worth**2 / np.maximum(square, 1e-300), 0.0)
    redraws = []
    for _ in range(rounds):
        bought = dice.poisson(buyers)
        others = dice.poisson(np.maximum(leads - buyers, 0))
        drawn = np.where(buyers > 0, worth * bought / np.maximum(buyers, 1e-300), 0.0)
        if drawn.sum() > 0:
            redraws.append(_curve((bought + others).astype(np.float64), drawn))
    if not redraws:
        return Gains(share, share, share)
    low, high = np.percentile(np.array(redraws), (2.5, 97.5), axis=0)
    return Gains(share, np.minimum(low, share), np.maximum(high, share))


def perfect_of(gained: Floats) -> tuple[Floats, Floats]:
    """The gains curve of whoever knew beforehand what each lead brings: shares of leads called, shares gained.

    >>> [[round(float(v), 2) for v in ends[[0, 50, -2, -1]]] for ends in perfect_of(np.array([1.0, 0.0, 0.0, 0.0]))]
    [[0.0, 0.12, 0.25, 1.0], [0.0, 0.5, 1.0, 1.0]]
    """
    best = -np.sort(-gained)
    found = np.concatenate(([0.0], np.cumsum(best)))
    bought = GRID * (best > 0).mean()
    share = np.interp(bought, np.linspace(0, 1, len(found)), found / max(found[-1], 1e-300))
    return np.append(bought, 1.0), np.append(share, share[-1])


def _ranked(gained: Floats, score: Floats) -> tuple[Floats, Floats, Floats]:
    """Of every place of the ranking, best first: leads, what they gained, its squares."""
    _, place = np.unique(-score, return_inverse=True)
    return tuple(np.bincount(place, weights=w).astype(np.float64) for w in (np.ones(len(score)), gained, gained**2))  # type: ignore[return-value]


def _curve(leads: Floats, worth: Floats) -> Floats:
    called = np.concatenate(([0.0], np.cumsum(leads)))
    found = np.concatenate(([0.0], np.cumsum(worth)))
    return np.asarray(np.interp(GRID, called / max(called[-1], 1e-300), found / max(found[-1], 1e-300)))


@dataclass(frozen=True, slots=True)
class Group:
    """Leads that stand together: how many, how many bought, the mean promise, and the share's 95 % interval.

    kept: whether observed/expected is 1 within its interval, by the test that all leads are held to.
    """

    name: str
    leads: int
    buyers: int
    promised: float
    low: float
    high: float
    kept: Kept

    @property
    def happened(self) -> float:
        """The share that bought."""
        return self.buyers / self.leads


def group_of(name: str, bought: Flags, promised: Floats) -> Group:
    """One group's figures; the share's interval is that of observed/expected, times what was promised."""
    expected, mean = max(float(promised.sum()), 1e-12), float(promised.mean())
    ends = ratio_interval(int(bought.sum()), expected, float((promised**2).sum()))
    low, high = (min(1.0, end * expected / len(bought)) for end in ends)
    return Group(name, len(bought), int(bought.sum()), mean, low, high, kept_of(ends))


def reliability_of(bought: Flags, probability: Floats, most: int = 10) -> list[Group]:
    """Leads in parts of equal size by promise, least first; leads of one promise stay together."""
    ordered = np.sort(probability)
    cuts = np.unique(ordered[np.linspace(0, len(ordered), most, endpoint=False).astype(np.intp)])
    place = np.searchsorted(cuts, probability, side="right")
    return [group_of(str(k), bought[place == k], probability[place == k]) for k in np.unique(place).tolist()]


SPANS = (("%Y-%m", 3), ("%G-W%V", 0))
"""Months where there are at least three, else weeks."""

MOST_SPANS = 24


def over_time(as_of: NDArray[np.int64], bought: Flags, probability: Floats) -> list[Group]:
    """Leads by the month (or week) that they were looked at, the latest 24 of them."""
    for form, fewest in SPANS:
        days, place = np.unique(as_of // 86_400, return_inverse=True)
        names = np.array([datetime.fromtimestamp(int(d) * 86_400, UTC).strftime(form) for d in days])[place]
        found = np.unique(names)
        if len(found) >= fewest:
            break
    return list(_by_name(found[-MOST_SPANS:].tolist(), names, bought, probability))


def _by_name(found: list[str], names: NDArray[np.str_], bought: Flags, probability: Floats) -> Iterator[Group]:
    for name in found:
        mine = names == name
        yield group_of(name, bought[mine], probability[mine])

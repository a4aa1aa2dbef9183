"""How sure a figure is: paired bootstrap of test leads, and what chance alone does to a calibration error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.measure import CALIBRATION_BINS

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ROUNDS = 1000
SEED = 7
LEVEL = (2.5, 97.5)
"""The ends of a 95 % interval, in percent."""

CELLS = 4_000_000
"""Leads x rounds that are worked on at a time: some 100 MB."""


@dataclass(frozen=True)
class Interval:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """Plain data for people and programs."""
        return {"value": self.value, "low": self.low, "high": self.high}

    def text(self, form: str = ".3f") -> str:
        """`0.812 (0.790 to 0.834)`."""
        return f"{self.value:{form}} ({self.low:{form}} to {self.high:{form}})"

    def __str__(self) -> str:
        return f"{self.value:+.4f} ({self.low:+.4f} to {self.high:+.4f})"


@dataclass(frozen=True)
class Ranked:
    """n leads in order of a score, best first. end: the last place of each lead's ties. Shapes (n,)."""

    order: NDArray[np.intp]
    first: NDArray[np.intp]
    end: NDArray[np.intp]

    @classmethod
    def by(cls, score: Floats) -> Ranked:
        """The order of a score; of equal scores none is before the other."""
        order = np.argsort(-score, kind="stable")
        ordered = -score[order]
        first = np.searchsorted(ordered, ordered, side="left")
        return cls(order, first, np.searchsorted(ordered, ordered, side="right"))


def paired(
    bought: Flags, first: Floats, second: Floats, *, rounds: int = ROUNDS, seed: int = SEED
) -> dict[str, Interval]:
    """First less second on the same leads: `auc`, `log_loss`, `buyers_in_top_10pct`, `buyers_in_top_20pct`.

    first, second: log-odds, shape (n,). Leads are drawn with replacement, buyers and others apart (Efron and Tibshirani
    1993, percentile intervals), for both scores alike.
    """
    rank = (Ranked.by(first), Ranked.by(second))
    losses = np.array([_losses(bought, first), _losses(bought, second)])
    whole = _differences(np.ones((1, len(bought))), bought, rank, losses)
    parts = [_differences(weight, bought, rank, losses) for weight in draws(bought, rounds, seed)]
    drawn = {name: np.concatenate([part[name] for part in parts]) for name in whole}
    return {name: _interval(float(whole[name][0]), drawn[name]) for name in whole}


def draws(bought: Flags, rounds: int, seed: int) -> Iterator[Floats]:
    """How often each lead is drawn, float64 (some rounds, n), until all rounds are done; as many buyers in each."""
    dice = np.random.default_rng(seed)
    step = max(1, CELLS // max(1, len(bought)))
    for start in range(0, rounds, step):
        some = min(step, rounds - start)
        weight = np.empty((some, len(bought)))
        for group in (bought, ~bought):
            count = int(group.sum())
            if count:
                weight[:, group] = dice.multinomial(count, np.full(count, 1 / count), size=some)
        yield weight


def auc_of(weight: Floats, bought: Flags, ranked: Ranked) -> Floats:
    """The area under the ROC curve in every round; ties count half. weight: (rounds, n)."""
    buyers, others = _upto(weight * bought, ranked), _upto(weight * ~bought, ranked)
    mine = (weight * bought)[:, ranked.order]
    behind = others[:, -1:] - (others[:, ranked.first] + others[:, ranked.end]) / 2
    return np.asarray((mine * behind).sum(axis=1) / (buyers[:, -1] * others[:, -1]))


def top_of(weight: Floats, bought: Flags, ranked: Ranked, share: float) -> Floats:
    """The share of buyers among the best `share` of leads in every round; ties count as drawn by lot."""
    leads, buyers = _upto(weight, ranked), _upto(weight * bought, ranked)
    places = share * leads[:, -1]
    found = np.empty(len(weight))
    for i, place in enumerate(places.tolist()):
        at = min(int(np.searchsorted(leads[i], place, side="right")) - 1, len(ranked.order) - 1)
        low, high = ranked.first[at], ranked.end[at]
        inside = leads[i, high] - leads[i, low]
        part = (place - leads[i, low]) / inside if inside else 0.0
        found[i] = buyers[i, low] + part * (buyers[i, high] - buyers[i, low])
    return found / buyers[:, -1]


def calibration_noise(probability: Floats, *, rounds: int = 500, seed: int = SEED) -> float:
    """The calibration error that a perfectly calibrated model stays below in 95 of 100 tests as large.

    Who buys is drawn by what was promised (Broecker and Smith 2007). probability: shape (n,).
    """
    dice = np.random.default_rng(seed)
    ordered = np.sort(probability)
    bins = np.array_split(np.arange(len(ordered)), min(CALIBRATION_BINS, len(ordered)))
    starts = np.array([part[0] for part in bins])
    step, found = max(1, CELLS // max(1, len(ordered))), []
    for start in range(0, rounds, step):
        bought = dice.random((min(step, rounds - start), len(ordered))) < ordered
        gaps = np.add.reduceat(ordered - bought, starts, axis=1)
        found.append(np.abs(gaps).sum(axis=1) / len(ordered))
    return float(np.quantile(np.concatenate(found), 0.95))


def _losses(bought: Flags, log_odds: Floats) -> Floats:
    return np.asarray(np.logaddexp(0, np.where(bought, -log_odds, log_odds)))


def _upto(weight: Floats, ranked: Ranked) -> Floats:
    """The weight of the leads before each place and, last, of all; (rounds, n + 1)."""
    total = np.cumsum(weight[:, ranked.order], axis=1)
    return np.concatenate((np.zeros((len(weight), 1)), total), axis=1)


def _differences(weight: Floats, bought: Flags, rank: tuple[Ranked, Ranked], losses: Floats) -> dict[str, Floats]:
    first, second = rank
    loss = weight @ losses.T / weight.sum(axis=1, keepdims=True)
    return {
        "auc": auc_of(weight, bought, first) - auc_of(weight, bought, second),
        "log_loss": loss[:, 0] - loss[:, 1],
        "buyers_in_top_10pct": top_of(weight, bought, first, 0.1) - top_of(weight, bought, second, 0.1),
        "buyers_in_top_20pct": top_of(weight, bought, first, 0.2) - top_of(weight, bought, second, 0.2),
    }


def _interval(value: float, drawn: Floats) -> Interval:
    low, high = np.percentile(drawn, LEVEL)
    return Interval(value, float(low), float(high))


@dataclass(frozen=True)
class Plain:
    """Three plain numbers: the share of leads that are flagged, of buyers among all that are, best grade to worst."""

    flagged: float
    buyers_flagged: float
    best_against_worst: float | None

    def as_dict(self) -> dict[str, float | None]:
        """Plain data for people and programs."""
        return {
            "leads_flagged": self.flagged,
            "buyers_flagged": self.buyers_flagged,
            "best_grade_against_worst": self.best_against_worst,
        }


def plain_numbers(bought: Flags, grades: NDArray[np.str_]) -> Plain:
    """Leads of grade A and B are flagged; best against worst: how many times as many of A buy as of D. Shapes (n,)."""
    flagged = np.isin(grades, ("A", "B"))
    best, worst = (float(bought[grades == g].mean()) if (grades == g).any() else None for g in "AD")
    times = best / worst if best is not None and worst else None
    return Plain(float(flagged.mean()), float(flagged[bought].mean()) if bought.any() else 0.0, times)

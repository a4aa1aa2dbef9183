"""Rank and grade: a total, stable order of leads, and cuts that live beside the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .scorecard import REFERENCE_STEPS

Ids = Any
"""A sequence of texts, or an Arrow array of them."""


@dataclass(frozen=True, slots=True)
class GradeCuts:
    """The shares of reference leads above which a lead is an A, a B or a C; the rest is D. version counts changes."""

    a: float = 0.10
    b: float = 0.30
    c: float = 0.60
    version: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.a <= self.b <= self.c <= 1:
            raise ValueError(f"grade cuts must rise from 0 to 1: a={self.a}, b={self.b}, c={self.c}")

    def grade_of(self, per_mille: int) -> str:
        """A to D of `Scorecard.per_mille_of`.

        >>> [GradeCuts().grade_of(p) for p in (1000, 900, 899, 700, 400, 0)]
        ['A', 'A', 'B', 'B', 'C', 'D']
        """
        for grade, share in (("A", self.a), ("B", self.b), ("C", self.c)):
            if per_mille >= REFERENCE_STEPS - round(REFERENCE_STEPS * share):
                return grade
        return "D"


def ranks(worth: NDArray[np.float64], log_odds: NDArray[np.int64], ids: Ids) -> NDArray[np.int64]:
    """The rank of every lead, 1 the best, shape (n,): by worth, ties by log-odds, then by id.

    worth: expected value where there is one, else probability. Rows of one id keep their order.
    """
    return positions(best_first(worth, log_odds, ids))


def best_first(worth: NDArray[np.float64], log_odds: NDArray[np.int64], ids: Ids) -> NDArray[np.intp]:
    """The rows in rank order, shape (n,)."""
    order = np.lexsort((-log_odds, -worth))
    same = (worth[order[1:]] == worth[order[:-1]]) & (log_odds[order[1:]] == log_odds[order[:-1]])
    tied = np.concatenate(([False], same)) | np.concatenate((same, [False]))
    places = np.flatnonzero(tied)
    if len(places):
        # Only tied ids are compared: a million texts cost more to sort than to score.
        rows = order[places]
        run = np.cumsum(~np.concatenate(([False], same)))[places]
        names = ids.take(rows).to_pylist() if hasattr(ids, "take") else [ids[row] for row in rows.tolist()]
        keys = sorted(range(len(rows)), key=lambda k: (run[k], names[k], rows[k]))
        order[places] = rows[keys]
    return order


def positions(order: NDArray[np.intp]) -> NDArray[np.int64]:
    """The place of every row in an order, counted from 1."""
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(1, len(order) + 1)
    return place

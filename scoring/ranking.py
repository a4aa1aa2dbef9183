"""Rank: a total, stable order of leads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = Any
"""A sequence of texts, or an Arrow array of them."""


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

"""Folds: which leads a fit sees and which are held out, at random or forward in time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from scoring.values import DAY

Rows = NDArray[np.intp]
Fold = tuple[Rows, Rows]
Flags = NDArray[np.bool_]
Moments = NDArray[np.int64]

BAGS = 5
"""Fits on four fifths each, stopped on the other fifth, averaged: every lead is out of fold once."""

BIG = 200_000
"""From so many leads on three bags do: the spread between bags is small against what more leads teach."""

CUTS = (0.55, 0.7, 0.85, 1.0)
"""Shares of the leads, by time, at which forward folds begin and end."""

MIN_SEEN_BUYERS = 30
MIN_HELD_BUYERS = 10
"""A forward fold with fewer buyers to learn from or to judge by says more about chance than about a family."""


def random_folds(bought: Flags, seed: int, group: NDArray[np.int64] | None = None) -> list[Fold]:
    """Stratified folds; the leads must stand in canonical order. Rows of one group fall into one fold."""
    few = int(min(bought.sum(), (~bought).sum()))
    count = max(2, min(BAGS if len(bought) < BIG else 3, few))
    if group is None:
        return list(StratifiedKFold(count, shuffle=True, random_state=seed).split(bought, bought))
    fold = _fold_of_groups(bought, seed, group, count)
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(count)]


def _fold_of_groups(bought: Flags, seed: int, group: NDArray[np.int64], count: int) -> Rows:
    """Each row's fold: groups with a buyer and those without are dealt out in turn, in an order that is drawn."""
    keys, place = np.unique(group, return_inverse=True)
    buys = np.bincount(place, weights=bought) > 0
    order = np.random.default_rng(seed).permutation(len(keys))
    dealt = np.empty(len(keys), dtype=np.intp)
    for who in (buys, ~buys):
        mine = order[who[order]]
        dealt[mine] = np.arange(len(mine)) % count
    return dealt[place]


def forward_folds(
    bought: Flags, as_of: Moments, horizon_days: int, weight: NDArray[np.float64] | None = None
) -> list[Fold]:
    """Each fold's held-out leads come after a cut, and the seen ones' horizons had passed by then. Perhaps none."""
    edges = np.quantile(as_of, CUTS, method="lower")
    leads = np.ones(len(bought)) if weight is None else weight
    folds = []
    for start, end in pairwise(edges.tolist()):
        seen = np.flatnonzero(as_of <= start - horizon_days * DAY)
        held = np.flatnonzero((as_of > start) & (as_of <= end))
        if enough(bought[seen], MIN_SEEN_BUYERS, leads[seen]) and enough(bought[held], MIN_HELD_BUYERS, leads[held]):
            folds.append((seen, held))
    return folds


def even(rows: Rows, most: int) -> Rows:
    """At most so many of the rows, evenly spaced; where leads stand in canonical order, the same for any file."""
    return rows[np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(np.intp)]


def enough(bought: Flags, least: float, weight: NDArray[np.float64] | None = None) -> bool:
    """Whether at least so many bought, and so many did not, by weight."""
    leads = np.ones(len(bought)) if weight is None else weight
    return bool(min(leads[bought].sum(), leads[~bought].sum()) >= least)

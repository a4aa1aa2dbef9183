"""What it says that a field has a value at all: of who bought, and of whose sale is closed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, Numbers
from scoring.values import level_key

Flags = NDArray[np.bool_]

LEAST = 0.02
"""The least share of leads with and without a value."""

STANDARD_ERRORS = 5.0
"""Standard errors from chance below which nothing is said."""

GROUP = 5
"""Closed and open leads that a month needs to be compared."""


def filled_odds(given: Flags, bought: Flags) -> tuple[float, float]:
    """How much likelier, in log-odds, leads with a value buy, and how many have one; 0 where it may be chance."""
    share = float(given.mean())
    if not LEAST <= share <= 1 - LEAST:
        return 0.0, share
    a, b = int((given & bought).sum()) + 0.5, int((given & ~bought).sum()) + 0.5
    c, d = int((~given & bought).sum()) + 0.5, int((~given & ~bought).sum()) + 0.5
    odds, error = float(np.log(a * d / (b * c))), float(np.sqrt(1 / a + 1 / b + 1 / c + 1 / d))
    return (odds if abs(odds) > STANDARD_ERRORS * error else 0.0), share


def closed_against_open(
    columns: Mapping[str, Column], closed: Flags, created: NDArray[np.int64] | None, missing_words: frozenset[str]
) -> dict[str, float]:
    """By how much oftener each column is filled for closed leads than for open ones created in the same month.

    Empty where there are no open leads to compare with. Shapes (n,).
    """
    month = np.zeros(len(closed), np.int64) if created is None else created // (30 * 86_400)
    found, place = np.unique(month, return_inverse=True)
    shut, open_ = (np.bincount(place[who], minlength=len(found)) for who in (closed, ~closed))
    weight = np.where((shut >= GROUP) & (open_ >= GROUP), np.minimum(shut, open_), 0)
    if not weight.sum():
        return {}
    gaps = {}
    for name, column in columns.items():
        given = is_given(column, missing_words)
        of_shut = np.bincount(place[closed], weights=given[closed], minlength=len(found)) / np.maximum(shut, 1)
        of_open = np.bincount(place[~closed], weights=given[~closed], minlength=len(found)) / np.maximum(open_, 1)
        gaps[name] = float(np.average(of_shut - of_open, weights=weight))
    return gaps


def is_given(column: Column, missing_words: frozenset[str]) -> Flags:
    """Which rows have a value; shape (n,)."""
    if isinstance(column, Numbers):
        return np.isfinite(column.values)
    filled = [v is not None and not (isinstance(v, str) and level_key(v) in missing_words) for v in column.values]
    return np.array([*filled, False])[column.index]

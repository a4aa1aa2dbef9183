"""Whether the young leads are like the mature ones: only then may the mature stand for them by weight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, Numbers

from .history import History

Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]

LEVELS = 30
"""Levels of a field that are compared, the usual ones; the rest as one."""

QUANTILES = 8
TOO_UNLIKE = 6.0
"""Standard deviations of chi-squared beyond its mean: none of hundreds of fields passes it by chance."""

FEWEST = 5
"""Leads of a level that are expected of the young and of the mature, so that chi-squared is to be believed."""


def alike(history: History, leads: NDArray[np.intp], young: Flags) -> bool:
    """Whether no field tells young leads from mature ones. Shapes (n,).

    A source that is a month old has buyers and nobody who did not buy in the whole horizon: weights would promise that
    most of its leads buy.
    """
    return all(as_often(_codes(column.rows(leads)), young) for column in history.columns.values())


def as_often(codes: Codes, young: Flags) -> bool:
    """Whether each level is as usual with the young as with the mature, but for chance. Shapes (n,)."""
    if not young.any() or young.all():
        return True
    return _unlikeness(codes, young) < TOO_UNLIKE


def _codes(column: Column) -> Codes:
    """Quantiles of numbers, the usual levels of others; 0 is missing."""
    if not isinstance(column, Numbers):
        counts = np.bincount(column.index + 1, minlength=len(column.values) + 1)
        usual = counts >= np.sort(counts)[-min(LEVELS, len(counts))]
        return np.asarray(np.where(usual, np.arange(len(counts)), len(counts))[column.index + 1], dtype=np.int64)
    given = column.values[np.isfinite(column.values)]
    if not len(given):
        return np.zeros(len(column.values), dtype=np.int64)
    edges = np.unique(np.quantile(given, np.linspace(0, 1, QUANTILES + 1)[1:-1]))
    found = 1 + np.searchsorted(edges, np.nan_to_num(column.values), side="left")
    return np.where(np.isfinite(column.values), found, 0)


def _unlikeness(codes: Codes, young: Flags) -> float:
    """Chi-squared of a field's levels by young and mature, in standard deviations beyond its mean."""
    both, mine = np.bincount(codes), np.bincount(codes, weights=young)
    share = young.mean()
    enough = both * min(share, 1 - share) >= FEWEST
    expected, found = both[enough] * share, mine[enough]
    freedom = max(len(found) - 1, 1)
    chi = float((((found - expected) ** 2) / (expected * (1 - share))).sum())
    return (chi - freedom) / float(np.sqrt(2 * freedom))

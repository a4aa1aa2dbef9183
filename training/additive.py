"""An additive model as tables of floats: purified, pruned, calibrated, and compiled to a scorecard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made

import numpy as np
from numpy.typing import NDArray

from scoring.fields import FIRST, Field, Kind
from scoring.scorecard import SCALE, Main, Pair

from .design import Design

Floats = NDArray[np.float64]
Axis = NDArray[np.intp]

MAX_PAIRS = 40
"""Pairs kept of those learned: more than a person reads, and no loss was measured against keeping all."""

MIN_SPREAD = 0.005
"""A pair whose values spread less than this many log-odds (a twentieth of a point's odds) is dropped."""

SETTLED = 1e-10
"""Purification ends when no row or column mean is further from zero, in log-odds."""


@dataclass(frozen=True)
class PairTable:
    """values[rows[code of a], columns[code of b]] in log-odds."""

    rows: Axis
    columns: Axis
    values: Floats


@dataclass(frozen=True)
class Additive:
    """log-odds = base + mains[field][code] + pairs[a, b] + words[field] of each word: [missing, base, ...].

    lines: log-odds a unit of the number fields that speak in proportion to their value, beyond their bins too.
    """

    base: float
    mains: Mapping[int, Floats]
    pairs: Mapping[tuple[int, int], PairTable]
    words: Mapping[int, Floats]
    lines: Mapping[int, float] = made(default_factory=dict)

    def scaled(self, slope: float, intercept: float) -> Additive:
        """The affine map of the log-odds: intercept + slope x."""
        return Additive(
            intercept + slope * self.base,
            {i: slope * t for i, t in self.mains.items()},
            {k: PairTable(p.rows, p.columns, slope * p.values) for k, p in self.pairs.items()},
            {i: slope * t for i, t in self.words.items()},
            {i: slope * line for i, line in self.lines.items()},
        )


def log_odds_of(model: Additive, design: Design) -> Floats:
    """The model's log-odds of every lead, shape (n,)."""
    total = np.full(design.rows, model.base)
    for i, table in model.mains.items():
        total += table[design.codes[:, i]]
    for (a, b), pair in model.pairs.items():
        total += pair.values[pair.rows[design.codes[:, a]], pair.columns[design.codes[:, b]]]
    for i, table in model.words.items():
        total += np.where(design.codes[:, i] == 0, table[0], table[1])
        total += design.words[i] @ table[FIRST[Kind.TEXT] :]
    return total


def mean_of(models: Sequence[Additive]) -> Additive:
    """The mean of models of the same fields, in log-odds; a pair that a model has not is 0 there."""
    n, first = len(models), models[0]
    axes = {k: p for m in models for k, p in m.pairs.items()}
    return Additive(
        sum(m.base for m in models) / n,
        {i: np.sum([m.mains[i] for m in models], axis=0) / n for i in first.mains},
        {
            k: PairTable(p.rows, p.columns, np.sum([m.pairs[k].values for m in models if k in m.pairs], axis=0) / n)
            for k, p in sorted(axes.items())
        },
        {i: np.sum([m.words[i] for m in models], axis=0) / n for i in first.words},
    )


def blend(first: Additive, second: Additive, share: float) -> Additive:
    """share x first + (1 - share) x second, in log-odds; only the first may have pairs, and only the second lines."""
    return Additive(
        share * first.base + (1 - share) * second.base,
        {i: share * first.mains[i] + (1 - share) * second.mains[i] for i in first.mains},
        {k: PairTable(p.rows, p.columns, share * p.values) for k, p in first.pairs.items()},
        {i: share * first.words[i] + (1 - share) * second.words[i] for i in first.words},
        {i: (1 - share) * line for i, line in second.lines.items()} if share < 1 else {},
    )


def purified(model: Additive, design: Design, *, max_pairs: int = MAX_PAIRS) -> Additive:
    """The same function with pair tables of mean zero along rows and columns, the weakest pairs dropped, all centred.

    Weights are the design's counts (functional ANOVA by mass moving: Lengerich et al. 2020). Codes that no lead of
    the design has get 0: the average lead.
    """
    mains = {i: t.copy() for i, t in model.mains.items()}
    pairs: dict[tuple[int, int], PairTable] = {}
    spread: dict[tuple[int, int], float] = {}
    for (a, b), pair in model.pairs.items():
        merged, weights = _merged(pair, design, a, b)
        pure, row_means, column_means = _purify(merged.values, weights)
        mains[a] += row_means[merged.rows]
        mains[b] += column_means[merged.columns]
        pairs[a, b] = PairTable(merged.rows, merged.columns, pure)
        spread[a, b] = float(np.sqrt((weights * pure**2).sum() / weights.sum()))
    strongest = sorted((k for k in pairs if spread[k] >= MIN_SPREAD), key=lambda k: (-spread[k], k))[:max_pairs]
    base, mains = _centred(model.base, mains, design)
    base, words = _centred_words(base, model.words, design)
    return Additive(base, mains, {k: pairs[k] for k in strongest}, words, model.lines)


def _merged(pair: PairTable, design: Design, a: int, b: int) -> tuple[PairTable, Floats]:
    """Rows and columns that are alike become one; codes that no lead has share an empty one. With counts of leads."""
    full = pair.values[pair.rows][:, pair.columns]
    rows, first_rows = _alike(full, design.counts(a) > 0)
    columns, first_columns = _alike(full.T, design.counts(b) > 0)
    width = len(first_columns)
    cells = rows[design.codes[:, a]] * width + columns[design.codes[:, b]]
    leads = np.bincount(cells, weights=design.weight, minlength=len(first_rows) * width)
    weights = np.asarray(leads.reshape(len(first_rows), width), dtype=np.float64)
    return PairTable(rows, columns, full[np.ix_(first_rows, first_columns)]), weights


def _alike(table: Floats, seen: NDArray[np.bool_]) -> tuple[Axis, Axis]:
    """The group of every row, groups in order of their first row, and one row of each."""
    marked = np.column_stack((np.where(seen[:, None], np.round(table, 9), 0.0), seen))
    _, first, group = np.unique(marked, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return place[group.ravel()], first[order]


def _purify(values: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    pure = values.copy()
    rows, columns = np.zeros(len(values)), np.zeros(values.shape[1])
    row_weights, column_weights = weights.sum(axis=1), weights.sum(axis=0)
    for _ in range(1000):
        row = (weights * pure).sum(axis=1) / np.where(row_weights > 0, row_weights, 1)
        pure -= row[:, None]
        column = (weights * pure).sum(axis=0) / np.where(column_weights > 0, column_weights, 1)
        pure -= column
        rows += row
        columns += column
        if max(np.abs(row).max(), np.abs(column).max()) < SETTLED:
            break
    pure[row_weights == 0] = 0
    pure[:, column_weights == 0] = 0
    return pure, rows, columns


def _centred(base: float, mains: Mapping[int, Floats], design: Design) -> tuple[float, dict[int, Floats]]:
    centred = {}
    for i, table in mains.items():
        counts = design.counts(i)
        mean = float((counts * table).sum() / counts.sum())
        base += mean
        centred[i] = np.where(counts > 0, table - mean, 0.0)
    return base, centred


def _centred_words(base: float, words: Mapping[int, Floats], design: Design) -> tuple[float, dict[int, Floats]]:
    centred = {}
    for i, table in words.items():
        values = np.where(design.codes[:, i] == 0, table[0], table[1]) + design.words[i] @ table[FIRST[Kind.TEXT] :]
        mean = float(np.average(values, weights=design.weight))
        base += mean
        shifted = table.copy()
        shifted[: FIRST[Kind.TEXT]] -= mean
        if not (design.codes[:, i] == 0).any():
            shifted[0] = 0.0
        centred[i] = shifted
    return base, centred


def compiled(model: Additive, fields: Sequence[Field]) -> tuple[int, tuple[Main, ...], tuple[Pair, ...]]:
    """Base, mains and pairs as the scorecard's integers of 2^-20 log-odds."""
    tables = {**model.mains, **model.words}
    mains = tuple(Main(i, _integers(tables[i])) for i in range(len(fields)) if i in tables)
    pairs = tuple(
        Pair(a, b, tuple(p.rows.tolist()), tuple(p.columns.tolist()), _integers(p.values.ravel()))
        for (a, b), p in sorted(model.pairs.items())
    )
    return round(model.base * SCALE), mains, pairs


def _integers(table: Floats) -> tuple[int, ...]:
    return tuple(np.rint(table * SCALE).astype(np.int64).tolist())

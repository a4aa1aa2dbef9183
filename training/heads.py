"""What a card says beside its log-odds: the chance within a short horizon, and the value of a purchase."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import GammaRegressor, LogisticRegression
from threadpoolctl import threadpool_limits

from scoring.batch import TableScorer
from scoring.scorecard import SCALE, STEEPEST, Head, Main, Scorecard
from scoring.values import MISSING_WORDS

from .calibration import intercept_for
from .design import Design, canonical_order, design_of
from .folds import MIN_HELD_BUYERS, enough
from .logistic import basis_of
from .rows import Rows

Floats = NDArray[np.float64]

SHORT_PENALTY = 0.01
"""The inverse ridge penalty of what a field adds to the main log-odds within the short horizon."""

VALUE_ALPHAS = (0.01, 0.03, 0.1, 0.3, 1.0)
"""Ridge penalties that compete for the value."""

FEWEST_VALUES = 30
"""Purchases with a value from which on fields may tell more than their mean."""

FOLDS = 5
MOST_ROWS = 100_000

LOOSE = 10.0
"""The scale of the main log-odds' column: its penalty is a hundredth of a field's."""


def short_head(card: Scorecard, rows: Rows) -> Head:
    """The log-odds of buying within the short horizon, from the main ones and the fields. rows: labelled so."""
    design, z, order = _seen(card, rows)
    bought, weight = rows.bought[order], rows.weights[order]
    matrix, basis = _matrix(design, z)
    with threadpool_limits(1):
        fit = LogisticRegression(C=SHORT_PENALTY, solver="newton-cholesky", max_iter=100).fit(matrix, bought, weight)
    found = fit.coef_[0].astype(np.float64)
    average = float(np.average(bought, weights=weight))
    head = _head(design, basis, found, float(fit.intercept_[0]), average)
    if rows.level is None or not enough(bought, MIN_HELD_BUYERS, rows.level[order]):
        return head
    shift = intercept_for(matrix @ found + fit.intercept_[0], bought, rows.level[order])
    return replace(head, base=head.base + round(shift * SCALE))


def value_head(card: Scorecard, rows: Rows, value: Floats) -> Head:
    """The logarithm of the value that is expected of a buyer. rows: purchases; value: theirs, above 0. Shapes (n,).

    A gamma regression with a ridge: values are skewed, and their sum is what is promised (McCullagh and Nelder 1989).
    """
    design, z, order = _seen(card, rows, value.view(np.int64))
    value, weight = value[order], rows.weights[order]
    mean = float(np.average(value, weights=weight))
    groups = _numbered(np.arange(len(order)) if rows.lead is None else rows.lead[order])
    if groups.max() + 1 < FEWEST_VALUES:
        return Head(round(np.log(mean) * SCALE), 0, (), mean)
    matrix, basis = _matrix(design, z)
    with threadpool_limits(1):
        alpha = _best_alpha(matrix, value / mean, weight, groups)
        fit = GammaRegressor(alpha=alpha, solver="newton-cholesky", max_iter=100).fit(matrix, value / mean, weight)
    head = _head(design, basis, fit.coef_.astype(np.float64), float(fit.intercept_ + np.log(mean)), mean)
    promised = np.exp(fit.intercept_ + matrix @ fit.coef_)
    level = np.average(value / mean, weights=weight) / np.average(promised, weights=weight)
    return replace(head, base=head.base + round(float(np.log(level)) * SCALE))


def _seen(card: Scorecard, rows: Rows, *keys: NDArray[np.int64]) -> tuple[Design, Floats, NDArray[np.intp]]:
    """The rows' codes and log-odds in canonical order, an even sample of very many."""
    table = {f.name: rows.table[f.name] for f in card.fields}
    design = design_of(card.fields, table, MISSING_WORDS, rows=rows.rows, as_of=rows.as_of)
    order = canonical_order(design, *keys, rows.weights.view(np.int64), rows.bought.astype(np.int64))
    if len(order) > MOST_ROWS:
        order = order[np.linspace(0, len(order) - 1, MOST_ROWS).astype(np.intp)]
    z = TableScorer(card).log_odds(table, rows.rows, as_of=rows.as_of) / SCALE
    return replace(design.take(order), words={}, weight=rows.weights[order]), z[order], order


def _matrix(design: Design, z: Floats) -> tuple[Floats, dict[int, Floats]]:
    """The main log-odds and every field's columns."""
    plain = replace(
        design,
        fields=tuple(design.fields[i] for i in design.plain),
        codes=design.codes[:, design.plain],
    )
    tables = {design.plain[i]: table for i, table in basis_of(plain).tables.items()}
    parts = [LOOSE * z[:, None], *(table[design.codes[:, i]] for i, table in tables.items())]
    return np.concatenate(parts, axis=1), tables


def _head(design: Design, basis: dict[int, Floats], weights: Floats, intercept: float, average: float) -> Head:
    """The fitted columns as a head: slope, base and a table a field."""
    slope = int(np.clip(round(weights[0] * LOOSE * SCALE), -STEEPEST, STEEPEST))
    mains, at = [], 1
    for i, table in basis.items():
        values = table @ weights[at : at + table.shape[1]]
        at += table.shape[1]
        if np.abs(values).max(initial=0.0) * SCALE >= 1:
            mains.append(Main(i, tuple(np.rint(values * SCALE).astype(np.int64).tolist())))
    return Head(round(intercept * SCALE), slope, tuple(mains), average)


def _numbered(leads: NDArray[np.generic]) -> NDArray[np.intp]:
    """Equal leads by a number from 0 on, in order of their first row: the same in a file of another order."""
    _, first, place = np.unique(leads, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[place]


def _best_alpha(matrix: Floats, value: Floats, weight: Floats, groups: NDArray[np.intp]) -> float:
    """The penalty whose promises are nearest on purchases left out, by gamma deviance. groups: rows of one lead."""
    fold = groups % FOLDS
    losses = dict.fromkeys(VALUE_ALPHAS, 0.0)
    for alpha in VALUE_ALPHAS:
        for k in range(FOLDS):
            seen = fold != k
            fit = GammaRegressor(alpha=alpha, solver="newton-cholesky", max_iter=100)
            fit.fit(matrix[seen], value[seen], weight[seen])
            promised = np.exp(fit.intercept_ + matrix[~seen] @ fit.coef_)
            losses[alpha] += float(weight[~seen] @ (value[~seen] / promised + np.log(promised)))
    return min(VALUE_ALPHAS, key=lambda a: (losses[a], -a))

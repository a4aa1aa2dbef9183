"""Additive boosting: shallow trees over at most two fields each, read off exactly as tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from scoring.fields import Kind

from .additive import Additive, mean_of
from .design import Design, marginal_gain
from .folds import Fold, even
from .readoff import Layout, matrix_of, read_off

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Progress = Callable[[str, int, int], None]

LEAVES = 6
"""Leaves of a tree; each looks at most at two fields, whichever way it is reached."""

LEARNING_RATE = 0.1
MAX_TREES = 600
PATIENCE = 30
"""Trees without gain on the held-out fold before a fit stops."""

BAG_ROWS = 250_000
STOP_ROWS = 50_000
"""Rows that a bag learns from and is stopped by, an even sample of more: the bags see different ones."""

MAX_FEATURES = 0.5
"""The share of columns offered to each split."""

MIN_LEADS_A_LEAF = 20
SHRINKAGE = 1.0
"""L2 penalty of a leaf's value, in units of its hessian."""

PAIR_FIELDS = 30
"""Fields offered to pairs where there are more: 435 pairs, which a reading of the tables still takes in seconds."""

ORDERED = (Kind.NUMBER, Kind.DATE)


@dataclass(frozen=True)
class Boosted:
    """Fitted bags. out_of_fold: the log-odds of every lead by the bag that it only stopped, shape (n,)."""

    design: Design
    layout: Layout
    estimators: list[HistGradientBoostingClassifier]
    out_of_fold: Floats

    def log_odds(self, design: Design) -> Floats:
        """The mean of the bags for other leads of the same schema, shape (n,)."""
        matrix = matrix_of(design, self.layout)
        found = [e.decision_function(matrix) for e in self.estimators]
        return np.asarray(np.mean(found, axis=0), dtype=np.float64)

    def additive(self) -> Additive:
        """The mean of the bags as tables."""
        return mean_of([read_off(e, self.design, self.layout) for e in self.estimators])


def fit_boosted(
    design: Design, bought: Flags, *, seed: int, folds: list[Fold], progress: Progress | None = None
) -> Boosted:
    """Learn all mains and pairs at once, a bag for every fold, stopped on its held-out leads. Shapes (n,)."""
    layout = layout_of(design, bought)
    matrix = matrix_of(design, layout)
    out_of_fold = np.full(design.rows, np.nan)
    estimators = []
    for done, (seen, held) in enumerate(folds):
        if progress:
            progress("boosting", done, len(folds))
        estimator = _fit(matrix, bought, design.weight, even(seen, BAG_ROWS), even(held, STOP_ROWS), layout, seed)
        out_of_fold[held] = estimator.decision_function(matrix[held])
        estimators.append(estimator)
    return Boosted(design, layout, estimators, out_of_fold)


def layout_of(design: Design, bought: Flags) -> Layout:
    """The learner's columns; pairs among the fields that explain most by themselves."""
    plain = design.plain
    paired = [i for i in plain if design.fields[i].name not in design.monotone]
    if len(paired) > PAIR_FIELDS:
        gains = {i: marginal_gain(design, i, bought) for i in paired}
        paired = sorted(sorted(paired, key=lambda i: (-gains[i], i))[:PAIR_FIELDS])
    levels = [i for i in plain if design.fields[i].kind not in ORDERED]
    ordered = [i for i in plain if design.fields[i].kind in ORDERED]
    words = [(i, j) for i in sorted(design.words) for j in range(-1, design.words[i].shape[1])]
    return Layout(levels, ordered, words, paired)


def _fit(
    matrix: Floats,
    bought: Flags,
    weight: Floats | None,
    seen: NDArray[np.intp],
    held: NDArray[np.intp],
    layout: Layout,
    seed: int,
) -> HistGradientBoostingClassifier:
    of_seen, of_held = (None if weight is None else weight[rows] for rows in (seen, held))
    estimator = HistGradientBoostingClassifier(
        learning_rate=LEARNING_RATE,
        max_iter=MAX_TREES,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=_rows_a_leaf(of_seen),
        l2_regularization=SHRINKAGE,
        max_features=MAX_FEATURES,
        interaction_cst=layout.constraints(),
        categorical_features=list(range(len(layout.levels))),
        early_stopping=True,
        n_iter_no_change=PATIENCE,
        random_state=seed,
    )
    y = bought.astype(np.int64)
    estimator.fit(
        with_values(matrix[seen]),
        y[seen],
        sample_weight=of_seen,
        X_val=matrix[held],
        y_val=y[held],
        sample_weight_val=of_held,
    )
    return estimator


def _rows_a_leaf(weight: Floats | None) -> int:
    """As many rows as stand for MIN_LEADS_A_LEAF leads, by the usual weight of a row."""
    return MIN_LEADS_A_LEAF if weight is None else round(MIN_LEADS_A_LEAF / min(1.0, float(np.median(weight))))


def with_values(matrix: Floats) -> Floats:
    """The matrix with 0 in columns that have no value at all: scikit-learn refuses these, and passes over constants."""
    empty = np.isnan(matrix).all(axis=0)
    return np.where(empty, 0.0, matrix)

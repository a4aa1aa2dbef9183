"""Additive boosting: shallow trees over at most two fields each, read off exactly as tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from scoring.fields import Kind

from .additive import Additive, PairTable, mean_of
from .design import Design, marginal_gain
from .folds import Fold

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Progress = Callable[[str, int, int], None]

LEAVES = 6
"""Leaves of a tree; each looks at most at two fields, whichever way it is reached."""

LEARNING_RATE = 0.1
MAX_TREES = 600
PATIENCE = 30
"""Trees without gain on the held-out fold before a fit stops."""

MIN_LEADS_A_LEAF = 20
SHRINKAGE = 1.0
"""L2 penalty of a leaf's value, in units of its hessian."""

PAIR_FIELDS = 30
"""Fields offered to pairs where there are more: 435 pairs, which a reading of the tables still takes in seconds."""

READ_ROWS = 400_000
"""Rows of one call that reads tables off: 100 MB at 30 fields."""

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
        matrix = _matrix(design, self.layout)
        found = [e.decision_function(matrix) for e in self.estimators]
        return np.asarray(np.mean(found, axis=0), dtype=np.float64)

    def additive(self) -> Additive:
        """The mean of the bags as tables."""
        return mean_of([read_off(e, self.design, self.layout) for e in self.estimators])


@dataclass(frozen=True)
class Layout:
    """Where each field stands in the learner's matrix: categorical fields first, then ordered ones, then words."""

    levels: list[int]
    ordered: list[int]
    words: list[tuple[int, int]]
    paired: list[int]

    @property
    def fields(self) -> list[int]:
        """The fields in the order of their columns."""
        return [*self.levels, *self.ordered]

    def constraints(self) -> list[set[int]]:
        """Groups of columns that may meet on one path of a tree: pairs of fields, and every other column alone."""
        columns = {field: place for place, field in enumerate(self.fields)}
        pairs = [{columns[a], columns[b]} for a, b in combinations(self.paired, 2)]
        alone = set(range(len(self.fields) + len(self.words))) - {columns[i] for i in self.paired}
        single = [{columns[i]} for i in self.paired] if len(self.paired) < 2 else []
        return [*pairs, *single, *({c} for c in sorted(alone))]


def fit_boosted(
    design: Design, bought: Flags, *, seed: int, folds: list[Fold], progress: Progress | None = None
) -> Boosted:
    """Learn all mains and pairs at once, a bag for every fold, stopped on its held-out leads. Shapes (n,)."""
    layout = layout_of(design, bought)
    matrix = _matrix(design, layout)
    out_of_fold = np.full(design.rows, np.nan)
    estimators = []
    for done, (seen, held) in enumerate(folds):
        if progress:
            progress("boosting", done, len(folds))
        estimator = _fit(matrix, bought, design.weight, seen, held, layout, seed)
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


def _matrix(design: Design, layout: Layout) -> Floats:
    """The learner's matrix, float64 (n, columns): codes; NaN for a missing number; a text's first column says given."""
    columns = [design.codes[:, i].astype(np.float64) for i in layout.levels]
    for i in layout.ordered:
        code = design.codes[:, i].astype(np.float64)
        columns.append(np.where(code == 0, np.nan, code))
    for i, word in layout.words:
        columns.append((design.codes[:, i] if word < 0 else design.words[i][:, word]).astype(np.float64))
    return np.column_stack(columns) if columns else np.zeros((design.rows, 0))


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


def read_off(estimator: HistGradientBoostingClassifier, design: Design, layout: Layout) -> Additive:
    """The estimator as tables, exactly, by asking it for its value at each code and pair of codes.

    f is a sum of terms of at most two fields, so with x0 any one lead f_ij = f(x0; i, j) - f(x0; i) - f(x0; j) + f(x0)
    is all that the pair adds (cut-HDMR: Rabitz and Alis 1999).
    """
    anchor = np.array([_mode(design.codes[:, i]) for i in layout.fields] + [0] * len(layout.words), dtype=np.float64)
    place = {field: p for p, field in enumerate(layout.fields)}
    singles = [(place[i], c) for i in layout.fields for c in range(design.size(i))]
    singles += [(len(layout.fields) + k, 1) for k in range(len(layout.words))]
    values = _ask(estimator, anchor, layout, np.array([[p, c, p, c] for p, c in singles]).reshape(-1, 4))
    base = float(_ask(estimator, anchor, layout, np.array([[0, anchor[0], 0, anchor[0]]]))[0])
    mains, at = {}, 0
    for i in layout.fields:
        mains[i] = values[at : at + design.size(i)] - base
        at += design.size(i)
    words = _read_words(values[at:] - base, layout)
    return Additive(base, mains, _read_pairs(estimator, design, layout, anchor, mains, base), words)


def _read_words(effects: Floats, layout: Layout) -> dict[int, Floats]:
    """A text's table [missing, given, one a word] from the effects of its columns."""
    tables = {}
    for i in dict.fromkeys(field for field, _ in layout.words):
        mine = np.array([e for e, (field, _) in zip(effects, layout.words, strict=True) if field == i])
        tables[i] = np.concatenate(([0.0], mine))
    return tables


def _read_pairs(
    estimator: HistGradientBoostingClassifier,
    design: Design,
    layout: Layout,
    anchor: Floats,
    mains: dict[int, Floats],
    base: float,
) -> dict[tuple[int, int], PairTable]:
    place = {field: p for p, field in enumerate(layout.fields)}
    pairs = list(combinations(layout.paired, 2))
    grids = [
        np.stack(
            np.broadcast_arrays(
                place[a], np.arange(design.size(a))[:, None], place[b], np.arange(design.size(b))[None, :]
            ),
            axis=-1,
        ).reshape(-1, 4)
        for a, b in pairs
    ]
    if not pairs:
        return {}
    values = _ask(estimator, anchor, layout, np.concatenate(grids))
    tables, at = {}, 0
    for a, b in pairs:
        rows, columns = design.size(a), design.size(b)
        table = values[at : at + rows * columns].reshape(rows, columns)
        at += rows * columns
        pure = table - base - mains[a][:, None] - mains[b][None, :]
        tables[a, b] = PairTable(np.arange(rows), np.arange(columns), pure)
    return tables


def _ask(estimator: HistGradientBoostingClassifier, anchor: Floats, layout: Layout, cells: NDArray[np.int64]) -> Floats:
    """The estimator's value at the anchor with two columns set, for rows of (column, code, column, code)."""
    ordered = range(len(layout.levels), len(layout.fields))
    start = np.where(np.isin(np.arange(len(anchor)), ordered) & (anchor == 0), np.nan, anchor)
    found = []
    for first in range(0, len(cells), READ_ROWS):
        part = cells[first : first + READ_ROWS]
        matrix = np.tile(start, (len(part), 1))
        rows = np.arange(len(part))
        for column, code in ((part[:, 0], part[:, 1]), (part[:, 2], part[:, 3])):
            blank = np.isin(column, ordered) & (code == 0)
            matrix[rows, column.astype(np.intp)] = np.where(blank, np.nan, code)
        found.append(estimator.decision_function(matrix))
    return np.concatenate(found)


def _mode(codes: NDArray[np.int32]) -> int:
    return int(np.bincount(codes).argmax())

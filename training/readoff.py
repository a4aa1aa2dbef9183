"""Trees whose paths look at most at two fields, read off as tables, exactly, leaf by leaf."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from .additive import Additive, PairTable, log_odds_of
from .design import Design

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Leaf = tuple[float, dict[int, Flags]]
"""A leaf's value, and for each column on its path the codes that come to it."""

CHECKED_ROWS = 1000
EXACT = 1e-9
"""Log-odds by which tables may differ from their trees on so many leads: sums in another order."""


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


def read_off(estimator: HistGradientBoostingClassifier, design: Design, layout: Layout) -> Additive:
    """The estimator as tables. Pairs that no tree takes have none.

    A leaf adds its value to the leads whose codes lie in one set of codes for each field on its path: to a whole table
    of one field or of two. scikit-learn has no public name for the nodes; so what was read is held against what the
    estimator says.
    """
    columns = _columns(estimator, design, layout)
    singles = [np.zeros(len(column)) for column in columns]
    pairs: dict[tuple[int, int], Floats] = {}
    base = float(estimator._baseline_prediction.item())
    for stage in estimator._predictors:
        for value, path in _leaves(stage[0], columns):
            match sorted(path):
                case []:
                    base += value
                case [a]:
                    singles[a] += value * path[a]
                case [a, b]:
                    table = pairs.setdefault((a, b), np.zeros((len(columns[a]), len(columns[b]))))
                    table += value * np.outer(path[a], path[b])
                case _:
                    raise AssertionError("a path of a tree looks at more than two fields")
    found = _additive(base, singles, pairs, layout)
    _hold_against(found, estimator, design, layout)
    return found


def _columns(estimator: HistGradientBoostingClassifier, design: Design, layout: Layout) -> list[Floats]:
    """Every code of every column of the learner's matrix, as the trees see it."""
    sizes = [design.size(i) for i in layout.fields] + [2] * len(layout.words)
    matrix = np.zeros((max(sizes), len(sizes)))
    for place, size in enumerate(sizes):
        matrix[:size, place] = np.arange(size)
    matrix[0, len(layout.levels) : len(layout.fields)] = np.nan
    seen = estimator._preprocess_X(matrix, reset=False)
    return [seen[:size, place] for place, size in enumerate(sizes)]


def _leaves(tree: Any, columns: list[Floats]) -> list[Leaf]:
    """The leaves of a tree."""
    found: list[Leaf] = []
    waiting: list[tuple[int, dict[int, Flags]]] = [(0, {})]
    while waiting:
        place, path = waiting.pop()
        node = tree.nodes[place]
        if node["is_leaf"]:
            found.append((float(node["value"]), path))
            continue
        column = int(node["feature_idx"])
        left = _goes_left(node, tree.raw_left_cat_bitsets, columns[column])
        before = path.get(column, np.ones(len(left), dtype=bool))
        waiting.append((int(node["left"]), {**path, column: before & left}))
        waiting.append((int(node["right"]), {**path, column: before & ~left}))
    return found


def _goes_left(node: Any, bitsets: NDArray[np.uint32], values: Floats) -> Flags:
    """Which codes of a column go to the left of a node."""
    missing = np.isnan(values)
    if node["is_categorical"]:
        whole = np.where(missing, 0, values).astype(np.int64)
        left = (bitsets[node["bitset_idx"]][whole // 32] >> (whole % 32).astype(np.uint32)) & 1 == 1
    else:
        left = values <= node["num_threshold"]
    return np.asarray(np.where(missing, bool(node["missing_go_to_left"]), left))


def _additive(base: float, singles: list[Floats], pairs: dict[tuple[int, int], Floats], layout: Layout) -> Additive:
    """Tables by field from tables by column. Of two fields of a pair the earlier stands first."""
    fields = layout.fields
    mains = {i: singles[place] for place, i in enumerate(fields)}
    words: dict[int, list[float]] = {}
    for (i, _), table in zip(layout.words, singles[len(fields) :], strict=True):
        base += float(table[0])
        words.setdefault(i, [0.0]).append(float(table[1] - table[0]))
    named = {}
    for (a, b), table in pairs.items():
        i, j = fields[a], fields[b]
        i, j, values = (i, j, table) if i < j else (j, i, table.T)
        named[i, j] = PairTable(np.arange(len(values)), np.arange(values.shape[1]), values)
    return Additive(base, mains, dict(sorted(named.items())), {i: np.array(t) for i, t in words.items()})


def _hold_against(found: Additive, estimator: HistGradientBoostingClassifier, design: Design, layout: Layout) -> None:
    some = design.take(np.linspace(0, design.rows - 1, min(design.rows, CHECKED_ROWS)).astype(np.intp))
    asked = estimator.decision_function(matrix_of(some, layout))
    if np.abs(log_odds_of(found, some) - asked).max() > EXACT:
        raise AssertionError("the tables are not what the trees say: is this scikit-learn's version a pinned one?")


def matrix_of(design: Design, layout: Layout) -> Floats:
    """The learner's matrix, float64 (n, columns): codes; NaN for a missing number; a text's first column says given."""
    columns = [design.codes[:, i].astype(np.float64) for i in layout.levels]
    for i in layout.ordered:
        code = design.codes[:, i].astype(np.float64)
        columns.append(np.where(code == 0, np.nan, code))
    for i, word in layout.words:
        columns.append((design.codes[:, i] if word < 0 else design.words[i][:, word]).astype(np.float64))
    return np.column_stack(columns) if columns else np.zeros((design.rows, 0))

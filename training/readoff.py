"""Trees whose paths look at most at two fields, read off as tables, exactly, by asking the fitted estimator."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from .additive import Additive, PairTable, log_odds_of
from .design import Design

Floats = NDArray[np.float64]
Cells = NDArray[np.int64]
Codes = NDArray[np.intp]

SPREADS = (2, 5)
"""How many times as many values as the largest field has codes an array is made from; the second where the first is too
few to tell the fields of some tree apart."""

CHECKED_ROWS = 1000
EXACT = 1e-7
"""Log-odds by which tables may differ from their trees on so many leads: sums of many stages, rounded."""

READ_ROWS = 400_000
"""Rows of one call that reads the tables of single fields."""

SAME = 1e-12
"""Log-odds that differ by less are one leaf's: a stage's value is a difference of two sums."""

LIKELY = 6
"""Fields of a tree that are tried first: as many as it has leaves, one more than it can have."""


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

    f is a sum of terms of at most two fields, so with x0 any one lead f_ij = f(x0; i, j) - f(x0; i) - f(x0; j) + f(x0)
    is all that the pair adds (cut-HDMR: Rabitz and Alis 1999).
    """
    some = design.take(np.linspace(0, design.rows - 1, min(design.rows, CHECKED_ROWS)).astype(np.intp))
    truth = estimator.decision_function(matrix_of(some, layout))
    for spread in SPREADS:
        tables = _tables(estimator, design, layout, spread)
        if np.abs(log_odds_of(tables, some) - truth).max() < EXACT:
            return tables
    raise AssertionError("the tables are not what the trees say")


def _tables(estimator: HistGradientBoostingClassifier, design: Design, layout: Layout, spread: int) -> Additive:
    anchor = np.array([_mode(design.codes[:, i]) for i in layout.fields] + [0] * len(layout.words), dtype=np.float64)
    place = {field: p for p, field in enumerate(layout.fields)}
    singles = [(place[i], c) for i in layout.fields for c in range(design.size(i))]
    singles += [(len(layout.fields) + k, 1) for k in range(len(layout.words))]
    values = _ask(estimator, anchor, layout, np.array([(0, anchor[0]), *singles], dtype=np.int64))
    base, values = float(values[0]), values[1:]
    mains, at = {}, 0
    for i in layout.fields:
        mains[i] = values[at : at + design.size(i)] - base
        at += design.size(i)
    words = _read_words(values[at:] - base, layout)
    return Additive(base, mains, _read_pairs(estimator, design, layout, anchor, spread), words)


def matrix_of(design: Design, layout: Layout) -> Floats:
    """The learner's matrix, float64 (n, columns): codes; NaN for a missing number; a text's first column says given."""
    columns = [design.codes[:, i].astype(np.float64) for i in layout.levels]
    for i in layout.ordered:
        code = design.codes[:, i].astype(np.float64)
        columns.append(np.where(code == 0, np.nan, code))
    for i, word in layout.words:
        columns.append((design.codes[:, i] if word < 0 else design.words[i][:, word]).astype(np.float64))
    return np.column_stack(columns) if columns else np.zeros((design.rows, 0))


def _read_words(effects: Floats, layout: Layout) -> dict[int, Floats]:
    """A text's table [missing, given, one a word] from the effects of its columns."""
    tables = {}
    for i in dict.fromkeys(field for field, _ in layout.words):
        mine = np.array([e for e, (field, _) in zip(effects, layout.words, strict=True) if field == i])
        tables[i] = np.concatenate(([0.0], mine))
    return tables


def _ask(estimator: HistGradientBoostingClassifier, anchor: Floats, layout: Layout, cells: Cells) -> Floats:
    """The estimator's value at the anchor with one column set, for rows of (column, code)."""
    found = []
    for first in range(0, len(cells), READ_ROWS):
        part = cells[first : first + READ_ROWS]
        matrix = np.tile(anchor, (len(part), 1))
        matrix[np.arange(len(part)), part[:, 0]] = part[:, 1]
        found.append(estimator.decision_function(_blanked(matrix, layout)))
    return np.concatenate(found)


def _blanked(matrix: Floats, layout: Layout) -> Floats:
    """The matrix with NaN for code 0 of an ordered field: missing."""
    ordered = matrix[:, len(layout.levels) : len(layout.fields)]
    ordered[ordered == 0] = np.nan
    return matrix


def _read_pairs(
    estimator: HistGradientBoostingClassifier, design: Design, layout: Layout, anchor: Floats, spread: int
) -> dict[tuple[int, int], PairTable]:
    """What the trees add by pairs of fields.

    All trees are asked at once: in an orthogonal array any two fields meet with all their codes (Bose 1938), and the
    estimator's stages tell the trees apart. Asking pair by pair takes the square of all codes, a hundred times as long.
    """
    paired = layout.paired
    if len(paired) < 2:
        return {}
    sizes = [design.size(i) for i in paired]
    places = [layout.fields.index(i) for i in paired]
    array = Array(sizes, spread)
    matrix = np.tile(anchor, (array.codes.shape[1], 1))
    matrix[:, places] = array.codes.T
    matrix = _blanked(matrix, layout)
    sums: dict[tuple[int, int], Floats] = {}
    before = np.zeros(len(matrix))
    for after in estimator.staged_decision_function(matrix):
        for pair, table in _pairs_of(after - before, array).items():
            sums[pair] = sums.get(pair, 0.0) + table
        before = after
    x0 = anchor[places].astype(np.intp)
    return {
        (paired[a], paired[b]): PairTable(np.arange(sizes[a]), np.arange(sizes[b]), _anchored(t, x0[a], x0[b]))
        for (a, b), t in sorted(sums.items())
    }


def _anchored(table: Floats, row: int, column: int) -> Floats:
    """What the pair adds beyond its fields alone, with the anchor's codes as zero."""
    return np.asarray(table - table[row] - table[:, column, None] + table[row, column])


class Array:
    """An orthogonal array: codes of each field in which any two fields take every pair of their codes.

    Each pair is there about spread^2 times, with other codes of the other fields: that tells whether these matter.
    codes: shape (fields, p^2), the lines of a plane over a prime field, each modulo its field's size.
    """

    def __init__(self, sizes: list[int], spread: int) -> None:
        p = max(spread * max(sizes), len(sizes) - 1)
        while any(p % d == 0 for d in range(2, int(p**0.5) + 1)):
            p += 1
        u, w = np.divmod(np.arange(p * p), p)
        self.sizes = sizes
        self.codes: Codes = np.array([(w if k == p else (u + k * w) % p) % size for k, size in enumerate(sizes)])
        self.counts = [np.bincount(codes) for codes in self.codes]
        self._cells: dict[tuple[int, int], Codes] = {}

    def cells(self, a: int, b: int) -> Codes:
        """The place of every row in the table of two fields."""
        if (a, b) not in self._cells:
            self._cells[a, b] = self.codes[a] * self.sizes[b] + self.codes[b]
        return self._cells[a, b]


def _pairs_of(value: Floats, array: Array) -> dict[tuple[int, int], Floats]:
    """A tree's value as tables of pairs of fields that sum to it; none where one field decides, or no field.

    Where the code of the tree's first field is given, one other field decides. The fields of the tree are nearly
    always those by which the mean differs most; the others are tried where these do not explain it.
    """
    if np.ptp(value) < SAME:
        return {}
    centred = value - value.mean()
    means = [np.bincount(c, weights=centred) / n for c, n in zip(array.codes, array.counts, strict=True)]
    likely = sorted(range(len(means)), key=lambda k: (-float(np.abs(means[k]).max()), k))
    if np.abs(means[likely[0]][array.codes[likely[0]]] - centred).max() < SAME:
        return {}
    for fields in (likely[:LIKELY], likely):
        for first in fields:
            found = _star(value, array, first, [k for k in fields if k != first])
            if found is not None:
                return found
    raise AssertionError("a path of a tree looks at more than two fields")


def _star(value: Floats, array: Array, first: int, others: list[int]) -> dict[tuple[int, int], Floats] | None:
    """The tables of pairs with `first`; None where some code of it leaves more than one other field to decide."""
    codes, sizes = array.codes, array.sizes
    open_ = np.ones(sizes[first], dtype=bool)
    found = {}
    for k in others:
        cells, table = array.cells(first, k), np.zeros(sizes[first] * sizes[k])
        table[cells] = value
        mine = open_.copy()
        mine[codes[first][np.abs(table[cells] - value) >= SAME]] = False
        if mine.any():
            both = np.where(mine[:, None], table.reshape(sizes[first], sizes[k]), 0.0)
            found[(first, k) if first < k else (k, first)] = both if first < k else both.T
            open_ &= ~mine
            if not open_.any():
                return found
    return None


def _mode(codes: NDArray[np.int32]) -> int:
    return int(np.bincount(codes).argmax())

"""A table's columns as plain arrays, and their codes: the vectorised door to the same coders as a single lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
from numpy.typing import NDArray

from .fields import ABSENT, FIRST, MISSING, Field, Kind, Warn, coder, is_blank, word_coder
from .values import DAY, NotReadable, read_moment

Codes = NDArray[np.int32]
Moments = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Coded:
    """A dictionary-encoded column: row i holds values[index[i]]; an index of -1 is missing."""

    values: Sequence[object]
    index: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.index)

    def take(self, per_value: Sequence[int], missing: int) -> Codes:
        """One number for every row, from one number for every value."""
        table = np.empty(len(per_value) + 1, dtype=np.int32)
        table[:-1] = per_value
        table[-1] = missing
        return table[self.index]

    def rows(self, rows: NDArray[np.intp]) -> Coded:
        """The same column for some of the rows."""
        return Coded(self.values, self.index[rows])


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of floats; NaN is missing."""

    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.values)

    def coded(self) -> Coded:
        """The same column dictionary-encoded, NaN as -1."""
        found, index = np.unique(self.values, return_inverse=True)
        index = np.where(np.isnan(self.values), -1, index)
        return Coded(found.tolist(), index.astype(np.int32))

    def rows(self, rows: NDArray[np.intp]) -> Numbers:
        """The same column for some of the rows."""
        return Numbers(self.values[rows])


Column = Coded | Numbers
Table = Mapping[str, Column]


def encode(
    column: Column | None, field: Field, missing_words: frozenset[str], *, rows: int, as_of: Moments | None = None
) -> Codes:
    """`code + warning` of every row, shape (rows,): equal to `coder` on each value. No column: all absent.

    as_of: seconds since 1970 of every row, needed for dates only.
    """
    code = coder(field, missing_words)
    if column is None:
        return np.full(rows, code(ABSENT), dtype=np.int32)
    if field.kind is Kind.DATE:
        return _encode_dates(column, field, missing_words, as_of)
    if isinstance(column, Numbers) and field.kind is Kind.NUMBER:
        return _encode_numbers(column.values, field.edges, code(None))
    coded = column.coded() if isinstance(column, Numbers) else column
    return coded.take([code(v) for v in coded.values], code(None))


def _encode_numbers(values: NDArray[np.float64], edges: Sequence[float], blank: int) -> Codes:
    codes = np.searchsorted(np.asarray(edges, dtype=np.float64), values, side="right").astype(np.int32)
    codes += FIRST[Kind.NUMBER]
    odd = ~np.isfinite(values)
    if odd.any():
        codes[odd] = np.where(np.isnan(values[odd]), blank, MISSING | Warn.INVALID)
    return codes


def _encode_dates(column: Column, field: Field, missing_words: frozenset[str], as_of: Moments | None) -> Codes:
    coded = column.coded() if isinstance(column, Numbers) else column
    blank = MISSING | (Warn.MISSING if field.seldom_missing else 0)
    faults = [blank if is_blank(v, missing_words) else MISSING | Warn.INVALID for v in coded.values]
    if as_of is None:
        return coded.take(faults, blank)
    ages = ages_of(coded, as_of)
    codes = np.searchsorted(np.asarray(field.edges), ages, side="right").astype(np.int32) + FIRST[Kind.DATE]
    return np.where(ages == UNDATED, coded.take(faults, blank), codes).astype(np.int32)


UNDATED = np.iinfo(np.int64).min
"""The age of what has no readable date."""


def ages_of(column: Column, as_of: Moments) -> NDArray[np.int64]:
    """Whole days from each row's date to its moment, negative for later dates; UNDATED where there is none."""
    coded = column.coded() if isinstance(column, Numbers) else column
    moments = np.full(len(coded.values) + 1, UNDATED, dtype=np.int64)
    for i, value in enumerate(coded.values):
        with suppress(NotReadable):
            moments[i] = read_moment(value)
    dates = moments[coded.index]
    known = dates != UNDATED
    return np.where(known, (as_of - np.where(known, dates, 0)) // DAY, UNDATED)


def encode_words(
    column: Column | None, field: Field, missing_words: frozenset[str], *, rows: int
) -> tuple[list[tuple[int, ...]], NDArray[np.int32]]:
    """The codes of every different text, and for every row which of them is its own."""
    code = word_coder(field, missing_words)
    if column is None:
        return [code(ABSENT)], np.zeros(rows, dtype=np.int32)
    coded = column.coded() if isinstance(column, Numbers) else column
    found = [*(code(v) for v in coded.values), code(None)]
    return found, np.where(coded.index < 0, len(found) - 1, coded.index).astype(np.int32)


def moments_of(column: Column, zone: tzinfo, *, unknown: int) -> Moments:
    """Every row's moment in seconds since 1970; `unknown` where there is none that can be read."""
    coded = column.coded() if isinstance(column, Numbers) else column
    found = np.full(len(coded.values) + 1, unknown, dtype=np.int64)
    for i, value in enumerate(coded.values):
        with suppress(NotReadable):
            found[i] = read_moment(value, zone)
    return found[coded.index]

"""The codes that a learner sees: one column a field, one 0/1 column a word of a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, Moments, Numbers, encode, encode_words
from scoring.fields import FIRST, Field, Kind, Warn
from scoring.snapshot import NEVER_DAYS
from scoring.values import NotReadable, read_number

Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """The numbers of a field. centres: the mean of every code, float64 (codes,), missing 0."""

    centres: Floats
    lowest: float
    highest: float


@dataclass(frozen=True)
class Design:
    """n leads as codes.

    codes: int32 (n, fields), texts hold 0 (missing) or 1. words: for the place of each text field a 0/1 matrix
    (n, words). fields: the schema, with counts and buyers of these leads. weight: float64 (n,), how many leads a row
    stands for, one where left out. group: int64 (n,), equal for rows that belong together (a lead, a company).
    monotone: the names of number fields that may only speak one way, `up` or `down`. seen: for the place of each number
    field what numbers there were.
    """

    fields: tuple[Field, ...]
    codes: Codes
    words: Mapping[int, NDArray[np.uint8]]
    weight: Floats | None = None
    group: NDArray[np.int64] | None = None
    monotone: Mapping[str, str] = made(default_factory=dict)
    seen: Mapping[int, Seen] = made(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many leads there are."""
        return len(self.codes)

    @property
    def plain(self) -> list[int]:
        """The places of the fields with one code a lead: all but texts."""
        return [i for i, f in enumerate(self.fields) if f.kind is not Kind.TEXT]

    @property
    def weights(self) -> Floats:
        """How many leads each row stands for, shape (n,)."""
        return np.ones(self.rows) if self.weight is None else self.weight

    def size(self, i: int) -> int:
        """How many codes field i has."""
        return self.fields[i].size

    def counts(self, i: int) -> NDArray[np.float64]:
        """How many leads have each code of field i, by weight."""
        return np.bincount(self.codes[:, i], weights=self.weight, minlength=self.size(i)).astype(np.float64)

    def take(self, rows: NDArray[np.intp]) -> Design:
        """The same for some of the leads."""
        return replace(
            self,
            codes=self.codes[rows],
            words={i: w[rows] for i, w in self.words.items()},
            weight=None if self.weight is None else self.weight[rows],
            group=None if self.group is None else self.group[rows],
        )


def design_of(
    fields: Sequence[Field],
    table: Mapping[str, Column],
    missing_words: frozenset[str],
    *,
    rows: int,
    as_of: Moments | None,
) -> Design:
    """The codes of a table's leads. as_of: seconds since 1970 of every row, for dates."""
    codes = np.zeros((rows, len(fields)), dtype=np.int32)
    words: dict[int, NDArray[np.uint8]] = {}
    seen = {}
    for i, field in enumerate(fields):
        column = table.get(field.name)
        if field.kind is Kind.TEXT:
            codes[:, i], words[i] = _words(column, field, missing_words, rows)
            continue
        codes[:, i] = encode(column, field, missing_words, rows=rows, as_of=as_of) & Warn.MASK
        found = numbers_of(column, field.decimal) if _is_amount(field) else np.zeros(0)
        if len(found):
            seen[i] = Seen(_centres(field, found), float(found[0]), float(found[-1]))
    return Design(tuple(fields), codes, words, seen=seen)


def _is_amount(field: Field) -> bool:
    """Whether a field's numbers are amounts throughout; days since what never happened are none."""
    return field.kind is Kind.NUMBER and NEVER_DAYS not in field.edges


def numbers_of(column: Column | None, decimal: str) -> Floats:
    """A column's readable finite numbers, in order, so that the order of the rows makes no difference."""
    if column is None:
        return np.zeros(0)
    if isinstance(column, Numbers):
        return np.sort(column.values[np.isfinite(column.values)])
    per_value = np.array([_number(v, decimal) for v in column.values] + [np.nan])
    found = per_value[column.index]
    return np.sort(found[np.isfinite(found)])


def _number(value: object, decimal: str) -> float:
    try:
        return read_number(value, decimal)
    except NotReadable:
        return np.nan


def _centres(field: Field, found: Floats) -> Floats:
    """The mean of every bin's numbers, missing 0; of a bin without any its border. found: in ascending order."""
    edges = np.asarray(field.edges, dtype=np.float64)
    ends = np.searchsorted(found, edges, side="left")
    centres = np.zeros(field.size)
    for code, part in enumerate(np.split(found, ends), start=1):
        if len(part):
            scale = float(np.abs(part).max()) or 1.0
            centres[code] = scale * float((part / scale).mean())
        elif len(edges):
            centres[code] = edges[min(code - 1, len(edges) - 1)]
    return centres


def _words(
    column: Column | None, field: Field, missing_words: frozenset[str], rows: int
) -> tuple[Codes, NDArray[np.uint8]]:
    found, place = encode_words(column, field, missing_words, rows=rows)
    matrix = np.zeros((len(found), len(field.levels)), dtype=np.uint8)
    state = np.array([c[0] & Warn.MASK for c in found], dtype=np.int32)
    for i, codes in enumerate(found):
        for code in codes[1:]:
            matrix[i, code - FIRST[Kind.TEXT]] = 1
    return state[place], matrix[place]


def with_counts(design: Design, bought: Flags) -> Design:
    """The design with every field's counts of leads and of buyers."""
    fields = []
    for i, field in enumerate(design.fields):
        leads, buyers = _tally(design, i, design.weights), _tally(design, i, design.weights * bought)
        fields.append(replace(field, counts=leads, buyers=tuple(map(min, leads, buyers))))
    return replace(design, fields=tuple(fields))


def _tally(design: Design, i: int, weight: Floats) -> tuple[int, ...]:
    """Whole leads of every code, of every word for a text."""
    counts = np.bincount(design.codes[:, i], weights=weight, minlength=design.size(i))
    if i in design.words:
        counts = np.concatenate((counts[: FIRST[Kind.TEXT]], weight @ design.words[i]))
    return tuple(np.rint(counts).astype(np.int64).tolist())


def canonical_order(design: Design, *keys: NDArray[np.int64]) -> NDArray[np.intp]:
    """An order of the leads that depends on what they are and not on where they stand, so that shuffled files agree."""
    columns = [*design.codes.T, *(w[:, j] for w in design.words.values() for j in range(w.shape[1]))]
    return np.lexsort((*columns, *keys))


def marginal_gain(design: Design, i: int, bought: Flags) -> float:
    """How many nats of log-likelihood a field's codes explain by themselves, with a penalty of one nat a code.

    Rounded, so that fields that are alike tie whatever the order of the leads.
    """
    codes, weight = design.codes[:, i], design.weights
    leads = np.bincount(codes, weights=weight, minlength=2)
    buyers = np.bincount(codes, weights=weight * bought, minlength=2)
    prior = np.average(bought, weights=weight)
    share = (buyers + prior) / (leads + 1)
    gain = buyers * np.log(share / prior) + (leads - buyers) * np.log((1 - share) / (1 - prior))
    return round(float(gain.sum() - (leads > 0).sum() + 1), 6)

"""A table of leads, scored: the same integers as one lead at a time, by array look-ups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .columns import Codes, Column, Moments, Numbers, Table, encode, encode_words
from .fields import Kind, Warn, is_blank
from .score import KEY_SHIFT, LAST_TERM, key_of, lacking_of, sum_of, warning_of
from .scorecard import LARGEST, Head, Main, Pair, Scorecard, points_of, probability_of
from .words import main_text, pair_text, text_text
from .worth import LATER_TIMES, NOW_TIMES, value_of

Integers = NDArray[np.int64]

WARN_MISSING = Warn.MISSING >> Warn.SHIFT

CHUNK = 65_536
"""Rows worked on at a time: the arrays of one step stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of n leads.

    log_odds: int64 (n,). reasons: (n, 3) places in reason_texts, -1 for none. warnings: (n,) places in warning_texts.
    short_log_odds, log_value: int64 (n,) in 2^-20, None where the card has no such head.
    """

    log_odds: Integers
    short_log_odds: Integers | None
    log_value: Integers | None
    reasons: NDArray[np.int32]
    reason_texts: list[str]
    warnings: NDArray[np.int32]
    warning_texts: list[tuple[str, ...]]


class TableScorer:
    """Scores tables with a card; see `LeadScorer` for one lead."""

    def __init__(self, card: Scorecard) -> None:
        self.card = card
        self.names = [f.name for f in card.fields]
        self.known = frozenset(self.names)
        self._words = frozenset(card.missing_words)
        terms: list[Main | Pair] = [*card.mains, *card.pairs]
        self._tables = [np.asarray(t.table, dtype=np.int64) for t in terms]
        self._keys = [
            np.array([key_of(int(v), i) for v in table], dtype=np.int64) for i, table in enumerate(self._tables)
        ]
        self._axes = [
            (np.asarray(p.rows, dtype=np.int64) * p.width, np.asarray(p.columns, dtype=np.int64)) for p in card.pairs
        ]

    def log_odds(self, table: Table, rows: int, *, as_of: Moments | None = None) -> Integers:
        """Calibrated log-odds of every row in 2^-20, shape (rows,)."""
        return self.score(table, rows, as_of=as_of, reasons=0).log_odds

    def score(self, table: Table, rows: int, *, as_of: Moments | None = None, reasons: int = 3) -> Scores:
        """Score all rows. as_of: seconds since 1970 of every row, needed where the card looks at dates."""
        parts = _Parts(self.card, self._words, table, rows, as_of)
        log_odds = np.full(rows, self.card.base, dtype=np.int64)
        best = np.zeros((reasons, rows), dtype=np.int64)
        for start in range(0, rows, CHUNK):
            part = slice(start, min(start + CHUNK, rows))
            for term in range(len(self._tables)):
                self._add(term, parts, part, log_odds[part], best[:, part])
        places, texts = _reason_texts(self.card, parts, best)
        warnings, warning_texts = parts.warnings([n for n in table if n not in parts.names])
        short, value = (None if h is None else _head(h, parts, log_odds) for h in (self.card.short, self.card.value))
        return Scores(log_odds, short, value, places, texts, warnings, warning_texts)

    def _add(self, term: int, parts: _Parts, part: slice, log_odds: Integers, best: Integers) -> None:
        mains = len(self.card.mains)
        if term >= mains:
            pair = self.card.pairs[term - mains]
            row_axis, column_axis = self._axes[term - mains]
            cell = row_axis[parts.codes[pair.a][part]] + column_axis[parts.codes[pair.b][part]]
            values, keys = self._tables[term], self._keys[term]
        else:
            field = self.card.mains[term].field
            cell = parts.codes[field][part]
            values, keys = self._tables[term], self._keys[term]
            if field in parts.texts:
                values = parts.text_values(field, self.card.mains[term])
                keys = np.array([key_of(int(v), term) for v in values], dtype=np.int64)
        log_odds += values[cell]
        if len(best):
            _keep_strongest(best, keys[cell])


def _head(head: Head, parts: _Parts, log_odds: Integers) -> Integers:
    """`head_of` for every row."""
    total = np.full(len(log_odds), head.base, dtype=np.int64)
    total += np.clip(log_odds, -LARGEST, LARGEST) * head.slope >> 20
    for main in head.mains:
        total += np.asarray(main.table, dtype=np.int64)[parts.codes[main.field]]
    return total


def _keep_strongest(best: Integers, new: Integers) -> None:
    """Insert `new` into the rows of `best`, which hold the strongest keys so far in falling order."""
    for kept in best:
        lower = np.minimum(kept, new)
        np.maximum(kept, new, out=kept)
        new = lower


class _Parts:
    """The codes of a table's rows, field by field, and the warnings that came with them."""

    def __init__(self, card: Scorecard, words: frozenset[str], table: Table, rows: int, as_of: Moments | None) -> None:
        self.names = [f.name for f in card.fields]
        self.rows = rows
        self.texts: dict[int, list[tuple[int, ...]]] = {}
        self.codes: list[Codes] = []
        self._warned: list[tuple[str, NDArray[np.int32]]] = []
        self._values: dict[int, Integers] = {}
        derived, lacking = {d.field for d in card.derived}, lacking_of(card)
        for i, field in enumerate(card.fields):
            column = table.get(field.name)
            if field.kind is Kind.TEXT:
                self.texts[i], place = encode_words(column, field, words, rows=rows)
                self.codes.append(place)
                warned = np.array([c[0] >> Warn.SHIFT for c in self.texts[i]], dtype=np.int32)[place]
            else:
                found = encode(column, field, words, rows=rows, as_of=as_of)
                warned = found >> Warn.SHIFT
                self.codes.append(found & Warn.MASK)
            name = field.name
            if name in derived:
                name = lacking.get(name, "")
                warned = np.where(_lacks(column, rows, words), np.int32(WARN_MISSING if name else 0), np.int32(0))
            if warned.any():
                self._warned.append((name, warned))

    def text_values(self, field: int, main: Main) -> Integers:
        """The value of every different text of a field."""
        if field not in self._values:
            found = [sum_of(main.table, codes) for codes in self.texts[field]]
            self._values[field] = np.array(found, dtype=np.int64)
        return self._values[field]

    def warnings(self, unknown: Sequence[str]) -> tuple[NDArray[np.int32], list[tuple[str, ...]]]:
        """For every row the place of its warnings in a list of the different sets of them."""
        tail = tuple(f"unknown:{name}" for name in unknown)
        places = np.zeros(self.rows, dtype=np.int32)
        sets: list[tuple[str, ...]] = [()]
        for name, warned in self._warned:
            width = len(Warn.NAMES)
            found, inverse = np.unique(places.astype(np.int64) * width + warned, return_inverse=True)
            sets = [
                sets[f // width] + ((warning_of(int(f % width) << Warn.SHIFT, name),) if f % width else ())
                for f in found
            ]
            places = inverse.astype(np.int32)
        return places, [s + tail for s in sets]


def _lacks(column: Column | None, rows: int, words: frozenset[str]) -> NDArray[np.bool_]:
    """The rows without a value of a derived field."""
    if column is None:
        return np.ones(rows, dtype=bool)
    if isinstance(column, Numbers):
        return np.isnan(column.values)
    return column.take([is_blank(v, words) for v in column.values], missing=True).astype(bool)


def _reason_texts(card: Scorecard, parts: _Parts, best: Integers) -> tuple[NDArray[np.int32], list[str]]:
    """Places in a list of texts for every row's strongest terms; only texts that occur are made."""
    places = np.full((parts.rows, len(best)), -1, dtype=np.int32)
    texts: list[str] = []
    terms: list[Main | Pair] = [*card.mains, *card.pairs]
    for rank, keys in enumerate(best):
        owner = np.where(keys >> KEY_SHIFT > 0, LAST_TERM - (keys & LAST_TERM), -1)
        order = np.argsort(owner, kind="stable")
        bounds = np.searchsorted(owner[order], np.arange(len(terms) + 1))
        for term in range(len(terms)):
            rows = order[bounds[term] : bounds[term + 1]]
            if len(rows):
                places[rows, rank] = _term_texts(card, parts, terms[term], rows, texts)
    return places, texts


def _term_texts(
    card: Scorecard, parts: _Parts, term: Main | Pair, rows: NDArray[np.intp], texts: list[str]
) -> NDArray[np.int32]:
    if isinstance(term, Pair):
        width = card.fields[term.b].size
        cells = parts.codes[term.a][rows].astype(np.int64) * width + parts.codes[term.b][rows]
    else:
        width = 0
        cells = parts.codes[term.field][rows].astype(np.int64)
    found, inverse = np.unique(cells, return_inverse=True)
    start = len(texts)
    texts.extend(_cell_text(card, parts, term, int(cell), width) for cell in found)
    return np.asarray(inverse + start, dtype=np.int32)


def _cell_text(card: Scorecard, parts: _Parts, term: Main | Pair, cell: int, width: int) -> str:
    """`Lead source: referral (+17)`: words and points as a file holds them."""
    if isinstance(term, Pair):
        code_a, code_b = divmod(cell, width)
        value = term.table[term.rows[code_a] * term.width + term.columns[code_b]]
        words = pair_text(card.fields[term.a], code_a, card.fields[term.b], code_b)
    elif term.field in parts.texts:
        codes = parts.texts[term.field][cell]
        value = sum_of(term.table, codes)
        words = text_text(card.fields[term.field], codes, term.table)
    else:
        value = term.table[cell]
        words = main_text(card.fields[term.field], cell)
    return reason_line(words, value)


def reason_line(words: str, value: int) -> str:
    """A reason on one line: its words and its signed points, whole from one point on."""
    points = points_of(value)
    return f"{words} ({points:+.0f})" if abs(points) >= 1 else f"{words} ({points:+.1f})"


def probabilities_of(log_odds: Integers) -> NDArray[np.float64]:
    """`probability_of` of every integer, shape (n,): through the one function, so that no path differs by a bit."""
    return _each(probability_of, log_odds)


def _each(function: Callable[[int], float], integers: Integers) -> NDArray[np.float64]:
    found, inverse = np.unique(integers, return_inverse=True)
    return np.array([function(z) for z in found.tolist()], dtype=np.float64)[inverse]


@dataclass(frozen=True, slots=True)
class Worth:
    """What is promised of n leads beside the log-odds; None where the card does not know.

    readiness: places in READINESS, shape (n,).
    """

    probability: NDArray[np.float64]
    short_probability: NDArray[np.float64] | None
    readiness: NDArray[np.int8] | None
    expected_value: NDArray[np.float64] | None


def worth_of(card: Scorecard, scores: Scores) -> Worth:
    """Probability, readiness and expected value of every scored lead, by the functions of a single one."""
    probability = probabilities_of(scores.log_odds)
    short = None if scores.short_log_odds is None else np.minimum(probability, probabilities_of(scores.short_log_odds))
    readiness = None if short is None else _readiness(card, probability, short)
    value = None if scores.log_value is None else probability * _each(value_of, scores.log_value)
    return Worth(probability, short, readiness, value)


def _readiness(
    card: Scorecard, probability: NDArray[np.float64], short: NDArray[np.float64]
) -> NDArray[np.int8] | None:
    """`readiness_of` for every row."""
    if card.short is None:
        return None
    later = np.where(probability >= LATER_TIMES * card.buyers_share, np.int8(1), np.int8(2))
    return np.where(short >= NOW_TIMES * card.short.average, np.int8(0), later)


def per_mille_of(card: Scorecard, log_odds: Integers) -> NDArray[np.int64]:
    """`Scorecard.per_mille_of` of every integer, shape (n,)."""
    return np.searchsorted(np.asarray(card.reference, dtype=np.int64), log_odds, side="left")

"""The leads of one request, scored field by field: what `LeadScorer` says of each, in a third of the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from .fields import ABSENT, EXACT, FIRST, Coder, Field, Kind, Warn, is_blank, usual_codes
from .score import LAST_TERM, REASONS, LeadScorer, Scored, key_of, sum_of, warning_of
from .scorecard import Head, Main, Pair, probability_of
from .worth import head_of, readiness_of, value_of

Integers = NDArray[np.int64]
Lead = Mapping[str, object]
Texts = dict[int, list[tuple[int, ...]]]


class ManyScorer:
    """Scores leads together, with a card's own scorer of one lead: no lead's score depends on the others."""

    def __init__(self, scorer: LeadScorer) -> None:
        self.card = card = scorer.card
        self._scorer, self._coders = scorer, scorer.coders
        self._plain = [_Plain(card.fields[i], i, code, self._coders.words) for i, _, code in self._coders.plain]
        terms: list[Main | Pair] = [*card.mains, *card.pairs]
        texts = {i for i, _, _ in self._coders.texts}
        starts = list(accumulate([len(t.table) for t in terms], initial=0))
        self._values = np.array([0, *(value for t in terms for value in t.table)], dtype=np.int64)
        keys = [key_of(value, i) for i, t in enumerate(terms) for value in t.table]
        self._keys = np.array([0, *keys], dtype=np.int64)
        # A text has no place of its own: its cell is the empty one in front.
        self._mains = [(t, m.field, starts[t] + 1) for t, m in enumerate(card.mains) if m.field not in texts]
        self._word_terms = [(t, m.field, m.table) for t, m in enumerate(card.mains) if m.field in texts]
        self._pairs = [
            (t, p.a, p.b, np.array(p.rows, dtype=np.int64) * p.width + (starts[t] + 1), np.array(p.columns))
            for t, p in enumerate(card.pairs, len(card.mains))
        ]
        self._terms = len(terms)
        names = [f.name for f in card.fields]
        self._all_of: Callable[[Lead], tuple[object, ...]] = (
            itemgetter(*names) if len(names) > 1 else lambda lead: tuple([lead[name] for name in names])
        )

    def score(self, leads: Sequence[Lead], as_of: Sequence[int | None]) -> list[Scored]:
        """The score of each lead as of its moment (seconds since 1970), equal to `LeadScorer.score` of it alone."""
        if not leads:
            return []
        codes, texts = self._codes(leads, as_of)
        warnings = self._warnings(leads, codes)
        codes &= Warn.MASK
        totals, keys = self._sums(codes, texts)
        short, value = (self._head(head, codes, totals) for head in (self.card.short, self.card.value))
        mine = zip(*([(i, t) for t in texts[i]] for i in texts), strict=True) if texts else ((),) * len(leads)
        every = zip(leads, totals, keys, codes.T.tolist(), mine, warnings, short, value, strict=True)
        return [self._scored(*one) for one in every]

    def _scored(
        self,
        lead: Lead,
        total: int,
        keys: Sequence[int],
        codes: Sequence[int],
        texts: Sequence[tuple[int, tuple[int, ...]]],
        warnings: Sequence[str],
        short: int | None,
        value: int | None,
    ) -> Scored:
        probability, words, reason = probability_of(total), dict(texts), self._scorer.reason
        chance = None if short is None else min(probability, probability_of(short))
        return Scored(
            total,
            probability,
            self.card.score_of(total),
            tuple([reason(key, lead, codes, words) for key in keys if key > LAST_TERM]),
            tuple(warnings),
            chance,
            None if chance is None else readiness_of(self.card, probability, chance),
            None if value is None else probability * value_of(value),
        )

    def _codes(self, leads: Sequence[Lead], as_of: Sequence[int | None]) -> tuple[Integers, Texts]:
        """The codes with their warnings, shape (fields, leads), and those of texts, whose first one stands there."""
        coders, texts, columns = self._coders, Texts(), self._columns(leads)
        codes = np.zeros((len(columns), len(leads)), dtype=np.int64)
        for plain in self._plain:
            codes[plain.place] = plain.codes(columns[plain.place])
        for i, _, age in coders.dates:
            codes[i] = list(map(age, columns[i], as_of))
        for i, name, code in coders.derived:
            column = [None if value is ABSENT else value for value in columns[i]]
            codes[i] = [code(value) & Warn.MASK for value in column]
            if name in coders.lacking:
                codes[i] |= [Warn.MISSING * is_blank(value, coders.words) for value in column]
        for i, _, words in coders.texts:
            known = {value: words(value) for value in {v for v in columns[i] if type(v) is str}}  # titles recur
            texts[i] = [known[value] if type(value) is str else words(value) for value in columns[i]]
            codes[i] = [found[0] for found in texts[i]]
        return codes, texts

    def _columns(self, leads: Sequence[Lead]) -> Sequence[Sequence[object]]:
        """The values of every field, ABSENT where a lead does not have it."""
        try:
            return list(zip(*map(self._all_of, leads), strict=True))
        except KeyError:
            return [[lead.get(f.name, ABSENT) for lead in leads] for f in self.card.fields]

    def _warnings(self, leads: Sequence[Lead], codes: Integers) -> list[list[str]]:
        names = [self._coders.lacking.get(f.name, f.name) for f in self.card.fields]
        found: list[list[str]] = [[] for _ in leads]
        warned = np.nonzero(codes.T > Warn.MASK)
        for lead, field, code in zip(*(a.tolist() for a in warned), codes.T[warned].tolist(), strict=True):
            found[lead].append(warning_of(code, names[field]))
        known = self._coders.known
        for said, lead in zip(found, leads, strict=True):
            if not known.issuperset(lead):
                said.extend([f"unknown:{name}" for name in lead if name not in known])
        return found

    def _sums(self, codes: Integers, texts: Texts) -> tuple[list[int], list[list[int]]]:
        """Every lead's log-odds, and the sort keys of its strongest terms."""
        places = np.zeros((self._terms, codes.shape[1]), dtype=np.int64)
        for term, field, start in self._mains:
            np.add(codes[field], start, out=places[term])
        for term, a, b, rows, columns in self._pairs:
            np.add(rows[codes[a]], columns[codes[b]], out=places[term])
        values, keys = self._values[places], self._keys[places]
        for term, field, table in self._word_terms:
            sums = {words: sum_of(table, words) for words in set(texts[field])}
            values[term] = [sums[words] for words in texts[field]]
            keys[term] = [key_of(sums[words], term) for words in texts[field]]
        if self._terms > REASONS:
            keys = np.partition(keys, self._terms - REASONS, axis=0)[-REASONS:]
        strongest: list[list[int]] = np.sort(keys, axis=0)[::-1].T.tolist()
        return (values.sum(axis=0) + self.card.base).tolist(), strongest

    def _head(self, head: Head | None, codes: Integers, totals: Sequence[int]) -> Sequence[int | None]:
        if head is None:
            return [None] * len(totals)
        sums = np.zeros(len(totals), dtype=np.int64)
        for main in head.mains:
            sums += np.array(main.table, dtype=np.int64)[codes[main.field]]
        return [head_of(total, head, tables) for total, tables in zip(totals, sums.tolist(), strict=True)]


class _Plain:
    """One field that is no text, no date and not counted from activities: all leads' codes at once."""

    def __init__(self, field: Field, place: int, code: Coder, missing_words: frozenset[str]) -> None:
        self.place, self._code = place, code
        self._usual: dict[object, int] = dict(usual_codes(field, code, missing_words).items())
        self._edges = np.array(field.edges, dtype=np.float64) if field.kind is Kind.NUMBER else None

    def codes(self, column: Sequence[object]) -> Sequence[int] | Integers:
        """The codes of a column's values with their warnings."""
        if self._edges is not None and set(map(type, column)) <= {float, int, type(None)}:
            return self._numbers(column, self._edges)
        try:
            found = list(map(self._usual.get, column))
        except TypeError:  # a list or an object, which nobody should send
            return list(map(self._code, column))
        return [self._code(v) if code is None else code for v, code in zip(column, found, strict=True)]

    def _numbers(self, column: Sequence[object], edges: NDArray[np.float64]) -> Sequence[int] | Integers:
        try:
            numbers = np.array(column, dtype=np.float64)  # None is NaN here
        except OverflowError:
            return list(map(self._code, column))
        plain = np.abs(numbers) < EXACT
        found = np.searchsorted(edges, numbers, side="right") + FIRST[Kind.NUMBER]
        for place in np.nonzero(~plain)[0].tolist():
            found[place] = self._code(column[place])
        return found

"""One lead, scored: the integer log-odds, its points, its reasons and its warnings. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from .fields import ABSENT, Kind, Warn, age_coder, coder, is_blank, word_coder
from .scorecard import Head, Main, Pair, Scorecard, points_of, probability_of
from .snapshot import Activity, Measure, derived_values
from .words import fact_text, main_text, pair_text, text_text
from .worth import head_of, readiness_of, value_of

REASONS = 3
"""How many reasons go with a score: what a seller reads before a call."""

KEY_SHIFT = 12
LAST_TERM = (1 << KEY_SHIFT) - 1
"""A reason's sort key is |table value| << 12 | (4095 - term)."""


class Reason(NamedTuple):
    """One term's part in a score: its fields, the lead's values of them, signed points, and words for people."""

    fields: tuple[str, ...]
    values: tuple[object, ...]
    points: float
    text: str
    fact: str | None = None


class Scored(NamedTuple):
    """A lead's score. log_odds: calibrated, in 2^-20. Points of all terms and the base add up to it exactly.

    short_probability, readiness: None where the card has no short horizon. expected_value: None where it has no values.
    """

    log_odds: int
    probability: float
    score: int
    reasons: tuple[Reason, ...]
    warnings: tuple[str, ...]
    short_probability: float | None = None
    readiness: str | None = None
    expected_value: float | None = None


class _Words(NamedTuple):
    """What is said of a term at one place of its table: everything of a reason but the lead's own values."""

    fields: tuple[str, ...]
    points: float
    text: str
    fact: str | None


MOST_SAID = 50_000
"""Places whose words are remembered: some ten megabytes at the most, which only texts can fill."""

_Place = tuple[int, int, int] | tuple[int, tuple[int, ...]]
"""A term and the codes that it looks at, or those of a text."""


class Coders:
    """What reads a lead's values, field by field, for a card: each with the field's place and name."""

    def __init__(self, card: Scorecard) -> None:
        self.words = words = frozenset(card.missing_words)
        self.known = frozenset(f.name for f in card.fields)
        self.lacking = lacking_of(card)
        fields, derived = list(enumerate(card.fields)), {d.field for d in card.derived}
        plain = [(i, f) for i, f in fields if f.kind not in (Kind.TEXT, Kind.DATE) and f.name not in derived]
        self.plain = [(i, f.name, coder(f, words)) for i, f in plain]
        self.derived = [(i, f.name, coder(f, words)) for i, f in fields if f.name in derived]
        self.dates = [(i, f.name, age_coder(f, words)) for i, f in fields if f.kind is Kind.DATE]
        self.texts = [(i, f.name, word_coder(f, words)) for i, f in fields if f.kind is Kind.TEXT]


class LeadScorer:
    """Scores one lead at a time with a card.

    >>> scorer = LeadScorer(card)                                   # doctest: +SKIP
    >>> scorer.score({"Lead source": "referral"}).score             # doctest: +SKIP
    87
    """

    def __init__(self, card: Scorecard) -> None:
        self.card = card
        self.coders = coders = Coders(card)
        texts = {i for i, _, _ in coders.texts}
        self._terms: list[Main | Pair] = [*card.mains, *card.pairs]
        numbered = list(enumerate(card.mains))
        starts = list(accumulate([len(t.table) for t in self._terms], initial=0))
        self._value_at = [value for t in self._terms for value in t.table].__getitem__
        self._key_at = [key_of(value, i) for i, t in enumerate(self._terms) for value in t.table].__getitem__
        self._mains = [(m.field, starts[t]) for t, m in numbered if m.field not in texts]
        self._word_terms = [(t, m.field, m.table) for t, m in numbered if m.field in texts]
        self._pairs = [
            (p.a, p.b, [starts[t] + r * p.width for r in p.rows], list(p.columns))
            for t, p in enumerate(card.pairs, len(card.mains))
        ]
        self._short = None if card.short is None else [(m.field, m.table) for m in card.short.mains]
        self._worth = None if card.value is None else [(m.field, m.table) for m in card.value.mains]
        self._ends = [(t.a, t.b) if isinstance(t, Pair) else (t.field, t.field) for t in self._terms]
        self._said: dict[_Place, _Words] = {}

    def snapshot(
        self, lead: Mapping[str, object], *, created: int | None, activities: Iterable[Activity] | None, as_of: int
    ) -> Mapping[str, object]:
        """A lead's fields with those counted from its life as of a moment, seconds since 1970: what `score` takes.

        What cannot be counted, as activities are not given, stays as the lead's own fields have it.
        """
        if not self.card.derived:
            return lead
        counted = derived_values(self.card.derived, created=created, activities=activities, as_of=as_of)
        return {**lead, **{name: value for name, value in counted.items() if value is not None or name not in lead}}

    def score(self, lead: Mapping[str, object], *, as_of: int | None = None) -> Scored:
        """Score a lead's fields. as_of: seconds since 1970, needed where the card looks at dates.

        Unknown names are warned of (`unknown:name`), as are unseen levels, unreadable and missing values.
        """
        codes, texts, warnings = self._codes(lead, as_of)
        places = [start + codes[field] for field, start in self._mains]
        places += [rows[codes[a]] + columns[codes[b]] for a, b, rows, columns in self._pairs]
        total = self.card.base + sum(map(self._value_at, places))
        keys = list(map(self._key_at, places))
        for term, field, words in self._word_terms:
            value = sum_of(words, texts[field])
            total += value
            keys.append(key_of(value, term))
        keys.sort(reverse=True)
        probability = probability_of(total)
        short = self._short_probability(total, codes, probability)
        return Scored(
            total,
            probability,
            self.card.score_of(total),
            tuple([self.reason(key, lead, codes, texts) for key in keys[:REASONS] if key > LAST_TERM]),
            tuple(warnings),
            short,
            None if short is None else readiness_of(self.card, probability, short),
            None if self._worth is None else probability * value_of(_head(self.card.value, self._worth, total, codes)),
        )

    def _short_probability(self, total: int, codes: list[int], probability: float) -> float | None:
        if self._short is None:
            return None
        return min(probability, probability_of(_head(self.card.short, self._short, total, codes)))

    def points(self, lead: Mapping[str, object], *, as_of: int | None = None) -> list[Reason]:
        """Every term's part, strongest first, those without effect left out: with the base they are the log-odds."""
        codes, texts, _ = self._codes(lead, as_of)
        keys = [key_of(self._value(t, codes, texts), t) for t in range(len(self._terms))]
        return [self.reason(key, lead, codes, texts) for key in sorted(keys, reverse=True) if key > LAST_TERM]

    def _codes(
        self, lead: Mapping[str, object], as_of: int | None
    ) -> tuple[list[int], dict[int, tuple[int, ...]], list[str]]:
        codes = [0] * len(self.card.fields)
        warned: list[tuple[int, str]] = []
        get, coders = lead.get, self.coders
        for i, name, code in coders.plain:
            found = code(get(name, ABSENT))
            if found > Warn.MASK:
                warned.append((i, warning_of(found, name)))
                found &= Warn.MASK
            codes[i] = found
        for i, name, age in coders.dates:
            found = age(get(name, ABSENT), as_of)
            if found > Warn.MASK:
                warned.append((i, warning_of(found, name)))
            codes[i] = found & Warn.MASK
        for i, name, code in coders.derived:
            value = get(name)
            codes[i] = code(value) & Warn.MASK
            if name in coders.lacking and is_blank(value, coders.words):
                warned.append((i, warning_of(Warn.MISSING, coders.lacking[name])))
        texts = {}
        for i, name, words in coders.texts:
            texts[i] = words(get(name, ABSENT))
            if texts[i][0] > Warn.MASK:
                warned.append((i, warning_of(texts[i][0], name)))
        warnings = [text for _, text in sorted(warned)] if warned else []
        if not coders.known.issuperset(lead):
            warnings.extend([f"unknown:{name}" for name in lead if name not in coders.known])
        return codes, texts, warnings

    def _value(self, term: int, codes: list[int], texts: dict[int, tuple[int, ...]]) -> int:
        found = self._terms[term]
        if isinstance(found, Pair):
            return found.table[found.rows[codes[found.a]] * found.width + found.columns[codes[found.b]]]
        if found.field in texts:
            return sum_of(found.table, texts[found.field])
        return found.table[codes[found.field]]

    def reason(
        self, key: int, lead: Mapping[str, object], codes: Sequence[int], texts: Mapping[int, tuple[int, ...]]
    ) -> Reason:
        """The reason that a sort key stands for. codes: of every field; texts: of every text field, by its place."""
        term = LAST_TERM - (key & LAST_TERM)
        a, b = self._ends[term]
        place = (term, texts[a]) if a in texts else (term, codes[a], codes[b])
        fields, points, text, fact = self._said.get(place) or self._say_once(place)
        return Reason(fields, tuple(map(lead.get, fields)), points, text, fact)

    def _say_once(self, place: _Place) -> _Words:
        """What is said at a place, remembered: of a text its known words alone, so that nothing of a lead stays."""
        term = self._terms[place[0]]
        if len(place) == 2:
            assert isinstance(term, Main)
            said = self._say_text(term, place[1])
        else:
            said = self._say(term, place[1], place[2])
        if len(self._said) < MOST_SAID:
            self._said[place] = said
        return said

    def _say(self, term: Main | Pair, code: int, code_b: int) -> _Words:
        fields = self.card.fields
        if isinstance(term, Pair):
            a, b = fields[term.a], fields[term.b]
            points = points_of(term.table[term.rows[code] * term.width + term.columns[code_b]])
            return _Words((a.name, b.name), points, pair_text(a, code, b, code_b), None)
        field, points = fields[term.field], points_of(term.table[code])
        return _Words((field.name,), points, main_text(field, code), fact_text(self.card, field, code, points))

    def _say_text(self, term: Main, codes: tuple[int, ...]) -> _Words:
        field = self.card.fields[term.field]
        return _Words((field.name,), points_of(sum_of(term.table, codes)), text_text(field, codes, term.table), None)


def _head(head: Head | None, tables: list[tuple[int, tuple[int, ...]]], log_odds: int, codes: list[int]) -> int:
    assert head is not None
    return head_of(log_odds, head, sum([table[codes[field]] for field, table in tables]))


def lacking_of(card: Scorecard) -> dict[str, str]:
    """For which derived fields a missing value is warned of, and as what: one for all activities, one for the age."""
    place = {f.name: i for i, f in enumerate(card.fields)}
    said: dict[str, str] = {}
    for d in sorted(card.derived, key=lambda d: place[d.field]):
        what = "created_at" if d.measure is Measure.AGE else "activities"
        if what not in said.values():
            said[d.field] = what
    return said


def warning_of(code: int, name: str) -> str:
    """`unseen:industry` of a code that carries a warning."""
    return f"{Warn.NAMES[code >> Warn.SHIFT]}:{name}"


def sum_of(table: tuple[int, ...], codes: tuple[int, ...]) -> int:
    """A text's value: the missing cell, or the base cell and one cell a known word."""
    return sum([table[c & Warn.MASK] for c in codes])


def key_of(value: int, term: int) -> int:
    """The sort key of a term's part in a score: strongest first, then the earlier term."""
    return abs(value) << KEY_SHIFT | (LAST_TERM - term)

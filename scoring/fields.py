"""What a field is, and how one value of it becomes a code: the place in the scorecard's tables."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .values import (
    DAY,
    NotReadable,
    as_text,
    level_key,
    mail_kind,
    parts_of,
    read_flag,
    read_moment,
    read_number,
)

MISSING = 0
OTHER = 1
"""Codes 0 (missing) and 1 (other: a level seldom or never seen) mean the same in every category."""


EXACT = 1 << 53
"""Whole numbers below it are the same as fractions; what is beyond, infinity too, is read with care."""


class Kind(StrEnum):
    """What a field holds. A date is scored by its age in days; an e-mail by free or company mail."""

    NUMBER = "number"
    CATEGORY = "category"
    FLAG = "flag"
    DATE = "date"
    TEXT = "text"
    EMAIL = "email"


FIRST = {Kind.NUMBER: 1, Kind.DATE: 1, Kind.CATEGORY: 2, Kind.FLAG: 1, Kind.EMAIL: 1, Kind.TEXT: 2}
"""The first code of a kind that stands for a real bin, level or word."""


class Warn:
    """Warnings ride above the code: `code + (warning << SHIFT)`, so that one look-up gives both."""

    SHIFT = 20
    MASK = (1 << 20) - 1
    NAMES = ("", "unseen", "invalid", "missing")
    UNSEEN = 1 << 20
    INVALID = 2 << 20
    MISSING = 3 << 20


class Absent:
    """The mark for a field that the lead does not have at all."""


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Field:
    """One column that the model looks at.

    edges: bin borders of a number, or of a date's age in days, ascending; bin i holds edges[i-1] <= v < edges[i].
    lowest: the smallest number that training saw. levels: level keys of a category, flag or e-mail; words of a text.
    labels: the same as people write them.
    counts: training weight of every code (of every word for a text), whole leads; buyers: how many bought.
    """

    name: str
    kind: Kind
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    decimal: str = "."
    lowest: float | None = None
    counts: tuple[int, ...] = ()
    buyers: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """How many codes there are, missing included."""
        if self.kind in (Kind.NUMBER, Kind.DATE):
            return len(self.edges) + 2
        return FIRST[self.kind] + len(self.levels)

    @property
    def seldom_missing(self) -> bool:
        """True where training saw fewer than 1 in 100 leads without it: then a missing one is worth a warning."""
        return not self.counts or self.counts[MISSING] * 100 < sum(self.counts)


Coder = Callable[[object], int]


def coder(field: Field, missing_words: frozenset[str], as_of: int | None = None) -> Coder:
    """The function from a raw value to `code + warning`; one for a single lead and for a million.

    as_of: seconds since 1970, needed for dates only. A text has no single code: see `word_coder`.
    """
    if field.kind is Kind.DATE:
        age = age_coder(field, missing_words)
        return lambda value: age(value, as_of)
    blank = MISSING | (Warn.MISSING if field.seldom_missing else 0)
    read = _READERS[field.kind](field)

    def code(value: object) -> int:
        if value is ABSENT:
            return MISSING | Warn.MISSING
        if is_blank(value, missing_words):
            return blank
        try:
            return read(value)
        except NotReadable:
            return MISSING | Warn.INVALID

    return _quick(field, code, missing_words)


def age_coder(field: Field, missing_words: frozenset[str]) -> Callable[[object, int | None], int]:
    """The function from a raw date and a moment (seconds since 1970) to `code + warning`."""
    blank = MISSING | (Warn.MISSING if field.seldom_missing else 0)
    edges, first = field.edges, FIRST[Kind.DATE]

    def code(value: object, as_of: int | None) -> int:
        if value is ABSENT:
            return MISSING | Warn.MISSING
        if is_blank(value, missing_words):
            return blank
        try:
            moment = read_moment(value)
        except NotReadable:
            return MISSING | Warn.INVALID
        # An age needs a moment to count from.
        return MISSING | Warn.INVALID if as_of is None else bisect_right(edges, (as_of - moment) // DAY) + first

    return code


def _quick(field: Field, code: Coder, missing_words: frozenset[str]) -> Coder:
    """The same function with usual spellings and plain numbers served first: normalising a text costs ten look-ups."""
    known = usual_codes(field, code, missing_words)
    known_none = code(None)
    edges = field.edges if field.kind is Kind.NUMBER else None

    def quick(value: object) -> int:
        if type(value) is str:
            hit = known.get(value)
            return code(value) if hit is None else hit
        if edges is not None and (type(value) is float or type(value) is int) and -EXACT < value < EXACT:
            return bisect_right(edges, value) + 1
        return known_none if value is None else code(value)

    return quick


def usual_codes(field: Field, code: Coder, missing_words: frozenset[str]) -> dict[str, int]:
    """The codes of the texts that a field mostly holds, as people spell them."""
    blanks = {spelled(word) for word in missing_words for spelled in (str, str.capitalize, str.upper)}
    return {text: code(text) for text in (*field.labels, *field.levels, *blanks, "", "Yes", "No", "yes", "no")}


def is_blank(value: object, missing_words: frozenset[str]) -> bool:
    """True for null, NaN, empty text and the words that people write for them."""
    if value is None:
        return True
    if isinstance(value, str):
        return level_key(value) in missing_words
    try:
        return bool(value != value)
    except (TypeError, ValueError):  # a table's NA, which is neither equal to itself nor not
        return level_key(as_text(value)) in missing_words


def _number_reader(field: Field) -> Coder:
    edges, decimal = field.edges, field.decimal
    return lambda value: bisect_right(edges, read_number(value, decimal)) + FIRST[Kind.NUMBER]


def _level_reader(field: Field) -> Coder:
    codes = {key: i + FIRST[Kind.CATEGORY] for i, key in enumerate(field.levels)}
    return lambda value: codes.get(level_key(as_text(value)), OTHER | Warn.UNSEEN)


def _flag_reader(_field: Field) -> Coder:
    return lambda value: FIRST[Kind.FLAG] + read_flag(value)


def _mail_reader(field: Field) -> Coder:
    return lambda value: FIRST[Kind.EMAIL] + field.levels.index(mail_kind(value))


def _text_reader(_field: Field) -> Coder:
    raise TypeError("a text has many codes: use word_coder")


_READERS: dict[Kind, Callable[[Field], Coder]] = {
    Kind.NUMBER: _number_reader,
    Kind.CATEGORY: _level_reader,
    Kind.FLAG: _flag_reader,
    Kind.EMAIL: _mail_reader,
    Kind.TEXT: _text_reader,
}


def word_coder(field: Field, missing_words: frozenset[str]) -> Callable[[object], tuple[int, ...]]:
    """The function from a raw text to its codes: (missing + warning), or OTHER and one code for every known word."""
    codes = {word: i + FIRST[Kind.TEXT] for i, word in enumerate(field.levels)}
    blank = (MISSING | (Warn.MISSING if field.seldom_missing else 0),)

    def code(value: object) -> tuple[int, ...]:
        if value is ABSENT:
            return (MISSING | Warn.MISSING,)
        if type(value) is not str and is_blank(value, missing_words):
            return blank
        key = level_key(as_text(value))
        if key in missing_words:
            return blank
        return (OTHER, *dict.fromkeys([codes[w] for w in parts_of(key) if w in codes]))

    return code

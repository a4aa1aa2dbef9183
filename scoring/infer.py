"""A schema inferred from a table: which columns are fields, of what kind, with which levels, bins and words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .columns import UNDATED, Column, Moments, Table, ages_of
from .fields import Field, Kind
from .kinds import (
    ID_ROWS,
    ID_SHARE,
    LEVEL_SUPPORT,
    MAJORITY,
    NoField,
    Values,
    asked_kind,
    decimal_of,
    different_values,
    is_personal,
    kind_of,
)
from .values import (
    YES_WORDS,
    NotReadable,
    as_text,
    level_key,
    read_number,
    words_of,
)

MAX_BINS = 64
MAX_LEVELS = 200
"""Levels kept of a category: with missing and other below the 255 that scikit-learn's histograms take."""

MAX_WORDS = 120
WORD_SUPPORT = 10
WORD_SHARE = 0.002
"""A word of a text is kept from ten leads and two in a thousand on."""

TAIL_ROWS = 20
"""The bins at either end are halved down to so many leads."""

LONG_DIGITS = 9
"""From so many digits on, whole numbers of one length are telephone or account numbers, no amounts."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that is no field, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Inferred:
    """The fields of a table; the columns left out; the words found that people write for missing, by column."""

    fields: tuple[Field, ...]
    left_out: tuple[LeftOut, ...]
    missing_words: Mapping[str, tuple[str, ...]]


def infer(
    table: Table,
    *,
    missing_words: frozenset[str],
    kinds: Mapping[str, str] | None = None,
    max_bins: int = MAX_BINS,
    as_of: Moments | None = None,
) -> Inferred:
    """The schema of a table of leads. kinds: what the user says a column holds. as_of: each row's moment, for dates.

    The order of the rows makes no difference. Raises WrongUsage for a kind that is none.
    """
    fields: list[Field] = []
    left_out: list[LeftOut] = []
    found: dict[str, tuple[str, ...]] = {}
    for name, column in table.items():
        values, blanks = different_values(name, column, missing_words)
        if blanks:
            found[name] = blanks
        try:
            kind = asked_kind(name, (kinds or {}).get(name)) or kind_of(values)
            if kind is Kind.DATE:
                fields.append(_date_field(name, column, as_of, max_bins))
            else:
                fields.append(_LEARN[kind](values, max_bins))
        except NoField as reason:
            left_out.append(LeftOut(name, str(reason)))
    return Inferred(tuple(fields), tuple(left_out), found)


def _number_field(values: Values, max_bins: int) -> Field:
    decimal = decimal_of(values)
    found, counts = _numbers_of(values, decimal)
    if len(found) < 2 and not values.blanks:
        raise NoField("constant")
    _refuse_counter(found, counts, values)
    edges, lowest = bin_edges(found, counts, max_bins), found[0].item() if len(found) else None
    return Field(values.name, Kind.NUMBER, edges=edges, decimal=decimal, lowest=lowest)


def _numbers_of(values: Values, decimal: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The different numbers among the values, in order, and how often each is there."""
    if values.are_numbers:
        return np.array(values.values, dtype=np.float64), values.counts
    numbers = Counter[float]()
    for value, count in zip(values.values, values.counts.tolist(), strict=True):
        try:
            numbers[read_number(value, decimal)] += count
        except NotReadable:
            continue
    found = np.array(sorted(numbers))
    return found, np.array([numbers[v] for v in found.tolist()])


def _refuse_counter(found: NDArray[np.float64], counts: NDArray[np.int64], values: Values) -> None:
    """Whole numbers that name a lead: all of one, telephone length, or a dense run, each once."""
    if _are_long(found):
        raise NoField(f"identifiers or phone numbers: whole numbers of one length, {LONG_DIGITS} digits or more")
    if values.given < ID_ROWS or len(found) < ID_SHARE * values.given or counts.max(initial=0) > 2:
        return
    whole = bool((found == np.floor(found)).all())
    span = found[-1].item() - found[0].item()
    if whole and len(found) - 1 <= span < 20 * len(found):
        raise NoField("an identifier: a serial number, different for nearly every lead")


def _are_long(found: NDArray[np.float64]) -> bool:
    if len(found) < ID_ROWS or (found != np.floor(found)).any():
        return False
    digits = Counter(len(f"{abs(v):.0f}") for v in found.tolist())
    length, many = digits.most_common(1)[0]
    return length >= LONG_DIGITS and many >= MAJORITY * len(found)


def bin_edges(found: NDArray[np.float64], counts: NDArray[np.int64], max_bins: int) -> tuple[float, ...]:
    """Borders of about max_bins bins of equal weight; a value with a bin's weight of its own gets its own bin.

    found: the different values, ascending; counts: rows of each. A border is the lowest value of the bin above it.
    """
    if len(found) <= max_bins:
        return tuple(found[1:].tolist())
    total = counts.sum()
    upto = np.cumsum(counts)
    starts = {int(np.searchsorted(upto, total * k / max_bins, side="right")) for k in range(1, max_bins)}
    for heavy in np.flatnonzero(counts >= total / max_bins).tolist():
        starts |= {heavy, heavy + 1}
    for part in _tail_parts(total / max_bins):
        starts |= {int(np.searchsorted(upto, at, side="right")) for at in (part, total - part)}
    return tuple(found[i].item() for i in sorted(starts) if 0 < i < len(found))


def _tail_parts(weight: float) -> list[float]:
    """Ever smaller parts of an end bin: few leads lie there, and often they are the ones that buy."""
    parts = []
    while (weight := weight / 2) >= TAIL_ROWS:
        parts.append(weight)
    return parts


def _date_field(name: str, column: Column, as_of: Moments | None, max_bins: int) -> Field:
    if as_of is None:
        raise NoField("a date says something only beside the moment of each lead: name it with --created-at")
    found, counts = np.unique(ages_of(column, as_of), return_counts=True)
    known = found != UNDATED
    if known.sum() < 2 and known.all():
        raise NoField("constant")
    edges = bin_edges(found[known].astype(np.float64), counts[known].astype(np.int64), max_bins)
    return Field(name, Kind.DATE, edges=edges, lowest=float(found[known][0]) if known.any() else None)


def _category_field(values: Values, _max_bins: int) -> Field:
    spellings: dict[str, Counter[str]] = {}
    for value, count in zip(values.values, values.counts.tolist(), strict=True):
        text = as_text(value).strip()
        spellings.setdefault(level_key(text), Counter())[text] += count
    totals = {key: sum(c.values()) for key, c in spellings.items()}
    often = [k for k, n in totals.items() if n >= LEVEL_SUPPORT and not is_personal(k)]
    if not often:
        raise NoField("no level is seen often enough to learn from")
    if len(totals) == 1 and not values.blanks:
        raise NoField("constant")
    levels = sorted(often, key=lambda k: (-totals[k], k))[:MAX_LEVELS]
    labels = tuple(max(spellings[k].items(), key=lambda item: (item[1], item[0]))[0] for k in levels)
    return Field(values.name, Kind.CATEGORY, levels=tuple(levels), labels=labels)


def _flag_field(values: Values, _max_bins: int) -> Field:
    if len({level_key(as_text(v)) in YES_WORDS for v in values.values}) < 2 and not values.blanks:
        raise NoField("constant")
    return Field(values.name, Kind.FLAG, levels=("no", "yes"), labels=("no", "yes"))


def _mail_field(values: Values, _max_bins: int) -> Field:
    kinds = ("free mail", "company mail")
    return Field(values.name, Kind.EMAIL, levels=kinds, labels=kinds)


def _text_field(values: Values, _max_bins: int) -> Field:
    seen = Counter[str]()
    for value, count in zip(values.values, values.counts.tolist(), strict=True):
        for word in words_of(as_text(value)):
            seen[word] += count
    support = max(WORD_SUPPORT, WORD_SHARE * values.given)
    words = tuple(sorted((w for w, n in seen.items() if n >= support), key=lambda w: (-seen[w], w))[:MAX_WORDS])
    if not words:
        raise NoField("no word is seen often enough to learn from")
    return Field(values.name, Kind.TEXT, levels=words, labels=words)


_LEARN = {
    Kind.NUMBER: _number_field,
    Kind.CATEGORY: _category_field,
    Kind.FLAG: _flag_field,
    Kind.EMAIL: _mail_field,
    Kind.TEXT: _text_field,
}

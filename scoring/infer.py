"""A schema inferred from a table: which columns are fields, of what kind, with which levels, bins and words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .columns import UNDATED, Column, Moments, Numbers, Table, ages_of
from .errors import WrongUsage
from .fields import Field, Kind, is_blank
from .values import (
    NO_WORDS,
    YES_WORDS,
    NotReadable,
    as_text,
    is_address,
    level_key,
    mail_kind,
    read_moment,
    read_number,
    words_of,
)

MAJORITY = 0.95
"""Share of a column's values that must read as a kind for the column to be of it; the rest is missing."""

MAX_BINS = 64
MAX_LEVELS = 200
"""Levels kept of a category: with missing and other below the 255 that scikit-learn's histograms take."""

MAX_WORDS = 120
LEVEL_SUPPORT = 5
"""Leads that a level needs to be kept by name; fewer say nothing that could be learned."""

WORD_SUPPORT = 10
WORD_SHARE = 0.002
"""A word of a text is kept from ten leads and two in a thousand on."""

ID_SHARE = 0.99
ID_ROWS = 20
"""From so many rows on, a text or counter that differs in 99 of 100 of them names the lead and says nothing of it."""

LONG_DIGITS = 9
"""From so many digits on, whole numbers of one length are telephone or account numbers, no amounts."""

_PHONE = re.compile(r"\+?[\d\s().\-/]{7,20}")
_DIALLED = re.compile(r"\+|\(|0\d*[ (./\-]")
"""How a phone number begins that is no amount: with a country or area code."""

_BAND = re.compile(r"(0|1|[1-9]\d*0[01])\s?-\s?[1-9]\d*(00|99)")
"""A range of amounts, such as 1000000-5000000, is no phone number."""

_DATE_SHAPE = re.compile(r"(\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4})([T ].*)?|(19|20)\d{6}")


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


@dataclass(frozen=True, slots=True)
class _Values:
    """A column's different values that are not blank, and how many rows have each."""

    name: str
    values: Sequence[object]
    counts: NDArray[np.int64]
    blanks: int

    @property
    def given(self) -> int:
        return int(self.counts.sum())

    def share(self, fits: Iterable[bool]) -> float:
        """The share of rows, among those with a value, for whose value it holds."""
        return float(self.counts[np.fromiter(fits, dtype=bool, count=len(self.values))].sum() / max(1, self.given))


class _NoField(Exception):
    """The column is no field; the message says why."""


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
        values, blanks = _different(name, column, missing_words)
        if blanks:
            found[name] = blanks
        try:
            kind = _asked(name, (kinds or {}).get(name)) or _kind(values)
            if kind is Kind.DATE:
                fields.append(_date_field(name, column, as_of, max_bins))
            else:
                fields.append(_LEARN[kind](values, max_bins))
        except _NoField as reason:
            left_out.append(LeftOut(name, str(reason)))
    return Inferred(tuple(fields), tuple(left_out), found)


def _asked(name: str, kind: str | None) -> Kind | None:
    try:
        return Kind(kind) if kind else None
    except ValueError:
        raise WrongUsage(f"field {name!r}: {kind!r} is no kind", f"use one of {', '.join(Kind)}") from None


def _different(name: str, column: Column, missing_words: frozenset[str]) -> tuple[_Values, tuple[str, ...]]:
    if isinstance(column, Numbers):
        finite = np.isfinite(column.values)
        values, counts = np.unique(column.values[finite], return_counts=True)
        return _Values(name, values.tolist(), counts.astype(np.int64), int((~finite).sum())), ()
    counts = np.bincount(column.index + 1, minlength=len(column.values) + 1)
    blank = [is_blank(v, missing_words) for v in column.values]
    keep = [i for i, b in enumerate(blank) if not b and counts[i + 1]]
    words = {as_text(v).strip() for v, b in zip(column.values, blank, strict=True) if b and v is not None}
    kept = counts[np.array(keep, dtype=np.intp) + 1].astype(np.int64)
    values_kept = [column.values[i] for i in keep]
    return _Values(name, values_kept, kept, len(column) - int(kept.sum())), tuple(sorted(words - {""}))


def _kind(values: _Values) -> Kind:
    if not values.given:
        raise _NoField("no value at all")
    for fits, kind in _TESTS:
        if fits(values):
            return kind
    _refuse_identifier(values)
    return Kind.TEXT if _is_text(values) else Kind.CATEGORY


def _is_mail(values: _Values) -> bool:
    return values.share(_reads(mail_kind, v) for v in values.values) >= 0.8


def _is_flag(values: _Values) -> bool:
    return {level_key(as_text(v)) for v in values.values} <= YES_WORDS | NO_WORDS


def _is_date(values: _Values) -> bool:
    return values.share(not isinstance(v, int | float) and _is_moment(v) for v in values.values) >= MAJORITY


def _is_moment(value: object) -> bool:
    if isinstance(value, str) and not _DATE_SHAPE.fullmatch(value.strip()):
        return False
    return _reads(read_moment, value)


def _is_number(values: _Values) -> bool:
    texts = [v.strip() for v in values.values if isinstance(v, str)]
    padded = sum(len(t) > 1 and t[0] == "0" and t.isdigit() for t in texts)
    if padded * 2 > len(values.values):
        return False
    decimal = _decimal(values)
    if values.share(_reads(partial(read_number, decimal=decimal), v) for v in values.values) < MAJORITY:
        return False
    if _is_phone(values):
        raise _NoField("phone numbers")
    return True


def _reads(read: object, value: object) -> bool:
    try:
        read(value)  # type: ignore[operator]
    except NotReadable:
        return False
    return True


def _is_phone(values: _Values) -> bool:
    if values.share(_shaped_as_phone(v) for v in values.values) < 0.8:
        return False
    dialled = values.share(bool(_DIALLED.match(as_text(v).strip())) for v in values.values)
    return dialled >= 0.8 or len(values.values) > 0.5 * values.given


def _shaped_as_phone(value: object) -> bool:
    text = as_text(value).strip()
    marked = text[:1] in "+0(" or any(c in text[1:] for c in " -/(")
    phone = marked and bool(_PHONE.fullmatch(text)) and sum(c.isdigit() for c in text) >= 7
    return phone and not _BAND.fullmatch(text)


def _decimal(values: _Values) -> str:
    """What separates decimals: a comma where more values can be read so."""
    if not any(isinstance(v, str) and "," in v for v in values.values):
        return "."
    return max(".,", key=lambda d: values.share(_reads(partial(read_number, decimal=d), v) for v in values.values))


def _refuse_identifier(values: _Values) -> None:
    if _is_phone(values):
        raise _NoField("phone numbers")
    single = values.share(" " not in as_text(v).strip() for v in values.values)
    if values.given >= ID_ROWS and single >= 0.9 and len(values.values) >= ID_SHARE * values.given:
        raise _NoField("an identifier: a different value for nearly every lead")


def _is_text(values: _Values) -> bool:
    """Many different values, mostly of several words, and few of them seen often."""
    if len(values.values) <= 30 or values.share(" " in as_text(v).strip() for v in values.values) < 0.3:
        return False
    often = values.counts >= max(LEVEL_SUPPORT, 0.005 * values.given)
    return float(values.counts[often].sum()) < 0.7 * values.given


_TESTS = ((_is_mail, Kind.EMAIL), (_is_flag, Kind.FLAG), (_is_date, Kind.DATE), (_is_number, Kind.NUMBER))


def _number_field(values: _Values, max_bins: int) -> Field:
    decimal = _decimal(values)
    numbers = Counter[float]()
    for value, count in zip(values.values, values.counts.tolist(), strict=True):
        try:
            numbers[read_number(value, decimal)] += count
        except NotReadable:
            continue
    found = np.array(sorted(numbers))
    counts = np.array([numbers[v] for v in found.tolist()])
    if len(found) < 2 and not values.blanks:
        raise _NoField("constant")
    _refuse_counter(found, counts, values)
    edges, lowest = bin_edges(found, counts, max_bins), found[0].item() if len(found) else None
    return Field(values.name, Kind.NUMBER, edges=edges, decimal=decimal, lowest=lowest)


def _refuse_counter(found: NDArray[np.float64], counts: NDArray[np.int64], values: _Values) -> None:
    """Whole numbers that name a lead: all of one, telephone length, or a dense run, each once."""
    if _are_long(found):
        raise _NoField(f"identifiers or phone numbers: whole numbers of one length, {LONG_DIGITS} digits or more")
    if values.given < ID_ROWS or len(found) < ID_SHARE * values.given or counts.max(initial=0) > 2:
        return
    whole = bool((found == np.floor(found)).all())
    if whole and found[-1] - found[0] < 20 * len(found) and found[-1] - found[0] >= len(found) - 1:
        raise _NoField("an identifier: a serial number, different for nearly every lead")


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
    return tuple(found[i].item() for i in sorted(starts) if 0 < i < len(found))


def _date_field(name: str, column: Column, as_of: Moments | None, max_bins: int) -> Field:
    if as_of is None:
        raise _NoField("a date says something only beside the moment of each lead: name it with --created-at")
    found, counts = np.unique(ages_of(column, as_of), return_counts=True)
    known = found != UNDATED
    if known.sum() < 2 and known.all():
        raise _NoField("constant")
    edges = bin_edges(found[known].astype(np.float64), counts[known].astype(np.int64), max_bins)
    return Field(name, Kind.DATE, edges=edges, lowest=float(found[known][0]) if known.any() else None)


def _category_field(values: _Values, _max_bins: int) -> Field:
    spellings: dict[str, Counter[str]] = {}
    for value, count in zip(values.values, values.counts.tolist(), strict=True):
        text = as_text(value).strip()
        spellings.setdefault(level_key(text), Counter())[text] += count
    totals = {key: sum(c.values()) for key, c in spellings.items()}
    often = [k for k, n in totals.items() if n >= LEVEL_SUPPORT and not _personal(k)]
    if not often:
        raise _NoField("no level is seen often enough to learn from")
    if len(totals) == 1 and not values.blanks:
        raise _NoField("constant")
    levels = sorted(often, key=lambda k: (-totals[k], k))[:MAX_LEVELS]
    labels = tuple(max(spellings[k].items(), key=lambda item: (item[1], item[0]))[0] for k in levels)
    return Field(values.name, Kind.CATEGORY, levels=tuple(levels), labels=labels)


def _personal(key: str) -> bool:
    """An e-mail address or phone number among the levels never enters a model."""
    return any(map(is_address, key.split())) or _shaped_as_phone(key)


def _flag_field(values: _Values, _max_bins: int) -> Field:
    if len({level_key(as_text(v)) in YES_WORDS for v in values.values}) < 2 and not values.blanks:
        raise _NoField("constant")
    return Field(values.name, Kind.FLAG, levels=("no", "yes"), labels=("no", "yes"))


def _mail_field(values: _Values, _max_bins: int) -> Field:
    kinds = ("free mail", "company mail")
    return Field(values.name, Kind.EMAIL, levels=kinds, labels=kinds)


def _text_field(values: _Values, _max_bins: int) -> Field:
    seen = Counter[str]()
    for value, count in zip(values.values, values.counts.tolist(), strict=True):
        for word in words_of(as_text(value)):
            seen[word] += count
    support = max(WORD_SUPPORT, WORD_SHARE * values.given)
    words = tuple(sorted((w for w, n in seen.items() if n >= support), key=lambda w: (-seen[w], w))[:MAX_WORDS])
    if not words:
        raise _NoField("no word is seen often enough to learn from")
    return Field(values.name, Kind.TEXT, levels=words, labels=words)


_LEARN = {
    Kind.NUMBER: _number_field,
    Kind.CATEGORY: _category_field,
    Kind.FLAG: _flag_field,
    Kind.EMAIL: _mail_field,
    Kind.TEXT: _text_field,
}

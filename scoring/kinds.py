"""What a column holds: number, category, flag, date, e-mail or text; or nothing that a field can be made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .columns import Column, Numbers
from .errors import WrongUsage
from .fields import Kind, is_blank
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
)

MAJORITY = 0.95
"""Share of a column's values that must read as a kind for the column to be of it; the rest is missing."""

LEVEL_SUPPORT = 5
"""Leads that a level needs to be kept by name; fewer say nothing that could be learned."""

ID_SHARE = 0.99
ID_ROWS = 20
"""From so many rows on, a text or counter that differs in 99 of 100 of them names the lead and says nothing of it."""

_PHONE = re.compile(r"\+?[\d\s().\-/]{7,20}")
_DIALLED = re.compile(r"\+|\(|0\d*[ (./\-]")
"""How a phone number begins that is no amount: with a country or area code."""

_FRACTION = re.compile(r"[+-]?\d*\.\d+")
"""A number with one decimal point, such as 0.569204, is no phone number; a dialled one has more than one, or none."""

_BAND = re.compile(r"(0|1|[1-9]\d*0[01])\s?-\s?[1-9]\d*(00|99)")
"""A range of amounts, such as 1000000-5000000, is no phone number."""

_DATE_SHAPE = re.compile(r"(\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4})([T ].*)?|(19|20)\d{6}")


@dataclass(frozen=True, slots=True)
class Values:
    """A column's different values that are not blank, and how many rows have each."""

    name: str
    values: Sequence[object]
    counts: NDArray[np.int64]
    blanks: int

    @property
    def given(self) -> int:
        """How many rows have a value."""
        return int(self.counts.sum())

    @property
    def are_numbers(self) -> bool:
        """Whether all values came as fractions: what needs no reading."""
        return all(type(v) is float for v in self.values)

    def share(self, fits: Iterable[bool]) -> float:
        """The share of rows, among those with a value, for whose value it holds."""
        return float(self.counts[np.fromiter(fits, dtype=bool, count=len(self.values))].sum() / max(1, self.given))


class NoField(Exception):
    """The column is no field; the message says why."""


def asked_kind(name: str, kind: str | None) -> Kind | None:
    """The kind that the user says; WrongUsage for one that is none."""
    try:
        return Kind(kind) if kind else None
    except ValueError:
        raise WrongUsage(f"field {name!r}: {kind!r} is no kind", f"use one of {', '.join(Kind)}") from None


def different_values(name: str, column: Column, missing_words: frozenset[str]) -> tuple[Values, tuple[str, ...]]:
    """A column's different values, and the words in it that people write for missing."""
    if isinstance(column, Numbers):
        finite = np.isfinite(column.values)
        values, counts = np.unique(column.values[finite], return_counts=True)
        return Values(name, values.tolist(), counts.astype(np.int64), int((~finite).sum())), ()
    counts = np.bincount(column.index + 1, minlength=len(column.values) + 1)
    blank = [is_blank(v, missing_words) for v in column.values]
    keep = [i for i, b in enumerate(blank) if not b and counts[i + 1]]
    words = {as_text(v).strip() for v, b in zip(column.values, blank, strict=True) if b and v is not None}
    kept = counts[np.array(keep, dtype=np.intp) + 1].astype(np.int64)
    values_kept = [column.values[i] for i in keep]
    return Values(name, values_kept, kept, len(column) - int(kept.sum())), tuple(sorted(words - {""}))


def kind_of(values: Values) -> Kind:
    """The kind that most of the values read as; NoField for identifiers, phone numbers and nothing at all."""
    if not values.given:
        raise NoField("no value at all")
    if values.are_numbers and len(values.values) > len(YES_WORDS | NO_WORDS):
        return Kind.NUMBER
    for fits, kind in _TESTS:
        if fits(values):
            return kind
    _refuse_identifier(values)
    return Kind.TEXT if _is_text(values) else Kind.CATEGORY


def _is_mail(values: Values) -> bool:
    return values.share(_reads(mail_kind, v) for v in values.values) >= 0.8


def _is_flag(values: Values) -> bool:
    return {level_key(as_text(v)) for v in values.values} <= YES_WORDS | NO_WORDS


def _is_date(values: Values) -> bool:
    return values.share(not isinstance(v, int | float) and _is_moment(v) for v in values.values) >= MAJORITY


def _is_moment(value: object) -> bool:
    if isinstance(value, str) and not _DATE_SHAPE.fullmatch(value.strip()):
        return False
    return _reads(read_moment, value)


def _is_number(values: Values) -> bool:
    texts = [v.strip() for v in values.values if isinstance(v, str)]
    padded = sum(len(t) > 1 and t[0] == "0" and t.isdigit() for t in texts)
    if padded * 2 > len(values.values):
        return False
    decimal = decimal_of(values)
    if values.share(_reads(partial(read_number, decimal=decimal), v) for v in values.values) < MAJORITY:
        return False
    if _is_phone(values):
        raise NoField("phone numbers")
    return True


def _reads(read: object, value: object) -> bool:
    try:
        read(value)  # type: ignore[operator]
    except NotReadable:
        return False
    return True


def _is_phone(values: Values) -> bool:
    if values.share(_shaped_as_phone(v) for v in values.values) < 0.8:
        return False
    dialled = values.share(bool(_DIALLED.match(as_text(v).strip())) for v in values.values)
    return dialled >= 0.8 or len(values.values) > 0.5 * values.given


def _shaped_as_phone(value: object) -> bool:
    text = as_text(value).strip()
    if isinstance(value, float) or _FRACTION.fullmatch(text):
        return False
    marked = text[:1] in "+0(" or any(c in text[1:] for c in " -/(")
    phone = marked and bool(_PHONE.fullmatch(text)) and sum(c.isdigit() for c in text) >= 7
    return phone and not _BAND.fullmatch(text)


def decimal_of(values: Values) -> str:
    """What separates decimals: a comma where more values can be read so."""
    if not any(isinstance(v, str) and "," in v for v in values.values):
        return "."
    return max(".,", key=lambda d: values.share(_reads(partial(read_number, decimal=d), v) for v in values.values))


def _refuse_identifier(values: Values) -> None:
    if _is_phone(values):
        raise NoField("phone numbers")
    single = values.share(" " not in as_text(v).strip() for v in values.values)
    if values.given >= ID_ROWS and single >= 0.9 and len(values.values) >= ID_SHARE * values.given:
        raise NoField("an identifier: a different value for nearly every lead")


def _is_text(values: Values) -> bool:
    """Many different values, mostly of several words, and few of them seen often."""
    if len(values.values) <= 30 or values.share(" " in as_text(v).strip() for v in values.values) < 0.3:
        return False
    often = values.counts >= max(LEVEL_SUPPORT, 0.005 * values.given)
    return float(values.counts[often].sum()) < 0.7 * values.given


_TESTS = ((_is_mail, Kind.EMAIL), (_is_flag, Kind.FLAG), (_is_date, Kind.DATE), (_is_number, Kind.NUMBER))


def is_personal(key: str) -> bool:
    """An e-mail address or phone number among the levels never enters a model."""
    return any(map(is_address, key.split())) or _shaped_as_phone(key)

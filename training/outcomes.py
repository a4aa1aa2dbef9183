"""What became of leads: which values of a column mean won and lost, when it happened, and for how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Coded, Column, Numbers
from scoring.columns import moments_of as moments_in
from scoring.errors import Refused, WrongUsage
from scoring.fields import is_blank
from scoring.files import FileTable, texts_of
from scoring.values import MISSING_WORDS, NotReadable, as_text, level_key, read_number

from .mapping import Mapping, names_near

Flags = NDArray[np.bool_]
Moments = NDArray[np.int64]

NEVER = np.iinfo(np.int64).max
"""The moment of what has not happened."""

CRM, SALES, REFUSED = 0, 1, 2
"""Whose word an outcome is: the CRM's, a salesperson's, or what the reason of a refusal means."""

AGAIN = ("open",)
"""The outcome that takes up again what was lost."""

MOST_VALUE = 1e12
"""Above it an amount is a slip of the pen or an overflow, and one such would outweigh all others."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The rows of a table of outcomes, in its order. at: NEVER where not dated. value: NaN where there is none.

    again: rows that take a lead up again. deals: which deal each speaks of, "" for none. by: whose word it is, CRM,
    SALES or REFUSED. Any of these is None where nothing is said of it.
    """

    ids: list[str]
    won: Flags
    lost: Flags
    at: Moments
    value: NDArray[np.float64]
    again: Flags | None = None
    deals: list[str] | None = None
    by: NDArray[np.int8] | None = None


def read_outcomes(source: FileTable, mapping: Mapping, notes: list[str], *, may_be_none: bool = False) -> Outcomes:
    """A table of outcomes, with the names of `leadrank sample` where the mapping says nothing.

    may_be_none: whether no purchase is told here, as salespeople may tell of some.
    """
    columns = dict(source.columns)
    if not source.rows:
        nothing = np.zeros(0, dtype=bool)
        return Outcomes([], nothing, nothing, np.zeros(0, dtype=np.int64), np.zeros(0))
    id_name = mapping.outcome_id or next((n for n in (mapping.id, "lead_id", "id") if n and n in columns), "lead_id")
    ids = texts_of(take_column(columns, id_name, "[outcome] lead_id", "id column of the outcomes"))
    outcome = take_column(columns, mapping.outcome or "outcome", "[outcome] column", "outcome column")
    words = mapping if mapping.won else mapping.with_flags(won=("won",), lost=mapping.lost or ("lost",))
    won, lost = won_lost(outcome, words, notes, may_be_none=may_be_none)
    at = np.full(source.rows, NEVER, dtype=np.int64)
    if mapping.closed_at or "at" in columns:
        closed = take_column(columns, mapping.closed_at or "at", "[outcome] closed_at", "closing date")
        at = moments_of(closed, ZoneInfo(mapping.zone))
    value = mapping.value or ("value" if "value" in columns else None)
    again = _matches(_coded(outcome), AGAIN) & ~won & ~lost
    deals = texts_of(columns["deal_id"]) if "deal_id" in columns else None
    return Outcomes(ids, won, lost, at, values_of(columns, value, source.rows), again, deals)


def won_lost(column: Column, mapping: Mapping, notes: list[str], *, may_be_none: bool = False) -> tuple[Flags, Flags]:
    """Which rows are won and which lost; the rest, blank ones always, is open."""
    coded = _coded(column)
    if not mapping.won:
        raise WrongUsage("which value of the outcome means bought?", f"say it with --won; there are {_sample(coded)}")
    won = _matches(coded, mapping.won)
    if not won.any() and not may_be_none:
        raise Refused(f"no lead has an outcome of {mapping.won[0]!r}", f"say --won; there are {_sample(coded)}")
    lost = _matches(coded, mapping.lost or _only_other(coded, mapping.won, notes))
    if not lost.any():
        notes.append(f"no lead has an outcome of {mapping.lost[0]!r}: all that have not bought are open")
    return won, lost & ~won


def _only_other(coded: Coded, won: Sequence[str], notes: list[str]) -> tuple[str, ...]:
    """The one outcome that is neither blank nor won: more than one, or none, and open could pass for lost."""
    seen = np.bincount(coded.index + 1, minlength=len(coded.values) + 1)[1:] > 0
    others = {
        level_key(as_text(value))
        for value, is_won, is_seen in zip(coded.values, won_values(coded, won), seen, strict=True)
        if is_seen and not is_won and not is_blank(value, MISSING_WORDS)
    }
    if len(others) != 1:
        raise WrongUsage("open is not lost: which values mean lost?", f"say --lost; there are {_sample(coded)}")
    (other,) = others
    notes.append(f"lost is taken to be {other!r}, the only other outcome")
    return (other,)


def won_values(coded: Coded, words: Sequence[str]) -> list[bool]:
    """For every different value whether it is one of the words: trimmed, case-folded, as numbers where both are."""
    keys = {level_key(w) for w in words}
    numbers = {n for w in words if (n := _number_or_none(w)) is not None}
    return [level_key(as_text(v)) in keys or _number_or_none(v) in numbers for v in coded.values]


def _matches(coded: Coded, words: Sequence[str]) -> Flags:
    return coded.take([int(m) for m in won_values(coded, words)], 0).astype(bool)


def _number_or_none(value: object) -> float | None:
    """A value as a number, yes and no of a typed column as 1 and 0."""
    if isinstance(value, bool):
        return float(value)
    try:
        return read_number(as_text(value))
    except NotReadable:
        return None


def _sample(coded: Coded) -> str:
    counts = np.bincount(coded.index[coded.index >= 0], minlength=len(coded.values))
    often = sorted(np.flatnonzero(counts).tolist(), key=lambda i: -counts[i])[:5]
    return ", ".join(repr(as_text(coded.values[i])[:30]) for i in often)


def take_column(columns: dict[str, Column], name: str, flag: str, what: str) -> Column:
    """The column of this name, out of the dictionary; WrongUsage where there is none."""
    if name not in columns:
        raise WrongUsage(f"no column {name!r} for the {what}", f"name it with {flag}; {names_near(name, columns)}")
    return columns.pop(name)


def moments_of(column: Column, zone: tzinfo) -> Moments:
    """Every row's moment in seconds since 1970; NEVER where there is none that can be read."""
    return moments_in(column, zone, unknown=NEVER)


def values_of(columns: dict[str, Column], name: str | None, rows: int) -> NDArray[np.float64]:
    """Every row's deal value; NaN where there is none above zero, or one that no deal has."""
    if not name:
        return np.full(rows, np.nan)
    coded = _coded(take_column(columns, name, "--value", "deal value"))
    numbers = [_number_or_none(v) for v in coded.values]
    found = np.array([np.nan if n is None or not 0 < n <= MOST_VALUE else n for n in numbers] + [np.nan])
    return np.asarray(found[coded.index], dtype=np.float64)


def _coded(column: Column) -> Coded:
    return column.coded() if isinstance(column, Numbers) else column

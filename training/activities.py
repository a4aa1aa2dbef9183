"""The activities of a history, read into lives: who did what, when, and for how much."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Coded, Column, Numbers
from scoring.files import FileTable, texts_of
from scoring.lives import Lives
from scoring.snapshot import OTHER_KIND, WINDOWS, Derived, Measure, named
from scoring.values import NotReadable, as_text, level_key, read_number

from .mapping import Mapping
from .outcomes import NEVER, Moments, moments_of, take_column

MAX_KINDS = 15
"""Kinds of activities that are counted on their own; rarer ones count as any activity."""

KIND_LEADS = 20
"""Leads that a kind needs to be counted on its own."""


def read_activities(
    source: FileTable, place: MappingType[str, int], mapping: Mapping, notes: list[str]
) -> tuple[Lives, int | None]:
    """The lives of a history's leads, and the last moment of any activity. place: id -> the lead's place."""
    ids, at, kind, amount = activity_columns(source, mapping)
    lead = np.array([*(place.get(as_text(v), -1) for v in ids.values), -1], dtype=np.int64)[ids.index]
    known = (lead >= 0) & (at != NEVER)
    if (~known).any():
        notes.append(f"{int((~known).sum()):,} activities have no lead in the history or no date: left out")
    last = int(at[at != NEVER].max()) if (at != NEVER).any() else None
    rows = np.flatnonzero(known)
    kinds = [as_text(v).strip() for v in kind.values]
    return _lives(lead[rows], at[rows], kind.index[rows], amount[rows], kinds), last


def activity_columns(source: FileTable, mapping: Mapping) -> tuple[Coded, Moments, Coded, NDArray[np.float64]]:
    """Lead, moment (NEVER where not known), kind and amount (NaN where none) of every row."""
    columns, names = dict(source.columns), mapping.activity
    ids = _coded(take_column(columns, _id_name(columns, mapping), "[activity] lead_id", "lead of the activities"))
    when = take_column(columns, names.get("at", "at"), "[activity] at", "time of the activities")
    kind = _kinds(columns, mapping, source.rows)
    return ids, moments_of(when, ZoneInfo(mapping.zone)), kind, _amounts(columns, names.get("amount"), source.rows)


def leads_in(source: FileTable, mapping: Mapping) -> list[str]:
    """Whose activities these are, one id a row."""
    columns = dict(source.columns)
    return texts_of(take_column(columns, _id_name(columns, mapping), "[activity] lead_id", "lead of the activities"))


def _lives(
    lead: NDArray[np.int64],
    at: NDArray[np.int64],
    kind: NDArray[np.int32],
    amount: NDArray[np.float64],
    kinds: list[str],
) -> Lives:
    """Lives with each kind's different spellings as one."""
    keys = [level_key(k) or OTHER_KIND for k in kinds]
    names = sorted({*keys, OTHER_KIND})
    place = {name: i for i, name in enumerate(names)}
    merged = np.array([*(place[key] for key in keys), place[OTHER_KIND]], dtype=np.int32)[kind]
    return Lives.of(lead, at, merged, amount, names)


def _id_name(columns: dict[str, Column], mapping: Mapping) -> str:
    named_so = mapping.activity.get("lead_id")
    return named_so or next(
        (n for n in (mapping.outcome_id, mapping.id, "lead_id", "id") if n and n in columns), "lead_id"
    )


def _kinds(columns: dict[str, Column], mapping: Mapping, rows: int) -> Coded:
    name = mapping.activity.get("kind", "kind")
    if name not in columns and "kind" not in mapping.activity:
        return Coded(["activity"], np.zeros(rows, dtype=np.int32))
    return _coded(take_column(columns, name, "[activity] kind", "kind of the activities"))


def _amounts(columns: dict[str, Column], name: str | None, rows: int) -> NDArray[np.float64]:
    if name is None and "amount" not in columns:
        return np.full(rows, np.nan)
    coded = _coded(take_column(columns, name or "amount", "[activity] amount", "amount of the activities"))
    return np.array([*(_number(v) for v in coded.values), np.nan])[coded.index]


def _number(value: object) -> float:
    try:
        return read_number(value)
    except NotReadable:
        return float("nan")


def _coded(column: Column) -> Coded:
    return column.coded() if isinstance(column, Numbers) else column


def derivable(lives: Lives | None, known_by: int, *, aged: bool) -> tuple[Derived, ...]:
    """What may be counted from leads' lives. known_by: seconds since 1970, nothing later is looked at.

    aged: whether leads are looked at on days other than their first.
    """
    found = [named(Measure.AGE)] if aged else []
    if lives is None:
        return tuple(found)
    known = lives.at <= known_by
    for kind in ("", *_usual_kinds(lives, known)):
        mine = known if not kind else known & (lives.kind == lives.kinds.index(kind))
        found += [named(Measure.COUNT, kind, days) for days in WINDOWS]
        found += [named(Measure.SINCE, kind), named(Measure.TREND, kind)]
        if len(set(lives.lead[mine & (lives.cents != 0)].tolist())) >= KIND_LEADS:
            found += [named(Measure.SUM, kind, days) for days in WINDOWS]
    return tuple(found)


def _usual_kinds(lives: Lives, known: NDArray[np.bool_]) -> list[str]:
    pairs = np.unique(lives.lead[known] * len(lives.kinds) + lives.kind[known])
    leads = np.bincount((pairs % len(lives.kinds)).astype(np.intp), minlength=len(lives.kinds))
    often = sorted(np.flatnonzero(leads >= KIND_LEADS).tolist(), key=lambda k: (-leads[k], lives.kinds[k]))
    return [lives.kinds[k] for k in often[:MAX_KINDS]]

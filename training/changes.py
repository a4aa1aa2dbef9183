"""Values as of a moment: the changes of a field, read from `changes.*` and `snapshots.*` of a history."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Coded, Column, Numbers
from scoring.files import FileTable, texts_of
from scoring.values import as_text

from .mapping import Mapping
from .outcomes import NEVER, moments_of, take_column

EARLIEST = -2_208_988_800
"""The year 1900, in seconds since 1970: before any lead."""

Moments = NDArray[np.int64]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Changes:
    """A field's values over time, by lead and time. lead: place in the history. at: seconds since 1970. Shapes (m,)."""

    lead: Moments
    at: Moments
    values: Coded

    def as_of(self, today: Column, lead: Rows, as_of: Moments) -> Coded:
        """The field of n looks: the last value known then; today's where the history tells nothing so early."""
        base = today.coded() if isinstance(today, Numbers) else today
        low = min(int(self.at.min(initial=0)), int(as_of.min(initial=0)))
        span = max(int(self.at.max(initial=0)), int(as_of.max(initial=0))) - low + 2
        keys = self.lead * span + (self.at - low)
        upto = np.searchsorted(keys, lead.astype(np.int64) * span + (as_of - low), side="right")
        known = upto > np.searchsorted(keys, lead.astype(np.int64) * span)
        last = self.values.index[np.maximum(upto - 1, 0)] if len(self.at) else np.full(len(lead), -1, dtype=np.int32)
        changed = np.where(last < 0, -1, last + len(base.values))
        index = np.where(known, changed, base.index[lead])
        return Coded([*base.values, *self.values.values], index.astype(np.int32))

    def plus(self, other: Changes) -> Changes:
        """These and others, of the same field; of two at one moment the other's hold."""
        moved = np.where(other.values.index < 0, -1, other.values.index + len(self.values.values))
        index = np.concatenate((self.values.index, moved)).astype(np.int32)
        values = Coded([*self.values.values, *other.values.values], index)
        return _ordered(np.concatenate((self.lead, other.lead)), np.concatenate((self.at, other.at)), values)

    def take(self, place: Moments) -> Changes:
        """The same for leads that stand in new places; -1 for those that are gone."""
        return _ordered(place[self.lead], self.at, self.values)


def read_changes(source: FileTable, place: MappingType[str, int], mapping: Mapping) -> dict[str, Changes]:
    """`changes.*`: lead_id, at, field, value; a field's value from that moment on."""
    columns = dict(source.columns)
    lead, at = _who_and_when(columns, place, mapping, "changes")
    names = take_column(columns, "field", "the column `field`", "field of the changes")
    fields = np.array(texts_of(names), dtype=object)
    values = _coded(take_column(columns, "value", "the column `value`", "value of the changes"))
    found = {}
    for name in sorted(set(fields.tolist())):
        rows = np.flatnonzero(fields == name)
        found[name] = _ordered(lead[rows], at[rows], values.rows(rows))
    return found


def read_snapshots(source: FileTable, place: MappingType[str, int], mapping: Mapping) -> dict[str, Changes]:
    """`snapshots.*`: a lead, a moment, and the lead's fields as they were when it was scored.

    The first of a lead holds for all that was before it: it is nearer to that than what is known today.
    """
    columns, named = dict(source.columns), mapping.snapshots
    lead, at = _who_and_when(
        columns, place, mapping, "snapshots", names=(named.get("lead_id", "lead_id"), named.get("at", "at"))
    )
    known = np.flatnonzero((lead >= 0) & (at != NEVER))
    order = known[np.lexsort((at[known], lead[known]))]
    first = order[np.unique(lead[order], return_index=True)[1]]
    at[first] = np.minimum(at[first], EARLIEST)
    return {name: _ordered(lead, at, _coded(column)) for name, column in columns.items()} if len(known) else {}


def _who_and_when(
    columns: dict[str, Column],
    place: MappingType[str, int],
    mapping: Mapping,
    what: str,
    names: tuple[str, str] = ("lead_id", "at"),
) -> tuple[Moments, Moments]:
    """Each row's lead, -1 where it is not known, and its moment, NEVER where it cannot be read."""
    who, when = names
    ids = _coded(take_column(columns, who, f"the column `{who}`", f"lead of the {what}"))
    places = np.array([*(place.get(as_text(v), -1) for v in ids.values), -1], dtype=np.int64)
    moments = take_column(columns, when, f"the column `{when}`", f"time of the {what}")
    return places[ids.index], moments_of(moments, ZoneInfo(mapping.zone))


def _ordered(lead: Moments, at: Moments, values: Coded) -> Changes:
    known = np.flatnonzero((lead >= 0) & (at != NEVER))
    order = known[np.lexsort((at[known], lead[known]))]
    return Changes(lead[order], at[order], values.rows(order))


def _coded(column: Column) -> Coded:
    return column.coded() if isinstance(column, Numbers) else column

"""Snapshots: leads as of moments, drawn while a lead is open, and what was known of each then."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column
from scoring.lives import derived_columns
from scoring.snapshot import Derived
from scoring.values import DAY

from .history import History

Rows = NDArray[np.intp]
Moments = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

AGES = (0, 7, 30, 90, 180)
"""Days after creation at which a lead is looked at, each but the first drawn within a quarter of it."""

SPREAD = 0.25
AT_CREATION = 0.5
"""The share of a lead's weight that lies on its creation: most scores are asked for when a lead comes in."""

FEW_AGES = (0, 30)
MANY_LEADS = 200_000
"""From so many leads on two looks at each are enough to learn from."""


@dataclass(frozen=True)
class Snapshots:
    """n looks at leads. lead: place in the history. as_of: seconds since 1970, None in a history without dates.

    weight: the share of its lead that a look stands for, settled before anything of the lead's future is known, so
    that a lead counts once at most. age: which of the planned looks it is, 0 at creation. Shapes (n,).
    """

    lead: Rows
    as_of: Moments | None
    weight: Floats
    age: NDArray[np.int8]

    @property
    def rows(self) -> int:
        """How many looks there are."""
        return len(self.lead)

    def take(self, rows: NDArray[np.generic]) -> Snapshots:
        """Some of the looks, by place or by flag."""
        as_of = None if self.as_of is None else self.as_of[rows]
        return Snapshots(self.lead[rows], as_of, self.weight[rows], self.age[rows])


def at_creation(history: History, leads: Rows) -> Snapshots:
    """One look at each of some leads, when it came in."""
    as_of = None if history.created is None else history.created[leads]
    return Snapshots(leads, as_of, np.ones(len(leads)), np.zeros(len(leads), dtype=np.int8))


def drawn(history: History, *, until: int) -> Snapshots:
    """Several looks at every lead created by `until` (seconds since 1970), each while the lead was open."""
    ages = AGES if history.rows < MANY_LEADS else FEW_AGES
    moments = _planned(history, ages)
    planned = moments <= until
    later = planned[:, 1:].sum(axis=1)
    weight = np.where(later > 0, (1 - AT_CREATION) / np.maximum(later, 1), 0.0)[:, None].repeat(len(ages), axis=1)
    weight[:, 0] = np.where(later > 0, AT_CREATION, 1.0)
    return _looks(moments, planned & _is_open(history, moments), weight)


def one_each(history: History, leads: Rows, *, until: int) -> Snapshots:
    """One look at each of some leads, no later than `until`: half of them at creation, the rest on a later day.

    The day is drawn before anything of the lead's future is known; who is no longer open then is left out.
    """
    ages = AGES if history.rows < MANY_LEADS else FEW_AGES
    moments = _planned(history, ages)[leads]
    later = (moments[:, 1:] <= until).sum(axis=1)
    draw = _uniform(history.keys[leads], 99)
    place = 1 + np.floor((draw - AT_CREATION) / (1 - AT_CREATION) * later).astype(np.intp)
    chosen = np.where((draw < AT_CREATION) | (later == 0), 0, place)
    flags = np.zeros(moments.shape, dtype=bool)
    flags[np.arange(len(leads)), chosen] = True
    found = _looks(moments, flags & _is_open(history.take(leads), moments), np.ones(moments.shape))
    return Snapshots(leads[found.lead], found.as_of, found.weight, found.age)


def _planned(history: History, ages: Sequence[int]) -> Moments:
    """When each lead is to be looked at, int64 (leads, ages): drawn from its key, whatever the order of the file."""
    assert history.created is not None
    days = np.zeros((history.rows, len(ages)), dtype=np.int64)
    for j, age in enumerate(ages[1:], 1):
        stretch = 1 + SPREAD * (2 * _uniform(history.keys, j) - 1)
        days[:, j] = np.rint(age * stretch * DAY).astype(np.int64)
    return history.created[:, None] + days


def _uniform(keys: Moments, salt: int) -> Floats:
    """Numbers in [0, 1) drawn from keys (SplitMix64: Steele et al. 2014)."""
    z = keys.astype(np.uint64) + np.uint64(salt * 0x9E3779B97F4A7C15 & (1 << 64) - 1)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / 2.0**53


def _is_open(history: History, moments: Moments) -> Flags:
    """Whether each lead was neither won nor lost at each moment, and followed; on the day of its creation it was open.

    A date alone is the end of its day, so that a lead won on the day it came in may seem won before it.
    """
    assert history.created is not None
    ends = history.ends[:, None]
    first = np.zeros(moments.shape, dtype=bool)
    first[:, 0] = True
    found = np.where(first, ends >= history.created[:, None] - DAY, ends > moments)
    return found if history.stops is None else found & ~history.stops.cover(moments)


def _looks(moments: Moments, exists: Flags, weight: Floats) -> Snapshots:
    lead, age = np.nonzero(exists)
    return Snapshots(lead, moments[lead, age], weight[lead, age], age.astype(np.int8))


def table_of(
    history: History, columns: MappingType[str, Column], looks: Snapshots, derived: Sequence[Derived]
) -> dict[str, Column]:
    """The columns of n looks: values as of each moment where the history knows them, and what is derived."""
    changes = history.changes or {}
    table: dict[str, Column] = {
        name: changes[name].as_of(column, looks.lead, looks.as_of)
        if name in changes and looks.as_of is not None
        else column.rows(looks.lead)
        for name, column in columns.items()
    }
    if derived and looks.as_of is not None:
        created = None if history.created is None else history.created[looks.lead]
        counted = derived_columns(derived, lead=looks.lead, as_of=looks.as_of, created=created, lives=history.lives)
        table.update(counted)
    return table

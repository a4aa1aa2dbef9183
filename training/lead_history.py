"""What a company's history holds: its leads' columns, when each was created, and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, Numbers
from scoring.fields import is_blank
from scoring.lives import Lives
from scoring.values import MISSING_WORDS, as_text, level_key

from .changes import Changes
from .outcomes import Moments
from .stops import Stops


@dataclass(frozen=True)
class History:
    """n leads. columns: what may become fields. created: seconds since 1970, or None where the source has no dates.

    won, lost: as given at the end of the history. won_at: NEVER where not won or not dated. value: NaN where none.
    until: the last moment that the history knows of. notes: what was guessed or done, in words. lost_at: NEVER where
    not lost or not dated; a lead that was lost and bought later is won and has both moments. lives: what happened to
    leads. changes: how fields changed. company: who belongs together. stops: where leads were not followed any more.
    words: whose words the outcomes are, in leads.
    """

    columns: dict[str, Column]
    ids: list[str]
    won: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    won_at: Moments
    value: NDArray[np.float64]
    created: Moments | None
    until: int | None
    id_column: str | None
    created_column: str | None = None
    notes: list[str] = field(default_factory=list)
    lost_at: Moments | None = None
    lives: Lives | None = None
    changes: MappingType[str, Changes] | None = None
    company: Column | None = None
    stops: Stops | None = None
    words: MappingType[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many leads there are."""
        return len(self.ids)

    @property
    def ends(self) -> Moments:
        """When each lead was won or lost; NEVER where it was not, or on no day that is known. Shape (n,)."""
        return self.won_at if self.lost_at is None else np.minimum(self.won_at, self.lost_at)

    def followed(self, until: int) -> Moments:
        """Until when each lead was followed, as known at `until`: to there, or to a stop. Shape (n,).

        Who was won or lost by then is known to the end, whatever a salesperson had said before.
        """
        if self.stops is None:
            return np.full(self.rows, until, dtype=np.int64)
        stopped = np.minimum(self.stops.standing(self.rows, until), until)
        return np.where(self.ends <= until, until, stopped)

    @cached_property
    def keys(self) -> Moments:
        """A number drawn from each lead's id, or from what it came with where it has none. Shape (n,).

        Not from what became of it: when a lead is looked at must not hang on that.
        """
        if self.id_column is not None:
            return np.array([_key(lead) for lead in self.ids], dtype=np.int64)
        drawn = [_keys_of(column) for _, column in sorted(self.columns.items())]
        born = [] if self.created is None else [_keys_of(Numbers(self.created.astype(np.float64)))]
        total = np.zeros(self.rows, dtype=np.uint64)
        for part in (*drawn, *born):
            total = total * np.uint64(0x9E3779B97F4A7C15) + part.astype(np.uint64)
        return total.astype(np.int64)

    @cached_property
    def groups(self) -> Moments:
        """A number for each lead, the same for leads of one company. Shape (n,)."""
        if self.company is None:
            return self.keys
        firm = _keys_of(self.company)
        given = _is_given(self.company)
        return np.where(given, firm, self.keys)

    def take(self, rows: NDArray[np.intp]) -> History:
        """The history of some of the leads."""
        return replace(
            self,
            columns={name: column.rows(rows) for name, column in self.columns.items()},
            ids=[self.ids[i] for i in rows.tolist()],
            won=self.won[rows],
            lost=self.lost[rows],
            won_at=self.won_at[rows],
            value=self.value[rows],
            created=None if self.created is None else self.created[rows],
            lost_at=None if self.lost_at is None else self.lost_at[rows],
            company=None if self.company is None else self.company.rows(rows),
            **self._lived(rows),
        )

    def _lived(self, rows: NDArray[np.intp]) -> dict[str, Any]:
        """What happened to some of the leads, in their new places."""
        place = np.full(self.rows, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        changes = self.changes and {name: found.take(place) for name, found in self.changes.items()}
        return {
            "lives": None if self.lives is None else self.lives.take(place),
            "changes": changes,
            "stops": None if self.stops is None else self.stops.take(place),
        }


def _key(text: str) -> int:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _keys_of(column: Column) -> Moments:
    """A number drawn from each row's value."""
    if isinstance(column, Numbers):
        return (column.values + 0.0).view(np.int64) * np.int64(0x2545F4914F6CDD1D)
    return np.array([*(_key(level_key(as_text(v))) for v in column.values), 0], dtype=np.int64)[column.index]


def _is_given(column: Column) -> NDArray[np.bool_]:
    if isinstance(column, Numbers):
        return np.isfinite(column.values)
    return np.array([*(not is_blank(v, MISSING_WORDS) for v in column.values), False])[column.index]

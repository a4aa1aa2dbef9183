"""The lives of many leads as arrays, and what is counted from them: equal to `snapshot.derived_values` to the bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .columns import Numbers
from .snapshot import CENTS, LARGEST_AMOUNT, NEVER_DAYS, TREND_DAYS, Derived, Measure
from .values import DAY

Moments = NDArray[np.int64]
Rows = NDArray[np.intp]

UNKNOWN = np.iinfo(np.int64).min
"""The moment of a creation that is not known."""


@dataclass(frozen=True)
class Lives:
    """What happened to leads. lead: int64 (m,), the place of the activity's lead. at: seconds since 1970.

    kind: int32 (m,), the place of its kind in `kinds`. cents: amounts in whole ten-thousandths.
    """

    lead: Moments
    at: Moments
    kind: NDArray[np.int32]
    cents: Moments
    kinds: tuple[str, ...]

    def take(self, place: Moments) -> Lives:
        """The same for leads that stand in new places, int64 by old place; -1 for those that are gone."""
        new = place[self.lead]
        rows = np.flatnonzero(new >= 0)
        rows = rows[np.lexsort((self.at[rows], new[rows]))]
        return Lives(new[rows], self.at[rows], self.kind[rows], self.cents[rows], self.kinds)

    def plus(self, other: Lives | None) -> Lives:
        """These and others, of the same leads."""
        if other is None:
            return self
        kinds = (*self.kinds, *(k for k in other.kinds if k not in self.kinds))
        moved = np.array([kinds.index(k) for k in other.kinds], dtype=np.int32)
        lead, at = np.concatenate((self.lead, other.lead)), np.concatenate((self.at, other.at))
        order = np.lexsort((at, lead))
        kind = np.concatenate((self.kind, moved[other.kind]))[order]
        return Lives(lead[order], at[order], kind, np.concatenate((self.cents, other.cents))[order], kinds)

    @classmethod
    def of(
        cls, lead: Moments, at: Moments, kind: NDArray[np.int32], amount: NDArray[np.float64], kinds: Sequence[str]
    ) -> Lives:
        """Lives from activities in any order; an amount of NaN is none. Shapes (m,)."""
        order = np.lexsort((at, lead))
        within = np.clip(np.where(np.isfinite(amount), amount, 0.0), -LARGEST_AMOUNT, LARGEST_AMOUNT)
        cents = np.rint(within * CENTS).astype(np.int64)
        return cls(lead[order], at[order], kind[order], cents[order], tuple(kinds))


def derived_columns(
    derived: Sequence[Derived], *, lead: Rows, as_of: Moments, created: Moments | None, lives: Lives | None
) -> dict[str, Numbers]:
    """Every derived field of n snapshots. lead: the place of each snapshot's lead in `lives`. Shapes (n,).

    created: of each snapshot's lead, UNKNOWN where it is not known. Without lives, or for a lead of place -1, what is
    counted from activities is missing.
    """
    found: dict[str, Numbers] = {}
    events: dict[str, _Events] = {}
    for d in derived:
        if d.measure is Measure.AGE:
            found[d.field] = Numbers(_ages(created, as_of))
        elif lives is None:
            found[d.field] = Numbers(np.full(len(as_of), np.nan))
        else:
            if d.kind not in events:
                events[d.kind] = _Events(lives, d.kind, lead, as_of)
            found[d.field] = Numbers(np.where(lead < 0, np.nan, events[d.kind].value(d)))
    return found


def _ages(created: Moments | None, as_of: Moments) -> NDArray[np.float64]:
    if created is None:
        return np.full(len(as_of), np.nan)
    known = created != UNKNOWN
    days = np.maximum(0, (as_of - np.where(known, created, 0)) // DAY)
    return np.where(known, days.astype(np.float64), np.nan)


class _Events:
    """The activities of one kind beside the snapshots, and how many of them each snapshot knows."""

    def __init__(self, lives: Lives, kind: str, lead: Rows, as_of: Moments) -> None:
        mine = np.ones(len(lives.at), bool) if not kind else lives.kind == _place(lives.kinds, kind)
        self._at, self._sums = lives.at[mine], np.concatenate(([0], np.cumsum(lives.cents[mine])))
        low = min(self._at.min(initial=0), as_of.min(initial=0)) - (2 * TREND_DAYS + 365) * DAY
        self._low, self._span = low, max(self._at.max(initial=0), as_of.max(initial=0)) - low + 2
        self._keys = lives.lead[mine] * self._span + (self._at - low)
        self._lead, self._as_of = lead.astype(np.int64), as_of
        self._first = np.searchsorted(self._keys, self._lead * self._span)
        self._upto = self._known_by(0)

    def _known_by(self, days: int) -> Rows:
        """How many activities, of all leads before and of this one, had happened so many days before each snapshot."""
        moments = np.maximum(self._as_of - days * DAY - self._low, 0)
        return np.asarray(np.searchsorted(self._keys, self._lead * self._span + moments, side="right"))

    def value(self, d: Derived) -> NDArray[np.float64]:
        if d.measure is Measure.SINCE:
            return self._since()
        if d.measure is Measure.TREND:
            return (self._upto - 2 * self._known_by(TREND_DAYS) + self._known_by(2 * TREND_DAYS)).astype(np.float64)
        first = self._known_by(d.days) if d.days else self._first
        if d.measure is Measure.COUNT:
            return (self._upto - first).astype(np.float64)
        return (self._sums[self._upto] - self._sums[first]).astype(np.float64) / CENTS

    def _since(self) -> NDArray[np.float64]:
        any_known = self._upto > self._first
        if not len(self._at):
            return np.full(len(self._as_of), float(NEVER_DAYS))
        last = self._at[np.maximum(self._upto - 1, 0)]
        days = np.minimum((self._as_of - last) // DAY, NEVER_DAYS - 1)
        return np.where(any_known, days, NEVER_DAYS).astype(np.float64)


def _place(kinds: tuple[str, ...], kind: str) -> int:
    return kinds.index(kind) if kind in kinds else -1

"""Where a lead stopped being followed: from then on nothing is known of it, until it is taken up again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Moments = NDArray[np.int64]

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Stops:
    """lead: place in the history. at: from when, seconds since 1970. again: until when, NEVER where to the end.

    Shapes (m,).
    """

    lead: Moments
    at: Moments
    again: Moments

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, int]]) -> Stops | None:
        """Stops of (lead, at, again); None where there is none."""
        found = np.array(sorted(rows), dtype=np.int64).reshape(-1, 3)
        return cls(*found.T) if len(found) else None

    def standing(self, leads: int, until: int) -> Moments:
        """From when each lead is not followed any more, as known at `until`; NEVER where it is. Shape (leads,)."""
        found = np.full(leads, NEVER, dtype=np.int64)
        stands = (self.at <= until) & (self.again > until)
        np.minimum.at(found, self.lead[stands], self.at[stands])
        return found

    def cover(self, moments: Moments) -> Flags:
        """Whether each lead is not followed at each of its moments. moments: shape (leads, k)."""
        found = np.zeros(moments.shape, dtype=bool)
        mine = moments[self.lead]
        np.logical_or.at(found, self.lead, (self.at[:, None] <= mine) & (mine < self.again[:, None]))
        return found

    def take(self, place: Moments) -> Stops | None:
        """The same for leads that stand in new places, by old place; -1 for those that are gone."""
        new = place[self.lead]
        kept = new >= 0
        return Stops(new[kept], self.at[kept], self.again[kept]) if kept.any() else None

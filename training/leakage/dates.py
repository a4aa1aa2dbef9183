"""Dates that were written after the lead came in, or after its outcome: nobody knew them when it was to be scored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, moments_of
from scoring.values import DAY

Moments = NDArray[np.int64]

UNKNOWN = np.iinfo(np.int64).min
FEWEST = 30
"""Dates from which on a share says something."""

PLANNED = 0.02
"""The share of dates after the data ends from which on a field holds plans (a renewal, an event), not a record."""


@dataclass(frozen=True, slots=True)
class Written:
    """Shares of a field's dates on days after the lead came in, and after the day of a known outcome."""

    after_creation: float
    after_outcome: float


def written_after(
    columns: Mapping[str, Column],
    names: Iterable[str],
    *,
    created: Moments,
    ends: Moments,
    until: int,
    zone: tzinfo,
) -> dict[str, Written]:
    """Of the named date columns that hold no plans. created, ends, shapes (n,): seconds since 1970; ends after `until`
    are unknown."""
    found = {}
    born, end = created // DAY, ends // DAY
    for name in names:
        at = moments_of(columns[name], zone, unknown=UNKNOWN)
        given = at != UNKNOWN
        if given.sum() < FEWEST or (at[given] // DAY > until // DAY).mean() > PLANNED:
            continue
        resolved = given & (ends <= until)
        late = float((at[resolved] // DAY > end[resolved]).mean()) if resolved.sum() >= FEWEST else 0.0
        found[name] = Written(float((at[given] // DAY > born[given]).mean()), late)
    return found

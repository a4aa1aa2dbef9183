"""Purchases from before a lead came in: a customer who asks again. They are activities and no outcome of the lead."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scoring.lives import Lives
from scoring.values import DAY

from .outcomes import NEVER, Moments, Outcomes

Flags = NDArray[np.bool_]

KIND = "purchase"

MOST_EARLY = 0.5
"""Where more of all purchases lie before their leads' creation, the creation dates are those of an import."""


def earlier(outcomes: Outcomes, lead: NDArray[np.int64], created: Moments | None) -> Flags:
    """Which rows of the outcomes are purchases from before their lead's creation. lead: its place, -1 for none.

    created: by place, seconds since 1970. A date alone is the end of its day, so that a day's difference is none.
    """
    bought = outcomes.won & (outcomes.at != NEVER) & (lead >= 0)
    if created is None:
        return np.zeros(len(lead), dtype=bool)
    found = bought & (outcomes.at < created[np.maximum(lead, 0)] - DAY)
    return found if found.sum() <= MOST_EARLY * bought.sum() else np.zeros_like(found)


def as_lives(outcomes: Outcomes, lead: NDArray[np.int64], rows: Flags) -> Lives | None:
    """Some purchases as what happened to their leads; None where there is none."""
    if not rows.any():
        return None
    kind = np.zeros(int(rows.sum()), dtype=np.int32)
    return Lives.of(lead[rows], outcomes.at[rows], kind, outcomes.value[rows], (KIND,))

"""Labels of snapshots where some leads are too young to know: weights for those that are known, or completed labels.

A look is resolved once its lead has bought, was lost, or its horizon has passed; before that it is unknown. What is
known sooner (a purchase) is known oftener than what takes the whole horizon (none): counted as they come, buyers would
be too many; without the young, the newest would be lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from scoring.values import DAY

from .history import History
from .likeness import alike, as_often
from .outcomes import NEVER
from .snapshots import Snapshots

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Moments = NDArray[np.int64]

EFFECTIVE = 200
"""Mature non-buyers, effective (Kish 1965), from which on inverse-probability weights carry the unknown."""

CARRIED = 0.9
"""The share of all looks that the known ones must stand for: where losses are known early and nobody has lived through
the horizon, many non-buyers are known and none of those that stay open."""

EARLY = 1 / 6
"""The share of the horizon within which who has bought is compared between young and mature leads."""

LEVEL_DAYS = 365
"""Days back from the end whose share of buyers is promised: a whole round of the seasons.

Who carries the unknown is counted among these days' looks: by weights counted over years, the many mature of long ago
would stand for the young of last month, and the last year on its own would hold too few that did not buy.
"""


class Method(StrEnum):
    """What is done about leads that are too young to know."""

    NONE = "none"
    WEIGHTS = "inverse probability of censoring weights"
    HAZARD = "time to purchase"


@dataclass(frozen=True)
class Labels:
    """n looks. known: resolved by the end. bought: within the horizon. weight: leads that a known look stands for.

    level: the same of the last year alone, by which the share of buyers is set; 0 before it.
    took: seconds until a look was resolved, at most the horizon; room: seconds from it to the history's end, likewise,
    or to where its lead was not followed any more.
    age: which of the planned looks it is. effective: mature non-buyers, effective. Shapes (n,).
    """

    known: Flags
    bought: Flags
    weight: Floats
    level: Floats
    took: Moments
    room: Moments
    age: NDArray[np.int8]
    method: Method
    effective: float
    horizon_days: int

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        return {"method": self.method.value, "mature_non_buyers_effective": self.effective}

    def take(self, rows: NDArray[np.generic]) -> Labels:
        """The labels of some of the looks, by place or by flag."""
        arrays = {
            name: getattr(self, name)[rows] for name in ("known", "bought", "weight", "level", "took", "room", "age")
        }
        return replace(self, **arrays)


def censored(history: History, looks: Snapshots, horizon_days: int, *, until: int) -> Labels:
    """Labels of looks as known at `until` (seconds since 1970), nothing later is seen.

    Weights are the inverse of the chance of being followed for as long as it took to know, by planned age of the look
    (Vock et al. 2016, with the censoring known for everybody: Robins and Rotnitzky 1992).
    """
    assert looks.as_of is not None
    horizon = horizon_days * DAY
    to_the_end = np.minimum(until - looks.as_of, horizon)
    room = np.minimum(history.followed(until)[looks.lead] - looks.as_of, to_the_end)
    bought_in = _passed(history.won_at[looks.lead], looks.as_of, until)
    bought = bought_in <= room
    closed_in = np.where(bought, bought_in, np.minimum(bought_in, _lost_in(history, looks, until)))
    took = np.minimum(closed_in, horizon)
    known = took <= room
    weight = _weights(looks, known, took, room, to_the_end)
    level = np.zeros(looks.rows)
    late = looks.as_of > until - LEVEL_DAYS * DAY
    level[late] = _weights(looks.take(late), known[late], took[late], room[late], to_the_end[late])
    first = known & ~bought & (looks.age == 0)
    effective = _effective(weight[first])
    carried = weight.sum() >= CARRIED * looks.weight.sum()
    sound = carried and effective >= EFFECTIVE and _young_are_alike(history, looks, bought_in, to_the_end, horizon)
    method = Method.NONE if known.all() else Method.WEIGHTS if sound else Method.HAZARD
    return Labels(known, bought, weight, level, took, room, looks.age, method, effective, horizon_days)


def _young_are_alike(history: History, looks: Snapshots, bought_in: Moments, room: Moments, horizon: int) -> bool:
    """Whether leads that have not lived through the horizon are like those that have: fields, and who bought early."""
    first, young = looks.age == 0, room < horizon
    seen = first & (room >= EARLY * horizon)
    early = (bought_in[seen] <= EARLY * horizon).astype(np.int64)
    return as_often(early, young[seen]) and alike(history, looks.lead[first], young[first])


def _passed(moments: Moments, as_of: Moments, until: int) -> Moments:
    """Seconds from each look to a moment, not below 0; NEVER where that has not come by `until`."""
    return np.where(moments <= until, np.maximum(np.minimum(moments, until) - as_of, 0), NEVER)


def _lost_in(history: History, looks: Snapshots, until: int) -> Moments:
    """Seconds from each look to the lead's loss; a loss without a date is known at the history's end alone."""
    assert looks.as_of is not None
    lost = history.lost[looks.lead]
    lost_at = np.full(looks.rows, NEVER, dtype=np.int64) if history.lost_at is None else history.lost_at[looks.lead]
    dated = _passed(lost_at, looks.as_of, until)
    at_end = until - looks.as_of if until >= (history.until or 0) else NEVER
    return np.where(lost & (lost_at == NEVER), at_end, dated)


def _weights(looks: Snapshots, known: Flags, took: Moments, room: Moments, to_the_end: Moments) -> Floats:
    """How many leads each known look stands for, if the looks are all there are; 0 for an unknown one."""
    chance = _chance_of(took, to_the_end, looks.weight, looks.age)
    stopped = ~known & (room < to_the_end)
    if stopped.any():
        chance = chance * _chance_of_no_stop(took, np.minimum(took, room), stopped, looks)
    return np.where(known, looks.weight / np.maximum(chance, 1e-300), 0.0)


def _chance_of_no_stop(took: Moments, followed: Moments, stopped: Flags, looks: Snapshots) -> Floats:
    """The chance that a look of the same planned age was not stopped before it was known (Kaplan and Meier 1958).

    By weight. When history ends is known of every look, when one would have been stopped is not: of those that were
    known sooner nobody would have noticed.
    """
    chance = np.ones(len(took))
    for k in np.unique(looks.age[stopped]).tolist():
        mine = looks.age == k
        order = np.lexsort((looks.weight[mine], followed[mine]))
        ordered, weight = followed[mine][order], looks.weight[mine][order]
        moments, place = np.unique(followed[mine & stopped], return_inverse=True)
        ended = np.bincount(place, weights=looks.weight[mine & stopped])
        at_risk = weight.sum() - np.concatenate(([0.0], np.cumsum(weight)))[np.searchsorted(ordered, moments)]
        stay = np.concatenate(([1.0], np.cumprod(1 - np.minimum(ended / at_risk, 1.0))))
        chance[mine] = stay[np.searchsorted(moments, took[mine])]
    return chance


def _chance_of(took: Moments, room: Moments, weight: Floats, age: NDArray[np.int8]) -> Floats:
    """The share of looks of the same planned age that were followed for at least so long, by weight."""
    chance = np.ones(len(took))
    for k in np.unique(age).tolist():
        mine = age == k
        order = np.lexsort((weight[mine], room[mine]))
        ordered, upto = room[mine][order], np.concatenate(([0.0], np.cumsum(weight[mine][order])))
        below = upto[np.searchsorted(ordered, took[mine], side="left")]
        chance[mine] = np.where(took[mine] <= ordered[-1], (upto[-1] - below) / upto[-1], 1.0)
    return chance


def _effective(weight: Floats) -> float:
    return float(weight.sum() ** 2 / max(float((weight**2).sum()), 1e-300))

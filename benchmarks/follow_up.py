"""What is learned from leads whose future is cut off, in four ways: ours, two shortcuts, and one that peeks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scoring.scorecard import Scorecard
from scoring.values import DAY
from training.censoring import LEVEL_DAYS, Labels, Method
from training.fitting import Fitting
from training.history import History
from training.labels import label
from training.mapping import Mapping
from training.outcomes import NEVER
from training.snapshots import Snapshots, drawn
from training.split import Known, known_at

SEED = 7

Flags = NDArray[np.bool_]
Way = Callable[[History, History, int, int], Known]


def hidden_after(whole: History, cut: int) -> History:
    """A history of leads with all of their future, as it was known at a moment (seconds since 1970)."""
    assert whole.created is not None
    assert whole.lost_at is not None
    here = whole.take(np.flatnonzero(whole.created <= cut))
    assert here.lost_at is not None
    won_at, lost_at = (np.where(at <= cut, at, NEVER) for at in (here.won_at, here.lost_at))
    won, lost = won_at != NEVER, lost_at != NEVER
    value = np.where(won, here.value, np.nan)
    return replace(here, won_at=won_at, lost_at=lost_at, won=won, lost=lost, value=value, until=cut)


def closed_only(known: History, whole: History, cut: int, horizon: int) -> Known:
    """Leads that were won or lost by the cut, and no others."""
    looks = drawn(known, until=cut)
    closed = known.ends[looks.lead] != NEVER
    return _given(looks.take(closed), _bought(known, looks, horizon)[closed], cut, horizon)


def resolved_only(known: History, whole: History, cut: int, horizon: int) -> Known:
    """Where nobody says that a lead is lost: who has bought, and who has not in the whole horizon."""
    looks = drawn(known, until=cut)
    assert looks.as_of is not None
    bought = _bought(known, looks, horizon)
    closed = bought | (looks.as_of + horizon * DAY <= cut)
    return _given(looks.take(closed), bought[closed], cut, horizon)


def open_is_lost(known: History, whole: History, cut: int, horizon: int) -> Known:
    """All leads; who has not bought by the cut does not buy."""
    looks = drawn(known, until=cut)
    return _given(looks, _bought(known, looks, horizon), cut, horizon)


def leadrank(known: History, whole: History, cut: int, horizon: int) -> Known:
    """As `leadrank train` does it."""
    return known_at(known, label(known, horizon), horizon, cut)


def full_future(known: History, whole: History, cut: int, horizon: int) -> Known:
    """The same looks with what came of them: nobody can know that."""
    looks = drawn(known, until=cut)
    place = {lead: i for i, lead in enumerate(whole.ids)}
    there = np.array([place[lead] for lead in known.ids])
    return _given(looks, _bought(whole, replace(looks, lead=there[looks.lead]), horizon), cut, horizon)


WAYS: dict[str, Way] = {
    "closed leads only": closed_only,
    "open = lost": open_is_lost,
    "leadrank": leadrank,
    "knows the future": full_future,
}


def fitted(way: Way, whole: History, cut: int, horizon: int) -> Scorecard:
    """A card learned in one of the ways from what was known at the cut, all by the same learner."""
    known = hidden_after(whole, cut)
    what = way(known, whole, cut, horizon)
    if way is full_future:
        place = {lead: i for i, lead in enumerate(whole.ids)}
        there = np.array([place[lead] for lead in known.ids])
        known = replace(known, value=whole.value[there])
    mapping = Mapping(short_horizon_days=horizon)
    fitting = Fitting(known, known.columns, label(known, horizon), mapping, SEED)
    return fitting.learn(what, until=cut, horizon_days=horizon).card


def _bought(history: History, looks: Snapshots, horizon: int) -> Flags:
    assert looks.as_of is not None
    return np.asarray(history.won_at[looks.lead] <= looks.as_of + horizon * DAY)


def _given(looks: Snapshots, bought: Flags, cut: int, horizon: int) -> Known:
    """Labels taken as they are: every look counts for what it is."""
    assert looks.as_of is not None
    late = looks.as_of > cut - LEVEL_DAYS * DAY
    sure, time = np.ones(looks.rows, dtype=bool), np.full(looks.rows, horizon * DAY)
    level = np.where(late, looks.weight, 0.0)
    effective = float((~bought).sum())
    labels = Labels(sure, bought, looks.weight, level, time, time, looks.age, Method.NONE, effective, horizon)
    return Known(looks, bought, labels)

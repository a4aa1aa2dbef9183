"""Which leads have a known answer to "bought within the horizon?", and what it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.errors import Refused
from scoring.values import DAY

from .history import History
from .outcomes import NEVER

Flags = NDArray[np.bool_]

MIN_LEADS = 50
MIN_BUYERS = 10
"""Below this a test share of a fifth holds fewer than two buyers, and nothing can be said of the model."""


@dataclass(frozen=True, slots=True)
class Labels:
    """known, bought: shape (n,); bought means within the horizon. notes: who was left out and why, in words.

    odd: leads that were won on no day that can be true; nothing is known of these at any time.
    """

    known: Flags
    bought: Flags
    horizon_days: int | None
    notes: tuple[str, ...]
    odd: Flags


def label(history: History, horizon_days: int, *, until: int | None = None) -> Labels:
    """Labels of all leads since their creation, as known at `until` (seconds since 1970, else the history's end).

    With dates: only leads that were followed for the horizon, whether they bought, were lost, or neither: leads to
    judge by. Those to learn from are labelled by `censored`. A lead that was won on a day that nobody wrote down, or on
    a day before its own creation, is not known. Without dates: won and lost as given.
    """
    if history.created is None or not dated(history):
        return _as_given(history)
    end = (history.until or 0) if until is None else until
    horizon = horizon_days * DAY
    mature = history.created + horizon <= history.followed(end)
    undated = history.won & (history.won_at == NEVER)
    before = history.won_at < history.created - DAY
    bought = mature & history.won & ~undated & ~before & (history.won_at <= history.created + horizon)
    notes = _said(undated & mature, "leads were won on no date that can be read: left out")
    notes += _said(before & mature, "leads were won before they were created: not open then, left out")
    return Labels(mature & ~undated & ~before, bought, horizon_days, notes, undated | before)


def _said(who: Flags, what: str) -> tuple[str, ...]:
    return (f"{int(who.sum()):,} {what}",) if who.any() else ()


def dated(history: History) -> bool:
    """True where the history says when leads were created and when they bought."""
    return history.created is not None and bool((history.won_at[history.won] != NEVER).any())


def _as_given(history: History) -> Labels:
    known = history.won | history.lost
    notes = _said(~known, "leads are neither won nor lost: open is not lost, left out")
    return Labels(known, history.won, None, notes, np.zeros(history.rows, dtype=bool))


def refuse_too_few(bought: Flags) -> None:
    """Refused where there is too little to learn from: what is missing, and how much of it there is."""
    leads, buyers = len(bought), int(bought.sum())
    if leads < MIN_LEADS:
        raise Refused(f"only {leads} leads with a known outcome", f"at least {MIN_LEADS} are needed")
    if buyers in (0, leads):
        raise Refused(f"all {leads} known leads {'bought' if buyers else 'were lost'}", "both kinds are needed")
    if min(buyers, leads - buyers) < MIN_BUYERS:
        few, what = (buyers, "buyers") if buyers < MIN_BUYERS else (leads - buyers, "leads that did not buy")
        raise Refused(f"only {few} {what} among {leads} known leads", f"at least {MIN_BUYERS} are needed")

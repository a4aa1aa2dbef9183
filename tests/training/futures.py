"""Histories with activities and changes, and the same histories with another future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Coded, Numbers
from scoring.lives import Lives
from scoring.values import DAY
from training.changes import Changes
from training.history import History
from training.outcomes import NEVER
from training.stops import Stops

from .worlds import market, texts

KINDS = ("demo", "other", "visit")


def lively(rows: int, days: int, seed: int = 3) -> History:
    """Leads of so many days with activities, deal values and a field that changes."""
    found, dice = market(rows, days, seed=seed).known_at(days * DAY), np.random.default_rng(seed + 1)
    many = 8 * rows
    lead, at = dice.integers(0, rows, many), dice.integers(0, days * DAY, many)
    lives = Lives.of(lead, at, dice.integers(0, 3, many).astype(np.int32), dice.normal(50, 20, many), KINDS)
    whose, when = lead[: many // 3], at[: many // 3]
    order = np.lexsort((when, whose))
    plan = texts([("free", "team", "firm")[i] for i in dice.integers(0, 3, len(whose))])
    return replace(
        found,
        columns={**found.columns, "plan": texts(["free"] * rows)},
        lives=lives,
        changes={"plan": Changes(whose[order], when[order], plan.rows(order))},
        value=np.where(found.won, 100 + 900 * dice.random(rows), np.nan),
        stops=Stops.of(_stops(rows, dice.integers(0, days * DAY, rows // 3), dice)),
    )


def planted(found: History, after: int, dice: np.random.Generator) -> History:
    """The same history up to a moment, and another one after it: activities, changes, purchases, losses, other leads.

    Feedback too: leads that are not followed after it, and some that are taken up again.
    """
    assert found.lives is not None
    assert found.changes is not None
    assert found.lost_at is not None
    assert found.created is not None
    more = int(dice.integers(1, 400))
    lead, at = dice.integers(0, found.rows, more), dice.integers(after + 1, after + 200 * DAY, more)
    kinds = (*KINDS, "secret")
    lives = Lives.of(lead, at, dice.integers(0, 4, more).astype(np.int32), dice.normal(9e5, 1, more), kinds)
    ends = found.ends > after
    won = ends & (dice.random(found.rows) < 0.5)
    moment = np.maximum(after, found.created) + dice.integers(1, 100 * DAY, found.rows)
    won_at = np.where(ends, np.where(won, moment, NEVER), found.won_at)
    lost_at = np.where(ends, np.where(won, NEVER, moment), found.lost_at)
    return replace(
        found,
        lives=_cut(found.lives, after).plus(lives),
        changes={"plan": _changed(found.changes["plan"], after, lead, at)},
        won_at=won_at,
        lost_at=lost_at,
        won=won_at != NEVER,
        lost=lost_at != NEVER,
        value=np.where(ends, np.where(won, dice.random(found.rows) * 1e6, np.nan), found.value),
        columns={**found.columns, "staff": _staff(found, after, dice)},
        until=(found.until or 0) + 500 * DAY,
        stops=_stopped(found, after, dice),
    )


def _stops(rows: int, at: NDArray[np.int64], dice: np.random.Generator) -> list[tuple[int, int, int]]:
    """Stops at these moments, half of which are taken back within 60 days."""
    again = np.where(dice.random(len(at)) < 0.5, at + dice.integers(1, 60 * DAY, len(at)), NEVER)
    return list(zip(dice.integers(0, rows, len(at)).tolist(), at.tolist(), again.tolist(), strict=True))


def _stopped(found: History, after: int, dice: np.random.Generator) -> Stops | None:
    """The stops of before, taken back at other moments where that was later, and others."""
    assert found.stops is not None
    seen = found.stops.at <= after
    lead, at, again = found.stops.lead[seen], found.stops.at[seen], found.stops.again[seen]
    other = np.where(dice.random(len(at)) < 0.5, after + dice.integers(1, 90 * DAY, len(at)), NEVER)
    known = zip(lead.tolist(), at.tolist(), np.where(again > after, other, again).tolist(), strict=True)
    later = dice.integers(after + 1, after + 100 * DAY, found.rows // 2)
    return Stops.of([*known, *_stops(found.rows, later, dice)])


def _staff(found: History, after: int, dice: np.random.Generator) -> Numbers:
    """Other numbers for the leads that come in later."""
    staff = found.columns["staff"]
    assert isinstance(staff, Numbers)
    assert found.created is not None
    return Numbers(np.where(found.created > after, dice.random(found.rows) * 1e7, staff.values))


def _cut(lives: Lives, after: int) -> Lives:
    seen = lives.at <= after
    return Lives(lives.lead[seen], lives.at[seen], lives.kind[seen], lives.cents[seen], lives.kinds)


def _changed(changes: Changes, after: int, lead: NDArray[np.int64], at: NDArray[np.int64]) -> Changes:
    seen = np.flatnonzero(changes.at <= after)
    before = [changes.values.values[i] for i in changes.values.index[seen].tolist()]
    whose, when = np.concatenate((changes.lead[seen], lead)), np.concatenate((changes.at[seen], at))
    order = np.lexsort((when, whose))
    what = Coded([*before, "planted"], np.array([*range(len(before)), *[len(before)] * len(lead)], dtype=np.int32))
    return Changes(whose[order], when[order], what.rows(order))

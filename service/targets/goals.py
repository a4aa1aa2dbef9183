"""Targets as they were set: kept for ever, and the latest one counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import Connection, Row, insert, select

from service.moments import micros_at

from .tables import targets

SHOWN = 20
"""Targets in the history."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Revenue, or where that is None a number of purchases, from the first day to the last, both included."""

    revenue: float | None
    purchases: int | None
    since: date
    until: date

    @property
    def amount(self) -> float:
        """What is to be reached, in its unit."""
        return float(self.revenue if self.revenue is not None else self.purchases or 0)

    def begins(self, zone: tzinfo) -> int:
        """The first moment that counts, in microseconds since 1970."""
        return micros_at(datetime.combine(self.since, time(), zone))

    def ends(self, zone: tzinfo) -> int:
        """The first moment that does not count any more, in microseconds since 1970."""
        return micros_at(datetime.combine(self.until + timedelta(days=1), time(), zone))


@dataclass(frozen=True, slots=True)
class SetGoal:
    """A goal with who set it and when (microseconds since 1970)."""

    goal: Goal
    at: int
    by: str


def set_goal(connection: Connection, goal: Goal, *, at: int, by: str) -> None:
    """Let this goal count from now on. at: microseconds since 1970."""
    row = {
        "revenue": goal.revenue,
        "purchases": goal.purchases,
        "since": goal.since.isoformat(),
        "until": goal.until.isoformat(),
    }
    connection.execute(insert(targets).values(row | {"at": at, "by": by}))


def goals(connection: Connection) -> Sequence[SetGoal]:
    """The goals that were set last, the one that counts first."""
    query = select(targets).order_by(targets.c.seq.desc()).limit(SHOWN)
    return [_goal_of(row) for row in connection.execute(query)]


def _goal_of(row: Row[tuple[object, ...]]) -> SetGoal:
    days = date.fromisoformat(row.since), date.fromisoformat(row.until)
    return SetGoal(Goal(row.revenue, row.purchases, *days), row.at, row.by)

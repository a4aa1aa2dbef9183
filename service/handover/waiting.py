"""The clock: how long leads that were handed over wait for an answer, and how many wait for too long."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select, text

from service.moments import SECOND
from service.tables import TOLD, leads

TOLD_OF = text(TOLD)
"""The words of the index, so that SQLite uses it."""

WAITING = and_(TOLD_OF, leads.c.state == "handed_over", ~leads.c.do_not_score)
"""Leads that were handed over and not answered; state_since says when."""

HOUR = 3_600 * SECOND
"""Microseconds."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many leads wait for an answer, and how many of them for longer than they should."""

    leads: int
    overdue: int


def waiting(connection: Connection, now: int, hours: int) -> Waiting:
    """Leads that wait, and those that wait for more than so many hours. now: microseconds since 1970."""
    late = func.count().filter(leads.c.state_since < now - hours * HOUR)
    row = connection.execute(select(func.count().label("every"), late.label("late")).where(WAITING)).one()
    return Waiting(row.every, row.late)


def waited(state: str, since: int | None, now: int) -> int | None:
    """Whole seconds for which a lead has waited, None where it does not."""
    return max(0, now - since) // SECOND if state == "handed_over" and since is not None else None

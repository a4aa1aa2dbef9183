"""What was handed over on a day, to whom, and by which runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, select

from service.life.tables import handovers
from service.tables import leads

from .tables import handover_runs


def given_on(connection: Connection, day: str, limit: int, after: int) -> tuple[Sequence[Row[Any]], int | None]:
    """What was handed over on a day, run by run, the best first; and where the next page begins."""
    query = (
        select(handovers, leads.c.company, leads.c.state, leads.c.state_since)
        .join(leads)
        .where(handovers.c.day == day, handovers.c.seq > after)
        .order_by(handovers.c.seq)
        .limit(limit + 1)
    )
    rows = connection.execute(query).all()
    return rows[:limit], rows[limit - 1].seq if len(rows) > limit else None


def run_of(connection: Connection, seq: int) -> Row[Any] | None:
    """A run by its number, None where there is none."""
    return connection.execute(select(handover_runs).where(handover_runs.c.seq == seq)).one_or_none()


def given_by(connection: Connection, run: Row[Any], limit: int) -> Sequence[Row[Any]]:
    """What one run handed over, the best first, with where it stands now."""
    now = (leads.c.company, leads.c.display, leads.c.fields, leads.c.state)
    return connection.execute(
        select(handovers, *now).join(leads).where(_of_run(run)).order_by(handovers.c.seq).limit(limit)
    ).all()


def got_by(connection: Connection, run: Row[Any]) -> dict[str, int]:
    """Who got how many leads of one run, by name."""
    query = select(handovers.c.seller, func.count().label("number")).where(_of_run(run))
    rows = connection.execute(query.group_by(handovers.c.seller).order_by(handovers.c.seller))
    return {row.seller: row.number for row in rows}


def _of_run(run: Row[Any]) -> ColumnElement[bool]:
    return and_(handovers.c.day == run.day, handovers.c.at == run.at)


def sellers_of(connection: Connection, day: str) -> dict[str, int]:
    """To whom how many leads were handed over on a day, by name."""
    query = (
        select(handovers.c.seller, func.count().label("number"))
        .where(handovers.c.day == day)
        .group_by(handovers.c.seller)
    )
    found = {row.seller: row.number for row in connection.execute(query)}
    return dict(sorted(found.items(), key=lambda pair: pair[0].encode()))


def runs_on(connection: Connection, day: str) -> list[dict[str, Any]]:
    """The runs of a day, the first one first; left_out: as it was after the run."""
    rows = connection.execute(select(handover_runs).where(handover_runs.c.day == day).order_by(handover_runs.c.seq))
    return [{**row._mapping, "left_out": json.loads(row.left_out)} for row in rows]


def forget_runs(connection: Connection, by: str) -> None:
    """Remove what somebody's runs left in the list of runs: for leads that are removed themselves."""
    connection.execute(delete(handover_runs).where(handover_runs.c.by == by))

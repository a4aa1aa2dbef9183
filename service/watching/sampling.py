"""A fair sample of leads by when they came in: found from indexes, the same whenever it is drawn."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Select, Subquery, func, select, union_all

from service.tables import leads

BEGINNING = -(1 << 62)
"""Before every lead, in microseconds since 1970."""


def came(since: int, until: int, every: int = 1) -> Subquery:
    """Ids of leads, and `at`, when they came in, after `since` and no later than `until`: microseconds since 1970.

    By what the CRM says, else by when they were stored. Each part is read, and every k-th of it taken, along an index
    of its own: put in order together they would have to be sorted.
    """
    undated = leads.c.created_at.is_(None)
    return union_all(
        _part(leads.c.created_at, since, until, every), _part(leads.c.stored_at, since, until, every, undated)
    ).subquery()


def _part(
    at: ColumnElement[int], since: int, until: int, every: int, *where: ColumnElement[bool]
) -> Select[tuple[str, int]]:
    found = select(leads.c.id, at.label("at")).where(at > since, at <= until, *where)
    if every == 1:
        return found
    numbered = found.add_columns(func.row_number().over(order_by=(at, leads.c.id)).label("number")).subquery()
    return select(numbered.c.id, numbered.c.at).where(numbered.c.number % every == 0)


def every_kth(connection: Connection, since: int, until: int, most: int) -> tuple[Subquery, int]:
    """Of the leads that came in within a time every k-th, so that there are at most so many; and k, 1 for all."""
    every = -(-count_of(connection, came(since, until)) // most) or 1
    return came(since, until, every), every


def count_of(connection: Connection, found: Subquery) -> int:
    """How many they are."""
    return int(connection.execute(select(func.count()).select_from(found)).scalar_one())


def newest(until: int, most: int) -> Subquery:
    """The so many that came in last until a moment."""
    found = came(BEGINNING, until)
    return select(found.c.id, found.c.at).order_by(found.c.at.desc(), found.c.id).limit(most).subquery()

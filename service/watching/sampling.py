"""A fair sample of leads by when they came in: found from indexes, the same whenever it is drawn."""

from __future__ import annotations

from sqlalchemy import Connection, Subquery, func, select, union_all

from service.tables import leads

BEGINNING = -(1 << 62)
"""Before every lead, in microseconds since 1970."""


def came(since: int, until: int) -> Subquery:
    """Ids of leads, and `at`, when they came in, after `since` and no later than `until`: microseconds since 1970.

    By what the CRM says, else by when they were stored; each part by an index of its own.
    """
    dated = select(leads.c.id, leads.c.created_at.label("at")).where(
        leads.c.created_at > since, leads.c.created_at <= until
    )
    undated = select(leads.c.id, leads.c.stored_at).where(
        leads.c.created_at.is_(None), leads.c.stored_at > since, leads.c.stored_at <= until
    )
    return union_all(dated, undated).subquery()


def every_kth(connection: Connection, since: int, until: int, most: int) -> tuple[Subquery, int]:
    """Of the leads that came in within a time every k-th, so that there are at most so many; and k, 1 for all."""
    found = came(since, until)
    every = -(-count_of(connection, found) // most) or 1
    if every == 1:
        return found, 1
    number = func.row_number().over(order_by=(found.c.at, found.c.id)).label("number")
    numbered = select(found.c.id, found.c.at, number).subquery()
    return select(numbered.c.id, numbered.c.at).where(numbered.c.number % every == 0).subquery(), every


def count_of(connection: Connection, found: Subquery) -> int:
    """How many they are."""
    return int(connection.execute(select(func.count()).select_from(found)).scalar_one())


def newest(until: int, most: int) -> Subquery:
    """The so many that came in last until a moment."""
    found = came(BEGINNING, until)
    return select(found.c.id, found.c.at).order_by(found.c.at.desc(), found.c.id).limit(most).subquery()

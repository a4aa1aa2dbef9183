"""Leads that are looked for by words: by id and company from an index, else among so many of the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from service.list_query import ListQuery
from service.ranked import Page, Place, listed_version, order_of, page, place_at, query
from service.tables import leads, scores

from .looked_for import LookedFor

LOOKED = 20_000
"""Leads that one page looks through: some tenths of a second, however many there are."""

CHUNK = 2_000
"""Leads that are read at once."""

EXACT = 50
"""Leads of a company that come first where its name is what was looked for."""

COLUMNS = (leads.c.id, leads.c.company, leads.c.display, leads.c.fields, scores.c.worth_order, scores.c.log_odds_order)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found. is_part: there are more leads than were looked through for it."""

    page: Page
    is_part: bool


def search(
    connection: Connection,
    asked: ListQuery,
    wanted: LookedFor,
    *,
    desks: frozenset[str] | None,
    columns: Sequence[Any],
) -> Found:
    """The leads of one list that have the words, best first; first of all one of that very id, or of that company.

    The next page goes on behind the last lead that was looked at. desks: those of these desks alone.
    """
    model = asked.after.model if asked.after else listed_version(connection)
    if model is None:
        return Found(Page(None, (), None), is_part=False)
    exact = _exact(connection, model, asked, wanted.words, desks)
    first = [] if asked.after else exact
    room = max(1, asked.limit - len(first))
    more, rest, is_part = _walk(connection, model, asked, wanted, desks, {row.id for row in exact}, room)
    ids = [row.id for row in (*first, *more)]
    full = query(model, asked.sort, asked.grade, None, columns).order_by(None)
    rows = {row.id: row for row in connection.execute(full.where(scores.c.lead_id.in_(ids)))}
    return Found(Page(model, [rows[i] for i in ids if i in rows], rest), is_part)


def _walk(
    connection: Connection,
    model: str,
    asked: ListQuery,
    wanted: LookedFor,
    desks: frozenset[str] | None,
    known: set[str],
    room: int,
) -> tuple[list[Row[Any]], Place | None, bool]:
    """The leads that have the words, from the best on; where to go on; whether that is because enough was read."""
    found: list[Row[Any]] = []
    after = asked.after
    for _ in range(LOOKED // CHUNK):
        some = page(connection, asked.sort, asked.grade, CHUNK, after, desks=desks, columns=COLUMNS)
        for row in some.rows:
            if row.id in known or not wanted.is_in(row):
                continue
            if len(found) == room:  # one more than there is room for: the next page begins with it
                return found, place_at(model, asked.sort, asked.grade, found[-1]), False
            found.append(row)
        if some.next is None:
            return found, None, False
        after = some.next
    return found, after, True


def _exact(
    connection: Connection, model: str, asked: ListQuery, words: str, desks: frozenset[str] | None
) -> list[Row[Any]]:
    # In steps: in one SQLite walks through the whole list, because it is in the order that is wanted.
    ids = select(leads.c.id).where(leads.c.company == words).order_by(leads.c.id).limit(EXACT)
    known = [words, *connection.execute(ids).scalars()]
    found = query(model, asked.sort, asked.grade, None, COLUMNS).order_by(None).where(scores.c.lead_id.in_(known))
    if desks is not None:
        found = found.where(scores.c.desk.in_(desks))
    return sorted(connection.execute(found), key=lambda row: order_of(asked.sort, row))

"""The leads behind a number of the account, the newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, literal, select

from service.access.roles import Caller
from service.life.access import is_reached
from service.life.state import DAY
from service.tables import leads

from .account_asked import Asked
from .funnel import came, came_within, code_of, is_lost, is_unsettled, key_of, last_refusals, milestones, naming

MOST = 200
"""Leads on the page: a list to look through, not to copy."""

CHUNK = 1_000
"""Rows that are read at a time while leads are looked for."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Which leads are asked for. group: its name, None for all. what: a column of the account.

    why: of refused ones those with this code.
    """

    group: str | None
    what: str
    why: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of leads. others: there are leads of other people among them, which are not named. more: there are more."""

    rows: Sequence[Row[Any]]
    others: bool
    more: bool


def leads_behind(connection: Connection, asked: Asked, behind: Behind, caller: Caller, now: int) -> Found:
    """The newest leads behind a number, as far as the caller may see them. now: microseconds since 1970."""
    named, ids, others = naming(asked.by), list[str](), False
    rows = connection.execution_options(yield_per=CHUNK).execute(_query(connection, asked, behind, now))
    for row in _fitting(rows, behind, named):
        if not is_reached(caller, row):
            others = True
        elif len(ids) == MOST:
            break
        else:
            ids.append(row.id)
    else:
        return Found(_shown(connection, ids), others, more=False)
    rows.close()
    return Found(_shown(connection, ids), others, more=True)


def _fitting(rows: Iterable[Row[Any]], behind: Behind, named: Callable[[Any], str]) -> Iterator[Row[Any]]:
    for row in rows:
        if behind.group is not None and named(row.key) != behind.group:
            continue
        if behind.why is None or code_of(row.reason) == behind.why:
            yield row


def _query(connection: Connection, asked: Asked, behind: Behind, now: int) -> Select[Any]:
    """Small rows, because those of a large group are sorted: what is shown of a lead is read afterwards."""
    key = key_of(connection, asked.by).label("key")
    columns = (leads.c.id, leads.c.owner, leads.c.handed_to, leads.c.territory, key)
    inside = and_(leads.c.known, came_within(asked.period, now))
    order = (came().desc(), leads.c.id)
    if behind.what == "refused":
        last = last_refusals()
        query = select(*columns, last.c.reason).join(last, and_(last.c.lead_id == leads.c.id, last.c.place == 1))
        return query.where(inside).order_by(*order)
    query = select(*columns, literal(None).label("reason")).where(inside).order_by(*order)
    if behind.what == "arrived":
        return query
    if behind.what in ("lost", "won"):
        return query.where(is_lost() if behind.what == "lost" else leads.c.wins > 0)
    far = milestones()
    told: dict[str, ColumnElement[bool]] = {
        "handed": far.c.handed_at.is_not(None),
        "answered": and_(far.c.handed_at.is_not(None), far.c.answered_at.is_not(None)),
        "prompt": far.c.answered_at - far.c.handed_at <= DAY,
        "accepted": far.c.accepted > 0,
        "open": and_(far.c.accepted > 0, is_unsettled()),
        "not_now": far.c.not_now > 0,
    }
    return query.join(far, far.c.lead_id == leads.c.id).where(told[behind.what])


def _shown(connection: Connection, ids: Sequence[str]) -> list[Row[Any]]:
    names = ("id", "company", "display", "owner", "handed_to", "state", "state_reason", "won_value")
    columns = [*(leads.c[name] for name in names), came().label("came")]
    rows = connection.execute(select(*columns).where(leads.c.id.in_(ids)))
    found: dict[str, Row[Any]] = {row.id: row for row in rows}
    return [found[i] for i in ids]

"""What was handed over: on a day for those who account for it, and what lies on a seller's desk now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select, true

from service.leads import SHOWN_COLUMNS
from service.life.tables import handovers
from service.ranked import listed_version
from service.tables import leads, scores

from .candidates import HOLDER
from .days import Today
from .tables import handover_runs
from .waiting import HOUR, WAITING, waited


@dataclass(frozen=True, slots=True)
class Contact:
    """A lead on a seller's desk. row: as lists show it (`kept_score_body`); seconds: how long it waits for an answer,
    None where it was answered; overdue: for too long."""

    row: Row[Any]
    seconds: int | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Call:
    """What is one call: the contacts of one company, or one lead; the best first."""

    company: str | None
    contacts: tuple[Contact, ...]


def calls_of_today(
    connection: Connection, desks: frozenset[str] | None, today: Today, answer_within: int
) -> list[Call]:
    """What waits on these desks (None: on all), and what was handed over to them today; by worth, the best first.

    answer_within: hours after which a lead that waits is overdue.
    """
    mine = true() if desks is None else HOLDER.in_(desks)
    given = select(handovers.c.seq).where(handovers.c.lead_id == leads.c.id, handovers.c.day == today.day.isoformat())
    query = (
        select(*SHOWN_COLUMNS)
        .select_from(leads)
        .outerjoin(scores, and_(scores.c.lead_id == leads.c.id, scores.c.model == listed_version(connection)))
        .where(mine, or_(leads.c.id.in_(select(leads.c.id).where(WAITING)), given.exists()))
    )
    contacts = [_contact(row, today, answer_within) for row in connection.execute(query)]
    return _folded(sorted(contacts, key=_order))


def _contact(row: Row[Any], today: Today, hours: int) -> Contact:
    seconds = waited(row.state, row.state_since, today.micros)
    return Contact(row, seconds, seconds is not None and today.micros - row.state_since > hours * HOUR)


def _order(contact: Contact) -> tuple[bool, float, int, bytes]:
    row = contact.row
    return row.worth_order is None, row.worth_order or 0.0, row.log_odds_order or 0, row.id.encode()


def _folded(contacts: Sequence[Contact]) -> list[Call]:
    """Contacts of one company stand where its best one stands."""
    first: dict[object, int] = {}
    for place, contact in enumerate(contacts):
        first.setdefault(contact.row.company or place, place)
    places = [first[contact.row.company or place] for place, contact in enumerate(contacts)]
    order = sorted(range(len(contacts)), key=places.__getitem__)
    groups = [tuple(contacts[i] for i in group) for _, group in groupby(order, key=places.__getitem__)]
    return [Call(group[0].row.company, group) for group in groups]


def given_on(connection: Connection, day: str, limit: int, after: int) -> tuple[Sequence[Row[Any]], int | None]:
    """What was handed over on a day, run by run, the best first; and where the next page begins."""
    query = (
        select(handovers, leads.c.company, leads.c.state, leads.c.state_since, HOLDER.label("holder"))
        .join(leads)
        .where(handovers.c.day == day, handovers.c.seq > after)
        .order_by(handovers.c.seq)
        .limit(limit + 1)
    )
    rows = connection.execute(query).all()
    return rows[:limit], rows[limit - 1].seq if len(rows) > limit else None


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

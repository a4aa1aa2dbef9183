"""What somebody in sales has to do today: the leads that were handed over and are not closed, best first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, literal, select

from scoring import Reason
from service.access.grants import TERRITORY
from service.champion import Champion
from service.handover.candidates import AGAIN_DAYS
from service.leads import SHOWN_COLUMNS
from service.life.overrides import Override, Put, overrides_of
from service.life.state import DAY, Standing
from service.life.tables import activities
from service.ranked import listed_version
from service.tables import AT_WORK, leads, scores

from .contact import contact_of
from .looked_for import LookedFor
from .origins import Origin, origins_of
from .today_query import TODO_OF, Order, TodayQuery, Todo

FOR, AGAINST = 2, 1
"""Reasons that a row shows."""

DID = 3
"""The newest activities that a row shows."""

MOST = 500
"""Leads on one list, the best: nobody has a longer day."""

FIRMS = 20
"""Rows of a page, each with its forms: a page stays under 150 kB."""

CHOICES = 100
"""Campaigns or sources that can be chosen from."""


DESK = func.coalesce(func.nullif(leads.c.owner, ""), leads.c.handed_to, literal(TERRITORY) + leads.c.territory)
"""As `desk_of`, of the lead itself: one that may not be scored is still to be answered."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A lead as a row shows it. origins: its campaign and source by key; override: a person's word on its place.

    waiting: seconds since it was handed over; None where somebody has answered. What speaks for it and what it did are
    there once it is told.
    """

    row: Row[Any]
    display: Mapping[str, str | None]
    origins: Mapping[str, str]
    waiting: float | None
    override: Override | None
    speaks_for: Sequence[Reason] = ()
    speaks_against: Sequence[Reason] = ()
    did: Sequence[tuple[str, int]] = ()

    @property
    def name(self) -> str:
        """What people call the lead."""
        return self.display["name"] or str(self.row.id)

    @property
    def todo(self) -> Todo:
        """What is to be done with it."""
        return TODO_OF[Standing(self.row.state)]

    @property
    def spot(self) -> str:
        """The mark of its row, to come back to."""
        return spot_of(self.row.id)


@dataclass(frozen=True, slots=True)
class Firm:
    """A company's leads, the first in the list's order before the others; a lead without a company stands alone."""

    company: str | None
    first: Contact
    others: Sequence[Contact]


@dataclass(frozen=True, slots=True)
class Todays:
    """What was asked of today's list. firms: all that fit; total: how many there are without a filter.

    is_part: there are more leads than a list has. origins: the fields that can be chosen by, with their values.
    """

    firms: Sequence[Firm]
    total: int
    is_part: bool
    origins: Sequence[tuple[Origin, Sequence[str]]]


def spot_of(lead_id: str) -> str:
    """The mark of a lead's row: an id may hold what an address cannot."""
    return f"at-{sha256(lead_id.encode()).hexdigest()[:12]}"


def todays(
    connection: Connection, champion: Champion, now: int, *, desks: frozenset[str] | None, asked: TodayQuery
) -> Todays:
    """Today's leads of these desks, None for all. now: microseconds since 1970."""
    serving = champion.serving
    origins = origins_of(serving.card if serving else None)
    rows = _rows(connection, now, desks)
    said = overrides_of(connection, [row.id for row in rows[:MOST]], now)
    every = [_contact(row, origins, said.get(row.id), now) for row in rows[:MOST]]
    wanted = LookedFor(asked.words)
    fitting = [one for one in every if _fits(one, asked) and wanted.is_in(one.row)]
    return Todays(
        _firms(sorted(fitting, key=_ORDERS[asked.order])),
        len(_firms(every)),
        len(rows) > MOST,
        [(origin, _choices(origin, every)) for origin in origins],
    )


def told(connection: Connection, champion: Champion, contacts: Sequence[Contact]) -> list[Contact]:
    """The same contacts, with what speaks for and against them and what they did lately."""
    did = _did(connection, [one.row.id for one in contacts])
    return [_told(one, champion, did.get(one.row.id, ())) for one in contacts]


def shown(connection: Connection, champion: Champion, firms: Sequence[Firm]) -> list[Firm]:
    """Firms as a page shows them: the first contact of each with all that is known."""
    first = told(connection, champion, [firm.first for firm in firms])
    return [replace(firm, first=one) for firm, one in zip(firms, first, strict=True)]


def _turn(contact: Contact) -> tuple[int, bool]:
    """Whose turn it is: whom a person put first, then the rest, then whom somebody holds; of each what waits first.

    An accepted lead is in somebody's work already; one that waits loses by every hour.
    """
    put = 1 if contact.override is None else {Put.FIRST: 0, Put.HELD: 2}[contact.override.place]
    return put, contact.row.state == Standing.ACCEPTED


def _longest(contact: Contact) -> tuple[bool, float]:
    """What waits for an answer before the rest, of both what has stood longest."""
    return contact.waiting is None, -contact.waiting if contact.waiting is not None else contact.row.state_since or 0


def _called(contact: Contact) -> str:
    return contact.name.casefold()


_ORDERS: Mapping[Order, Callable[[Contact], Any]] = {Order.WORTH: _turn, Order.WAITS: _longest, Order.NAME: _called}
"""Leads come in the order of what they are worth, which decides between those that are alike."""


def _fits(contact: Contact, asked: TodayQuery) -> bool:
    return (
        asked.grade in (None, contact.row.grade)
        and asked.todo in (None, contact.todo)
        and all(contact.origins.get(key) == value for key, value in asked.origins.items())
    )


def _choices(origin: Origin, contacts: Sequence[Contact]) -> list[str]:
    found = {one.origins[origin.key] for one in contacts} - {""}
    return sorted(found, key=lambda value: (value.casefold(), value))[:CHOICES]


def _rows(connection: Connection, now: int, desks: frozenset[str] | None) -> Sequence[Row[Any]]:
    more = (leads.c.state_until, leads.c.state_reason, leads.c.fields, scores.c.snapshot)
    again = func.coalesce(leads.c.state_until, leads.c.state_since + AGAIN_DAYS * DAY)
    model = listed_version(connection)
    query: Select[Any] = (
        select(*SHOWN_COLUMNS, *more)
        .join_from(leads, scores, and_(scores.c.lead_id == leads.c.id, scores.c.model == model), isouter=True)
        .where(AT_WORK, (leads.c.state != Standing.NOT_NOW) | (again <= now))
        .order_by(scores.c.worth_order.is_(None), scores.c.worth_order, scores.c.log_odds_order, leads.c.id)
    )
    if desks is not None:
        query = query.where(DESK.in_(desks))
    return connection.execute(query.limit(MOST + 1)).all()


def _did(connection: Connection, ids: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
    """The newest activities of each lead: kind, and when in microseconds since 1970."""
    place = func.row_number().over(
        partition_by=activities.c.lead_id, order_by=(activities.c.at.desc(), activities.c.event_id)
    )
    numbered = select(activities.c.lead_id, activities.c.kind, activities.c.at, place.label("place"))
    newest = numbered.where(activities.c.lead_id.in_(list(ids))).subquery()
    query = select(newest).where(newest.c.place <= DID).order_by(newest.c.lead_id, newest.c.place)
    found: dict[str, list[tuple[str, int]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.lead_id, []).append((row.kind, row.at))
    return found


def _contact(row: Row[Any], origins: Sequence[Origin], override: Override | None, now: int) -> Contact:
    fields = json.loads(row.fields)
    waits = row.state == Standing.HANDED_OVER and row.state_since is not None
    return Contact(
        row,
        contact_of(json.loads(row.display), fields),
        {origin.key: origin.of(fields) for origin in origins},
        max(0.0, (now - row.state_since) / 1e6) if waits else None,
        override,
    )


def _told(contact: Contact, champion: Champion, did: Sequence[tuple[str, int]]) -> Contact:
    row = contact.row
    points = [] if row.model is None else champion.version(row.model).points(json.loads(row.snapshot), row.as_of)
    return replace(
        contact,
        speaks_for=[r for r in points if r.points >= 0.5][:FOR],
        speaks_against=[r for r in points if r.points <= -0.5][:AGAINST],
        did=did,
    )


def _firms(contacts: Iterable[Contact]) -> list[Firm]:
    by_company: dict[str, list[Contact]] = {}
    for contact in contacts:
        company = contact.row.company
        by_company.setdefault(f"lead {contact.row.id}" if company is None else f"company {company}", []).append(contact)
    return [Firm(found[0].row.company, found[0], found[1:]) for found in by_company.values()]

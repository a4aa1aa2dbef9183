"""What somebody in sales has to do today: the leads that were handed over and are not closed, best first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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

from .words import display_of

FOR, AGAINST = 2, 1
"""Reasons that a row shows."""

DID = 3
"""The newest activities that a row shows."""

MOST = 500
"""Leads on one list: nobody has a longer day."""


DESK = func.coalesce(func.nullif(leads.c.owner, ""), leads.c.handed_to, literal(TERRITORY) + leads.c.territory)
"""As `desk_of`, of the lead itself: one that may not be scored is still to be answered."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A lead as a row shows it. waiting: seconds since it was handed over; None where somebody has answered.

    override: a person's word on its place.
    """

    row: Row[Any]
    display: Mapping[str, str | None]
    speaks_for: Sequence[Reason]
    speaks_against: Sequence[Reason]
    did: Sequence[tuple[str, int]]
    waiting: float | None
    override: Override | None

    @property
    def name(self) -> str:
        """What people call the lead."""
        return self.display["name"] or str(self.row.id)


@dataclass(frozen=True, slots=True)
class Firm:
    """A company's leads, the best first; a lead without a company stands alone."""

    company: str | None
    best: Contact
    others: Sequence[Contact]


def todays(
    connection: Connection, champion: Champion, now: int, *, desks: frozenset[str] | None, words: str = ""
) -> list[Firm]:
    """Today's leads of these desks, None for all. now: microseconds since 1970. words: what is looked for."""
    rows = [row for row in _rows(connection, now, desks) if _has(row, words)]
    did, said = _did(connection, [row.id for row in rows]), overrides_of(connection, [row.id for row in rows], now)
    contacts = [_contact(row, champion, did.get(row.id, ()), said.get(row.id), now) for row in rows]
    return _firms(sorted(contacts, key=_turn))


def _turn(contact: Contact) -> int:
    """Whose turn it is: whom a person put first, then the rest as their scores have them, then whom somebody holds."""
    return 1 if contact.override is None else {Put.FIRST: 0, Put.HELD: 2}[contact.override.place]


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
    return connection.execute(query.limit(MOST)).all()


def _has(row: Row[Any], words: str) -> bool:
    text = " ".join([row.id, row.company or "", *json.loads(row.display).values()]).casefold()
    return all(word in text for word in words.casefold().split())


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


def _contact(
    row: Row[Any], champion: Champion, did: Sequence[tuple[str, int]], override: Override | None, now: int
) -> Contact:
    points = [] if row.model is None else champion.version(row.model).points(json.loads(row.snapshot), row.as_of)
    waits = row.state == Standing.HANDED_OVER and row.state_since is not None
    return Contact(
        row,
        display_of(json.loads(row.display)),
        [r for r in points if r.points >= 0.5][:FOR],
        [r for r in points if r.points <= -0.5][:AGAINST],
        did,
        max(0.0, (now - row.state_since) / 1e6) if waits else None,
        override,
    )


def _firms(contacts: Iterable[Contact]) -> list[Firm]:
    by_company: dict[str, list[Contact]] = {}
    for contact in contacts:
        company = contact.row.company
        by_company.setdefault(f"lead {contact.row.id}" if company is None else f"company {company}", []).append(contact)
    return [Firm(found[0].row.company, found[0], found[1:]) for found in by_company.values()]

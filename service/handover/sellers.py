"""Sellers: for how many calls a week each is there, for which territories and products, and when not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from service.life.keeping import follow
from service.life.rows import lock_stored, save
from service.sql import insert_into, text_of
from service.tables import leads

from .days import WORKING_DAYS, Absence, Today
from .tables import sellers
from .turn import take_turn

MOST_CALLS = 1_000
"""A week; nobody calls more, and a typing error must not hand over everything."""

MOST_SELLERS = 1_000
MOST_TERRITORIES = 100
MOST_PRODUCTS = 20
CHUNK = 500
"""Leads that are given back at a time."""


@dataclass(frozen=True, slots=True)
class Seller:
    """Somebody who calls leads. name: as the CRM names an owner. capacity: new calls a week."""

    name: str
    capacity: int
    territories: tuple[str, ...] = ()
    away: Absence | None = None
    products: tuple[str, ...] = ()

    def is_away(self, day: date) -> bool:
        """Whether nothing is handed over to this seller on that day."""
        return self.away is not None and self.away.covers(day)

    def working_days(self, days: Sequence[date]) -> int:
        """On how many of these days the seller is there."""
        return sum(not self.is_away(day) for day in days)

    def capacity_of(self, week: Sequence[date]) -> int:
        """The calls of a week, as many as its share of working days that the seller is there, rounded up.

        >>> week = [date(2026, 3, day) for day in range(2, 7)]
        >>> Seller("Ann", 10, away=Absence(date(2026, 2, 27), date(2026, 3, 4))).capacity_of(week)
        4
        """
        return -(-self.capacity * self.working_days(week) // WORKING_DAYS)


def every_seller(connection: Connection) -> list[Seller]:
    """All sellers by name."""
    return [_seller_of(row) for row in connection.execute(select(sellers).order_by(sellers.c.name))]


def owners_of_leads(connection: Connection) -> list[str]:
    """Whom the CRM names as owners of leads, by name: who could be made sellers."""
    query = select(leads.c.owner).where(leads.c.owner.is_not(None)).distinct().order_by(leads.c.owner)
    return list(connection.execute(query).scalars())


def _seller_of(row: Row[Any]) -> Seller:
    away = None
    if row.away_from is not None:
        away = Absence(date.fromisoformat(row.away_from), date.fromisoformat(row.away_until))
    return Seller(row.name, row.capacity, tuple(json.loads(row.territories)), away, tuple(json.loads(row.products)))


def set_seller(connection: Connection, seller: Seller, now: int) -> bool | None:
    """Add or replace a seller; whether it is a new one, None where there are too many. now: microseconds since 1970."""
    take_turn(connection)
    known = set(connection.execute(select(sellers.c.name)).scalars())
    if seller.name not in known and len(known) >= MOST_SELLERS:
        return None
    values = {
        "capacity": seller.capacity,
        "territories": text_of(list(seller.territories)),
        "products": text_of(list(seller.products)),
        "away_from": None if seller.away is None else seller.away.first.isoformat(),
        "away_until": None if seller.away is None else seller.away.last.isoformat(),
        "changed_at": now,
    }
    insert = insert_into(connection, sellers).values(name=seller.name, **values)
    connection.execute(insert.on_conflict_do_update(index_elements=[sellers.c.name], set_=values))
    return seller.name not in known


def remove_seller(connection: Connection, name: str) -> int | None:
    """Remove a seller and take back the leads that lay there by a handover alone; how many, None for nobody's name.

    What was not answered is handed over again; what is in work keeps its state, without a desk but its territory's.
    """
    take_turn(connection)
    if not connection.execute(delete(sellers).where(sellers.c.name == name)).rowcount:
        return None
    ids = connection.execute(select(leads.c.id).where(leads.c.handed_to == name).order_by(leads.c.id)).scalars().all()
    for start in range(0, len(ids), CHUNK):
        found = [
            lead for lead in lock_stored(connection, ids[start : start + CHUNK]).values() if lead.handed_to == name
        ]
        for lead in found:
            lead.handed_to = None
        save(connection, found)
        follow(connection, found)
    return len(ids)


def today_of(seller: Seller, today: Today) -> tuple[int, int]:
    """The calls of this week, and the working days of it that are left with this one."""
    left = [day for day in today.week if day >= today.day]
    return seller.capacity_of(today.week), seller.working_days(left)

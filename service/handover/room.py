"""How much each seller has room for today: the week's calls, less what was given and what is still unanswered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from service.life.tables import handovers
from service.tables import leads

from .allocating import CONTACTS_A_CALL, Seat
from .days import Today
from .sellers import Seller, today_of
from .waiting import WAITING


@dataclass(slots=True)
class Load:
    """What lies on a seller, each lead with its company: from before today, and given today."""

    before: dict[str, str | None] = field(default_factory=dict)
    today: dict[str, str | None] = field(default_factory=dict)

    @property
    def contacts(self) -> Counter[str]:
        """How many contacts of each company it holds."""
        return Counter(company for company in (self.before | self.today).values() if company is not None)


def calls_of(companies: Iterable[str | None]) -> int:
    """The calls that leads of these companies take: ten contacts of one company are one.

    >>> calls_of([None, None, "Acme", "Acme"]), calls_of(["Acme"] * 11)
    (3, 2)
    """
    contacts = Counter(companies)
    single = contacts.pop(None, 0)
    return single + sum(-(-count // CONTACTS_A_CALL) for count in contacts.values())


def room_of(seller: Seller, load: Load, today: Today) -> int:
    """Calls that can be given now: what is left of the week, spread over its working days that are left.

    What was given today counts against today's part, so that a second run finds no more than the first one left.
    """
    capacity, days = today_of(seller, today)
    if not days or seller.is_away(today.day):
        return 0
    before, now = calls_of(load.before.values()), calls_of((load.before | load.today).values())
    part = -(-max(0, capacity - before) // days)
    return max(0, part - (now - before))


def seats_of(connection: Connection, sellers: Sequence[Seller], today: Today) -> list[Seat]:
    """The sellers of today with the room that they have."""
    loads = _loads(connection, sellers, today)
    return [
        Seat(
            seller.name,
            frozenset(seller.territories),
            seller.is_away(today.day),
            room_of(seller, loads[seller.name], today),
            loads[seller.name].contacts,
            frozenset(seller.products),
        )
        for seller in sellers
    ]


def _loads(connection: Connection, sellers: Sequence[Seller], today: Today) -> dict[str, Load]:
    found = {seller.name: Load() for seller in sellers}
    given = select(handovers.c.seller, handovers.c.day, leads.c.id, leads.c.company).join(leads)
    for row in connection.execute(given.where(handovers.c.day >= today.monday.isoformat())):
        if row.seller in found:
            load = found[row.seller]
            (load.today if row.day == today.day.isoformat() else load.before)[row.id] = row.company
    holder = func.coalesce(leads.c.owner, leads.c.handed_to).label("holder")
    for name, lead_id, company in connection.execute(select(holder, leads.c.id, leads.c.company).where(WAITING)):
        if name in found and lead_id not in found[name].today:
            found[name].before[lead_id] = company
    return found

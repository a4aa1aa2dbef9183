"""Deliveries as a list: due, delivered or dead, page by page, and a dead one sent again."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, tuple_, update

from .tables import deliveries, endpoints


class State(StrEnum):
    """What became of a delivery so far."""

    DUE = "due"
    DEAD = "dead"
    DELIVERED = "delivered"


STAMPS = {
    State.DUE: deliveries.c.next_at,
    State.DEAD: deliveries.c.dead_at,
    State.DELIVERED: deliveries.c.delivered_at,
}
"""The column that is set in a state, and orders it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on: after the row of this moment (microseconds since 1970) and id."""

    at: int
    id: str

    def cursor(self) -> str:
        """As it goes out.

        >>> Place.of(Place(17, "msg_a").cursor())
        Place(at=17, id='msg_a')
        """
        return base64.urlsafe_b64encode(f"{self.at}:{self.id}".encode()).decode()

    @classmethod
    def of(cls, cursor: str) -> Place | None:
        """A cursor read back; None for what is none."""
        try:
            text = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True).decode("ascii")
        except (UnicodeError, binascii.Error):
            return None
        found = re.fullmatch(r"([0-9]{1,18}):([\w-]{1,40})", text, re.ASCII)
        return cls(int(found[1]), found[2]) if found else None


def page(
    connection: Connection, state: State, limit: int, after: Place | None
) -> tuple[Sequence[Row[Any]], Place | None]:
    """Up to `limit` deliveries in a state, the earliest first, and where the list goes on."""
    stamp = STAMPS[state]
    query = select(deliveries).where(stamp.is_not(None)).order_by(stamp, deliveries.c.id).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(stamp, deliveries.c.id) > tuple_(after.at, after.id))
    rows = connection.execute(query).all()
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], Place(last._mapping[stamp], last.id)


class Replayed(StrEnum):
    """What came of the wish to send a delivery again."""

    DUE = "due"
    UNKNOWN = "unknown"
    DISABLED = "disabled"


def replay(connection: Connection, delivery_id: str, now: int) -> Replayed:
    """Make a dead or delivered row due now, with all attempts before it and under its id; a due one stays as it is."""
    of_it = deliveries.c.endpoint_id == endpoints.c.id, deliveries.c.id == delivery_id
    awake = update(endpoints).where(*of_it, endpoints.c.disabled_at.is_(None)).values(rests_until=0)
    if connection.execute(awake).rowcount == 0:
        known = connection.execute(select(deliveries.c.id).where(deliveries.c.id == delivery_id)).first()
        return Replayed.DISABLED if known else Replayed.UNKNOWN
    fresh = {"next_at": now, "delivered_at": None, "dead_at": None, "attempts": 0, "created_at": now}
    ended = deliveries.c.id == delivery_id, deliveries.c.next_at.is_(None)
    connection.execute(update(deliveries).where(*ended).values(fresh))
    return Replayed.DUE

"""The outbox: what is due is taken by one worker at a time, and what came of it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from service.database import Database
from service.moments import SECOND

from .sending import Outcome
from .tables import deliveries, endpoints

LEASE = 60 * SECOND
"""How long a row belongs to who took it: longer than any sending lasts. After that it is due again."""

MINUTE, HOUR, DAY = 60, 3_600, 86_400
RETRIES = (10, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR, DAY, DAY)
"""Seconds from each failure to the next attempt; after the last one the delivery is dead. About three days."""

JITTER = 0.2
"""The share by which a wait is longer at most, so that what failed together does not come back together."""

PATIENCE = 4 * DAY * SECOND
"""A row whose receiver was in trouble for so long is dead, however seldom it was tried."""

REST = 10
LONGEST_REST = 10 * MINUTE
"""Seconds in which nothing is sent to a receiver in trouble; doubled with each failure in a row."""

KEPT_DELIVERED = 7 * DAY * SECOND
KEPT_DEAD = 30 * DAY * SECOND
CHUNK = 500
"""Rows a transaction when old ones are removed."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A row that was taken, with where it goes. attempt: counts from 1, and says whose taking this is."""

    id: str
    body: str
    attempt: int
    created_at: int
    endpoint_id: str
    url: str
    secrets: tuple[str, ...]
    failures: int


def take(database: Database, now: int) -> Parcel | None:
    """Take the row that is due the longest; None where there is none. now: microseconds since 1970."""
    with database.reading() as connection:
        # Without a look first every idle worker would hold SQLite's right to write once a second.
        if connection.execute(_due(now)).first() is None:
            return None
    with database.writing() as connection:
        row = connection.execute(_due(now).with_for_update(of=deliveries, skip_locked=True)).first()
        if row is None:
            return None
        changed = {"next_at": now + LEASE, "attempts": row.attempts + 1}
        connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(changed))
        return _parcel(row, now)


def _due(now: int) -> Any:
    return (
        select(
            *(deliveries.c.id, deliveries.c.body, deliveries.c.attempts, deliveries.c.endpoint_id),
            *(deliveries.c.created_at, endpoints.c.url, endpoints.c.secret, endpoints.c.old_secret),
            *(endpoints.c.old_secret_until, endpoints.c.failures),
        )
        .join(endpoints, endpoints.c.id == deliveries.c.endpoint_id)
        .where(deliveries.c.next_at <= now, endpoints.c.rests_until <= now, endpoints.c.disabled_at.is_(None))
        .order_by(deliveries.c.next_at, deliveries.c.id)
        .limit(1)
    )


def _parcel(row: Row[Any], now: int) -> Parcel:
    old = [row.old_secret] if row.old_secret and row.old_secret_until > now else []
    return Parcel(
        row.id,
        row.body,
        row.attempts + 1,
        row.created_at,
        row.endpoint_id,
        row.url,
        (row.secret, *old),
        row.failures,
    )


def settle(database: Database, parcel: Parcel, outcome: Outcome, now: int, dice: Random) -> None:
    """Write down what came of a sending: delivered, due again later, or dead."""
    with database.writing() as connection:
        # The endpoint before its deliveries, here and everywhere: two that wait for one another would both fail.
        _note(connection, parcel, outcome, now)
        connection.execute(
            update(deliveries)
            # Whoever took it after this one's time was over has the say.
            .where(deliveries.c.id == parcel.id, deliveries.c.attempts == parcel.attempt)
            .where(deliveries.c.next_at.is_not(None))
            .values({"last_status": outcome.status, "last_fault": outcome.fault} | _fate(parcel, outcome, now, dice))
        )
        if outcome.is_gone:
            connection.execute(
                update(deliveries)
                .where(deliveries.c.endpoint_id == parcel.endpoint_id, deliveries.c.next_at.is_not(None))
                .values(next_at=None, dead_at=now, last_fault="disabled")
            )


def _note(connection: Connection, parcel: Parcel, outcome: Outcome, now: int) -> None:
    """Write down at the endpoint what its answer says of it: nothing more wanted, in trouble, or well again."""
    if outcome.is_gone:
        changed = {"disabled_at": now}
    elif outcome.is_taken and parcel.failures:
        changed = {"failures": 0, "rests_until": 0}
    elif outcome.is_the_receivers:
        rest = min(REST << min(parcel.failures, 16), LONGEST_REST) * SECOND
        changed = {"failures": parcel.failures + 1, "rests_until": now + rest}
    else:
        return
    connection.execute(update(endpoints).where(endpoints.c.id == parcel.endpoint_id).values(changed))


def _fate(parcel: Parcel, outcome: Outcome, now: int, dice: Random) -> dict[str, int | None]:
    if outcome.is_taken:
        return {"next_at": None, "delivered_at": now}
    if outcome.is_gone or parcel.attempt > len(RETRIES) or now - parcel.created_at > PATIENCE:
        return {"next_at": None, "dead_at": now}
    wait = RETRIES[parcel.attempt - 1] * (1 + JITTER * dice.random())
    return {"next_at": now + int(wait * SECOND)}


def sweep(database: Database, now: int) -> int:
    """Remove what was delivered a week ago and what died a month ago; how many rows."""
    removed = 0
    for column, kept in ((deliveries.c.delivered_at, KEPT_DELIVERED), (deliveries.c.dead_at, KEPT_DEAD)):
        old = select(deliveries.c.id).where(column < now - kept).order_by(column).limit(CHUNK)
        while ids := _ids(database, old):
            with database.writing() as connection:
                removed += connection.execute(delete(deliveries).where(deliveries.c.id.in_(ids))).rowcount
    return removed


def _ids(database: Database, query: Any) -> Sequence[str]:
    with database.reading() as connection:
        found: Sequence[str] = connection.execute(query).scalars().all()
    return found

"""Endpoints: who listens to what, and the secrets that their messages are signed with."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from service.moments import SECOND

from .announcing import TEST, row_of
from .tables import deliveries, endpoints

SECRET_BYTES = 32
OLD_SECRET_VALID = 24 * 3_600 * SECOND
"""Microseconds for which messages are signed with the old secret too."""

MOST_ENDPOINTS = 100


def add(connection: Connection, url: str, events: Sequence[str], now: int) -> Row[Any] | None:
    """Store an endpoint with a new secret; None where there are too many. now: microseconds since 1970."""
    if connection.execute(select(func.count()).select_from(endpoints)).scalar_one() >= MOST_ENDPOINTS:
        return None
    row = {
        "id": f"ep_{secrets.token_urlsafe(12)}",
        "url": url,
        "events": json.dumps(events),
        "secret": new_secret(),
        "created_at": now,
        "failures": 0,
        "rests_until": 0,
    }
    return connection.execute(insert(endpoints).values(row).returning(*endpoints.c)).one()


def new_secret() -> str:
    """A secret as Standard Webhooks writes it: `whsec_` and the base64 of 32 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def every(connection: Connection) -> Sequence[Row[Any]]:
    """All endpoints, the oldest first."""
    return connection.execute(select(endpoints).order_by(endpoints.c.created_at, endpoints.c.id)).all()


def one(connection: Connection, endpoint_id: str) -> Row[Any] | None:
    """An endpoint by its id, None where there is none."""
    return connection.execute(select(endpoints).where(endpoints.c.id == endpoint_id)).one_or_none()


def remove(connection: Connection, endpoint_id: str) -> Row[Any] | None:
    """Remove an endpoint with all its deliveries; what it was, None where there was none."""
    return connection.execute(
        delete(endpoints).where(endpoints.c.id == endpoint_id).returning(*endpoints.c)
    ).one_or_none()


def rotate(connection: Connection, endpoint_id: str, now: int) -> Row[Any] | None:
    """Give an endpoint a new secret, the old one valid for 24 hours more; None where there is no such endpoint."""
    changed = {
        "old_secret": endpoints.c.secret,
        "old_secret_until": now + OLD_SECRET_VALID,
        "secret": new_secret(),
    }
    query = update(endpoints).where(endpoints.c.id == endpoint_id).values(changed)
    return connection.execute(query.returning(*endpoints.c)).one_or_none()


def test(connection: Connection, endpoint_id: str, now: int) -> str | None:
    """Put a trial message for one endpoint into the outbox; its id, None where no such endpoint takes messages."""
    query = update(endpoints).where(endpoints.c.id == endpoint_id, endpoints.c.disabled_at.is_(None))
    if connection.execute(query.values(rests_until=0).returning(endpoints.c.id)).first() is None:
        return None
    row = row_of(endpoint_id, TEST, {"endpoint_id": endpoint_id}, now)
    connection.execute(insert(deliveries), [row])
    return str(row["id"])

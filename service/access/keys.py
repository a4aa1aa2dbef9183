"""The keys of programs: made, listed, revoked. A secret is shown once and kept as a hash."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select, update

from scoring import WrongUsage
from service.database import Database
from service.moments import micros_at, text_of_micros

from .grants import Grant, checked
from .tables import api_keys

PREFIX = "lr_"
"""How every id begins, so that a key is known for one where it should not stand."""

ID_BYTES = 9
"""12 characters."""

SECRET_BYTES = 32
"""So many that guessing is hopeless, which is why a quick hash will do."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made. key: `id.secret`, to be shown once."""

    id: str
    key: str = field(repr=False)


def create_key(
    database: Database, grant: Grant, *, now: datetime, label: str = "", lasts: timedelta | None = None
) -> NewKey:
    """Make a key. lasts: how long it is good for, None for ever. Raises WrongUsage."""
    key_id, secret = PREFIX + secrets.token_urlsafe(ID_BYTES), secrets.token_urlsafe(SECRET_BYTES)
    row = {
        "id": key_id,
        "secret_hash": sha256(secret.encode()).hexdigest(),
        "label": checked("--label", label) if label else "",
        "created_at": micros_at(now),
        "expires_at": None if lasts is None else micros_at(now + lasts),
    }
    with database.writing() as connection:
        connection.execute(insert(api_keys).values(row | grant.columns()))
    return NewKey(key_id, f"{key_id}.{secret}")


def list_keys(database: Database, *, now: datetime) -> list[dict[str, Any]]:
    """Every key, the oldest first, without its secret. state: active, expired or revoked."""
    query = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
    with database.reading() as connection:
        rows = connection.execute(query).all()
    return [
        {
            "id": row.id,
            **Grant.of_row(row).columns(),
            "territories": list(Grant.of_row(row).territories),
            "label": row.label,
            "state": _state(row.revoked_at, row.expires_at, micros_at(now)),
            "created_at": text_of_micros(row.created_at),
            "expires_at": text_of_micros(row.expires_at),
            "revoked_at": text_of_micros(row.revoked_at),
        }
        for row in rows
    ]


def _state(revoked: int | None, expires: int | None, now: int) -> str:
    if revoked is not None:
        return "revoked"
    return "expired" if expires is not None and expires <= now else "active"


def revoke_key(database: Database, key_id: str, *, now: datetime) -> None:
    """End a key for good; raises WrongUsage where there is none to end."""
    change = update(api_keys).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
    with database.writing() as connection:
        if connection.execute(change.values(revoked_at=micros_at(now))).rowcount == 0:
            raise WrongUsage("no key has this id that is not revoked already", "see `leadrank keys list`")

"""All keys and users in memory: asking who somebody is costs microseconds, and goes on while the database is away."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from service.database import Database

from .grants import Grant
from .roles import Caller
from .tables import api_keys, users

log = logging.getLogger("leadrank")


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that is not revoked. expires: microseconds since 1970, None for never."""

    caller: Caller | None
    digest: bytes = field(repr=False)
    expires: int | None = None


@dataclass(frozen=True, slots=True)
class KnownUser:
    """A user who is not disabled."""

    caller: Caller
    password_hash: str = field(repr=False)
    changed_at: int


@dataclass(frozen=True, slots=True)
class Known:
    """Keys by id and users by name, as bytes: what a header holds need be no text."""

    keys: Mapping[bytes, KnownKey]
    users: Mapping[bytes, KnownUser]


NO_KEY = KnownKey(None, secrets.token_bytes(32))
"""Stands for every id that is unknown: its secret is compared like any other."""


class Directory:
    """What the database said last of keys and users. `refresh` is called twice a second by a thread of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loading = threading.Lock()
        self.known = Known({}, {})
        self.is_away = False

    def load(self) -> None:
        """Ask the database; raises SQLAlchemyError, and what was known is known still."""
        with self._loading:  # else an older answer could come after a newer one
            try:
                self.known = self._read()
            except SQLAlchemyError:
                self.is_away = True
                raise
            self.is_away = False

    def refresh(self) -> None:
        """Ask the database, and be content with what is known where it does not answer."""
        was_away = self.is_away
        try:
            self.load()
        except SQLAlchemyError as fault:
            if not was_away:
                log.warning("keys and users stay as they were: the database did not answer (%s)", type(fault).__name__)

    def _read(self) -> Known:
        with self._database.reading() as connection:
            keys = connection.execute(select(api_keys).where(api_keys.c.revoked_at.is_(None))).all()
            people = connection.execute(select(users).where(users.c.disabled_at.is_(None))).all()
        known_keys: dict[bytes, KnownKey] = {}
        for row in keys:
            grant = Grant.of_row(row)
            caller = Caller(row.id, grant.role, grant.desks)
            known_keys[row.id.encode()] = KnownKey(caller, bytes.fromhex(row.secret_hash), row.expires_at)
        known_users: dict[bytes, KnownUser] = {}
        for row in people:
            grant = Grant.of_row(row)
            caller = Caller(f"user:{row.name}", grant.role, grant.desks)
            known_users[row.name.encode()] = KnownUser(caller, row.password_hash, row.changed_at)
        return Known(known_keys, known_users)

"""Who is signed in: a random word in a cookie, and its hash in the database."""

from __future__ import annotations

import secrets
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie

from sqlalchemy import delete, insert, or_, select, update
from starlette.types import Scope

from service.access.directory import Directory
from service.access.roles import Caller
from service.database import Database
from service.moments import Clock, micros_at

from .tables import sessions

COOKIE = "leadrank_session"
USER = "user:"
"""How the name of a caller begins who is a user."""

MINUTE = 60 * 1_000_000
IDLE = 12 * 60 * MINUTE
"""A session that nobody uses for so long ends: a working day."""

LONGEST = 7 * 24 * 60 * MINUTE
"""No session lasts longer."""

SEEN_EVERY = 5 * MINUTE
"""So often a session that is used is written."""


class Sessions:
    """Sessions of users; safe in any thread."""

    def __init__(self, database: Database, directory: Directory, clock: Clock) -> None:
        self._database, self._directory, self._clock = database, directory, clock

    def open(self, caller: Caller) -> str:
        """Begin a session of a user who has just proved who he is; the word for his cookie."""
        name, token, now = caller.name.removeprefix(USER), secrets.token_urlsafe(32), micros_at(self._clock())
        row = {
            "digest": _digest(token),
            "user": name,
            "changed_at": self._directory.known.users[name.encode()].changed_at,
            "opened_at": now,
            "seen_at": now,
        }
        over = or_(sessions.c.seen_at < now - IDLE, sessions.c.opened_at < now - LONGEST)
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(over))
            connection.execute(insert(sessions).values(row))
        return token

    def caller(self, token: str) -> Caller | None:
        """The user of a session that has not ended."""
        digest, now = _digest(token), micros_at(self._clock())
        with self._database.reading() as connection:
            row = connection.execute(select(sessions).where(sessions.c.digest == digest)).first()
        if row is None or row.seen_at < now - IDLE or row.opened_at < now - LONGEST:
            return None
        user = self._directory.known.users.get(row.user.encode())
        if user is None or user.changed_at != row.changed_at:
            return None
        if row.seen_at < now - SEEN_EVERY:
            with self._database.writing() as connection:
                connection.execute(update(sessions).where(sessions.c.digest == digest).values(seen_at=now))
        return user.caller

    def close(self, token: str) -> None:
        """End a session."""
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == _digest(token)))


def token_in(scope: Scope) -> str | None:
    """The word in a request's cookie."""
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(COOKIE)
            except CookieError:
                return None
            return found.value if found else None
    return None


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()

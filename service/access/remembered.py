"""Passwords that were right a moment ago: the slow hash is not asked again for a few minutes."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable

from .directory import Known, KnownUser

MINUTES = 5
"""How long a password that was right is remembered."""

MOST = 10_000
"""Passwords in memory: beyond them the oldest are forgotten."""


class Remembered:
    """Passwords by a keyed hash whose key is of this process alone. clock: seconds that only rise."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._until: dict[bytes, float] = {}

    def user(self, name: bytes, password: bytes, known: Known) -> KnownUser | None:
        """The user, where this was right lately and nothing about him has changed since."""
        user = known.users.get(name)
        if user is None:
            return None
        return user if self._clock() < self._until.get(self._mark(name, password, user), 0.0) else None

    def keep(self, name: bytes, password: bytes, user: KnownUser) -> None:
        """Remember that this was right."""
        mark = self._mark(name, password, user)
        self._until.pop(mark, None)
        self._until[mark] = self._clock() + 60 * MINUTES
        while len(self._until) > MOST:
            del self._until[next(iter(self._until))]

    def _mark(self, name: bytes, password: bytes, user: KnownUser) -> bytes:
        # A name holds no NUL, so no other name and password make the same text.
        return hmac.digest(self._key, b"%d\0%b\0%b" % (user.changed_at, name, password), "sha256")

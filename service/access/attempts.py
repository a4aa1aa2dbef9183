"""Failed sign-ins are counted: guessing is slowed down to a few tries a minute."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

WINDOW = 60.0
"""Seconds in which failures are counted."""

LONGEST = 200
"""Bytes of an account's name that are looked at."""

MOST = 10_000
"""Names and addresses in memory: beyond them the oldest are forgotten."""


class Attempts:
    """Failures by account and by address. clock: seconds that only rise."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = a_minute, clock
        self._failed: dict[tuple[str, bytes], deque[float]] = {}

    def wait(self, account: bytes, peer: bytes) -> int:
        """Seconds until this account may be tried again from this address; 0 for now."""
        begin = self._clock() - WINDOW
        waits = [0]
        for name in _names(account, peer):
            failed = self._failed.get(name)
            while failed and failed[0] <= begin:
                failed.popleft()
            if failed and len(failed) >= self._limit:
                waits.append(math.ceil(failed[-self._limit] - begin))
        return max(waits)

    def failed(self, account: bytes, peer: bytes) -> None:
        """Note a failure."""
        for name in _names(account, peer):
            failed = self._failed.pop(name, None) or deque(maxlen=self._limit)
            failed.append(self._clock())
            self._failed[name] = failed  # at the end: what comes first is forgotten first
        while len(self._failed) > MOST:
            del self._failed[next(iter(self._failed))]


def _names(account: bytes, peer: bytes) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    return ("account", account[:LONGEST]), ("peer", peer)

"""A question to something that may hang: never more than one at a time, and nobody waits long for the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from anyio import CapacityLimiter, to_thread

from .problems import Unavailable

PATIENCE = 2.0
"""Seconds."""

Answer = TypeVar("Answer")


class Probe(Generic[Answer]):
    """Asks in a thread of its own, so that it is answered while all other threads wait for a database."""

    def __init__(self, ask: Callable[[], Answer], *, patience: float = PATIENCE) -> None:
        self._ask, self._patience = ask, patience
        self._seat = CapacityLimiter(1)
        self._asking: asyncio.Task[Answer] | None = None

    async def answer(self) -> Answer:
        """What it says; raises what it raises, or Unavailable where it does not answer in time."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(
                to_thread.run_sync(self._ask, limiter=self._seat, abandon_on_cancel=True)
            )
        await asyncio.wait({self._asking}, timeout=self._patience)
        if not self._asking.done():
            raise Unavailable("no-database", "the database did not answer in time", 2)
        return self._asking.result()

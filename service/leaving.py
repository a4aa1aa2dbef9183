"""Leaving: for a moment after SIGTERM the service still answers, and says that it will not for long."""

from __future__ import annotations

import asyncio
import signal
import threading
from types import FrameType

DRAIN_SECONDS = 1.0
"""From the signal to the end of taking connections: time for a proxy to look at `/readyz`, and for clients to hear
`Connection: close`, so that none sends its next request into a connection that is being closed."""


class Leaving:
    """told: whether this process has been asked to stop."""

    def __init__(self, seconds: float = DRAIN_SECONDS) -> None:
        self.told = False
        self._seconds = seconds

    def watch(self) -> None:
        """Stand before the server's own handler of SIGTERM. Does nothing outside of a server's main thread."""
        if threading.current_thread() is not threading.main_thread():
            return
        servers_own = signal.getsignal(signal.SIGTERM)
        if not callable(servers_own):
            return
        loop = asyncio.get_running_loop()

        def handle(number: int, frame: FrameType | None) -> None:
            if self.told:
                servers_own(number, frame)  # asked twice: at once
                return
            self.told = True
            loop.call_soon_threadsafe(loop.call_later, self._seconds, servers_own, number, None)

        signal.signal(signal.SIGTERM, handle)

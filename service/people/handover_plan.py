"""What a handover would do now, kept for a while where it takes long to find out."""

from __future__ import annotations

import time
from threading import Lock

from sqlalchemy import Connection

from service.handover.days import Today
from service.handover.listed import runs_on
from service.handover.running import Handover, hand_over
from service.handover.sellers import every_seller

QUICK = 0.2
"""Seconds: a plan that is made sooner is made each time."""

STALE_TIMES = 30
"""For so many times as long as a plan took to make it is shown: a minute where it took two seconds."""


class Plans:
    """What a handover would do; safe in any thread."""

    def __init__(self) -> None:
        self._planned: tuple[object, float, Handover] | None = None
        self._planning = Lock()

    def of(self, connection: Connection, today: Today) -> Handover:
        """The plan of today; where that takes long to find out, it is asked less often."""
        state = (today.day, every_seller(connection), len(runs_on(connection, today.day.isoformat())))
        with self._planning:
            if self._planned is not None and self._planned[0] == state and time.monotonic() < self._planned[1]:
                return self._planned[2]
            began = time.monotonic()
            found = hand_over(connection, today, "", dry_run=True)
            took = time.monotonic() - began
            self._planned = (state, time.monotonic() + STALE_TIMES * took, found) if took > QUICK else None
            return found

"""The thread that sends what is due, one delivery after the other."""

from __future__ import annotations

import logging
import ssl
import threading
from datetime import UTC, datetime
from random import Random
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError
from standardwebhooks import Webhook

from service.database import Database
from service.moments import SECOND, Clock, micros_at

from .addresses import Forbidden, Resolver, place_of
from .outbox import Parcel, settle, sweep, take
from .sending import TOTAL_SECONDS, Outcome, post

log = logging.getLogger("leadrank")

STOP_SECONDS = 5.0

SWEEP_EVERY = 3_600 * SECOND
"""Microseconds from one removal of old rows to the next."""


class Deliverer:
    """Sends from `start` to `stop`. Every worker process has one; they share the work and never one row.

    Delivery is at least once, in no promised order: a repeat has the same `webhook-id`.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        internal: bool,
        watch_seconds: float,
        resolve: Resolver | None = None,
        trust: ssl.SSLContext | None = None,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._database, self._clock, self._internal, self._resolve = database, clock, internal, resolve
        self._watch_seconds, self._total_seconds = watch_seconds, total_seconds
        self._trust = trust
        self._troubled = False
        self._dice = Random()
        self._swept = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._repeat, name="leadrank-webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End: a sending that was begun gets a few seconds. One that takes longer is sent again by another worker."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _repeat(self) -> None:
        while not self._stopping.is_set():
            try:
                while not self._stopping.is_set() and self.deliver_one():
                    pass
                self._sweep()
                self._troubled = False
            except SQLAlchemyError as fault:
                self._note(fault)
            self._stopping.wait(self._watch_seconds)

    def _note(self, fault: SQLAlchemyError) -> None:
        if not self._troubled:  # once, and not once a second
            log.warning("webhooks wait: the database did not answer (%s)", type(fault).__name__)
        self._troubled = True

    def deliver_one(self) -> bool:
        """Send what is due the longest, if anything is; whether something was."""
        parcel = take(self._database, self._now())
        if parcel is None:
            return False
        outcome = self._send(parcel)
        settle(self._database, parcel, outcome, self._now(), self._dice)
        return True

    def _send(self, parcel: Parcel) -> Outcome:
        until = monotonic() + self._total_seconds
        try:
            place = place_of(parcel.url, internal=self._internal, resolve=self._resolve)
        except Forbidden as fault:
            return Outcome(None, fault.word)
        if self._trust is None:
            # At the first sending: reading the system's authorities takes time that a start need not.
            self._trust = ssl.create_default_context()
        return post(place, parcel.body.encode(), signed(parcel, self._clock()), trust=self._trust, until=until)

    def _sweep(self) -> None:
        now = self._now()
        if now - self._swept >= SWEEP_EVERY:
            self._swept = now
            sweep(self._database, now)

    def _now(self) -> int:
        return micros_at(self._clock())


def signed(parcel: Parcel, now: datetime) -> dict[str, str]:
    """The headers of a sending, signed with every secret that is valid now."""
    moment = datetime.fromtimestamp(int(now.timestamp()), UTC)
    return {
        "Content-Type": "application/json",
        "User-Agent": "leadrank-webhooks",
        "webhook-id": parcel.id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(s).sign(parcel.id, moment, parcel.body) for s in parcel.secrets),
    }

"""The intake: how many requests are in work, which are turned away, and how long each took.

A queue that grows answers everybody late; who is turned away at once can come back or go to another worker.
"""

from __future__ import annotations

from asyncio import get_running_loop, sleep, timeout
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .leaving import Leaving
from .problems import Unavailable
from .tally import METHODS, Tally

EXEMPT = frozenset({"/livez", "/readyz", "/metrics"})
"""Always answered: a service that is full is not dead."""

READING = 2
"""So many times the most requests in work may wait for their bodies: slow senders hold a seat, not a worker."""

GRACE = 0.2
"""Seconds that a body may take to arrive while all those seats are taken."""


class Intake:
    """ASGI middleware. most: requests in work at a time; beyond it the answer is 503 with `Retry-After`."""

    def __init__(self, app: ASGIApp, *, most: int, tally: Tally, leaving: Leaving) -> None:
        self._app, self._most, self._tally, self._leaving = app, most, tally, leaving
        self._seats = READING * most
        self._begun = 0
        """Requests that were taken in this turn of the loop."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or turn it away."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if self._leaving.told:
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        try:
            if scope["path"] in EXEMPT:
                await self._app(scope, receive, noted)
            else:
                await self._work(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path_format", "other")
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._tally.answered(route, method, status, perf_counter() - began)

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        tally = self._tally
        if tally.in_work >= self._most:
            tally.refused += 1
            await overloaded().response()(scope, receive, send)
            return
        tally.in_work += 1
        try:
            if self._is_burst():
                # The rest of what arrived in this turn is counted before any of it is worked on.
                await sleep(0)
            await self._app(scope, self._without_waiting_senders(receive), send)
        finally:
            tally.in_work -= 1

    def _is_burst(self) -> bool:
        """Whether more arrived in this turn of the loop than may be in work; what was done in it at once counts too."""
        if not self._begun:
            get_running_loop().call_soon(self._turn)
        self._begun += 1
        return self._begun > self._most

    def _turn(self) -> None:
        self._begun = 0

    def _without_waiting_senders(self, receive: Receive) -> Receive:
        """The body, part by part; who waits for a part is not in work."""
        tally = self._tally

        async def part() -> Message:
            tally.in_work -= 1
            tally.reading += 1
            try:
                message = await (receive() if tally.reading <= self._seats else _soon(receive))
            finally:
                tally.reading -= 1
                tally.in_work += 1
            if message is None or tally.in_work > self._most:
                tally.refused += 1
                raise overloaded()
            return message

        return part


async def _soon(receive: Receive) -> Message | None:
    """The next part where it comes soon: slow senders in all the seats cannot keep the quick ones out."""
    try:
        async with timeout(GRACE):
            return await receive()
    except TimeoutError:
        return None


def overloaded() -> Unavailable:
    """The problem of who is turned away."""
    return Unavailable("overloaded", "too many requests are in work; nothing was changed; try again", 1)

"""A time limit that costs nothing where there is nothing to wait for: most bodies are there before they are read."""

from __future__ import annotations

from asyncio import timeout
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")


@coroutine
def within(seconds: float, work: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
    """Await work for so long; raises TimeoutError. The clock is set only where the work stops to wait."""
    try:
        awaited = work.send(None)
    except StopIteration as done:
        found: T = done.value
        return found
    late: T = yield from _timed(seconds, _Begun(work, awaited)).__await__()
    return late


async def _timed(seconds: float, work: _Begun) -> Any:
    async with timeout(seconds):
        return await work


class _Begun(Generator[Any, Any, Any]):
    """Work that has begun already, and what it waits for: hands that out again, then goes on with the work."""

    def __init__(self, work: Coroutine[Any, Any, Any], awaited: object) -> None:
        self._work = work
        self._awaited = [awaited]

    def __await__(self) -> _Begun:
        return self

    def send(self, value: Any) -> Any:
        """Go on with what was waited for."""
        return self._awaited.pop() if self._awaited else self._work.send(value)

    def throw(self, *fault: Any) -> Any:
        """Go on with a fault."""
        return self._work.throw(*fault)

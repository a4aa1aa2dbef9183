"""A time limit that is set only where there is something to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from service.patience import within


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(asyncio.wait_for(work(), 20))


async def answered_after(*waits: float) -> str:
    for wait in waits:
        await asyncio.sleep(wait)
    return "an answer"


def test_what_is_done_at_once_needs_no_loop_at_all() -> None:
    begun = within(0, answered_after())
    with pytest.raises(StopIteration) as done:
        begun.send(None)
    assert done.value.value == "an answer"


@pytest.mark.parametrize("waits", [(0,), (0, 0, 0), (0.01,), (0.01, 0, 0.01)])
def test_what_waits_a_little_is_answered(waits: tuple[float, ...]) -> None:
    async def work() -> str:
        return await within(10, answered_after(*waits))

    assert run(work) == "an answer"


@pytest.mark.parametrize("waits", [(5,), (0, 5), (0.01, 0.01, 5)])
def test_what_waits_too_long_is_given_up(waits: tuple[float, ...]) -> None:
    ended = []

    async def late() -> None:
        try:
            await answered_after(*waits)
        finally:
            ended.append(True)

    async def work() -> None:
        with pytest.raises(TimeoutError):
            await within(0.05, late())
        assert ended == [True]

    run(work)


def test_a_fault_comes_through_before_and_after_waiting() -> None:
    async def broken(wait: float | None) -> None:
        if wait is not None:
            await asyncio.sleep(wait)
        raise KeyError("broken")

    async def work() -> None:
        for wait in (None, 0, 0.01):
            with pytest.raises(KeyError):
                await within(10, broken(wait))

    run(work)


def test_who_is_cancelled_is_not_late_and_may_clear_up() -> None:
    cleared = []

    async def clearing() -> None:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            cleared.append(True)
            raise

    async def work() -> None:
        task = asyncio.ensure_future(within(10, clearing()))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert cleared == [True]

    run(work)


def test_a_fault_that_is_caught_inside_goes_on() -> None:
    async def stubborn(event: asyncio.Future[str]) -> str:
        try:
            return await event
        except LookupError:
            await asyncio.sleep(0)
            return "caught"

    async def work() -> str:
        event: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(event.set_exception, LookupError())
        return await within(10, stubborn(event))

    assert run(work) == "caught"

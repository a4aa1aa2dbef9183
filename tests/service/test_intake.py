"""Too many at once: who is too many is told at once, health is always answered, and slow senders starve nobody."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from anyio import to_thread
from starlette.types import Message, Receive, Scope, Send

from models import Shelf
from scoring import WrongUsage
from service import Settings, create_app
from service.intake import Intake
from service.leaving import Leaving
from service.probe import Probe
from service.problems import Problem, Unavailable
from service.tally import Tally
from tests.cards import small_card
from tests.service.conftest import bearer, publish
from tests.service.samples import STRONG

LEAD = {"id": "1", "fields": STRONG}
MOST = 4


class Slow:
    """An application that reads its body and then works until it may end."""

    def __init__(self) -> None:
        self.done = asyncio.Event()
        self.working = 0

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        try:
            while (await receive()).get("more_body"):
                pass
        except Problem as problem:
            await send({"type": "http.response.start", "status": problem.status, "headers": []})
            return
        self.working += 1
        await self.done.wait()
        self.working -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


class Client:
    """One request to an ASGI application, sent as slowly as a test likes."""

    def __init__(self, app: Intake, path: str = "/v1/x", *, whole: bool = True) -> None:
        self.sent: list[Message] = []
        self.parts: asyncio.Queue[Message] = asyncio.Queue()
        if whole:
            self.end()
        scope = {"type": "http", "path": path, "method": "POST", "headers": []}
        self.task = asyncio.ensure_future(app(scope, self.parts.get, self._send))

    def end(self) -> None:
        self.parts.put_nowait({"type": "http.request", "body": b"", "more_body": False})

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int | None:
        return self.sent[0]["status"] if self.sent else None


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def intake(app: Callable[..., Awaitable[None]], tally: Tally | None = None) -> Intake:
    return Intake(app, most=MOST, tally=tally or Tally(), leaving=Leaving())


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(20):
            await work()

    asyncio.run(limited())


def test_beyond_the_most_the_answer_is_503_at_once_and_health_is_answered() -> None:
    async def work() -> None:
        slow, tally = Slow(), Tally()
        app = intake(slow, tally)
        taken = [Client(app) for _ in range(MOST)]
        await settle()
        refused = [Client(app) for _ in range(3)]
        healthy = [Client(app, path) for path in ("/livez", "/readyz", "/metrics")]
        await settle()
        assert [c.status for c in refused] == [503] * 3
        assert dict(refused[0].sent[0]["headers"])[b"retry-after"] == b"1"
        assert json.loads(refused[0].sent[1]["body"])["type"] == "urn:leadrank:problem:overloaded"
        assert slow.working == MOST + len(healthy)
        slow.done.set()
        await settle()
        assert [c.status for c in taken + healthy] == [200] * (MOST + 3)
        assert (tally.in_work, tally.refused) == (0, 3)
        after = [Client(app) for _ in range(MOST)]
        await settle()
        assert [c.status for c in after] == [200] * MOST

    run(work)


def test_what_arrives_in_one_turn_is_counted_before_any_of_it_is_done() -> None:
    async def work() -> None:
        app = intake(Slow())
        clients = [Client(app) for _ in range(MOST + 5)]
        await settle()
        assert [c.status for c in clients].count(503) == 5

    run(work)


def test_what_is_done_at_once_counts_in_its_turn_and_not_beyond_it() -> None:
    async def at_once(_scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await receive()
        except Problem as problem:
            await send({"type": "http.response.start", "status": problem.status, "headers": []})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def work() -> None:
        tally = Tally()
        app = intake(at_once, tally)
        flood = [Client(app) for _ in range(3 * MOST)]
        await settle()
        assert [c.status for c in flood] == [200] * (2 * MOST) + [503] * MOST
        for _ in range(3):
            turn = [Client(app) for _ in range(MOST)]
            await settle()
            assert [c.status for c in turn] == [200] * MOST
        assert tally.in_work == 0

    run(work)


def test_slow_senders_take_no_place_from_the_others() -> None:
    async def work() -> None:
        slow, tally = Slow(), Tally()
        slow.done.set()
        app = intake(slow, tally)
        dawdlers: list[Client] = []
        for _ in range(2 * MOST):
            dawdlers.append(Client(app, whole=False))
            await settle()
        assert (tally.reading, tally.in_work) == (2 * MOST, 0)
        too_many, quick = Client(app, whole=False), Client(app)
        await settle()
        assert quick.status == 200
        await too_many.task
        assert too_many.status == 503
        for dawdler in dawdlers:
            dawdler.end()
        await settle()
        assert {d.status for d in dawdlers} == {200}
        assert (tally.reading, tally.in_work) == (0, 0)

    run(work)


def test_a_client_that_leaves_gives_its_place_back() -> None:
    async def work() -> None:
        tally = Tally()
        app = intake(Slow(), tally)
        clients = [Client(app, whole=whole) for whole in (True, False)]
        await settle()
        for client in clients:
            client.task.cancel()
        await settle()
        assert (tally.reading, tally.in_work) == (0, 0)

    run(work)


def test_who_leaves_says_close_with_every_answer() -> None:
    async def work() -> None:
        slow, leaving = Slow(), Leaving()
        slow.done.set()
        app = Intake(slow, most=MOST, tally=Tally(), leaving=leaving)
        before = Client(app)
        await settle()
        leaving.told = True
        after = Client(app)
        await settle()
        assert (b"connection", b"close") not in before.sent[0]["headers"]
        assert (b"connection", b"close") in after.sent[0]["headers"]

    run(work)


@asynccontextmanager
async def served(folder: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    from service.upgrade import ready_database

    shelf = Shelf(folder / "shelf")
    publish(shelf, small_card())
    url = f"sqlite:///{folder / 'x.db'}"
    with ready_database(url) as database:
        who = {"Authorization": bearer(database)}
    app = create_app(Settings(database_url=url, shelf=shelf.folder, **settings))
    try:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1", headers=who
        ) as client:
            yield client
    finally:
        app.state.database.close()


@pytest.fixture
def held() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_waits_for_the_database_do_not_stop_scoring(tmp_path: Path, held: threading.Event) -> None:
    """Every thread of the common pool waits; scoring, a batch and health are answered all the same."""

    async def work() -> None:
        async with served(tmp_path) as client:
            tokens = int(to_thread.current_default_thread_limiter().total_tokens)
            waiting = [asyncio.ensure_future(to_thread.run_sync(held.wait)) for _ in range(tokens)]
            await asyncio.sleep(0.05)
            assert to_thread.current_default_thread_limiter().available_tokens == 0
            assert (await client.post("/v1/score", json=LEAD)).status_code == 200
            assert (await client.post("/v1/score/batch", json={"leads": [LEAD]})).json()["num_errors"] == 0
            for path in ("/livez", "/readyz", "/metrics"):
                assert (await client.get(path)).status_code == 200
            held.set()
            await asyncio.gather(*waiting)

    run(work)


def test_the_service_itself_turns_away_in_its_own_words(tmp_path: Path) -> None:
    async def work() -> None:
        async with served(tmp_path, most_requests=2) as client:
            answers = await asyncio.gather(*(client.post("/v1/score", json=LEAD) for _ in range(10)))
            refused = [a for a in answers if a.status_code == 503]
            assert len(refused) == 6, "two are done at once, and two more are counted in the same turn"
            assert refused[0].headers["content-type"] == "application/problem+json"
            assert refused[0].headers["x-frame-options"] == "DENY"
            assert (await client.post("/v1/score", json=LEAD)).status_code == 200

    run(work)


def test_a_question_that_hangs_is_asked_once_and_answered_in_time(held: threading.Event) -> None:
    async def work() -> None:
        asked: list[int] = []

        def hang() -> int:
            asked.append(1)
            held.wait()
            return len(asked)

        probe = Probe(hang, patience=0.05)
        found = await asyncio.gather(*(probe.answer() for _ in range(5)), return_exceptions=True)
        assert all(isinstance(f, Unavailable) for f in found)
        assert asked == [1]
        held.set()
        assert await Probe(lambda: 7).answer() == 7

    run(work)


@pytest.mark.parametrize("value", ["0", "-1", "many", "1e3", "1000000", "²"])
def test_a_limit_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("LEADRANK_MOST_REQUESTS", value)
    with pytest.raises(WrongUsage, match="whole number"):
        Settings.of_environment()

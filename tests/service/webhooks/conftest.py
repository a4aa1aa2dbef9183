"""A receiver of webhooks in a thread: it notes what it gets and answers as it is told."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import Row, select

from service.database import Database
from service.moments import micros_at
from service.webhooks import Event, endpoints
from service.webhooks.announcing import announce
from service.webhooks.deliverer import Deliverer
from service.webhooks.tables import deliveries
from tests.service.conftest import Watch

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Got:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: str


def status(number: int, **headers: str) -> Answer:
    """Answer with a status and an empty body."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(number)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return reply


def reset(request: BaseHTTPRequestHandler) -> None:
    """Cut the connection off without a word."""
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.connection.close()


def silence(request: BaseHTTPRequestHandler) -> None:
    """Say nothing until the sender gives up."""
    request.connection.settimeout(10)
    request.connection.recv(1)


def trickle(request: BaseHTTPRequestHandler) -> None:
    """Send an endless header, a byte at a time."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(1000):
        request.wfile.write(b"x")
        time.sleep(0.01)


def flood(request: BaseHTTPRequestHandler) -> None:
    """Take it, and answer with as much as the sender reads."""
    request.send_response(200)
    request.end_headers()
    for _ in range(1000):
        request.wfile.write(b"x" * 65536)


@dataclass
class Receiver:
    """Where webhooks arrive. answers: one for each request to come; then 204."""

    server: ThreadingHTTPServer
    got: list[Got] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            reply = found.answers.pop(0) if found.answers else status(204)
            self.close_connection = True
            try:
                reply(self)
            except OSError:
                pass

        do_GET = do_POST

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                pass

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Receiver(server)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Post:
    """A database with an endpoint, and who delivers to it."""

    database: Database
    clock: Watch
    endpoint: Row[Any]
    deliverer: Deliverer

    def announce(self, lead_id: str = "17", event: Event = Event.GRADE_CHANGED) -> int:
        """Put an announcement of a lead into the outbox."""
        with self.database.writing() as connection:
            return announce(connection, event, {"lead_id": lead_id}, lead_id=lead_id, now=micros_at(self.clock()))

    def rows(self) -> list[Row[Any]]:
        """The outbox, the oldest first."""
        with self.database.reading() as connection:
            return list(connection.execute(select(deliveries).order_by(deliveries.c.created_at, deliveries.c.id)))

    def row(self) -> Row[Any]:
        """The one row of the outbox."""
        (found,) = self.rows()
        return found

    def present(self) -> Row[Any]:
        """The endpoint as it is now."""
        with self.database.reading() as connection:
            found = endpoints.one(connection, self.endpoint.id)
        assert found is not None
        return found

    def deliver(self) -> int:
        """Send all that is due now; how many."""
        count = 0
        while self.deliverer.deliver_one():
            count += 1
        return count


def deliverer(database: Database, clock: Watch, **options: Any) -> Deliverer:
    """One that sends within this machine."""
    return Deliverer(database, clock, **{"internal": True, "watch_seconds": 0.01} | options)


def added(database: Database, url: str, clock: Watch, events: tuple[Event, ...] = tuple(Event)) -> Row[Any]:
    """An endpoint of this address."""
    with database.writing() as connection:
        found = endpoints.add(connection, url, events, micros_at(clock()))
    assert found is not None
    return found


@pytest.fixture
def post(database: Database, receiver: Receiver) -> Post:
    clock = Watch()
    return Post(database, clock, added(database, receiver.url, clock), deliverer(database, clock))

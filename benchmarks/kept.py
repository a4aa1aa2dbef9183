"""Kept leads: rows a second that are stored and scored; how long a page of a long list takes, and a seller's."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, create_engine, insert, make_url, update

from benchmarks.served import Server, environment, leadrank, make_key
from scoring.grades import GradeCuts
from scoring.scorecard import Scorecard
from service.champion import Serving
from service.life.keeping import score_row
from service.life.rows import Lead
from service.life.sent import Content
from service.life.tables import activities
from service.sql import text_of
from service.tables import leads, listing, scores
from service.upgrade import ready_database

CHUNK = 200
"""Leads a call: what CRMs send."""

ROWS = 10_000
"""Rows a transaction when the table is filled."""

SELLER = "Ann"
CALLS = 60
"""Leads that the seller has to answer, however many leads there are."""

Fields = dict[str, object]


class Sender:
    """A CRM's one connection."""

    def __init__(self, server: Server, key: str) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The answer's plain data; raises OSError for one that is not 2xx."""
        return json.loads(self.fetch(method, path, body))

    def fetch(self, method: str, path: str, body: object = None) -> bytes:
        """The answer as it came; raises OSError for one that is not 2xx."""
        self._http.request(method, path, None if body is None else json.dumps(body), self._headers)
        answer = self._http.getresponse()
        content = answer.read()
        if answer.status // 100 != 2:
            raise OSError(f"{answer.status}: {content[:300]!r}")
        return content

    def seconds(self, method: str, path: str, body: object = None) -> float:
        """How long a call takes."""
        began = time.perf_counter()
        self.fetch(method, path, body)
        return time.perf_counter() - began


def stored_a_second(sender: Sender, rows: Sequence[Fields], name: str, calls: int) -> float:
    """Rows a second through `POST /v1/leads/batch`. name: begins the ids, so that a new one means new leads."""
    began = time.perf_counter()
    for call in range(calls):
        chosen = [rows[(call * CHUNK + i) % len(rows)] for i in range(CHUNK)]
        sent = [{"id": f"{name}-{call}-{i}", "fields": fields} for i, fields in enumerate(chosen)]
        if sender.ask("POST", "/v1/leads/batch", {"leads": sent})["num_errors"]:
            raise OSError("a lead was not taken in")
    return calls * CHUNK / (time.perf_counter() - began)


@contextmanager
def database_of_its_own(server: str) -> Iterator[str]:
    """The address of a new database on a PostgreSQL server, gone afterwards; raises sqlalchemy's OperationalError."""
    name = f"leadrank_bench_{uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        engine.dispose()


def fill(url: str, card: Scorecard, rows: Sequence[Fields], count: int) -> None:
    """Store so many scored leads as the service does, without asking it."""
    serving, now = Serving("1", card, GradeCuts()), int(datetime.now(UTC).timestamp())
    drawn = [_rows(serving, fields, now) for fields in rows]
    with ready_database(url) as database:
        with database.writing() as connection:
            for index in scores.indexes:  # made again at the end: faster than kept up row by row
                index.drop(connection)
        for first in range(0, count, ROWS):
            numbers = range(first, min(first + ROWS, count))
            with database.writing() as connection:
                connection.execute(insert(leads), [drawn[n % len(drawn)][0] | {"id": _id(n)} for n in numbers])
                spread = [drawn[n % len(drawn)][1] | {"lead_id": _id(n)} | _spread(drawn, n) for n in numbers]
                connection.execute(insert(scores), spread)
        with database.writing() as connection:
            for index in scores.indexes:
                index.create(connection)
            connection.execute(insert(listing), {"id": 1, "model": "1"})
            _hand_over(connection, [_id(n) for n in range(0, count, max(1, count // CALLS))][:CALLS], now)


def _hand_over(connection: Connection, ids: Sequence[str], now: int) -> None:
    """Give leads to the seller, as a handover does, each with some activities."""
    given = {"owner": SELLER, "state": "handed_over", "state_since": (now - 3_600) * 1_000_000}
    connection.execute(update(leads).where(leads.c.id.in_(ids)).values(given))
    connection.execute(update(scores).where(scores.c.lead_id.in_(ids)).values(desk=SELLER))
    did = [
        {"event_id": f"{i}-{n}", "lead_id": i, "kind": "visit", "at": now * 1_000_000 - n, "received_at": now}
        for i in ids
        for n in range(5)
    ]
    connection.execute(insert(activities), did)


def _id(number: int) -> str:
    return f"L{number:07d}"


def _spread(drawn: Sequence[tuple[dict[str, Any], dict[str, Any]]], number: int) -> dict[str, Any]:
    """Each lead a log-odds of its own, as in real life."""
    return {"log_odds": drawn[number % len(drawn)][1]["log_odds"] + number * 7919 % 100_003}


def _rows(serving: Serving, fields: Fields, now: int) -> tuple[dict[str, Any], dict[str, Any]]:
    lead = Lead("", Content(dict(fields)), known=True, revision=1)
    row = {"fields": text_of(fields), "stored_at": now * 1_000_000, "revision": 1, "known": True}
    return row, score_row(lead, serving.rate(fields, now))


def page_seconds(homes: Sequence[Path], path: str, rounds: int, *role: str) -> list[float]:
    """The median seconds of a page of each home, asked in turn. role: of the key that asks."""
    settings = [environment(home) for home in homes]
    keys = [make_key(one, *role) for one in settings]
    with leadrank(settings[0]) as small, leadrank(settings[1]) as large:
        senders = [Sender(server, key) for server, key in zip((small, large), keys, strict=True)]
        for sender in senders * 5:
            sender.fetch("GET", path)
        times = [[sender.seconds("GET", path) for sender in senders] for _ in range(rounds)]
    return [median(column) for column in zip(*times, strict=True)]

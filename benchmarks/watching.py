"""`python -m benchmarks.watching`: how long the model room's live part is counted among 300,000 leads of two years."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from benchmarks.kept import ROWS, database_of_its_own
from models import Shelf
from scoring.scorecard import Scorecard
from service.champion import Champion, Serving
from service.database import Database
from service.life.keeping import score_row
from service.life.past import KEPT
from service.life.rows import Lead
from service.life.sent import Content
from service.life.tables import events, past_scores
from service.sql import text_of
from service.tables import leads
from service.upgrade import ready_database
from service.watching.watch import Watch
from tests.cards import living_card
from tests.service.samples import fields

LEADS = 300_000
SPAN = 730 * 86_400
"""Seconds over which they came in."""

ROUNDS = 3
POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


def rows(card: Scorecard, serving: Serving, count: int, now: int) -> Iterator[tuple[dict[str, Any], ...]]:
    """A lead, its first score, and its purchase where it buys."""
    dice = random.Random(7)
    drawn = [fields(dice) for _ in range(500)]
    for number in range(count):
        at = now - SPAN + SPAN * number // count
        sent = drawn[number % len(drawn)]
        rating = serving.rate(sent, at, created=at)
        scored = score_row(Lead(f"L{number:07d}", Content(sent), known=True, revision=1), rating)
        came = at * 1_000_000
        lead = {"id": f"L{number:07d}", "fields": text_of(sent), "created_at": came, "stored_at": came, "revision": 1}
        bought = dice.random() < scored["probability"]
        when = came + dice.randrange(80) * 86_400_000_000 + 1
        event = {"source": "outcome", "event_id": lead["id"], "lead_id": lead["id"], "said": "won", "occurred_at": when}
        yield lead, {name: scored[name] for name in KEPT}, *([event | {"received_at": when}] if bought else [])


def fill(database: Database, shelf: Shelf, count: int, now: int) -> None:
    """Store so many leads with their first scores."""
    serving = Serving("1", living_card(), shelf.cuts())
    made: list[tuple[dict[str, Any], ...]] = []
    for row in rows(serving.card, serving, count, now):
        made.append(row)
        if len(made) == ROWS:
            _store(database, made)
            made.clear()
    _store(database, made)


def _store(database: Database, made: Sequence[tuple[dict[str, Any], ...]]) -> None:
    if not made:
        return
    with database.writing() as connection:
        connection.execute(insert(leads), [row[0] for row in made])
        connection.execute(insert(past_scores), [row[1] for row in made])
        if bought := [row[2] for row in made if len(row) > 2]:
            connection.execute(insert(events), bought)


def seconds(url: str, shelf: Shelf, count: int) -> tuple[list[float], str]:
    """How long each of the rounds takes, nothing remembered, and what the page says."""
    now = datetime.now(UTC)
    champion = Champion(shelf)
    champion.refresh()
    found = []
    with ready_database(url) as database:
        fill(database, shelf, count, int(now.timestamp()))
        for _ in range(ROUNDS):
            watch = Watch(database, champion, lambda: now)
            began = time.perf_counter()
            seen = watch.look({})
            found.append(time.perf_counter() - began)
    return found, f"{seen.answer} {seen.new.leads if seen.new else 0:,} new leads"


def main(arguments: Sequence[str]) -> None:
    """Print the seconds for SQLite, and for PostgreSQL where a server answers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=LEADS)
    parser.add_argument("--postgres", default=POSTGRES)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder) / "shelf")
        now = datetime.now(UTC)
        shelf.promote(shelf.add(living_card(), about={}, at=now).version, by="bench", at=now)
        _print("SQLite", *seconds(f"sqlite:///{folder}/leadrank.db", shelf, asked.leads))
        with database_of_its_own(asked.postgres) as url:
            _print("PostgreSQL", *seconds(url, shelf, asked.leads))


def _print(name: str, found: Sequence[float], said: str) -> None:
    print(f"{name}: {', '.join(f'{s:.2f}' for s in found)} s. {said}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

"""`python -m benchmarks.target_speed`: how long the target's page takes with many leads and a year of history."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import text

from benchmarks.kept import fill
from models import Shelf
from service.champion import Champion
from service.database import Database, open_database
from service.handover.team import Team
from service.targets.answering import Answering
from service.targets.goals import Goal
from tests.cards import living_card
from tests.service.samples import fields

WON = 0.05
"""The share of leads that bought."""

PAST = """
INSERT INTO past_scores (lead_id, model, cuts_version, as_of, snapshot, log_odds, probability, score, grade,
  expected_value, readiness)
SELECT lead_id, model, cuts_version,
  CAST(as_of + 86400 * (days - 400 * (1 - CAST(substr(lead_id, 2) AS REAL) / :leads)) AS INTEGER) AS at,
  snapshot, log_odds, probability, score, grade, expected_value, readiness
FROM scores, (SELECT 0 AS days UNION SELECT 30 UNION SELECT 60) WHERE at < as_of ORDER BY at"""
"""Leads came in evenly over 400 days, and were scored again after 30 and 60 days."""

BOUGHT = """
INSERT INTO events (source, event_id, lead_id, said, occurred_at, value, received_at)
SELECT 'outcome', lead_id, lead_id, 'won', (as_of - abs(log_odds * 7) % 26000000) * 1000000, 1000 + score * 50, 0
FROM scores WHERE abs(log_odds * 31) % 1000 < :share"""


def seconds(leads: int) -> dict[str, tuple[float, float]]:
    """Seconds on the wall and of the processor: of the first answer, which counts how leads bought, and a later one."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        shelf, dice = Shelf(home / "shelf"), Random(1)
        shelf.promote(shelf.add(living_card(), about={}, at=datetime.now(UTC)).version, by="", at=datetime.now(UTC))
        url = f"sqlite:///{home / 'leadrank.db'}"
        fill(url, living_card(), [fields(dice) for _ in range(2_000)], leads)
        database = open_database(url)
        _live(database, leads)
        found = _timed(database, shelf)
        database.close()
        return found


def _live(database: Database, leads: int) -> None:
    with database.writing() as connection:
        connection.execute(text(PAST), {"leads": leads})
        connection.execute(text(BOUGHT), {"share": round(WON * 1000)})


def _timed(database: Database, shelf: Shelf) -> dict[str, tuple[float, float]]:
    champion = Champion(shelf)
    champion.refresh()
    answering = Answering(database, lambda: None, champion, lambda: datetime.now(UTC), Team(ZoneInfo("UTC"), 24))
    today = datetime.now(UTC).date()
    answering.set(Goal(1e9, None, today - timedelta(days=60), today + timedelta(days=30)), "bench")
    return {
        "the first answer after a start": _took(answering.answer),
        "an answer after it": min(_took(answering.answer) for _ in range(9)),
    }


def _took(work: Callable[[], object]) -> tuple[float, float]:
    began, worked = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - worked


def main() -> None:
    """Print the seconds of a first and of a later answer."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--leads", type=int, default=300_000)
    for name, (wall, work) in seconds(options.parse_args().leads).items():
        print(f"{name:32} {wall:7.3f} s, of which the processor worked {work:7.3f} s")


if __name__ == "__main__":
    main()

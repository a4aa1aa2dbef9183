"""The demo's week: leads are handed over, sellers answer, and what is of today waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from cli.demo import _ids_in
from cli.demo_week import live_a_week
from scoring import GradeCuts
from service.asked import KeptLead
from service.champion import Serving
from service.database import Database, open_database
from service.handover.listed import runs_on
from service.leads import load_leads
from service.loading import remove
from service.tables import leads
from service.upgrade import upgrade
from tests.cards import living_card
from tests.service.samples import STRONG, WEAK

FRIDAY = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 3, 8, 15, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = open_database(f"sqlite:///{tmp_path / 'leadrank.db'}", tmp_path / "secret.key")
    upgrade(found)
    yield found
    found.close()


def loaded(database: Database, serving: Serving, now: datetime) -> None:
    sent = [KeptLead(f"{i}", STRONG if i % 3 else WEAK, own={"owner": ("Ann", "Ben")[i % 2]}) for i in range(80)]
    load_leads(database, serving, sent, now=now)


@pytest.mark.parametrize("now", [FRIDAY, SUNDAY], ids=["friday", "sunday"])
def test_a_week_goes_by(database: Database, now: datetime) -> None:
    serving = Serving("1", living_card(), GradeCuts())
    loaded(database, serving, now)
    week = live_a_week(database, serving, now)
    with database.reading() as connection:
        rows = connection.execute(select(leads.c.state, leads.c.handed_to, leads.c.owner)).all()
    states = Counter(row.state for row in rows)
    assert states["new"] == 80 - week.handed
    assert {"accepted", "refused", "handed_over"} <= states.keys()
    assert 0 < week.today < week.handed
    assert week.seller in ("Ann", "Ben")
    assert all(row.handed_to in (None, row.owner) for row in rows)


def test_a_second_demo_begins_a_week_of_its_own_with_its_own_model(database: Database) -> None:
    """Its leads have the names of the first one's, and the list still shows the first one's model."""
    first = Serving("1", living_card(), GradeCuts())
    loaded(database, first, FRIDAY)
    before = live_a_week(database, first, FRIDAY)
    remove(database, [str(i) for i in range(80)])
    later = FRIDAY + timedelta(hours=3)
    second = Serving("2", living_card(), GradeCuts())
    loaded(database, second, later)
    week = live_a_week(database, second, later)
    assert (week.handed, week.today) == (before.handed, before.today)
    with database.reading() as connection:
        runs = runs_on(connection, "2026-03-06")
    assert [(run["model"], run["handed"]) for run in runs] == [("2", week.today)]


def test_the_leads_of_an_earlier_demo_are_known_by_its_file(tmp_path: Path) -> None:
    assert _ids_in(tmp_path) == set()
    (tmp_path / "leads.csv").write_text("lead_id,source\n0001,fair\n0002,fair\n")
    assert _ids_in(tmp_path) == {"0001", "0002"}

"""`leadrank rescore` and `leadrank verify`: days pass, scores follow; a changed score is found."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models import Shelf
from service.asked import KeptLead
from service.champion import Champion
from service.database import open_database
from service.leads import load_leads
from service.upgrade import upgrade
from tests.cards import living_card
from tests.front_door import leadrank
from tests.service.samples import STRONG, WEAK


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with two leads that were scored a year ago."""
    monkeypatch.setenv("LEADRANK_HOME", str(tmp_path))
    monkeypatch.delenv("LEADRANK_DATABASE_URL", raising=False)
    shelf = Shelf(tmp_path / "shelf")
    now = datetime.now(UTC)
    shelf.promote(shelf.add(living_card(), about={}, at=now).version, by="test", at=now)
    champion = Champion(shelf)
    champion.refresh()
    database = open_database(f"sqlite:///{tmp_path / 'leadrank.db'}", tmp_path / "secret.key")
    upgrade(database)
    then = now.replace(year=now.year - 2, day=1)
    created = int(then.timestamp()) * 1_000_000
    many = [KeptLead("7", STRONG, created_at=created), KeptLead("8", WEAK, created_at=created)]
    load_leads(database, champion.current(), many, now=then)
    database.close()
    return tmp_path


def test_leads_age_without_an_event(home: Path) -> None:
    def ages() -> set[str]:
        with sqlite3.connect(home / "leadrank.db") as connection:
            found = connection.execute("SELECT snapshot FROM scores").fetchall()
        return {str(json.loads(row[0])["days since creation"]) for row in found}

    assert ages() == {"0.0"}
    found = json.loads(leadrank("rescore", "--json").out)
    assert found == {"model": "1", "leads": 2, "pruned": 2}
    assert ages() != {"0.0"}
    assert "scores from more than 400 days ago were removed" in leadrank("rescore").out


def test_verify_makes_stored_scores_again(home: Path) -> None:
    found = leadrank("verify", "--all", "--json")
    assert json.loads(found.out) == {"stored": 4, "made_again": 4, "different": 0}


def test_verify_finds_a_score_that_was_changed(home: Path) -> None:
    with sqlite3.connect(home / "leadrank.db") as connection:
        connection.execute("UPDATE scores SET score = score + 1 WHERE lead_id = '8'")
    found = leadrank("verify")
    assert found.code == 3
    assert "1 stored scores come out otherwise" in found.err

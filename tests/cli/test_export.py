"""`leadrank export`: what it says, and that nothing is written where nothing can be."""

from __future__ import annotations

import json
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
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with two leads and a champion that was told of a currency and of a field to ignore."""
    home = tmp_path / "var"
    monkeypatch.setenv("LEADRANK_HOME", str(home))
    monkeypatch.delenv("LEADRANK_DATABASE_URL", raising=False)
    now, shelf = datetime.now(UTC), Shelf(home / "shelf")
    about = {"mapping": {"currency": "CHF", "horizon_days": 60, "ignore": ["E-mail"]}}
    shelf.promote(shelf.add(living_card(), about=about, at=now).version, by="test", at=now)
    champion = Champion(shelf)
    champion.refresh()
    database = open_database(f"sqlite:///{home / 'leadrank.db'}", home / "secret.key")
    upgrade(database)
    load_leads(database, champion.current(), [KeptLead("7", STRONG), KeptLead("8", WEAK)], now=now)
    database.close()
    return tmp_path


def test_it_says_what_it_wrote_what_it_left_out_and_what_comes_next(kept: Path) -> None:
    ended = leadrank("export", kept / "out")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "leads       2"
    assert "2 leads came without created_at: they count from when they were first heard of" in lines
    assert "ignored fields are written without their values: E-mail" in lines
    assert lines[-1] == f"Next: leadrank train {kept / 'out'}"


def test_as_json_it_prints_one_object(kept: Path) -> None:
    said = json.loads(leadrank("export", kept / "out", "--json").out)
    assert (said["leads"], said["snapshots"], said["undated"]) == (2, 2, 2)
    assert said["left_out"] == {"do_not_score": 0, "never_sent": 0, "fields": 0}


def test_what_the_champion_was_told_is_passed_on(kept: Path) -> None:
    leadrank("export", kept / "out")
    mapping = (kept / "out" / "leadrank.toml").read_text()
    assert "horizon_days = 60" in mapping
    assert 'currency = "CHF"' in mapping
    assert 'ignore = ["E-mail"]' in mapping
    assert "gmail" not in (kept / "out" / "leads.csv").read_text()


def test_a_folder_that_holds_something_is_wrong_usage(kept: Path) -> None:
    ended = leadrank("export", kept)
    assert (ended.code, ended.is_one_line) == (2, True)
    assert "is not an empty folder" in ended.err


def test_a_service_without_leads_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADRANK_HOME", str(tmp_path / "var"))
    ended = leadrank("export", tmp_path / "out")
    assert (ended.code, ended.is_one_line) == (3, True)
    assert not (tmp_path / "out").exists()

"""`leadrank sellers` and `leadrank handover` as a person meets them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
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
from tests.service.samples import STRONG


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with five leads. Where the team works it is a working day, whatever day it is here."""
    monkeypatch.setenv("LEADRANK_HOME", str(tmp_path))
    monkeypatch.delenv("LEADRANK_DATABASE_URL", raising=False)
    shelf, now = Shelf(tmp_path / "shelf"), datetime.now(UTC)
    shelf.promote(shelf.add(living_card(), about={}, at=now).version, by="test", at=now)
    champion = Champion(shelf)
    champion.refresh()
    database = open_database(f"sqlite:///{tmp_path / 'leadrank.db'}", tmp_path / "secret.key")
    upgrade(database)
    load_leads(database, champion.current(), [KeptLead(f"L{n}", STRONG) for n in range(5)], now=now)
    database.close()
    return tmp_path


@pytest.fixture
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands are run on a Monday."""
    today = datetime.now(UTC)

    class Monday(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return today + timedelta(days=7 - today.weekday())

    monkeypatch.setattr("cli.handover.datetime", Monday)
    monkeypatch.setattr("cli.sellers.datetime", Monday)


def test_from_no_sellers_to_a_handover(home: Path, monday: None) -> None:
    assert "leadrank sellers set NAME --capacity N" in leadrank("sellers", "list").out
    assert "There are no sellers yet" in leadrank("handover").out
    assert leadrank("sellers", "set", "Ann", "--capacity", 10).out.startswith("Ann was added.")
    dry = leadrank("handover", "--dry-run").out
    assert dry.startswith("2 leads would be handed over on ")
    assert "3 stay for whom the sellers have no room today." in dry
    done = json.loads(leadrank("handover", "--json").out)
    assert [(r["lead_id"], r["seller"]) for r in done["results"]] == [("L0", "Ann"), ("L1", "Ann")]
    assert json.loads(leadrank("handover", "--json").out)["handed"] == 0


def test_leads_for_whose_product_nobody_is_there_are_said_after_the_setting_was_changed(
    home: Path, monday: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    leadrank("sellers", "set", "Ann", "--capacity", 10, "--product", "CRM")
    assert leadrank("handover", "--dry-run").out.startswith("2 leads would be handed over on ")
    monkeypatch.setenv("LEADRANK_PRODUCT_FIELD", "Job title")
    assert leadrank("rescore").code == 0
    assert "5 stay for whose product no seller is there." in leadrank("handover").out


def test_sellers_are_listed_changed_and_removed(home: Path, monday: None) -> None:
    words = (
        "--territory",
        "North",
        "--territory",
        "South",
        "--product",
        "CRM",
        "--product",
        "ERP",
        "--away",
        "2026-08-03..2026-08-14",
    )
    assert leadrank("sellers", "set", "Ann", "--capacity", 7, *words).code == 0
    assert json.loads(leadrank("sellers", "list", "--json").out) == {
        "sellers": [
            {
                "name": "Ann",
                "capacity_per_week": 7,
                "territories": ["North", "South"],
                "products": ["CRM", "ERP"],
                "away": {"from": "2026-08-03", "until": "2026-08-14"},
                "room_today": 2,
            }
        ]
    }
    table = leadrank("sellers", "list").out
    assert ("North, South" in table, "CRM, ERP" in table) == (True, True)
    assert leadrank("sellers", "set", "Ann", "--capacity", 5).out.startswith("Ann was changed.")
    assert "Ann was removed; 0 leads were taken back." in leadrank("sellers", "remove", "Ann").out
    gone = leadrank("sellers", "remove", "Ann")
    assert (gone.code, gone.is_one_line) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Ann", "--capacity", "-1"), "capacity_per_week: a whole number from 0"),
        (("Ann", "--capacity", 5, "--away", "tomorrow"), "give FROM..UNTIL"),
        (("Ann", "--capacity", 5, "--away", "2026-08-03..2026-08-01"), "away.until: not before away.from"),
        (("territory:x", "--capacity", 5), "name: 1 to 200 printable characters"),
    ],
)
def test_a_seller_who_breaks_a_rule_is_refused_in_one_line(home: Path, words: tuple[object, ...], said: str) -> None:
    found = leadrank("sellers", "set", *words)
    assert (found.code, found.is_one_line) == (2, True)
    assert said in found.err


@pytest.mark.parametrize("name", ["LEADRANK_ZONE", "LEADRANK_ANSWER_WITHIN"])
def test_a_setting_that_is_none_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "../nowhere")
    found = leadrank("handover")
    assert (found.code, found.is_one_line, name in found.err) == (2, True, True)

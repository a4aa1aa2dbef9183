"""A currency that is set stands behind every amount, and behind nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models import Shelf
from scoring import WrongUsage
from service.access import Role
from service.settings import Settings
from tests.cards import living_card
from tests.service.conftest import Service, running
from tests.service.samples import STRONG

from .conftest import SignIn, hand_over, keep, post


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """A service in Swiss francs, with a card that was told of euros."""
    shelf, now = Shelf(tmp_path / "shelf"), datetime.now(UTC)
    published = shelf.add(living_card(), about={"mapping": {"currency": "EUR"}}, at=now)
    shelf.promote(published.version, by="", at=now)
    with running(database_url, shelf, currency="CHF") as found:
        yield found


def test_every_page_says_the_currency_of_its_amounts(service: Service, signed_in: SignIn) -> None:
    keep(service, "a", STRONG)
    hand_over(service, "a")
    ann = signed_in("ann", Role.ADMIN)
    for path in ("/", "/today", "/lead?id=a"):
        assert re.search(r">[\d,]+ CHF</(dd|td)>", ann.get(path).text), path
    won = {"lead_id": "a", "event_id": "1", "feedback": "won", "value": "12.500"}
    assert "</bdi> for 12,500 CHF." in ann.get(post(ann, "/say", won).headers["location"]).text
    assert "12,500 CHF" in ann.get("/account").text


def test_a_target_is_in_the_currency_of_the_settings_and_purchases_in_none(service: Service, signed_in: SignIn) -> None:
    keep(service, "a", STRONG)
    ann = signed_in("ann", Role.ADMIN)
    goal = {"amount": "500,000", "unit": "revenue", "since": "2026-01-01", "until": "2026-05-31"}
    post(ann, "/target", goal)
    page = ann.get("/target").text
    assert "500,000 CHF from 1 January 2026" in page
    assert "EUR" not in page
    post(ann, "/target", goal | {"amount": "12", "unit": "purchases"})
    assert "CHF" not in ann.get("/target").text.split('id="set"')[0]


def test_without_a_setting_it_is_the_currency_that_the_model_was_told_of(database_url: str, service: Service) -> None:
    keep(service, "a", STRONG)
    with running(database_url, service.shelf) as found:
        page = found.http.get("/lead?id=a").text
    assert re.search(r">[\d,]+ EUR</dd>", page)
    assert "CHF" not in page


@pytest.mark.parametrize(("text", "currency"), [("EUR", "EUR"), (" chf ", "CHF"), ("", None)])
def test_a_currency_has_three_letters(monkeypatch: pytest.MonkeyPatch, text: str, currency: str | None) -> None:
    monkeypatch.setenv("LEADRANK_CURRENCY", text)
    assert Settings.of_environment().currency == currency


@pytest.mark.parametrize("text", ["€", "EURO", "E U", "12A", "ÄÖÜ", "<b>"])
def test_what_is_no_currency_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("LEADRANK_CURRENCY", text)
    with pytest.raises(WrongUsage, match="LEADRANK_CURRENCY is no currency of ISO 4217"):
        Settings.of_environment()

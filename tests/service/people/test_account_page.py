"""One account for marketing and sales: the same figures, matured, and what was taken back does not count."""

from __future__ import annotations

from typing import Any

import pytest

from service.access import Role
from service.life.state import DAY
from service.moments import micros_at
from service.people.account_page import HORIZON_DAYS
from service.people.funnel import OTHER, Group, choices, funnel, refusals, total_of
from tests.cards import small_card
from tests.service.conftest import Service
from tests.service.samples import STRONG

from .conftest import SignIn, hand_over, keep

BY_SOURCE = next(f for f in small_card().fields if f.name == "Lead source")


def say(service: Service, lead_id: str, feedback: str, **more: Any) -> None:
    event = {"event_id": f"{lead_id}-{feedback}", "lead_id": lead_id, "feedback": feedback, **more}
    answer = service.http.post("/v1/feedback", json=event | {"at": service.clock().isoformat()})
    assert answer.is_success, answer.text


def groups_of(service: Service, by: Any = None) -> dict[str, Group]:
    now = micros_at(service.clock())
    with service.database.reading() as connection:
        return {g.key: g for g in funnel(connection, by, now=now, horizon=HORIZON_DAYS * DAY)}


@pytest.fixture
def lived(service: Service) -> Service:
    """Six leads: won, lost, refused, handed over two days ago and just now answered, young, too old."""
    for lead_id, source, created in (
        ("won", "referral", "2025-11-03"),
        ("lost", "referral", "2025-11-04"),
        ("refused", "web search", "2025-11-05"),
        ("slow", "carrier pigeon", "2025-12-05"),
        ("young", "referral", "2026-02-20"),
        ("old", "referral", "2024-01-05"),
    ):
        keep(service, lead_id, STRONG | {"Lead source": source}, created_at=created)
    hand_over(service, "won", "lost", "refused", minutes_ago=30)
    hand_over(service, "slow", minutes_ago=2 * 24 * 60)
    say(service, "won", "won", value=500)
    say(service, "lost", "accepted")
    service.clock.wait(minutes=5)
    say(service, "lost", "lost", reason="bought_elsewhere")
    say(service, "refused", "refused", reason="no_budget: next year")
    say(service, "slow", "accepted")
    return service


def test_leads_are_counted_by_the_month_in_which_they_came(lived: Service) -> None:
    found = groups_of(lived)
    assert list(found) == ["2026-02", "2025-12", "2025-11"], "the newest first, and none older than a year"
    november = found["2025-11"]
    assert november == Group("2025-11", 3, 0, 3, 3, 3, 1, 1, 1, 500.0, 1)
    assert found["2025-12"] == Group("2025-12", 1, 1, 1, 1, 0, 1, 0, 0, 0.0, 0), "answered, and not within a day"
    assert found["2026-02"] == Group("2026-02", 1, 1, 0, 0, 0, 0, 0, 0, 0.0, 0)
    assert total_of(list(found.values())).arrived == 5


def test_leads_are_counted_by_the_levels_that_the_model_knows(lived: Service) -> None:
    found = groups_of(lived, BY_SOURCE)
    assert {key: (g.arrived, g.won) for key, g in found.items()} == {
        "Referral": (3, 1),
        "Web search": (1, 0),
        OTHER: (1, 0),
    }
    assert list(found)[-1] == OTHER


def test_who_has_not_had_time_to_buy_does_not_lower_the_share_that_bought(lived: Service) -> None:
    referral = groups_of(lived, BY_SOURCE)["Referral"]
    assert (referral.young, referral.matured) == (1, 2)
    assert referral.share(referral.won_matured, referral.matured) == 0.5
    say(lived, "young", "won", value=7)
    referral = groups_of(lived, BY_SOURCE)["Referral"]
    assert (referral.won, referral.won_matured, referral.matured) == (2, 1, 2), "who buys early is no fair sample"
    assert referral.share(1, 0) is None


def test_what_was_taken_back_does_not_count(lived: Service) -> None:
    say(lived, "refused", "withdrawn", withdraws="refused-refused")
    found = groups_of(lived)["2025-11"]
    assert (found.refused, found.answered) == (0, 2)
    with lived.database.reading() as connection:
        assert refusals(connection, since=0) == []


def test_reasons_are_counted_without_what_somebody_wrote(lived: Service) -> None:
    with lived.database.reading() as connection:
        assert refusals(connection, since=0) == [("no_budget", 1)]
        assert refusals(connection, since=micros_at(lived.clock()) + 1) == []


@pytest.mark.parametrize("role", [Role.SALES, Role.MARKETING, Role.ANALYST, Role.ADMIN])
def test_all_sides_see_the_same_page(lived: Service, signed_in: SignIn, role: Role) -> None:
    browser = signed_in("ann", role) if role is not Role.SALES else signed_in("ann", owner="Nobody")
    page = browser.get("/account?by=Lead source").text
    assert "<bdi>Referral</bdi>" in page
    assert "<bdi>No budget</bdi>" in page
    assert "carrier pigeon" not in page


@pytest.mark.parametrize("by", ["", "shoe size", "Job title", "<script>", "'; DROP TABLE leads"])
def test_a_field_that_cannot_be_counted_by_shows_months(lived: Service, signed_in: SignIn, by: str) -> None:
    page = signed_in().get("/account", params={"by": by})
    assert page.status_code == 200
    assert "<bdi>2025-11</bdi>" in page.text


def test_only_fields_with_levels_can_be_chosen() -> None:
    assert choices(small_card().fields) == ["Lead source", "Do not call"]


def test_without_leads_the_page_says_so(signed_in: SignIn) -> None:
    assert "No lead has come in" in signed_in().get("/account").text

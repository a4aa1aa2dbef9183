"""Targets over HTTP: set, kept for ever, answered, and refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from models import Shelf
from service.access import Role
from service.life.tables import past_scores
from service.targets.answering import Answering
from tests.cards import living_card
from tests.service.conftest import Service, running, wait_until
from tests.service.samples import STRONG, WEAK

GOAL = {"revenue": 500_000, "since": "2026-01-01", "until": "2026-05-31"}


@pytest.fixture
def team(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """A service with a card that knows values, and a currency; its caretaker sleeps."""
    shelf = Shelf(tmp_path / "shelf")
    about = {"mapping": {"currency": "EUR"}}
    shelf.promote(shelf.add(living_card(), about=about, at=datetime.now(UTC)).version, by="", at=datetime.now(UTC))
    with running(database_url, shelf, watch_seconds=3600) as found:
        yield found


def put(service: Service, **body: Any) -> Any:
    answer = service.http.put("/v1/target", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def get(service: Service) -> Any:
    return service.http.get("/v1/target").json()


def lead(service: Service, lead_id: str, fields: dict[str, Any] = STRONG) -> None:
    answer = service.http.put(f"/v1/leads/{lead_id}", json={"fields": fields, "created_at": "2026-02-01"})
    assert answer.is_success, answer.text


def won(service: Service, lead_id: str, at: str = "2026-02-20", **more: Any) -> None:
    event = {"event_id": f"won-{lead_id}", "lead_id": lead_id, "outcome": "won", "at": at}
    answer = service.http.post("/v1/outcomes", json=event | more)
    assert answer.is_success, answer.text


def test_without_a_target_there_is_nothing_to_say(service: Service) -> None:
    found = get(service)
    assert (found["target"], found["plan"], found["reached"], found["history"]) == (None, None, None, [])
    assert (found["says"], found["why_not"]) == ("No target is set.", "no_target")


def test_a_target_is_answered_in_a_sentence_and_by_grade(team: Service) -> None:
    for n in range(5):
        lead(team, f"strong-{n}")
        lead(team, f"weak-{n}", WEAK)
    won(team, "strong-0", value=20_000)
    found = put(team, **GOAL)
    assert found["reached"] == {"purchases": 1, "revenue": 20_000.0, "without_value": 0}
    assert (found["currency"], found["model"]["version"], found["horizon_days"]) == ("EUR", "1", 90)
    plan = found["plan"]
    assert {g["grade"]: g["open"] for g in plan["grades"]} == {"A": 4, "D": 5}
    best = plan["grades"][0]
    assert best["needed"]["low"] < best["needed"]["about"] < best["needed"]["high"]
    assert best["matured"] == 0
    assert found["says"].startswith(f"You have {round(plan['have'] * 100)} % of what you need by 31 May 2026: about ")
    assert f"{best['needed']['about']:,} more A leads (between" in found["says"]
    assert plan["gap"] == pytest.approx(500_000 - 20_000 - plan["expected"]["about"])
    assert get(team) == found, "asked again, it says the same"


def test_the_latest_target_counts_and_all_are_kept_with_who_set_them(service: Service) -> None:
    put(service, **GOAL)
    service.clock.wait(hours=1)
    sam = service.as_role(Role.SALES)
    assert sam.put("/v1/target", json={"purchases": 12, "until": "2026-06-30"}).status_code == 200
    found = get(service)
    assert (found["target"]["purchases"], found["target"]["revenue"]) == (12, None)
    assert found["target"]["since"] == "2026-03-02", "left out, it is the day on which it is set"
    assert [one["revenue"] for one in found["history"]] == [None, 500_000.0]
    assert found["history"][0]["set_by"] != found["history"][1]["set_by"]
    assert found["history"][0]["set_at"] == "2026-03-02T13:00:00Z"


def test_a_target_that_is_set_again_is_kept_once(service: Service) -> None:
    put(service, **GOAL)
    assert len(put(service, **GOAL)["history"]) == 1


def test_only_what_is_won_from_the_first_day_on_is_reached(team: Service) -> None:
    for lead_id, at in (("before", "2025-12-31T23:59:59Z"), ("first", "2026-01-01T00:00:00Z")):
        lead(team, lead_id)
        won(team, lead_id, at, value=100)
    lead(team, "unvalued")
    won(team, "unvalued", "2026-03-01")
    assert put(team, **GOAL)["reached"] == {"purchases": 2, "revenue": 100.0, "without_value": 1}


def test_a_purchase_told_by_seller_and_crm_is_reached_once(team: Service) -> None:
    lead(team, "one")
    won(team, "one", "2026-03-01", value=700)
    told = {"event_id": "f", "lead_id": "one", "feedback": "won", "value": 650, "at": "2026-02-27"}
    assert team.http.post("/v1/feedback", json=told).is_success
    assert put(team, **GOAL)["reached"] == {"purchases": 1, "revenue": 700.0, "without_value": 0}


def test_a_target_that_is_made_says_so(team: Service) -> None:
    lead(team, "one")
    won(team, "one", value=600_000)
    assert put(team, **GOAL)["says"] == "The target is reached: 600,000 EUR of 500,000 EUR by 31 May 2026."


def test_a_target_that_open_leads_hold_says_how_surely(team: Service) -> None:
    for n in range(40):
        lead(team, f"strong-{n}")
    found = put(team, revenue=1_000, until="2026-05-31")
    assert found["says"].endswith("the open leads hold the target in 99 of 100 cases.")
    assert found["plan"]["chance"] > 0.99


def test_a_day_that_is_over_has_no_plan(team: Service) -> None:
    lead(team, "one")
    lead(team, "open")
    won(team, "one", value=50_000)
    put(team, **GOAL | {"until": "2026-03-02"})
    team.clock.wait(hours=11.99)
    assert get(team)["plan"] is not None, "the last day counts to its end"
    team.clock.wait(hours=1)
    found = get(team)
    assert (found["plan"], found["why_not"], found["days_left"]) == (None, "over", 0.0)
    assert found["says"] == "The last day, 2 March 2026, is over: 50,000 EUR of 500,000 EUR is reached, 10 %."


def test_without_a_model_only_what_is_won_is_said(service: Service, tmp_path: Path) -> None:
    found = put(service, **GOAL)
    assert (found["plan"], found["why_not"]) == (None, "no_leads")
    assert found["says"].startswith("0 of 500,000 is reached. What open leads will bring cannot be said: no lead is")


def test_without_values_a_target_in_revenue_points_to_one_in_purchases(service: Service) -> None:
    lead(service, "one")
    found = put(service, **GOAL)
    assert (found["plan"], found["why_not"]) == (None, "no_values")
    assert "Set a target in purchases instead" in found["says"]
    found = put(service, purchases=3, until="2026-05-31")
    assert found["plan"]["expected"]["about"] > 0
    assert found["plan"]["grades"][0]["mean_value"] is None


def test_values_that_were_paid_do_where_the_model_knows_none(service: Service) -> None:
    for lead_id in ("one", "two"):
        lead(service, lead_id)
    service.clock.wait(days=1)
    won(service, "one", service.clock().isoformat(), value=900)
    found = put(service, **GOAL)
    assert found["plan"]["grades"][0]["mean_value"] == 900.0


def test_leads_that_had_their_time_show_how_they_buy(team: Service) -> None:
    for n in range(6):
        lead(team, f"lead-{n}")
    with team.database.writing() as connection:
        connection.execute(update(past_scores).values(as_of=past_scores.c.as_of - 100 * 86_400))
    won(team, "lead-0", "2025-12-20", value=4_000)
    best = put(team, **GOAL)["plan"]["grades"][0]
    assert (best["matured"], best["bought"], best["open"]) == (6, 1, 5)


def test_how_leads_bought_is_counted_again_beside_the_requests(team: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    lead(team, "one")
    answering: Answering = team.http.app.state.answering  # type: ignore[attr-defined]
    put(team, **GOAL)
    monkeypatch.setattr("service.targets.answering.KEPT_SECONDS", -1.0)
    answering._pasts.clear()
    get(team)
    with team.database.writing() as connection:
        connection.execute(update(past_scores).values(as_of=past_scores.c.as_of - 100 * 86_400))
    assert get(team)["plan"]["grades"][0]["matured"] == 0, "the old count is good until there is a new one"
    wait_until(lambda: get(team)["plan"]["grades"][0]["matured"] == 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ({"until": "2026-05-31"}, "revenue"),
        ({"revenue": 5, "purchases": 5, "until": "2026-05-31"}, "revenue"),
        ({"revenue": 0, "until": "2026-05-31"}, "revenue"),
        ({"revenue": -1, "until": "2026-05-31"}, "revenue"),
        ({"revenue": 1e15, "until": "2026-05-31"}, "revenue"),
        ({"revenue": 10**400, "until": "2026-05-31"}, "revenue"),
        ({"revenue": True, "until": "2026-05-31"}, "revenue"),
        ({"revenue": "500000", "until": "2026-05-31"}, "revenue"),
        ({"purchases": 1.5, "until": "2026-05-31"}, "purchases"),
        ({"purchases": 1 << 31, "until": "2026-05-31"}, "purchases"),
        ({"revenue": 5}, "until"),
        ({"revenue": 5, "until": "2026-03-01"}, "until"),
        ({"revenue": 5, "until": "2126-03-01"}, "until"),
        ({"revenue": 5, "until": "31 May"}, "until"),
        ({"revenue": 5, "until": 20260531}, "until"),
        ({"revenue": 5, "until": "2026-05-31", "since": "2026-03-03"}, "since"),
        ({"revenue": 5, "until": "2026-05-31", "since": "1990-01-01"}, "since"),
        ({"revenue": 5, "until": "2026-05-31", "by": "me"}, "by"),
    ],
    ids=str,
)
def test_what_is_no_target_is_refused_by_field_and_rule(service: Service, body: Any, field: str) -> None:
    answer = service.http.put("/v1/target", json=body)
    assert answer.status_code == 422, answer.text
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert get(service)["history"] == []


def test_the_day_is_that_of_the_team(team: Service) -> None:
    answering: Answering = team.http.app.state.answering  # type: ignore[attr-defined]
    assert answering.today.day.isoformat() == "2026-03-02"
    put(team, revenue=5, until="2026-03-02")
    assert get(team)["days_left"] == 0.5
    team.clock.wait(days=400)
    assert get(team)["why_not"] == "over"

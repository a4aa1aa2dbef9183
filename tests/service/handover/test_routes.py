"""Sellers, handovers of a day, the clock and the nurture list, as programs ask for them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from service.handover import running
from service.handover.days import Today
from service.webhooks.tables import deliveries
from tests.service.conftest import NOON, Service
from tests.service.handover.conftest import MONDAY, given, hand_over, lead, leads, seller, state_of, tell
from tests.service.samples import WEAK


def test_a_seller_is_added_replaced_listed_and_removed(team: Service) -> None:
    body = {"capacity_per_week": 25, "territories": ["North", "Süd"], "products": ["CRM", "é"]} | {
        "away": {"from": MONDAY, "until": "2026-03-06"}
    }
    first = team.http.put("/v1/sellers/Ann%20B%2FC", json=body)
    said = {"name": "Ann B/C"} | body
    assert (first.status_code, first.json()) == (201, said | {"stored": "created"})
    assert team.http.get("/v1/sellers").json() == {"results": [said | {"room_today": 0}]}
    second = team.http.put("/v1/sellers/Ann%20B%2FC", json={"name": "Ann B/C", "capacity_per_week": 6})
    assert (second.status_code, second.json()["stored"], second.json()["away"]) == (200, "replaced", None)
    assert team.http.get("/v1/sellers").json()["results"][0]["room_today"] == 2
    assert team.http.delete("/v1/sellers/Ann%20B%2FC").json() == {"name": "Ann B/C", "given_back": 0}
    gone = team.http.delete("/v1/sellers/Ann%20B%2FC")
    assert (gone.status_code, gone.json()["type"]) == (404, "urn:leadrank:problem:no-such-seller")


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("Ann", {}, "capacity_per_week"),
        ("Ann", {"capacity_per_week": -1}, "capacity_per_week"),
        ("Ann", {"capacity_per_week": 1001}, "capacity_per_week"),
        ("Ann", {"capacity_per_week": True}, "capacity_per_week"),
        ("Ann", {"capacity_per_week": 2.5}, "capacity_per_week"),
        ("Ann", {"capacity_per_week": 5, "capacity": 5}, "capacity"),
        ("Ann", {"capacity_per_week": 5, "name": "Bob"}, "name"),
        ("Ann", {"capacity_per_week": 5, "territories": "North"}, "territories"),
        ("Ann", {"capacity_per_week": 5, "territories": [""]}, "territories[0]"),
        ("Ann", {"capacity_per_week": 5, "territories": ["x\0"]}, "territories[0]"),
        ("Ann", {"capacity_per_week": 5, "products": ["x"] * 21}, "products"),
        ("Ann", {"capacity_per_week": 5, "products": ["x" * 100, "x" * 101]}, "products[1]"),
        ("Ann", {"capacity_per_week": 5, "away": {"from": MONDAY}}, "away.until"),
        ("Ann", {"capacity_per_week": 5, "away": {"from": "2026-02-30", "until": MONDAY}}, "away.from"),
        ("Ann", {"capacity_per_week": 5, "away": {"from": MONDAY, "until": "2026-03-01"}}, "away.until"),
        ("%20Ann", {"capacity_per_week": 5}, "name"),
        ("territory:North", {"capacity_per_week": 5}, "name"),
        ("%FF", {"capacity_per_week": 5}, "name"),
        ("A%00", {"capacity_per_week": 5}, "name"),
        ("A" * 201, {"capacity_per_week": 5}, "name"),
        ("", {"capacity_per_week": 5}, "name"),
    ],
)
def test_a_seller_who_breaks_a_rule_is_refused_by_field(team: Service, name: str, body: Any, field: str) -> None:
    answer = team.http.put(f"/v1/sellers/{name}", json=body)
    assert answer.status_code == 422
    assert field in {fault["field"] for fault in answer.json()["errors"]}
    assert team.http.get("/v1/sellers").json()["results"] == []


@pytest.mark.parametrize("body", ['{"dry_run": 1}', '{"dry": true}', "[]", '{"dry_run": true, "dry_run": false}'])
def test_an_order_that_breaks_a_rule_is_refused(team: Service, body: str) -> None:
    assert team.http.post("/v1/handovers", content=body).status_code == 422
    assert team.http.get("/v1/handovers").json()["runs"] == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("handovers", "day=2026-02-30"),
        ("handovers", "day=today"),
        ("handovers", "after=x"),
        ("handovers", "after=99999999999999999999"),
        ("handovers", "limit=0"),
        ("handovers", "seller=Ann"),
        ("handovers", f"day={MONDAY}&day={MONDAY}"),
        ("nurture", "after=x"),
        ("nurture", "limit=201"),
        ("nurture", "why=later"),
    ],
)
def test_a_query_that_breaks_a_rule_is_refused(team: Service, path: str, query: str) -> None:
    answer = team.http.get(f"/v1/{path}?{query}")
    assert (answer.status_code, bool(answer.json()["errors"])) == (422, True)


def test_an_order_without_a_body_hands_over(team: Service) -> None:
    assert team.http.post("/v1/handovers").json()["dry_run"] is False


def test_a_day_says_to_whom_what_was_given_page_by_page(team: Service) -> None:
    seller(team, "Ann", 25)
    seller(team, "Bob", 15)
    leads(team, 20)
    handed = hand_over(team)
    assert handed["sellers"] == [{"seller": "Ann", "leads": 5}, {"seller": "Bob", "leads": 3}]
    found, after = [], ""
    while after is not None:
        day = team.http.get(f"/v1/handovers?limit=3{after and f'&after={after}'}").json()
        found += [row["lead_id"] for row in day["results"]]
        after = (day["paging"]["next"] or {}).get("after")
    assert found == list(given(handed))
    assert (day["day"], day["sellers"]) == (MONDAY, handed["sellers"])
    assert [run["handed"] for run in day["runs"]] == [8]
    assert day["runs"][0]["left_out"] == handed["left_out"]
    assert team.http.get("/v1/handovers?day=2026-03-01").json()["results"] == []


def metrics(service: Service) -> dict[str, float]:
    text = service.http.get("/metrics").text
    return {s.name: s.value for f in text_string_to_metric_families(text) for s in f.samples}


def test_the_clock_runs_until_the_first_word(team: Service) -> None:
    seller(team, "Ann", 25)
    leads(team, 2)
    hand_over(team)
    team.clock.wait(hours=24)
    day = team.http.get(f"/v1/handovers?day={MONDAY}").json()
    assert [(r["waiting_seconds"], r["overdue"]) for r in day["results"]] == [(86_400, False)] * 2
    assert day["waiting"] == {"leads": 2, "overdue": 0, "answer_within_hours": 24}
    tell(team, "feedback", "L000", "2026-03-03T12:00:00Z", feedback="accepted")
    team.clock.wait(seconds=1)
    day = team.http.get(f"/v1/handovers?day={MONDAY}").json()
    assert [(r["state"], r["waiting_seconds"], r["overdue"]) for r in day["results"]] == [
        ("accepted", None, False),
        ("handed_over", 86_401, True),
    ]
    assert day["waiting"] == {"leads": 1, "overdue": 1, "answer_within_hours": 24}
    found = metrics(team)
    assert (found["leadrank_leads_waiting"], found["leadrank_leads_overdue"]) == (1, 1)
    team.http.put("/v1/leads/L001/do-not-score")
    assert metrics(team)["leadrank_leads_waiting"] == 0


def test_a_lead_that_was_given_again_waits_once(team: Service) -> None:
    seller(team, "Ann", 25)
    lead(team, "a")
    hand_over(team)
    tell(team, "outcomes", "a", "2026-03-02T13:00:00Z", outcome="open")
    team.clock.wait(days=1)
    hand_over(team)
    first, second = (team.http.get(f"/v1/handovers?day={day}").json()["results"][0] for day in (MONDAY, "2026-03-03"))
    assert (first["waiting_seconds"], second["waiting_seconds"]) == (None, 0)


def test_each_lead_is_announced_in_the_transaction_by_ids_alone(team: Service) -> None:
    url = {"url": "https://93.184.216.34/", "events": ["lead.handed_over"]}
    assert team.http.post("/v1/webhooks", json=url).status_code == 201
    seller(team, "Ann", 25)
    lead(team, "a", display={"name": "Ada"}, company="Acme")
    row = hand_over(team)["results"][0]
    with team.database.reading() as connection:
        found = connection.execute(select(deliveries.c.body, deliveries.c.lead_id)).all()
    assert [(json.loads(body)["type"], lead_id) for body, lead_id in found] == [("lead.handed_over", "a")]
    assert json.loads(found[0].body)["data"] == {
        "lead_id": "a",
        "event_id": row["event_id"],
        "model": row["model"]["version"],
    }


def test_a_handover_that_fails_leaves_nothing(team: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    seller(team, "Ann", 25)
    lead(team, "a")

    def fail(*_given: object, **_named: object) -> int:
        raise RuntimeError("on purpose")

    monkeypatch.setattr("service.handover.running.announce_handovers", fail)
    with pytest.raises(RuntimeError, match="on purpose"):
        team.http.post("/v1/handovers")
    assert state_of(team, "a") == "new"
    assert team.http.get("/v1/handovers").json()["results"] == []


def nurture(service: Service) -> dict[str, tuple[str, str | None]]:
    answer = service.http.get("/v1/nurture?limit=200")
    assert answer.status_code == 200
    return {r["id"]: (r["why"], r["look_again"]) for r in answer.json()["results"]}


def test_what_stays_is_on_the_nurture_list_with_why_and_when_to_look_again(team: Service) -> None:
    seller(team, "Ann", 0)
    seller(team, "Bob", 5, away=(MONDAY, "2026-03-08"))
    lead(team, "ready")
    lead(team, "bobs", owner="Bob")
    lead(team, "zoes", owner="Zoe")
    lead(team, "no")
    lead(team, "not now")
    tell(team, "feedback", "no", "2026-03-02T11:00:00Z", feedback="refused", reason="too small")
    tell(team, "feedback", "not now", "2026-03-02T11:00:00Z", feedback="not_now", until="2026-04-01T00:00:00Z")
    team.http.put("/v1/leads/weak", json={"fields": WEAK, "created_at": "2025-01-01"})
    found = nurture(team)
    readiness = {r["id"]: r["readiness"] for r in team.http.get("/v1/leads").json()["results"]}
    assert readiness["ready"] == "now"
    assert found["ready"] == ("no_capacity", None)
    assert found["bobs"] == ("owner_away", "2026-03-09")
    assert found["zoes"] == ("owner_is_no_seller", None)
    assert found["no"] == ("refused", None)
    assert found["not now"] == ("not_now", "2026-04-01T00:00:00Z")
    assert found["weak"][0] == readiness["weak"] == "browsing"
    team.clock.wait(days=30)
    assert nurture(team)["not now"] == ("no_capacity", None), "its time has come"


def test_later_has_a_date_that_stands_still_until_it_is_there(team: Service) -> None:
    """A month is the short horizon; it is counted on from the lead's beginning."""
    seller(team, "Ann", 5)
    team.http.put(
        "/v1/leads/a", json={"fields": WEAK | {"Lead source": "referral"}, "created_at": "2026-02-01T00:00:00Z"}
    )
    with team.database.writing() as connection:
        connection.exec_driver_sql("UPDATE scores SET readiness = 'later'")
    dates = []
    for _ in range(3):
        dates.append(nurture(team)["a"])
        team.clock.wait(days=2)
    assert dates == [("later", "2026-03-03T00:00:00Z")] + [("later", "2026-04-02T00:00:00Z")] * 2


def test_the_nurture_list_has_every_lead_once_in_the_order_of_the_ranked_list(team: Service) -> None:
    leads(team, 23)
    seller(team, "Ann", 15)
    gone = set(given(hand_over(team)))
    found, after = [], ""
    while after is not None:
        page = team.http.get(f"/v1/nurture?limit=4{after and f'&after={after}'}").json()
        found += [row["id"] for row in page["results"]]
        after = (page["paging"]["next"] or {}).get("after")
    ranked = [r["id"] for r in team.http.get("/v1/leads?limit=200").json()["results"]]
    assert (found, len(gone)) == ([i for i in ranked if i not in gone], 3)


@pytest.mark.parametrize(("zone", "handed"), [("UTC", 0), ("Australia/Sydney", 1)])
def test_days_are_those_of_the_team(team: Service, zone: str, handed: int) -> None:
    """Monday, eight o'clock in Sydney, is still Sunday in London."""
    seller(team, "Ann", 5)
    lead(team, "a")
    monday = Today.of(NOON + timedelta(days=6, hours=9), ZoneInfo(zone))
    with team.database.writing() as connection:
        assert len(running.hand_over(connection, monday, "test").given) == handed

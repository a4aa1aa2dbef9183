"""Activities, outcomes and feedback: each is taken once, in any order, and the score follows at once."""

from __future__ import annotations

from typing import Any

import pytest

from scoring.snapshot import Activity
from service.life.keeping import PURCHASE
from service.rescoring import age, aged, must_age
from tests.service.conftest import Service
from tests.service.life.conftest import lead, listed, post, put
from tests.service.samples import STRONG, WEAK


def test_a_score_follows_an_activity_at_once(living: Service) -> None:
    put(living, "other")
    post(living, "activities", "0", "2026-01-05", "other", kind="visit")
    before = put(living).json()
    taken = post(living, "activities", "a1", "2026-03-01", kind="demo")
    assert (taken.status_code, taken.json()) == (201, {"event_id": "a1", "lead_id": "7", "stored": "accepted"})
    after = lead(living)
    assert after["probability"] > before["probability"]
    asked = {
        "id": "7",
        "fields": STRONG,
        "created_at": "2026-02-01",
        "activities": [{"kind": "demo", "at": "2026-03-01"}],
    }
    assert living.http.post("/v1/score", json=asked).json()["probability"] == after["probability"]


def test_a_repeat_is_taken_once_and_another_event_under_its_id_is_refused(living: Service) -> None:
    put(living)
    post(living, "activities", "a1", "2026-03-01", kind="demo")
    first = lead(living)
    again = post(living, "activities", "a1", "2026-03-01", kind="demo")
    assert (again.status_code, again.json()["stored"]) == (200, "repeated")
    other = post(living, "activities", "a1", "2026-03-01", kind="visit")
    assert (other.status_code, other.json()["type"]) == (409, "urn:leadrank:problem:event-differs")
    assert lead(living) == first


def test_an_activity_may_come_before_its_lead_and_is_not_lost(living: Service) -> None:
    assert post(living, "activities", "a1", "2026-03-01", kind="demo").status_code == 201
    assert living.http.get("/v1/leads/7").status_code == 404
    assert listed(living) == []
    put(living)
    assert [t["kind"] for t in lead(living)["timeline"]] == ["demo"]


def test_what_has_not_happened_yet_is_not_seen_until_it_has(living: Service) -> None:
    post(living, "activities", "a1", "2026-03-09", kind="demo")
    before = put(living).json()["probability"]
    living.clock.wait(days=8)
    post(living, "activities", "a2", "2026-01-01", kind="visit")
    assert lead(living)["probability"] > before


def test_a_won_lead_leaves_the_list_and_comes_back_when_it_is_taken_up_again(living: Service) -> None:
    put(living)
    post(living, "outcomes", "o1", "2026-02-20", outcome="won", value=900)
    found = lead(living)
    assert (found["state"], found["wins"], found["won_value"], listed(living)) == ("won", 1, 900.0, [])
    post(living, "outcomes", "o2", "2026-02-25", outcome="open")
    assert (lead(living)["state"], listed(living)) == ("new", ["7"])


def test_a_purchase_counts_as_an_activity(living: Service) -> None:
    put(living)
    post(living, "activities", "a1", "2026-02-01", kind="visit")
    post(living, "outcomes", "o1", "2026-02-20", outcome="won", value=900)
    serving = living.champion.current()
    as_of = int(living.clock().timestamp())
    life = (Activity(1_769_904_000, "visit"), Activity(1_771_545_599, PURCHASE, 900.0))
    expected = serving.rate(STRONG, as_of, created=1_769_990_399, activities=life)
    assert lead(living)["probability"] == expected.scored.probability


@pytest.mark.parametrize(
    ("said", "more", "state"),
    [
        ("accepted", {}, "accepted"),
        ("refused", {"reason": "too small"}, "refused"),
        ("not_now", {"until": "2026-06-01", "reason": "budget"}, "not_now"),
        ("won", {"value": 10}, "won"),
        ("lost", {"reason": "price"}, "lost"),
    ],
)
def test_feedback_sets_the_state_and_the_story_says_by_whom(
    living: Service, said: str, more: dict[str, Any], state: str
) -> None:
    put(living)
    post(living, "feedback", "f1", "2026-03-01", feedback=said, **more)
    found = lead(living)
    assert (found["state"], found["state_reason"]) == (state, more.get("reason"))
    assert found["timeline"][0]["by"].startswith("lr_")


def test_a_batch_takes_the_good_and_names_the_bad(living: Service) -> None:
    put(living)
    good = {"event_id": "a1", "lead_id": "7", "at": "2026-03-01", "kind": "demo"}
    body = {"activities": [good, good | {"event_id": ""}, good, good | {"kind": "visit"}, 5]}
    found = living.http.post("/v1/activities", json=body).json()
    assert [r["status"] for r in found["results"]] == [201, 422, 200, 409, 422]
    assert (found["num_errors"], found["results"][1]["error"]["errors"][0]["field"]) == (3, "event_id")
    assert len(lead(living)["timeline"]) == 1


def test_the_first_activity_of_an_installation_says_that_other_leads_had_none(living: Service) -> None:
    before = put(living).json()
    assert "missing:activities" in before["warnings"]
    put(living, "8", fields=WEAK)
    post(living, "activities", "a1", "2026-03-01", "8", kind="demo")
    with living.database.reading() as connection:
        generation = must_age(connection)
    assert generation is not None
    assert age(living.database, living.champion.current(), living.clock, lambda: True) == 2
    aged(living.database, generation)
    assert "missing:activities" not in lead(living)["warnings"]


def test_a_salesperson_speaks_of_own_leads_only(living: Service) -> None:
    put(living, owner="Ann")
    ann, bob = living.as_role("sales", owner="Ann"), living.as_role("sales", owner="Bob")
    body = {"event_id": "f1", "lead_id": "7", "at": "2026-03-01", "feedback": "accepted"}
    assert bob.post("/v1/feedback", json=body).status_code == 404
    assert bob.get("/v1/leads/7").status_code == 404
    assert bob.get("/v1/leads").json()["results"] == []
    assert ann.post("/v1/feedback", json=body).status_code == 201
    assert ann.get("/v1/leads/7").json()["state"] == "accepted"
    assert [r["id"] for r in ann.get("/v1/leads").json()["results"]] == ["7"]


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("activities", {"kind": "demo", "amount": "5"}, "amount"),
        ("activities", {}, "kind"),
        ("outcomes", {"outcome": "perhaps"}, "outcome"),
        ("outcomes", {"outcome": "won", "value": -1}, "value"),
        ("outcomes", {"outcome": "lost", "value": 1}, "value"),
        ("feedback", {"feedback": "open"}, "feedback"),
        ("feedback", {"feedback": "accepted", "until": "2026-06-01"}, "until"),
        ("feedback", {"feedback": "lost", "reason": 5}, "reason"),
        ("feedback", {"feedback": "lost", "deal_id": ""}, "deal_id"),
        ("outcomes", {"outcome": "lost", "secret": 1}, "secret"),
    ],
)
def test_a_broken_rule_is_named(living: Service, what: str, body: dict[str, Any], field: str) -> None:
    found = post(living, what, "e1", "2026-03-01", **body)
    assert found.status_code == 422
    assert [f["field"] for f in found.json()["errors"]] == [field]

"""One lead, many leads, and the schema: what `POST /v1/score` and its neighbours answer."""

from __future__ import annotations

import random
from typing import Any

import pytest

from scoring import GradeCuts, LeadScorer, probability_of
from tests.cards import living_card, small_card
from tests.service.conftest import NOON, Service, listed_version, publish, wait_until
from tests.service.samples import STRONG, WEAK, fields

SCORE_KEYS = [
    *["id", "score", "probability", "horizon_days", "grade", "readiness", "expected_value", "trend"],
    *["reasons", "model", "as_of", "warnings"],
]


def test_a_lead_gets_a_score_with_reasons_that_name_the_model_and_the_moment(service: Service) -> None:
    answer = service.http.post("/v1/score", json={"id": "00123", "fields": STRONG})
    body = answer.json()
    assert answer.status_code == 200
    assert list(body) == SCORE_KEYS
    assert (body["id"], body["grade"], body["horizon_days"]) == ("00123", "A", 90)
    assert body["model"] == {"name": "leadrank", "version": "1"}
    assert body["as_of"] == "2026-03-02T12:00:00Z"
    assert (body["readiness"], body["expected_value"], body["trend"]) == (None, None, "not_enough_information")
    assert body["reasons"][0]["fields"] == ["Job title"]
    assert body["reasons"][0]["values"] == ["VP Sales"]
    assert body["reasons"][0]["points"] > body["reasons"][1]["points"] > 0


def test_the_score_is_the_scorecards_to_the_last_bit(service: Service) -> None:
    scored = LeadScorer(small_card()).score(STRONG, as_of=int(NOON.timestamp()))
    body = service.http.post("/v1/score", json={"id": "1", "fields": STRONG}).json()
    assert body["probability"] == scored.probability == probability_of(scored.log_odds)
    assert body["score"] == scored.score
    assert [r["points"] for r in body["reasons"]] == [r.points for r in scored.reasons]


def test_the_moment_that_is_asked_for_is_the_one_that_ages_are_counted_to(service: Service) -> None:
    def at(as_of: str) -> dict[str, Any]:
        lead = {"id": "1", "fields": {"Job title": "VP", "Last funding": "2026-01-15"}, "as_of": as_of}
        found: dict[str, Any] = service.http.post("/v1/score", json=lead).json()
        return found

    soon, late = at("2026-01-20T00:00:00+02:00"), at("2028-01-20")
    assert soon["as_of"] == "2026-01-19T22:00:00Z"
    assert late["as_of"] == "2028-01-20T23:59:59Z"
    assert soon["probability"] > late["probability"]


def test_true_is_not_one_and_five_is_not_a_text(service: Service) -> None:
    def warnings(**given: object) -> list[str]:
        lead = {"id": "1", "fields": STRONG | given}
        found: list[str] = service.http.post("/v1/score", json=lead).json()["warnings"]
        return found

    assert warnings(Employees=True) == ["invalid:Employees"]
    assert warnings(Employees=1) == []
    assert warnings(Employees="1") == []


def test_a_name_that_the_model_does_not_know_is_warned_of_and_never_refused(service: Service) -> None:
    lead = {"id": "1", "fields": STRONG | {"Shoe size": 44}}
    answer = service.http.post("/v1/score", json=lead)
    assert answer.status_code == 200
    assert answer.json()["warnings"] == ["unknown:Shoe size"]


def test_activities_that_this_version_does_not_use_are_warned_of(service: Service) -> None:
    visit = {"kind": "visit", "at": "2026-02-01T10:00:00Z", "amount": 1.5}
    lead = {"id": "1", "fields": STRONG}
    assert service.http.post("/v1/score", json=lead | {"activities": []}).json()["warnings"] == []
    assert service.http.post("/v1/score", json=lead | {"activities": [visit]}).json()["warnings"] == [
        "unused:activities"
    ]
    refused = service.http.post("/v1/score", json=lead | {"activities": [visit, visit | {"at": "soon"}]})
    assert refused.json()["errors"][0]["field"] == "activities[1].at"


def test_scoring_stores_nothing(service: Service) -> None:
    service.http.post("/v1/score", json={"id": "1", "fields": STRONG})
    assert service.http.get("/v1/leads/1").status_code == 404


def test_a_batch_gives_each_lead_what_it_would_get_alone(service: Service) -> None:
    dice = random.Random(7)
    leads = [{"id": f"lead {i}", "fields": fields(dice)} for i in range(300)]
    batch = service.http.post("/v1/score/batch", json={"leads": leads}).json()
    assert batch["num_errors"] == 0
    alone = [service.http.post("/v1/score", json=lead).json() for lead in leads]
    assert [{k: r[k] for k in SCORE_KEYS} for r in batch["results"]] == alone
    assert {(r["status"], r["error"]) for r in batch["results"]} == {(200, None)}


def test_a_lead_that_breaks_a_rule_does_not_fail_its_neighbours(service: Service) -> None:
    leads = [
        {"id": "good", "fields": STRONG},
        {"id": "bad", "fields": {"Employees": [1]}},
        {"id": 7, "fields": {}},
        "no lead",
        {"id": "also good", "fields": WEAK},
    ]
    body = service.http.post("/v1/score/batch", json={"leads": leads}).json()
    assert body["num_errors"] == 3
    assert [(r["id"], r["status"]) for r in body["results"]] == [
        ("good", 200),
        ("bad", 422),
        (None, 422),
        (None, 422),
        ("also good", 200),
    ]
    assert body["results"][1]["error"]["errors"] == [
        {"field": "fields.Employees", "rule": "a text, a number, true, false or null, not a list or an object"}
    ]


@pytest.mark.parametrize("body", [{}, {"leads": []}, {"leads": {}}, {"leads": [{}] * 1001}, {"lead": []}, []])
def test_a_batch_that_is_wrong_as_a_whole_is_refused_as_a_whole(service: Service, body: object) -> None:
    assert service.http.post("/v1/score/batch", json=body).status_code == 422


def test_a_thousand_leads_fit_into_a_batch(service: Service) -> None:
    leads = [{"id": str(i), "fields": STRONG} for i in range(1000)]
    body = service.http.post("/v1/score/batch", json={"leads": leads}).json()
    assert [r["id"] for r in body["results"]] == [str(i) for i in range(1000)]


def test_the_schema_says_what_the_model_wants_and_what_a_missing_field_costs(service: Service) -> None:
    body = service.http.get("/v1/schema").json()
    by_name = {f["name"]: f for f in body["fields"]}
    assert body["model"] == {"name": "leadrank", "version": "1"}
    assert list(by_name) == [f.name for f in small_card().fields]
    assert by_name["Lead source"]["levels"] == ["Referral", "Web search", "Cold list"]
    assert by_name["Job title"]["words"] == ["vp", "sales", "intern"]
    assert by_name["E-mail"]["missing_points"] == pytest.approx(-5.77, abs=0.01)
    assert by_name["Employees"]["kind"] == "number"


def test_leaving_a_field_out_costs_what_the_schema_says(service: Service) -> None:
    costs = {f["name"]: f["missing_points"] for f in service.http.get("/v1/schema").json()["fields"]}
    service.http.put("/v1/leads/1", json={"fields": {k: v for k, v in STRONG.items() if k != "Last funding"}})
    points = {tuple(p["fields"]): p["points"] for p in service.http.get("/v1/leads/1").json()["points"]}
    assert points[("Last funding",)] == costs["Last funding"]


def test_the_grade_follows_the_cuts_beside_the_shelf(service: Service) -> None:
    before = service.http.post("/v1/score", json={"id": "1", "fields": WEAK}).json()
    (service.shelf.folder / "grades.json").write_text('{"a": 1, "b": 1, "c": 1, "version": 2}')
    service.champion.refresh()
    after = service.http.post("/v1/score", json={"id": "1", "fields": WEAK}).json()
    assert (before["grade"], after["grade"]) == ("D", "A")
    assert before["score"] == after["score"]
    assert GradeCuts().version == 1


def test_a_lead_is_scored_with_all_that_happened_to_it_until_the_moment(service: Service) -> None:
    publish(service.shelf, living_card())
    service.champion.refresh()
    demos = [{"kind": " Demo ", "at": f"2026-02-{day}T10:00:00Z"} for day in (10, 20, 27)]
    later = {"kind": "demo", "at": "2026-03-09T10:00:00Z", "amount": 3}
    lead = {"id": "1", "fields": STRONG, "created_at": "2026-02-01T00:00:00Z"}

    def asked(**more: object) -> dict[str, Any]:
        answer = service.http.post("/v1/score", json=lead | more)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    none, three, four = asked(activities=[]), asked(activities=demos), asked(activities=[*demos, later])
    assert three == four
    assert three["probability"] > none["probability"]
    assert none["warnings"] == three["warnings"]
    assert three["readiness"] in ("now", "later", "browsing")
    assert three["expected_value"] > none["expected_value"] > 0
    assert "missing:activities" in asked()["warnings"]
    assert "demo in 30 days" in str(three["reasons"])


def test_activities_that_the_model_does_not_look_at_are_said_to_be_unused(service: Service) -> None:
    lead = {"id": "1", "fields": STRONG, "activities": [{"kind": "demo", "at": "2026-02-10"}]}
    assert "unused:activities" in service.http.post("/v1/score", json=lead).json()["warnings"]


def test_a_kept_lead_ages_from_its_creation_and_is_listed_by_expected_value(service: Service) -> None:
    publish(service.shelf, living_card())
    service.champion.refresh()
    for lead, staff in (("small", 5), ("large", 4000)):
        body = {"fields": STRONG | {"Employees": staff}, "created_at": "2026-02-01T00:00:00Z"}
        kept = service.http.put(f"/v1/leads/{lead}", json=body).json()
        asked = service.http.post("/v1/score", json=body | {"id": lead}).json()
        for name in ("probability", "readiness", "expected_value", "reasons", "warnings"):
            assert kept[name] == asked[name]
        assert sum(p["points"] for p in kept["points"]) + kept["base_points"] == pytest.approx(kept["total_points"])
    wait_until(lambda: listed_version(service) == "2")
    listed = service.http.get("/v1/leads?sort=-expected_value").json()["results"]
    assert [row["id"] for row in listed] == ["large", "small"]
    assert listed[0]["expected_value"] > listed[1]["expected_value"]
    assert listed[0]["readiness"] is not None


def test_the_schema_says_which_fields_are_counted_and_not_sent(service: Service) -> None:
    publish(service.shelf, living_card())
    service.champion.refresh()
    counted = {f["name"]: f["counted_from"] for f in service.http.get("/v1/schema").json()["fields"]}
    assert counted["demo in 30 days"] == "activities"
    assert counted["days since creation"] == "created_at"
    assert counted["Employees"] is None


def test_a_large_batch_scores_each_lead_as_if_it_had_come_alone(service: Service) -> None:
    publish(service.shelf, living_card())
    service.champion.refresh()
    dice = random.Random(5)
    leads = [{"id": str(i), "fields": fields(dice), "created_at": "2026-02-01"} for i in range(60)]
    leads[7]["fields"] = {"Employees": 10**20}
    leads[8] |= {"as_of": "2026-01-20"}
    together = service.http.post("/v1/score/batch", json={"leads": leads}).json()
    assert together["num_errors"] == 1, "a number beyond 64 bits fails alone"
    for lead, found in zip(leads, together["results"], strict=True):
        alone = service.http.post("/v1/score", json=lead)
        if found["error"] is None:
            assert {k: found[k] for k in SCORE_KEYS} == alone.json()
        else:
            assert found["status"] == alone.status_code == 422

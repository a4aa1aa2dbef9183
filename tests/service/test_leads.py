"""Kept leads: stored, replaced, ignored where older, and read back with all their points."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from service.asked import KeptLead
from service.leads import Loaded, load_leads
from service.tables import leads, scores
from tests.service.conftest import NOON, Service
from tests.service.samples import STRONG, WEAK, fields


def put(service: Service, lead_id: str, **body: Any) -> Any:
    return service.http.put(f"/v1/leads/{quote(lead_id, safe='')}", json={"fields": STRONG} | body)


def test_a_lead_is_created_then_replaced(service: Service) -> None:
    first = put(service, "7")
    assert (first.status_code, first.json()["stored"]) == (201, "created")
    second = put(service, "7", fields=WEAK)
    assert (second.status_code, second.json()["stored"]) == (200, "replaced")
    kept = service.http.get("/v1/leads/7").json()
    assert kept["fields"] == WEAK
    assert kept["score"] < first.json()["score"]


def test_a_lead_is_kept_with_the_score_that_it_would_get_for_the_asking(service: Service) -> None:
    asked = service.http.post("/v1/score", json={"id": "7", "fields": STRONG}).json()
    kept = put(service, "7").json()
    assert {k: kept[k] for k in asked} == asked
    read = service.http.get("/v1/leads/7").json()
    listed = service.http.get("/v1/leads").json()["results"][0]
    assert {k: read[k] for k in asked} == asked
    assert {k: listed[k] for k in asked} == asked


def test_the_points_of_a_lead_and_the_base_add_up_to_its_total(service: Service) -> None:
    dice = random.Random(3)
    for number in range(30):
        kept = put(service, str(number), fields=fields(dice)).json()
        total = kept["base_points"] + sum(p["points"] for p in kept["points"])
        assert total == pytest.approx(kept["total_points"], abs=1e-9)


def test_what_is_older_than_what_is_stored_is_ignored_and_said_so(service: Service) -> None:
    put(service, "7", updated_at="2026-01-02T00:00:00.500Z")
    older = put(service, "7", fields=WEAK, updated_at="2026-01-02T00:00:00.499Z")
    assert (older.status_code, older.json()["stored"]) == (200, "ignored")
    assert "older" in older.json()["detail"]
    assert older.json()["fields"] == STRONG
    same = put(service, "7", fields=WEAK, updated_at="2026-01-02T00:00:00.5Z")
    assert same.json()["stored"] == "replaced"
    assert same.json()["updated_at"] == "2026-01-02T00:00:00.500000Z"


def test_a_lead_without_a_time_of_change_always_replaces_and_the_known_time_stays(service: Service) -> None:
    put(service, "7", updated_at="2026-01-02")
    assert put(service, "7", fields=WEAK).json()["stored"] == "replaced"
    assert put(service, "7", updated_at="2026-01-01").json()["stored"] == "ignored"


def test_when_a_lead_began_is_remembered_where_a_later_sender_does_not_say(service: Service) -> None:
    put(service, "7", created_at="2025-12-24T10:00:00+01:00")
    assert put(service, "7").json()["created_at"] == "2025-12-24T09:00:00Z"


@pytest.mark.parametrize(
    "lead_id", ["00123", "1.0", " x ", "ä/ö", "a/../b", "😀", "%41", "a?b#c", "x" * 200, "Null", "�"]
)
def test_ids_are_compared_verbatim(service: Service, lead_id: str) -> None:
    assert put(service, lead_id).json()["id"] == lead_id
    read = service.http.get(f"/v1/leads/{quote(lead_id, safe='')}").json()
    assert (read["id"], read["fields"]) == (lead_id, STRONG)
    assert service.http.get("/v1/leads").json()["results"][0]["id"] == lead_id


def test_ids_that_differ_in_case_width_or_zeros_are_different_leads(service: Service) -> None:
    ids = ["a", "A", "á", "a\u0301", "1", "01", "1.0", "\uff11"]
    for lead_id in ids:
        put(service, lead_id)
    listed = [r["id"] for r in service.http.get("/v1/leads").json()["results"]]
    assert listed == sorted(ids, key=lambda i: i.encode())


def test_an_id_in_the_body_must_be_the_one_in_the_address(service: Service) -> None:
    assert put(service, "7", id="7").status_code == 201
    assert put(service, "7", id="8").json()["errors"][0]["field"] == "id"


@pytest.mark.parametrize("address", ["", "%00", "x" * 201, "%FF", "%C0%80"])
def test_an_address_that_is_no_id_is_refused(service: Service, address: str) -> None:
    for answer in (
        service.http.get(f"/v1/leads/{address}"),
        service.http.put(f"/v1/leads/{address}", json={"fields": {}}),
    ):
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "id"


def test_values_keep_their_types(service: Service) -> None:
    odd = {
        "Job title": "x",
        "t": True,
        "one": 1,
        "float": 1.0,
        "text": "1",
        "tiny": 5e-324,
        "big": 2**63 - 1,
        "none": None,
    }
    put(service, "7", fields=odd)
    kept = service.http.get("/v1/leads/7").json()["fields"]
    assert {k: (type(v), v) for k, v in kept.items()} == {k: (type(v), v) for k, v in odd.items()}


def test_a_kept_score_can_be_recomputed_from_what_is_stored_with_it(service: Service) -> None:
    put(service, "7")
    service.clock.wait(days=400)
    with service.database.reading() as connection:
        row = connection.execute(select(scores)).one()
        revision = connection.execute(select(leads.c.revision)).scalar_one()
    again = service.champion.current().rate(json.loads(row.snapshot), row.as_of)
    assert again.scored.log_odds == row.log_odds
    assert (row.model, row.cuts_version, row.revision) == ("1", 1, revision)


def test_many_leads_come_in_at_once(service: Service) -> None:
    dice = random.Random(11)
    many = [KeptLead(f"lead {i:05}", fields(dice), updated_at=i) for i in range(1200)]
    serving = service.champion.current()
    assert load_leads(service.database, serving, many, now=NOON) == Loaded(created=1200, replaced=0, ignored=0)
    older = [KeptLead(lead.id, {}, updated_at=0) for lead in many[:600]]
    later = load_leads(service.database, serving, older, now=NOON + timedelta(days=1))
    assert later == Loaded(created=0, replaced=1, ignored=599)
    for lead in many[1000:1010]:
        asked = service.http.post("/v1/score", json={"id": lead.id, "fields": lead.fields}).json()
        kept = service.http.get(f"/v1/leads/{lead.id}").json()
        assert {k: kept[k] for k in asked} == asked


def test_of_two_with_one_id_in_a_load_the_newer_counts(service: Service) -> None:
    twice = [
        KeptLead("7", STRONG, updated_at=2),
        KeptLead("7", WEAK, updated_at=1),
        KeptLead("8", WEAK),
        KeptLead("8", STRONG),
    ]
    load_leads(service.database, service.champion.current(), twice, now=NOON)
    assert service.http.get("/v1/leads/7").json()["fields"] == STRONG
    assert service.http.get("/v1/leads/8").json()["fields"] == STRONG


@pytest.mark.parametrize("lead_id", ["a\nb", "7/merge\n", "7/do-not-score\n", "\n", "a\u2028b"])
def test_an_id_may_hold_a_line_break(service: Service, lead_id: str) -> None:
    place = f"/v1/leads/{quote(lead_id, safe='')}"
    assert service.http.put(place, json={"fields": STRONG}).json()["id"] == lead_id
    assert service.http.get(place).json()["id"] == lead_id
    assert service.http.put(f"{place}/do-not-score").json() == {"id": lead_id, "do_not_score": True}
    assert service.http.delete(place).status_code == 204
    assert service.http.get(place).status_code == 404


def test_an_id_that_reads_like_a_route_is_refused_and_changes_no_other_lead(service: Service) -> None:
    assert put(service, "7").status_code == 201
    assert put(service, "7/do-not-score").status_code == 422
    assert service.http.delete("/v1/leads/7%2Fdo-not-score").status_code == 422
    assert service.http.get("/v1/leads/7").json()["do_not_score"] is False

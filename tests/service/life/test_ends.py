"""Leads that are joined, erased or not to be scored: nothing of them is left where it must not be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from service.life.tables import answers
from service.tables import metadata
from service.webhooks.tables import deliveries
from tests.service.conftest import Service
from tests.service.life.conftest import lead, listed, post, put
from tests.service.samples import STRONG, WEAK


def test_duplicates_are_joined_and_their_ids_lead_to_the_lead(living: Service) -> None:
    put(living, "7", fields={"Job title": "VP"}, created_at="2026-02-10")
    put(living, "8", fields=STRONG, created_at="2026-02-01", owner="Ann")
    post(living, "activities", "a1", "2026-03-01", "8", kind="demo")
    post(living, "outcomes", "o1", "2026-02-20", "8", outcome="won", value=5)
    found = living.http.post("/v1/leads/7/merge", json={"duplicates": ["8"]}).json()
    assert (found["joined"], found["state"], found["owner"]) == (["8"], "won", "Ann")
    assert found["fields"] == STRONG | {"Job title": "VP"}
    assert found["created_at"] == "2026-02-01T23:59:59Z"
    assert {t["event_id"] for t in found["timeline"]} == {"a1", "o1"}
    gone = living.http.get("/v1/leads/8")
    assert (gone.status_code, gone.json()["into"]) == (404, "7")
    assert living.http.put("/v1/leads/8", json={"fields": {}}).status_code == 409
    assert post(living, "activities", "a2", "2026-03-02", "8", kind="visit").status_code == 201
    assert {t["event_id"] for t in lead(living)["timeline"]} == {"a1", "o1", "a2"}
    again = living.http.post("/v1/leads/7/merge", json={"duplicates": ["8"]})
    assert again.status_code == 200


def test_a_lead_that_was_joined_before_it_came_is_not_lost(living: Service) -> None:
    put(living, "7")
    assert living.http.post("/v1/leads/7/merge", json={"duplicates": ["late"]}).status_code == 200
    post(living, "activities", "a1", "2026-03-01", "late", kind="demo")
    assert [t["event_id"] for t in lead(living)["timeline"]] == ["a1"]


def test_an_erased_lead_is_gone_for_good(living: Service) -> None:
    put(living)
    assert living.http.delete("/v1/leads/7").status_code == 204
    assert living.http.get("/v1/leads/7").status_code == 404
    assert living.http.put("/v1/leads/7", json={"fields": STRONG}).status_code == 410
    assert post(living, "activities", "a1", "2026-03-01", kind="demo").status_code == 410
    assert living.http.post("/v1/score", json={"id": "7", "fields": STRONG}).status_code == 410
    many = living.http.post("/v1/leads/batch", json={"leads": [{"id": "7", "fields": {}}, {"id": "8", "fields": {}}]})
    assert [r["status"] for r in many.json()["results"]] == [410, 201]
    assert living.http.delete("/v1/leads/7").status_code == 204, "a repeat is no fault"


def files_of(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())


def dump_of(service: Service) -> str:
    with service.database.reading() as connection:
        return "".join(
            str(row)
            for table in metadata.sorted_tables
            for row in connection.execute(text(f"SELECT * FROM {table.name}")).all()
        )


def canary(number: int) -> dict[str, Any]:
    token = f"canary-{number:03}"
    return {
        "fields": {"Job title": f"{token}-title", "Shoe size": f"{token}-shoe"},
        "owner": f"{token}-owner",
        "company": f"{token}-company",
        "display": {"name": f"{token}-name", "email": f"{token}@acme.example", "phone": f"{token}-phone"},
    }


def erased(service: Service, folder: Path, count: int) -> None:
    """Erase every third of so many leads, and look for them everywhere."""
    hook = {"url": "https://93.184.216.34/", "events": ["lead.grade_changed"]}
    assert service.http.post("/v1/webhooks", json=hook).status_code == 201
    for number in range(count):
        put(service, f"canary-{number:03}-id", **canary(number))
    batch = [{"id": f"canary-{n:03}-id", "updated_at": "2026-03-01"} | canary(n) for n in range(count)]
    for one in batch:
        one["fields"] = one["fields"] | STRONG
    key = {"Idempotency-Key": "k1"}
    assert service.http.post("/v1/leads/batch", json={"leads": batch}, headers=key).status_code == 200
    for number in range(count):
        lead_id = f"canary-{number:03}-id"
        post(service, "activities", f"canary-{number:03}-evt", "2026-03-01", lead_id, kind=f"canary-{number:03}-kind")
        post(service, "feedback", f"canary-{number:03}-fb", "2026-03-01", lead_id, feedback="refused", reason=lead_id)
    assert "canary-007" in dump_of(service)
    with service.database.reading() as connection:
        waiting = set(connection.execute(select(deliveries.c.lead_id)).scalars())
    assert len(waiting) == count, "each grade changed, and its webhook waits"
    for number in range(0, count, 3):
        assert service.http.delete(f"/v1/leads/canary-{number:03}-id").status_code == 204
    service.http.app.state.scrubber.go_on()  # type: ignore[attr-defined]  # as the caretaker does, twice a second
    places = dump_of(service).encode() + (files_of(folder) if service.database.is_sqlite else b"")
    assert [n for n in range(count) if f"canary-{n:03}".encode() in places] == [n for n in range(count) if n % 3]
    again = service.http.post("/v1/leads/batch", json={"leads": batch}, headers=key)
    assert (again.status_code, again.json()["type"]) == (410, "urn:leadrank:problem:erased")


def test_no_byte_of_an_erased_lead_stays(living: Service, tmp_path: Path) -> None:
    erased(living, tmp_path, 30)


@pytest.mark.slow
def test_no_byte_of_a_hundred_erased_leads_of_three_hundred_stays(living: Service, tmp_path: Path) -> None:
    erased(living, tmp_path, 300)


def test_a_lead_that_objects_is_not_scored_and_not_listed(living: Service) -> None:
    put(living)
    assert listed(living) == ["7"]
    assert living.http.put("/v1/leads/7/do-not-score").json() == {"id": "7", "do_not_score": True}
    found = lead(living)
    assert (found["score"], found["model"]["version"], found["do_not_score"]) == (None, None, True)
    assert found["score_history"] == []
    assert listed(living) == []
    asked = living.http.post("/v1/score", json={"id": "7", "fields": STRONG})
    assert (asked.status_code, asked.json()["type"]) == (409, "urn:leadrank:problem:do-not-score")
    assert put(living, fields=WEAK).json()["score"] is None
    assert living.http.delete("/v1/leads/7/do-not-score").json()["do_not_score"] is False
    assert (lead(living)["score"] is None, listed(living)) == (False, ["7"])


def test_an_objection_may_come_before_its_lead(living: Service) -> None:
    assert living.http.put("/v1/leads/7/do-not-score").status_code == 200
    assert put(living).json()["score"] is None


def test_stored_answers_hold_no_secret_of_the_request(living: Service) -> None:
    body = {"leads": [{"id": "7", "fields": {"Job title": "canary"}}]}
    living.http.post("/v1/leads/batch", json=body, headers={"Idempotency-Key": "k1"})
    with living.database.reading() as connection:
        row = connection.execute(answers.select()).one()
    assert "canary" not in json.dumps([str(v) for v in row])

"""Requests with an Idempotency-Key are done once: a lost answer is given again, byte for byte."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, update

from models import Shelf
from service.life import happened
from service.life.tables import answers
from service.moments import micros_at
from tests.cards import living_card
from tests.service.conftest import NOON, Service, publish, running
from tests.service.samples import STRONG

EVENT = {"event_id": "a1", "lead_id": "7", "at": "2026-03-01", "kind": "demo"}


@pytest.fixture
def living(database_url: str, tmp_path: Path) -> Iterator[Service]:
    shelf = Shelf(tmp_path / "shelf")
    publish(shelf, living_card())
    with running(database_url, shelf, watch_seconds=3600) as found:
        yield found


def send(service: Service, key: str, body: Any = EVENT, path: str = "/v1/activities") -> Any:
    return service.http.post(path, json=body, headers={"Idempotency-Key": key})


def test_the_stored_answer_is_given_again_byte_for_byte(living: Service) -> None:
    first = send(living, "k1")
    again = send(living, "k1")
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert send(living, "k2").json()["stored"] == "repeated"


def test_another_body_under_the_same_key_is_refused(living: Service) -> None:
    send(living, "k1")
    assert send(living, "k1", EVENT | {"kind": "visit"}).status_code == 422
    assert send(living, "k1", {"leads": [{"id": "1", "fields": {}}]}, "/v1/leads/batch").status_code == 422


def test_two_callers_may_use_one_key(living: Service) -> None:
    send(living, "k1")
    other = living.as_role("crm").post("/v1/activities", json=EVENT, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["stored"]) == (200, "repeated")


def test_a_twin_in_flight_is_told_so(living: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    started, go_on = threading.Event(), threading.Event()
    real = happened.take_activities

    def slow(*given: Any) -> Any:
        started.set()
        assert go_on.wait(10)
        return real(*given)

    monkeypatch.setattr("service.life.event_routes.take_activities", slow)
    if living.database.is_sqlite:
        pytest.skip("SQLite lets one write at a time: a twin waits at the door and then reads the stored answer")
    found: list[Any] = []
    first = threading.Thread(target=lambda: found.append(send(living, "k1")))
    first.start()
    assert started.wait(10)
    twin = send(living, "k1")
    assert (twin.status_code, twin.headers["retry-after"]) == (409, "1")
    go_on.set()
    first.join()
    assert found[0].status_code == 201
    assert send(living, "k1").content == found[0].content


def test_a_refused_request_may_be_mended_under_its_key(living: Service) -> None:
    assert send(living, "k1", EVENT | {"kind": ""}).status_code == 422
    assert send(living, "k1").status_code == 201


def test_the_claim_of_a_process_that_died_runs_out(living: Service) -> None:
    send(living, "k1")
    with living.database.writing() as connection:
        died(connection)
    assert send(living, "k1").status_code == 409
    living.clock.wait(seconds=61)
    assert send(living, "k1").json()["stored"] == "repeated"


def died(connection: Connection) -> None:
    """As it is when a process died between its claim and its answer."""
    until = micros_at(NOON + timedelta(seconds=60))
    connection.execute(update(answers).values(status=None, body=None, claimed_until=until))


@pytest.mark.parametrize("key", ["", "ä", "x" * 201])
def test_a_key_that_is_none_is_refused(living: Service, key: str) -> None:
    headers = {"Idempotency-Key": key.encode()}
    assert living.http.post("/v1/activities", json=EVENT, headers=headers).status_code == 422


def test_answers_are_kept_for_a_week(living: Service) -> None:
    send(living, "k1")
    living.clock.wait(days=8)
    assert send(living, "k1").json()["stored"] == "repeated"


def test_leads_of_a_batch_are_stored_once(living: Service) -> None:
    body = {"leads": [{"id": "7", "fields": STRONG}]}
    first = send(living, "k1", body, "/v1/leads/batch")
    assert first.json()["results"][0]["stored"] == "created"
    assert send(living, "k1", body, "/v1/leads/batch").content == first.content

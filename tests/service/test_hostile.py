"""A hostile sender gets a 4xx that names field and rule; nobody gets a 5xx, and nobody reads his own secret back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from models import Shelf
from tests.cards import small_card
from tests.service.conftest import BOTH, Service, empty_database, publish, running
from tests.service.hostile import BODIES, HEALTHY, SECRET, Hostile, by_name

BY_NAME = by_name()
ROUTES = [("POST", "/v1/score"), ("PUT", "/v1/leads/1")]
HEALTHY_BODY = b'{"id":"1","fields":' + HEALTHY.encode() + b"}"


@pytest.fixture(scope="module", params=BOTH)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all hostile senders: what one of them leaves behind would show in the next."""
    folder = tmp_path_factory.mktemp("hostile")
    shelf = Shelf(folder / "shelf")
    publish(shelf, small_card())
    with running(empty_database(request.param, request, folder), shelf) as service:
        yield service


def send(service: Service, method: str, path: str, body: bytes) -> Any:
    return service.http.request(method, path, content=body, headers={"Content-Type": "application/json"})


def check_problem(answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert SECRET not in answer.text
    if status == 422:
        assert all(fault["field"] and fault["rule"] for fault in answer.json()["errors"])


@pytest.mark.parametrize("name", list(BY_NAME))
def test_a_hostile_body_is_answered_in_words_and_hurts_nobody(shared: Service, name: str) -> None:
    for hostile in BY_NAME[name]:
        for method, path in ROUTES:
            answer = send(shared, method, path, hostile.sent)
            if hostile.status == 200:
                assert answer.status_code in (200, 201), answer.text[:300]
            else:
                check_problem(answer, hostile.status)
    for method, path in ROUTES:
        assert send(shared, method, path, HEALTHY_BODY).status_code in (200, 201)


@pytest.mark.parametrize("hostile", [h for h in BODIES if h.status != 422], ids=lambda h: h.name)
def test_an_unreadable_batch_is_refused_as_a_whole(shared: Service, hostile: Hostile) -> None:
    check_problem(send(shared, "POST", "/v1/score/batch", hostile.sent), hostile.status)


def test_a_hostile_lead_fails_alone_in_a_batch(shared: Service) -> None:
    hostile = [h for found in BY_NAME.values() for h in found if h.status in (200, 422) and len(h.sent) < 5000]
    for chunk in (hostile[i : i + 40] for i in range(0, len(hostile), 40)):
        leads = [item for h in chunk for item in (HEALTHY_BODY, h.sent)]
        body = b'{"leads":[' + b",".join(leads) + b"]}"
        answer = send(shared, "POST", "/v1/score/batch", body)
        statuses = [r["status"] for r in answer.json()["results"]]
        assert statuses == [status for h in chunk for status in (200, h.status)]
        assert answer.json()["num_errors"] == sum(h.status == 422 for h in chunk)
        assert SECRET not in json.dumps([r["error"] for r in answer.json()["results"]])


def test_the_fault_names_the_field(shared: Service) -> None:
    body = b'{"id":"","fields":{"Employees":NaN,"Shoe size":[]},"as_of":"soon","admin":1}'
    found = {e["field"] for e in send(shared, "POST", "/v1/score", body).json()["errors"]}
    assert found == {"id", "fields.Employees", "fields.Shoe size", "as_of", "admin"}


def test_free_text_that_the_model_reads_may_be_longer(shared: Service) -> None:
    def status(field: str, length: int) -> int:
        body = json.dumps({"id": "1", "fields": {"Job title": "x", field: "x" * length}}).encode()
        code: int = send(shared, "POST", "/v1/score", body).status_code
        return code

    assert [status("Lead source", n) for n in (1000, 1001)] == [200, 422]
    assert [status("Job title", n) for n in (10_000, 10_001)] == [200, 422]


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1, 5 << 20, 40 << 20])
def test_a_body_may_have_one_mebibyte(shared: Service, size: int) -> None:
    body = HEALTHY_BODY.ljust(size)
    assert send(shared, "POST", "/v1/score", body).status_code == (200 if size <= 1 << 20 else 413)


QUERIES = [
    *["limit=0", "limit=201", "limit=-1", "limit=1e2", "limit=²", "limit=", "limit=1&limit=2", "offset=10", "%00=1"],
    *["sort=id", "sort=", "grade=E", "grade=a", "grade=A%00"],
    *[
        "after=",
        "after=%00",
        "after=bm9wZQ",
        "after=W10",
        "after=%F0%9F",
        "after=" + "WzEs" * 50,
        "after=" + "W" * 20_000,
    ],
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_hostile_query_is_refused(shared: Service, query: str) -> None:
    check_problem(shared.http.get(f"/v1/leads?{query}"), 422)

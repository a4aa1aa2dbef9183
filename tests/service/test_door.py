"""What every answer has in common: headers, problems, the Host, and a complete OpenAPI document."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from service import lead_wire, wire
from service.access import PUBLIC
from service.asked import ACTIVITY_KEYS, KEEP_KEYS, SCORE_KEYS
from service.bare import BareRoute
from service.scoring_routes import BATCH_KEYS
from tests.cards import small_card
from tests.service.conftest import Service, publish
from tests.service.samples import STRONG


@pytest.mark.parametrize("path", ["/", "/livez", "/v1/leads", "/v1/leads/none", "/nothing", "/static/leadrank.css"])
def test_every_answer_carries_the_security_headers(service: Service, path: str) -> None:
    headers = service.http.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == ("public, max-age=3600" if path.startswith("/static") else "no-store")


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/nothing", 404, None),
        ("GET", "/v1/score/", 404, None),
        ("GET", "/v1/leads/none", 404, None),
        ("GET", "/v1/score", 405, "POST"),
        ("POST", "/v1/leads/1", 405, "DELETE, GET, PATCH, PUT"),
        ("POST", "/", 405, "GET"),
        ("PATCH", "/v1/leads", 405, "GET"),
    ],
)
def test_a_wrong_address_or_method_is_a_problem(
    service: Service, method: str, path: str, status: int, allow: str | None
) -> None:
    answer = service.http.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers.get("allow") == allow
    assert answer.json().keys() >= {"type", "title", "status", "detail"}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "localhost:x"])
def test_a_request_to_another_name_is_refused(service: Service, host: str) -> None:
    answer = service.http.get("/v1/leads", headers={"Host": host})
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "[::1]:8000", "[::1]"])
def test_a_request_to_this_machine_is_answered(service: Service, host: str) -> None:
    assert service.http.get("/livez", headers={"Host": host}).status_code == 200


async def broken(_request: Request) -> Response:
    raise RuntimeError("ada@acme.example")


async def typed(number: int) -> int:
    return number


def test_a_fault_of_the_service_is_a_problem_without_details(service: Service) -> None:
    app: Any = service.http.app
    app.router.add_api_route("/broken", broken, route_class_override=BareRoute, openapi_extra=PUBLIC)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as quiet:
        answer = quiet.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "ada" not in answer.text


def test_what_the_framework_refuses_is_a_problem_too_and_no_echo(service: Service) -> None:
    app: Any = service.http.app
    app.add_api_route("/typed", typed)
    answer = service.http.get("/typed?number=ada@acme.example")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [{"field": "query.number", "rule": "int parsing"}]
    assert "ada" not in answer.text


def references(found: object) -> set[str]:
    if isinstance(found, dict):
        own = {found["$ref"]} if isinstance(found.get("$ref"), str) else set()
        return own.union(*(references(v) for v in found.values()))
    return set().union(*(references(v) for v in found)) if isinstance(found, list) else set()


def test_the_openapi_document_is_complete(service: Service) -> None:
    document = service.http.get("/openapi.json").json()
    assert {(m.upper(), p) for p, ops in document["paths"].items() for m in ops} == {
        ("POST", "/v1/score"),
        ("POST", "/v1/score/batch"),
        ("GET", "/v1/schema"),
        ("GET", "/v1/leads"),
        ("GET", "/v1/leads/{lead_id}"),
        ("PUT", "/v1/leads/{lead_id}"),
        ("PATCH", "/v1/leads/{lead_id}"),
        ("DELETE", "/v1/leads/{lead_id}"),
        ("PUT", "/v1/leads/{lead_id}/override"),
        ("DELETE", "/v1/leads/{lead_id}/override"),
        ("GET", "/v1/target"),
        ("PUT", "/v1/target"),
        ("POST", "/v1/leads/batch"),
        ("POST", "/v1/leads/{lead_id}/merge"),
        ("PUT", "/v1/leads/{lead_id}/do-not-score"),
        ("DELETE", "/v1/leads/{lead_id}/do-not-score"),
        ("POST", "/v1/activities"),
        ("POST", "/v1/outcomes"),
        ("POST", "/v1/feedback"),
        ("GET", "/v1/scores"),
        ("GET", "/v1/models"),
        ("GET", "/v1/models/{version}"),
        ("POST", "/v1/models/{version}/promote"),
        ("POST", "/v1/models/rollback"),
        ("GET", "/v1/webhooks"),
        ("POST", "/v1/webhooks"),
        ("DELETE", "/v1/webhooks/{id}"),
        ("POST", "/v1/webhooks/{id}/rotate"),
        ("POST", "/v1/webhooks/{id}/test"),
        ("GET", "/v1/webhooks/deliveries"),
        ("POST", "/v1/webhooks/deliveries/{id}/replay"),
        ("GET", "/v1/sellers"),
        ("PUT", "/v1/sellers/{name}"),
        ("DELETE", "/v1/sellers/{name}"),
        ("POST", "/v1/handovers"),
        ("GET", "/v1/handovers"),
        ("GET", "/v1/nurture"),
        ("GET", "/livez"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
    }
    schemas = document["components"]["schemas"]
    assert {r.rsplit("/", 1)[1] for r in references(document)} <= schemas.keys()
    assert not [name for name in schemas if "Validation" in name]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert {"200", "201", "204"} & operation["responses"].keys()
            for status, said in operation["responses"].items():
                if status >= "400":
                    assert "example" in said["content"]["application/problem+json"], (path, status)


def test_the_document_names_the_keys_that_bodies_may_have(service: Service) -> None:
    schemas = service.http.get("/openapi.json").json()["components"]["schemas"]
    for name, keys in {
        "LeadToScore": SCORE_KEYS,
        "LeadToKeep": KEEP_KEYS,
        "LeadsToScore": BATCH_KEYS,
        "Activity": ACTIVITY_KEYS,
    }.items():
        assert schemas[name]["properties"].keys() == keys
        assert schemas[name]["additionalProperties"] is False


def test_the_examples_of_the_document_are_answered_as_it_says(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.webhooks.addresses.look_up", lambda _host, _port: ["1.1.1.1"])
    document = service.http.get("/openapi.json").json()
    service.http.put("/v1/leads/1", json={"fields": STRONG})
    publish(service.shelf, small_card())
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if "requestBody" not in operation:
                continue
            example = operation["requestBody"]["content"]["application/json"]["example"]
            answer = service.http.request(
                method, path.replace("{lead_id}", "1").replace("{version}", "1"), json=example
            )
            assert answer.is_success, answer.text


OPTIONAL = {"errors", "into"}


def test_the_answers_have_the_shapes_of_the_document(service: Service) -> None:
    lead = {"id": "1", "fields": STRONG}
    shapes: list[tuple[Any, Any]] = [
        (wire.Score, service.http.post("/v1/score", json=lead)),
        (wire.BatchScores, service.http.post("/v1/score/batch", json={"leads": [lead, {}]})),
        (lead_wire.StoredLead, service.http.put("/v1/leads/1", json={"fields": STRONG})),
        (lead_wire.LeadWithStory, service.http.get("/v1/leads/1")),
        (lead_wire.RankedList, service.http.get("/v1/leads?limit=1")),
        (wire.Schema, service.http.get("/v1/schema")),
        (wire.Ready, service.http.get("/readyz")),
        (wire.Alive, service.http.get("/livez")),
        (wire.Problem, service.http.get("/v1/leads/none")),
    ]
    for shape, answer in shapes:
        read = shape.model_validate_json(answer.content)
        sent = answer.json()
        assert read.model_dump(mode="json").keys() - OPTIONAL == sent.keys() - OPTIONAL, shape

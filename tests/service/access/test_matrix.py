"""Who may what: every route, every role, every method, in both directions, from the application's own routes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from models import Shelf
from service.access import PUBLIC, Role, may
from service.access.grants import Grant
from service.access.keys import create_key, revoke_key
from service.access.users import create_user, disable_user
from service.bare import BareRoute, refuse_other_routes
from service.settings import Limits
from tests.cards import small_card
from tests.service.conftest import BOTH, NOON, Service, empty_database, publish, running
from tests.service.samples import STRONG

ALL = set(Role)
SCORERS = ALL - {Role.SALES}
WRITERS = {Role.CRM, Role.ADMIN}
READERS = {Role.MARKETING, Role.ANALYST, Role.ADMIN}
PEOPLE = {Role.SALES, Role.MARKETING, Role.ADMIN}

MATRIX: dict[tuple[str, str], set[Role]] = {
    ("POST", "/v1/score"): SCORERS,
    ("POST", "/v1/score/batch"): SCORERS,
    ("GET", "/v1/schema"): ALL,
    ("GET", "/v1/leads"): ALL,
    ("GET", "/v1/leads/{lead_id:path}"): ALL,
    ("PUT", "/v1/leads/{lead_id:path}"): WRITERS,
    ("PATCH", "/v1/leads/{lead_id:path}"): WRITERS,
    ("DELETE", "/v1/leads/{lead_id:path}"): WRITERS,
    ("POST", "/v1/leads/batch"): WRITERS,
    ("POST", "/v1/leads/{lead_id:path}/merge"): WRITERS,
    ("PUT", "/v1/leads/{lead_id:path}/do-not-score"): WRITERS,
    ("DELETE", "/v1/leads/{lead_id:path}/do-not-score"): WRITERS,
    ("PUT", "/v1/leads/{lead_id:path}/override"): PEOPLE,
    ("DELETE", "/v1/leads/{lead_id:path}/override"): PEOPLE,
    ("POST", "/v1/activities"): WRITERS,
    ("POST", "/v1/outcomes"): WRITERS,
    ("POST", "/v1/feedback"): WRITERS | {Role.SALES},
    ("GET", "/v1/scores"): SCORERS,
    ("GET", "/v1/models"): READERS,
    ("GET", "/v1/models/{version}"): READERS,
    ("POST", "/v1/models/{version}/promote"): {Role.ANALYST, Role.ADMIN},
    ("POST", "/v1/models/rollback"): {Role.ANALYST, Role.ADMIN},
    ("GET", "/v1/webhooks"): {Role.ADMIN},
    ("POST", "/v1/webhooks"): {Role.ADMIN},
    ("DELETE", "/v1/webhooks/{id}"): {Role.ADMIN},
    ("POST", "/v1/webhooks/{id}/rotate"): {Role.ADMIN},
    ("POST", "/v1/webhooks/{id}/test"): {Role.ADMIN},
    ("GET", "/v1/webhooks/deliveries"): {Role.ADMIN},
    ("POST", "/v1/webhooks/deliveries/{id}/replay"): {Role.ADMIN},
    ("GET", "/v1/sellers"): SCORERS,
    ("PUT", "/v1/sellers/{name:path}"): WRITERS | {Role.MARKETING},
    ("DELETE", "/v1/sellers/{name:path}"): WRITERS | {Role.MARKETING},
    ("GET", "/v1/handovers"): SCORERS,
    ("POST", "/v1/handovers"): {Role.MARKETING, Role.ADMIN},
    ("GET", "/v1/nurture"): SCORERS,
    ("GET", "/v1/target"): {Role.SALES, Role.MARKETING, Role.ADMIN},
    ("PUT", "/v1/target"): {Role.SALES, Role.ADMIN},
    ("GET", "/"): ALL - {Role.CRM},
    ("GET", "/leads.csv"): ALL - {Role.CRM},
    ("GET", "/account"): ALL - {Role.CRM},
    ("GET", "/account.csv"): ALL - {Role.CRM},
    ("GET", "/account/leads"): ALL - {Role.CRM},
    ("GET", "/lead"): ALL - {Role.CRM},
    ("GET", "/today"): {Role.SALES, Role.ADMIN},
    ("GET", "/today.csv"): {Role.SALES, Role.ADMIN},
    ("POST", "/say"): {Role.SALES, Role.ADMIN},
    ("POST", "/override"): PEOPLE,
    ("GET", "/handover"): {Role.MARKETING, Role.ADMIN},
    ("POST", "/handover"): {Role.MARKETING, Role.ADMIN},
    ("GET", "/handover/leads"): {Role.MARKETING, Role.ADMIN},
    ("GET", "/nurture"): {Role.MARKETING, Role.ADMIN},
    ("GET", "/nurture.csv"): {Role.MARKETING, Role.ADMIN},
    ("GET", "/target"): {Role.SALES, Role.MARKETING, Role.ADMIN},
    ("POST", "/target"): {Role.SALES, Role.ADMIN},
    ("GET", "/models"): READERS,
    ("GET", "/models/{version}/report"): READERS,
    ("GET", "/models/{version}/tables"): READERS,
    ("POST", "/models/{version}/tables"): {Role.ANALYST, Role.ADMIN},
    ("POST", "/models/promote"): {Role.ANALYST, Role.ADMIN},
    ("POST", "/models/rollback"): {Role.ANALYST, Role.ADMIN},
}
"""Who may use a route. One that is not here, and not below, fails."""

PAGES = {(method, path) for method, path in MATRIX if not path.startswith("/v1/")}
"""Where somebody who does not say who he is is led to the door."""

OPEN = {("GET", "/livez"), ("GET", "/readyz"), ("GET", "/metrics")}
DOOR = {
    ("GET", "/sign-in/openid"),
    ("GET", "/sign-in/openid/back"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/sign-out"),
}

SHADOWED = {
    *("/v1/leads/batch", "/v1/leads/{lead_id:path}/merge", "/v1/leads/{lead_id:path}/do-not-score"),
    "/v1/leads/{lead_id:path}/override",
    *("/v1/models/rollback", "/v1/webhooks/deliveries"),
}
"""Paths whose other methods are those of a wider path."""

NOTHING_THERE = {
    *("no-such-webhook", "no-such-delivery", "no-such-seller", "no-such-lead", "no-earlier-model", "no-report"),
    "unreadable-body",
}
"""What somebody is told who may ask, and asks for what is not there."""

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

EVENT = {"event_id": "e", "lead_id": "kept", "at": "2026-01-31"}
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/score"): {"id": "1", "fields": STRONG},
    ("POST", "/v1/score/batch"): {"leads": [{"id": "1", "fields": STRONG}]},
    ("PUT", "/v1/leads/{lead_id:path}"): {"fields": STRONG},
    ("PATCH", "/v1/leads/{lead_id:path}"): {"fields": STRONG},
    ("POST", "/v1/leads/batch"): {"leads": [{"id": "1", "fields": STRONG}]},
    ("POST", "/v1/leads/{lead_id:path}/merge"): {"duplicates": ["same"]},
    ("PUT", "/v1/leads/{lead_id:path}/override"): {"place": "held", "reason": "a fair", "until": "2026-03-31"},
    ("POST", "/v1/activities"): EVENT | {"kind": "demo"},
    ("POST", "/v1/outcomes"): EVENT | {"outcome": "open"},
    ("POST", "/v1/feedback"): EVENT | {"feedback": "accepted"},
    ("PUT", "/v1/sellers/{name:path}"): {"capacity_per_week": 5},
    ("PUT", "/v1/target"): {"revenue": 500_000, "until": "2026-03-31"},
    ("POST", "/v1/webhooks"): {"url": "https://93.184.216.34/", "events": ["lead.handed_over"]},
}

IDS = {
    ("DELETE", "/v1/leads/{lead_id:path}"): "erased",
    ("PUT", "/v1/leads/{lead_id:path}/do-not-score"): "objects",
    ("DELETE", "/v1/leads/{lead_id:path}/do-not-score"): "objects",
}
"""Leads that a route may end; for all others it is the kept one."""

PASSWORD = "correct horse battery"


@dataclass
class House:
    """A service with somebody of every role and of every kind that must stay outside."""

    service: Service
    roles: dict[str, tuple[Role, TestClient]]
    strangers: dict[str, TestClient]


def basic(name: str, password: str) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


@pytest.fixture(scope="module", params=BOTH)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("matrix")
    shelf = Shelf(folder / "shelf")
    publish(shelf, small_card())
    patient = Limits(failures_a_minute=1_000_000)
    with running(empty_database(request.param, request, folder), shelf, limits=patient) as service:
        service.http.put("/v1/leads/kept", json={"fields": STRONG})
        yield House(service, dict(insiders(service)), dict(outsiders(service)))


def insiders(service: Service) -> Iterator[tuple[str, tuple[Role, TestClient]]]:
    for role in Role:
        yield f"{role} by key", (role, service.as_role(role))
        create_user(service.database, f"{role} person", PASSWORD, Grant(role, all_leads=role == "sales"), now=NOON)
        yield f"{role} by password", (role, service.client(basic(f"{role} person", PASSWORD)))


def outsiders(service: Service) -> Iterator[tuple[str, TestClient]]:
    made = [create_key(service.database, Grant(Role.ADMIN), now=NOON, lasts=timedelta(days=1)) for _ in range(3)]
    good, revoked, expired = made
    revoke_key(service.database, revoked.id, now=NOON)
    expired = create_key(service.database, Grant(Role.ADMIN), now=NOON - timedelta(days=2), lasts=timedelta(days=2))
    create_user(service.database, "gone", PASSWORD, Grant(Role.ADMIN), now=NOON)
    disable_user(service.database, "gone", now=NOON)
    yield "nobody", service.client()
    for name, sent in {
        "revoked": f"Bearer {revoked.key}",
        "expired": f"Bearer {expired.key}",
        "another secret": f"Bearer {good.id}.{revoked.key.partition('.')[2]}",
        "no secret": f"Bearer {good.id}",
        "unknown id": "Bearer lr_abcdefghijkl." + good.key.partition(".")[2],
        "a key by password": basic(*good.key.split(".")),
        "disabled": basic("gone", PASSWORD),
        "wrong password": basic("admin person", PASSWORD + "x"),
        "unknown user": basic("stranger", PASSWORD),
    }.items():
        yield name, service.client(sent)


def send(client: TestClient, method: str, path: str) -> Any:
    place = path.replace("{lead_id:path}", IDS.get((method, path), "kept")).replace("{version}", "1")
    place = place.replace("{id}", "none").replace("{name:path}", "Ann")
    body = BODIES.get((method, path))
    return client.request(method, place, json=body, follow_redirects=False)


def kind_of(answer: Any) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


def routes_of(app: Any) -> set[tuple[str, str]]:
    routes = [r for r in app.routes if getattr(r, "path", None) not in ("/openapi.json", "/static")]
    return {(method, route.path) for route in routes for method in route.methods}


def test_every_route_stands_in_the_matrix(house: House) -> None:
    assert routes_of(house.service.http.app) == MATRIX.keys() | OPEN | DOOR


@pytest.mark.parametrize(("method", "path"), MATRIX)
def test_a_role_that_may_is_answered_and_one_that_may_not_is_told_who_may(house: House, method: str, path: str) -> None:
    may_use = MATRIX[method, path]
    for name, (role, client) in house.roles.items():
        answer = send(client, method, path)
        if role in may_use:
            good = answer.is_success or answer.is_redirect
            assert good or kind_of(answer) in NOTHING_THERE, (name, answer.text)
            continue
        assert answer.status_code == 403, name
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:leadrank:problem:not-allowed"
        said = answer.json()["detail"].removeprefix("this is for the roles: ").split(", ")
        assert set(said) == may_use, name


@pytest.mark.parametrize(("method", "path"), MATRIX)
def test_nobody_else_is_let_in(house: House, method: str, path: str) -> None:
    for name, client in house.strangers.items():
        answer = send(client, method, path)
        if (method, path) in PAGES and name == "nobody":
            assert answer.status_code == (303 if method == "GET" else 403), "a form must come from our own page"
            continue
        assert answer.status_code == 401, name
        assert answer.headers["www-authenticate"] == 'Bearer, Basic realm="leadrank", charset="UTF-8"'
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:leadrank:problem:not-signed-in"


@pytest.mark.parametrize(("method", "path"), sorted(OPEN | {("GET", "/openapi.json"), ("GET", "/static/leadrank.css")}))
def test_what_is_public_asks_nobody(house: House, method: str, path: str) -> None:
    clients = [client for _, client in house.roles.values()] + list(house.strangers.values())
    assert {send(client, method, path).status_code for client in clients} == {200}


def test_another_method_is_refused_whoever_sends_it(house: House) -> None:
    there = MATRIX.keys() | OPEN
    clients = [house.roles["admin by key"][1], house.strangers["nobody"]]
    for path in {path for _, path in there} - SHADOWED:
        for method in METHODS:
            if (method, path) not in there:
                found = {send(client, method, path).status_code for client in clients}
                assert found == {405}, (method, path)


def test_the_guard_asks_before_the_body_is_read(house: House) -> None:
    too_large = b"x" * (2 << 20)
    assert house.strangers["nobody"].post("/v1/score", content=too_large).status_code == 401
    assert house.roles["sales by key"][1].post("/v1/score", content=too_large).status_code == 403
    assert house.roles["crm by key"][1].post("/v1/score", content=too_large).status_code == 413


def test_the_document_says_who_may(house: House) -> None:
    document = house.service.http.get("/openapi.json").json()
    assert document["components"]["securitySchemes"].keys() == {"bearer", "basic"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            place = (method.upper(), path.replace("{lead_id}", "{lead_id:path}").replace("{name}", "{name:path}"))
            refusals = {"401", "403", "429"} & operation["responses"].keys()
            if place in OPEN:
                assert (operation["x-roles"], operation["security"], refusals) == (["public"], [], set())
                continue
            assert operation["x-roles"] == sorted(MATRIX[place])
            assert operation["security"] == [{"bearer": []}, {"basic": []}]
            assert refusals == {"401", "429"} | (set() if MATRIX[place] == ALL else {"403"})


async def anything(_request: Request) -> Response:
    return Response()


@pytest.mark.parametrize("said", [None, {}, {"x-roles": []}, {"tags": ["x"]}], ids=str)
def test_a_route_that_does_not_say_who_may_cannot_be_added(said: Any) -> None:
    with pytest.raises(TypeError, match="must say who may use it"):
        FastAPI().router.add_api_route("/new", anything, route_class_override=BareRoute, openapi_extra=said)


def test_a_route_of_another_class_stops_the_start() -> None:
    app = FastAPI(docs_url=None, redoc_url=None)
    for path, said in (("/open", PUBLIC), ("/closed", may(Role.ADMIN))):
        app.router.add_api_route(path, anything, route_class_override=BareRoute, openapi_extra=said)
    refuse_other_routes(app)
    app.add_api_route("/other", anything)
    with pytest.raises(TypeError, match="must be a BareRoute"):
        refuse_other_routes(app)


def test_a_role_that_there_is_not_cannot_be_named() -> None:
    with pytest.raises(ValueError, match="owner"):
        FastAPI().router.add_api_route(
            "/new", anything, route_class_override=BareRoute, openapi_extra={"x-roles": ["owner"]}
        )

"""What the OpenAPI document says of each route."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import PlainTextResponse

from . import lead_wire, wire
from .access.roles import EVERYBODY, PUBLIC, X_ROLES, Role, may
from .problems import MEDIA_TYPE
from .ranked import Grade, Sort

REFERENCE = "#/components/schemas/{model}"

BODIES: tuple[type[BaseModel], ...] = (
    *(wire.LeadToScore, wire.LeadsToScore, wire.Problem),
    *(lead_wire.LeadToKeep, lead_wire.LeadChange, lead_wire.LeadsToKeep),
)
"""Models that no route names by itself."""

SAID = {
    400: "the body is not JSON in UTF-8",
    401: "no key and no password, or one that is not good",
    403: "for other roles; `detail` names them",
    404: "there is no such lead",
    408: "the body came too slowly",
    409: "an id or a key that is in use for something else; `detail` says for what",
    410: "a lead that was erased, and is not taken in again",
    413: "the body is larger than 1 MiB",
    422: "a rule is broken; `errors` names field and rule",
    429: "too many failed sign-ins; `Retry-After` says when to try again",
    503: "no model or no database just now; `Retry-After` says when to ask again",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers of these statuses, each with an example."""
    schema = {"schema": {"$ref": REFERENCE.format(model="Problem")}}
    return {
        status: {
            "description": SAID[status],
            "content": {MEDIA_TYPE: schema | {"example": _problem_example(status)}},
        }
        for status in statuses
    }


def _problem_example(status: int) -> dict[str, Any]:
    kinds = {
        400: "unreadable-body",
        401: "not-signed-in",
        403: "not-allowed",
        404: "no-such-lead",
        408: "slow-body",
        409: "in-flight",
        410: "erased",
        413: "body-too-large",
        422: "broken-rule",
        429: "too-many-failures",
        503: "no-model",
    }
    return {
        "type": f"urn:leadrank:problem:{kinds[status]}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": SAID[status],
    } | ({"errors": [{"field": "fields.Employees", "rule": "a finite number"}]} if status == 422 else {})


def takes(model: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    """A body that the route reads by itself."""
    content = {"schema": {"$ref": REFERENCE.format(model=model.__name__)}, "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def parameter(place: str, name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter in path, query or header that the route reads by itself."""
    return {
        "in": place,
        "name": name,
        "required": place == "path",
        "description": description,
        "schema": schema,
    }


SIGN_IN = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "a key of `leadrank keys create`"},
    "basic": {"type": "http", "scheme": "basic", "description": "a user of `leadrank users create`"},
}

LEAD = {
    "id": "00Q5g-0017",
    "fields": {"Lead source": "referral", "Employees": 120, "Do not call": False, "Job title": "VP Sales"},
}
LEAD_ID = [
    parameter(
        "path",
        "lead_id",
        "the CRM's own id, percent-encoded",
        {"type": "string", "minLength": 1, "maxLength": 200},
    )
]
LIST_PARAMETERS = [
    parameter("query", "sort", "what makes a lead come first", {"enum": list(Sort), "default": Sort.EXPECTED_VALUE}),
    parameter("query", "grade", "leads of this grade only", {"enum": list(Grade)}),
    parameter("query", "limit", "leads a page", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
    parameter("query", "after", "`paging.next.after` of the page before", {"type": "string"}),
]

SCORERS = (Role.CRM, Role.MARKETING, Role.ANALYST, Role.ADMIN)

SCORE: dict[str, Any] = {
    "tags": ["scoring"],
    "response_model": wire.Score,
    "responses": problems(400, 408, 409, 410, 413, 422, 503),
    "openapi_extra": takes(wire.LeadToScore, LEAD | {"as_of": "2026-01-31T09:30:00Z"}) | may(*SCORERS),
}
SCORE_BATCH: dict[str, Any] = {
    "tags": ["scoring"],
    "response_model": wire.BatchScores,
    "responses": problems(400, 408, 413, 422, 503),
    "openapi_extra": takes(wire.LeadsToScore, {"leads": [LEAD, {"id": "2", "fields": {}}]}) | may(*SCORERS),
}
SCHEMA: dict[str, Any] = {
    "tags": ["scoring"],
    "response_model": wire.Schema,
    "responses": problems(503),
    "openapi_extra": may(*EVERYBODY),
}
PUT_LEAD: dict[str, Any] = {
    "tags": ["leads"],
    "response_model": lead_wire.StoredLead,
    "responses": {201: {"model": lead_wire.StoredLead, "description": "stored for the first time"}}
    | problems(400, 408, 409, 410, 413, 422, 503),
    "openapi_extra": {"parameters": LEAD_ID}
    | takes(lead_wire.LeadToKeep, {"updated_at": "2026-01-31T09:30:00Z", "fields": LEAD["fields"]})
    | may(Role.CRM, Role.ADMIN),
}
PATCH_LEAD: dict[str, Any] = PUT_LEAD | {
    "openapi_extra": {"parameters": LEAD_ID}
    | takes(lead_wire.LeadChange, {"updated_at": "2026-01-31T09:31:00Z", "fields": {"Employees": 130}})
    | may(Role.CRM, Role.ADMIN),
}
PUT_LEADS: dict[str, Any] = {
    "tags": ["leads"],
    "response_model": lead_wire.ManyKept,
    "responses": problems(400, 408, 409, 410, 413, 422, 503),
    "openapi_extra": takes(lead_wire.LeadsToKeep, {"leads": [LEAD, {"id": "2", "fields": {}}]})
    | may(Role.CRM, Role.ADMIN),
}
LEAD_BY_ID: dict[str, Any] = {
    "tags": ["leads"],
    "response_model": lead_wire.LeadWithStory,
    "responses": problems(404, 422, 503),
    "openapi_extra": {"parameters": LEAD_ID} | may(*EVERYBODY),
}
LIST: dict[str, Any] = {
    "tags": ["leads"],
    "response_model": lead_wire.RankedList,
    "responses": problems(422, 503),
    "openapi_extra": {"parameters": LIST_PARAMETERS} | may(*EVERYBODY),
}
ALIVE: dict[str, Any] = {"tags": ["health"], "response_model": wire.Alive, "openapi_extra": PUBLIC}
READY: dict[str, Any] = {
    "tags": ["health"],
    "response_model": wire.Ready,
    "responses": problems(503),
    "openapi_extra": PUBLIC,
}
METRICS: dict[str, Any] = {
    "tags": ["health"],
    "response_class": PlainTextResponse,
    "responses": {200: {"description": "Prometheus' text format"}},
    "openapi_extra": PUBLIC,
}


def describe(app: FastAPI, more: tuple[type[BaseModel], ...] = ()) -> None:
    """Give the application its OpenAPI document, with the bodies that we read ourselves. more: bodies beside ours."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, (*BODIES, *more))
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI, bodies: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    _, schemas = models_json_schema([(model, "validation") for model in bodies], ref_template=REFERENCE)
    components = found.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in schemas["$defs"].items():
        components.setdefault(name, schema)
    for path in found["paths"].values():
        for operation in path.values():
            operation["operationId"] = f"{operation['summary']}".lower().replace(" ", "_")
            _say_who(operation)
    found["components"]["securitySchemes"] = SIGN_IN
    return found


def _say_who(operation: dict[str, Any]) -> None:
    """Add how to sign in for a route, and what is answered to those who may not."""
    roles = operation[X_ROLES]
    if roles == PUBLIC[X_ROLES]:
        return
    operation["security"] = [{way: []} for way in SIGN_IN]
    refusals = problems(401, 429) if len(roles) == len(EVERYBODY) else problems(401, 403, 429)
    operation["responses"] |= {str(status): said for status, said in refusals.items()}

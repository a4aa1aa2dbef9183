"""What the OpenAPI document says of each route."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import PlainTextResponse

from . import wire
from .problems import MEDIA_TYPE
from .ranked import Grade, Sort

REFERENCE = "#/components/schemas/{model}"

BODIES: tuple[type[BaseModel], ...] = (wire.LeadToScore, wire.LeadsToScore, wire.LeadToKeep, wire.Problem)
"""Models that no route names by itself."""

SAID = {
    400: "the body is not JSON in UTF-8",
    404: "there is no such lead",
    408: "the body came too slowly",
    413: "the body is larger than 1 MiB",
    422: "a rule is broken; `errors` names field and rule",
    503: "no model or no database just now; `Retry-After` says when to ask again",
}


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
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
        404: "no-such-lead",
        408: "slow-body",
        413: "body-too-large",
        422: "broken-rule",
        503: "no-model",
    }
    return {
        "type": f"urn:leadrank:problem:{kinds[status]}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": SAID[status],
    } | ({"errors": [{"field": "fields.Employees", "rule": "a finite number"}]} if status == 422 else {})


def _takes(model: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    content = {"schema": {"$ref": REFERENCE.format(model=model.__name__)}, "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def _parameter(place: str, name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "in": place,
        "name": name,
        "required": place == "path",
        "description": description,
        "schema": schema,
    }


LEAD = {
    "id": "00Q5g-0017",
    "fields": {"Lead source": "referral", "Employees": 120, "Do not call": False, "Job title": "VP Sales"},
}
LEAD_ID = [
    _parameter(
        "path",
        "lead_id",
        "the CRM's own id, percent-encoded",
        {"type": "string", "minLength": 1, "maxLength": 200},
    )
]
LIST_PARAMETERS = [
    _parameter("query", "sort", "what makes a lead come first", {"enum": list(Sort), "default": Sort.EXPECTED_VALUE}),
    _parameter("query", "grade", "leads of this grade only", {"enum": list(Grade)}),
    _parameter("query", "limit", "leads a page", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
    _parameter("query", "after", "`paging.next.after` of the page before", {"type": "string"}),
]

SCORE: dict[str, Any] = {
    "tags": ["scoring"],
    "response_model": wire.Score,
    "responses": _problems(400, 408, 413, 422, 503),
    "openapi_extra": _takes(wire.LeadToScore, LEAD | {"as_of": "2026-01-31T09:30:00Z"}),
}
SCORE_BATCH: dict[str, Any] = {
    "tags": ["scoring"],
    "response_model": wire.BatchScores,
    "responses": _problems(400, 408, 413, 422, 503),
    "openapi_extra": _takes(wire.LeadsToScore, {"leads": [LEAD, {"id": "2", "fields": {}}]}),
}
SCHEMA: dict[str, Any] = {"tags": ["scoring"], "response_model": wire.Schema, "responses": _problems(503)}
PUT_LEAD: dict[str, Any] = {
    "tags": ["leads"],
    "response_model": wire.StoredLead,
    "responses": {201: {"model": wire.StoredLead, "description": "stored for the first time"}}
    | _problems(400, 408, 413, 422, 503),
    "openapi_extra": {"parameters": LEAD_ID}
    | _takes(wire.LeadToKeep, {"updated_at": "2026-01-31T09:30:00Z", "fields": LEAD["fields"]}),
}
LEAD_BY_ID: dict[str, Any] = {
    "tags": ["leads"],
    "response_model": wire.KeptLead,
    "responses": _problems(404, 422, 503),
    "openapi_extra": {"parameters": LEAD_ID},
}
LIST: dict[str, Any] = {
    "tags": ["leads"],
    "response_model": wire.RankedList,
    "responses": _problems(422, 503),
    "openapi_extra": {"parameters": LIST_PARAMETERS},
}
ALIVE: dict[str, Any] = {"tags": ["health"], "response_model": wire.Alive}
READY: dict[str, Any] = {"tags": ["health"], "response_model": wire.Ready, "responses": _problems(503)}
METRICS: dict[str, Any] = {
    "tags": ["health"],
    "response_class": PlainTextResponse,
    "responses": {200: {"description": "Prometheus' text format"}},
}


def describe(app: FastAPI) -> None:
    """Give the application its OpenAPI document, with the bodies that we read ourselves."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    _, schemas = models_json_schema([(model, "validation") for model in BODIES], ref_template=REFERENCE)
    components = found.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in schemas["$defs"].items():
        components.setdefault(name, schema)
    for path in found["paths"].values():
        for operation in path.values():
            operation["operationId"] = f"{operation['summary']}".lower().replace(" ", "_")
    return found

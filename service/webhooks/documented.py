"""What the OpenAPI document says of the routes of webhooks."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from service.access.roles import Role, may
from service.documented import REFERENCE, parameter
from service.problems import MEDIA_TYPE

from . import wire
from .listed import State

SAID = {
    400: ("unreadable-body", "the body is not JSON in UTF-8"),
    404: ("no-such-webhook", "there is no such endpoint or delivery"),
    408: ("slow-body", "the body came too slowly"),
    409: ("webhook-disabled", "the endpoint answered 410 and takes nothing any more, or there are too many endpoints"),
    413: ("body-too-large", "the body is larger than 1 MiB"),
    422: ("broken-rule", "a rule is broken; `errors` names field and rule"),
    503: ("no-database", "no database just now; `Retry-After` says when to ask again"),
}


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    schema = {"$ref": REFERENCE.format(model="Problem")}
    return {
        status: {
            "description": SAID[status][1],
            "content": {MEDIA_TYPE: {"schema": schema, "example": _example(status)}},
        }
        for status in statuses
    }


def _example(status: int) -> dict[str, Any]:
    kind, said = SAID[status]
    found = {"type": f"urn:leadrank:problem:{kind}", "title": HTTPStatus(status).phrase, "status": status}
    errors = [{"field": "url", "rule": "a host on the internet, not in this network"}]
    return found | {"detail": said} | ({"errors": errors} if status == 422 else {})


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"in": "query", "name": name, "required": False, "description": description, "schema": schema}


_ID = {
    "parameters": [
        parameter("path", "id", "as it was given", {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$"}),
    ]
}
ADMINS = may(Role.ADMIN)
_BODY = {
    "schema": wire.EndpointToAdd.model_json_schema(),
    "example": {"url": "https://crm.example.com/leadrank", "events": ["lead.grade_changed"]},
}

ADD: dict[str, Any] = {
    "tags": ["webhooks"],
    "status_code": 201,
    "response_model": wire.EndpointWithSecret,
    "responses": _problems(400, 408, 409, 413, 422, 503),
    "openapi_extra": {"requestBody": {"required": True, "content": {"application/json": _BODY}}} | ADMINS,
}
LIST: dict[str, Any] = {
    "tags": ["webhooks"],
    "response_model": wire.Endpoints,
    "responses": _problems(503),
    "openapi_extra": ADMINS,
}
REMOVE: dict[str, Any] = {
    "tags": ["webhooks"],
    "response_model": wire.Endpoint,
    "responses": _problems(404, 503),
    "openapi_extra": _ID | ADMINS,
}
ROTATE: dict[str, Any] = REMOVE | {"response_model": wire.EndpointWithSecret}
TEST: dict[str, Any] = REMOVE | {"response_model": wire.Queued, "responses": _problems(404, 409, 503)}
REPLAY: dict[str, Any] = TEST
DELIVERIES: dict[str, Any] = {
    "tags": ["webhooks"],
    "response_model": wire.Deliveries,
    "responses": _problems(422, 503),
    "openapi_extra": {
        "parameters": [
            _query("state", "what became of them", {"enum": list(State), "default": State.DUE}),
            _query("limit", "deliveries a page", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
            _query("after", "`paging.next.after` of the page before", {"type": "string"}),
        ]
    }
    | ADMINS,
}

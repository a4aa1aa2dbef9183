"""What the OpenAPI document says of the routes of events, ends, changed scores and models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from service.access.roles import Role, may
from service.documented import LEAD_ID, REFERENCE, parameter, problems, takes

from . import wire

BODIES: tuple[type[BaseModel], ...] = (
    *(wire.ActivityOfLead, wire.Activities, wire.Outcome, wire.Outcomes, wire.Feedback, wire.ManyFeedback),
    *(wire.Duplicates, wire.OverrideOrder, wire.ReasonToChange),
)
"""Models that no route names by itself."""

WRITERS = may(Role.CRM, Role.ADMIN)
READERS = may(Role.CRM, Role.MARKETING, Role.ANALYST, Role.ADMIN)

KEY = parameter(
    "header",
    "Idempotency-Key",
    "with the same key and body the stored answer is given again, for seven days",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
)
AGAIN = problems(400, 408, 409, 410, 413, 422, 503)

FIRST = {
    "event_id": "evt-1",
    "lead_id": "00Q5g-0017",
    "occurred_at": "2026-01-31T09:30:00Z",
}


def _events(
    one: type[BaseModel], many: type[BaseModel], example: dict[str, Any], who: dict[str, Any]
) -> dict[str, Any]:
    schemas = [{"$ref": REFERENCE.format(model=model.__name__)} for model in (one, many)]
    content = {"schema": {"anyOf": schemas}, "example": FIRST | example}
    taken = {"model": wire.TakenEvent, "description": "taken in for the first time"}
    return {
        "tags": ["events"],
        "response_model": wire.TakenEvent | wire.TakenEvents,
        "responses": {201: taken, **AGAIN, **problems(404)},
        "openapi_extra": {
            "requestBody": {"required": True, "content": {"application/json": content}},
            "parameters": [KEY],
        }
        | who,
    }


ACTIVITIES = _events(wire.ActivityOfLead, wire.Activities, {"event_id": "evt-1", "kind": "demo"}, WRITERS)
OUTCOMES = _events(wire.Outcome, wire.Outcomes, {"event_id": "evt-2", "outcome": "won", "value": 12_000}, WRITERS)
FEEDBACK = _events(
    wire.Feedback,
    wire.ManyFeedback,
    {"event_id": "evt-3", "feedback": "refused", "reason": "no_need"},
    may(Role.CRM, Role.SALES, Role.ADMIN),
)
MERGE: dict[str, Any] = {
    "tags": ["leads"],
    "response_model": wire.LeadAfterMerge,
    "responses": AGAIN | problems(404),
    "openapi_extra": {"parameters": [*LEAD_ID, KEY]} | takes(wire.Duplicates, {"duplicates": ["00Q5g-0018"]}) | WRITERS,
}
ERASE: dict[str, Any] = {
    "tags": ["leads"],
    "status_code": 204,
    "responses": problems(422, 503),
    "openapi_extra": {"parameters": LEAD_ID} | WRITERS,
}
OBJECT: dict[str, Any] = {
    "tags": ["leads"],
    "response_model": wire.Objection,
    "responses": problems(409, 410, 422, 503),
    "openapi_extra": {"parameters": LEAD_ID} | WRITERS,
}
OVERRIDERS = may(Role.SALES, Role.MARKETING, Role.ADMIN)
WORD = {"place": "first", "reason": "asked for an offer at the fair", "until": "2026-03-31"}
OVERRIDE: dict[str, Any] = {
    "tags": ["leads"],
    "response_model": wire.Overridden,
    "responses": problems(400, 404, 408, 413, 422, 503),
    "openapi_extra": {"parameters": LEAD_ID} | takes(wire.OverrideOrder, WORD) | OVERRIDERS,
}
LIFT: dict[str, Any] = {
    "tags": ["leads"],
    "response_model": wire.Overridden,
    "responses": problems(404, 422, 503),
    "openapi_extra": {"parameters": LEAD_ID} | OVERRIDERS,
}
CHANGED: dict[str, Any] = {
    "tags": ["scoring"],
    "response_model": wire.ChangedScores,
    "responses": problems(422, 503),
    "openapi_extra": {
        "parameters": [
            parameter("query", "since", "`paging.next.since` of the answer before, or a moment", {"type": "string"}),
            parameter(
                "query",
                "limit",
                "scores a page",
                {"type": "integer", "minimum": 1, "maximum": 1000, "default": 200},
            ),
        ]
    }
    | READERS,
}
VERSION = [parameter("path", "version", "a version of the model", {"type": "string", "pattern": "^[0-9]{1,9}$"})]
MODELS: dict[str, Any] = {
    "tags": ["models"],
    "response_model": wire.ModelList,
    "openapi_extra": may(Role.MARKETING, Role.ANALYST, Role.ADMIN),
}
MODEL: dict[str, Any] = {
    "tags": ["models"],
    "response_model": wire.ModelDetail,
    "responses": problems(404, 503),
    "openapi_extra": {"parameters": VERSION} | may(Role.MARKETING, Role.ANALYST, Role.ADMIN),
}
WHY = takes(wire.ReasonToChange, {"reason": "the summer fair is over"})
WHY["requestBody"]["required"] = False
PROMOTE: dict[str, Any] = {
    "tags": ["models"],
    "response_model": wire.ChangedChampion,
    "responses": problems(400, 404, 408, 409, 410, 413, 422, 503),
    "openapi_extra": {"parameters": [*VERSION, KEY]} | WHY | may(Role.ANALYST, Role.ADMIN),
}
ROLL_BACK: dict[str, Any] = {
    "tags": ["models"],
    "response_model": wire.ChangedChampion,
    "responses": problems(400, 408, 409, 410, 413, 422, 503),
    "openapi_extra": {"parameters": [KEY]} | WHY | may(Role.ANALYST, Role.ADMIN),
}

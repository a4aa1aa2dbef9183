"""What the OpenAPI document says of the routes of sellers, handovers and the nurture list."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from service.access.roles import Role, may
from service.documented import parameter, problems, takes
from service.life.documented import KEY

from . import wire

BODIES: tuple[type[BaseModel], ...] = (wire.SellerToKeep, wire.HandoverOrder)
"""Models that no route names by itself."""

READERS = may(Role.CRM, Role.MARKETING, Role.ANALYST, Role.ADMIN)
KEEPERS = may(Role.CRM, Role.MARKETING, Role.ADMIN)
GIVERS = may(Role.MARKETING, Role.ADMIN)

NAME = [
    parameter(
        "path",
        "name",
        "as the CRM names an owner, percent-encoded",
        {"type": "string", "minLength": 1, "maxLength": 200},
    )
]
LIMIT = parameter("query", "limit", "leads a page", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50})
AFTER = parameter("query", "after", "`paging.next.after` of the page before", {"type": "string"})
NO_SELLER = "there is no such seller"


def _without_seller() -> dict[int | str, dict[str, Any]]:
    found = problems(404)
    (media,) = found[404]["content"].values()
    media["example"] |= {"type": "urn:leadrank:problem:no-such-seller", "detail": NO_SELLER}
    return {404: found[404] | {"description": NO_SELLER}}


SELLERS: dict[str, Any] = {
    "tags": ["handover"],
    "response_model": wire.Sellers,
    "responses": problems(503),
    "openapi_extra": READERS,
}
SET_SELLER: dict[str, Any] = {
    "tags": ["handover"],
    "response_model": wire.StoredSeller,
    "responses": {201: {"model": wire.StoredSeller, "description": "stored for the first time"}}
    | problems(400, 408, 409, 413, 422, 503),
    "openapi_extra": {"parameters": NAME}
    | takes(
        wire.SellerToKeep,
        {
            "capacity_per_week": 25,
            "territories": ["North"],
            "products": ["CRM"],
            "away": {"from": "2026-08-03", "until": "2026-08-14"},
        },
    )
    | KEEPERS,
}
REMOVE_SELLER: dict[str, Any] = {
    "tags": ["handover"],
    "response_model": wire.RemovedSeller,
    "responses": _without_seller() | problems(422, 503),
    "openapi_extra": {"parameters": NAME} | KEEPERS,
}
_ORDER = takes(wire.HandoverOrder, {"dry_run": True})
HAND_OVER: dict[str, Any] = {
    "tags": ["handover"],
    "response_model": wire.Handover,
    "responses": problems(400, 408, 409, 410, 413, 422, 503),
    "openapi_extra": {"parameters": [KEY], "requestBody": _ORDER["requestBody"] | {"required": False}} | GIVERS,
}
HANDOVERS: dict[str, Any] = {
    "tags": ["handover"],
    "response_model": wire.HandoversOfDay,
    "responses": problems(422, 503),
    "openapi_extra": {
        "parameters": [
            parameter("query", "day", "today where it is left out", {"type": "string", "examples": ["2026-03-02"]}),
            LIMIT,
            AFTER,
        ]
    }
    | READERS,
}
NURTURE: dict[str, Any] = {
    "tags": ["handover"],
    "response_model": wire.NurtureList,
    "responses": problems(422, 503),
    "openapi_extra": {"parameters": [LIMIT, AFTER]} | READERS,
}

"""What the OpenAPI document says of the routes of targets."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from service.access.roles import Role, may
from service.documented import problems, takes

from . import wire

BODIES: tuple[type[BaseModel], ...] = (wire.TargetToSet,)
"""Models that no route names by itself."""

READERS = may(Role.SALES, Role.MARKETING, Role.ADMIN)
SETTERS = may(Role.SALES, Role.ADMIN)

TARGET: dict[str, Any] = {
    "tags": ["target"],
    "response_model": wire.TargetAnswer,
    "responses": problems(503),
    "openapi_extra": READERS,
}
SET_TARGET: dict[str, Any] = {
    "tags": ["target"],
    "response_model": wire.TargetAnswer,
    "responses": problems(400, 408, 413, 422, 503),
    "openapi_extra": takes(wire.TargetToSet, {"revenue": 500_000, "since": "2026-01-01", "until": "2026-03-31"})
    | SETTERS,
}

"""The roles, and how a route says which of them may use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from starlette.requests import Request

X_ROLES = "x-roles"
"""Where the OpenAPI document says who may use a route."""


class Role(StrEnum):
    """What somebody is here for. The analyst is the data scientist."""

    CRM = "crm"
    SALES = "sales"
    MARKETING = "marketing"
    ANALYST = "analyst"
    ADMIN = "admin"


EVERYBODY = tuple(Role)

PUBLIC: dict[str, Any] = {X_ROLES: ["public"], "security": []}
"""The `openapi_extra` of a route that asks nobody who he is."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. name: a key's id, or `user:NAME`. desks: whose leads he sees, None for all leads."""

    name: str
    role: Role
    desks: frozenset[str] | None


def may(*roles: Role) -> dict[str, Any]:
    """The `openapi_extra` of a route for these roles: `"openapi_extra": takes(...) | may(Role.CRM, Role.ADMIN)`."""
    return {X_ROLES: sorted(roles)}


def roles_of(extra: Mapping[str, Any] | None) -> frozenset[Role] | None:
    """Who may use a route by its `openapi_extra`, None for everybody; raises TypeError where it does not say."""
    said = (extra or {}).get(X_ROLES)
    if not said:
        raise TypeError("a route must say who may use it: openapi_extra=may(Role.ADMIN), or PUBLIC")
    return None if said == PUBLIC[X_ROLES] else frozenset(Role(role) for role in said)


def caller_of(request: Request) -> Caller:
    """Who sent a request to a route that is not public."""
    caller: Caller = request.scope["caller"]
    return caller

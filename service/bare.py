"""A route that hands the request over as it came: this room reads bodies itself, and stricter."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .access.guard import Guard, require
from .access.roles import roles_of

UNGUARDED = frozenset({"/openapi.json", "/static"})
"""What the framework serves by itself, to everybody."""


class Routes(Protocol):
    """Some routes of the application."""

    def add_to(self, app: FastAPI) -> None:
        """Put them into it."""


class BareRoute(APIRoute):
    """Stands in the OpenAPI document like any other route, and lets in whom its `openapi_extra` names."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **said: Any) -> None:
        """As the framework's, without the stacks that it opens for dependencies: these routes have none."""
        super().__init__(path, endpoint, **said)
        # As the framework makes it, an id with a line break matches nothing, and `/merge` with one behind it matches.
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"\Z", re.DOTALL)
        self.app = _app_of(self.get_route_handler())

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint itself, `async def (request) -> Response`, behind the guard; raises TypeError without roles."""
        endpoint: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        roles = roles_of(self.openapi_extra)
        if roles is None:
            return endpoint

        async def guarded(request: Request) -> Response:
            guard: Guard = request.app.state.guard
            caller = guard.known(request.scope) or await guard.admit(request.scope)
            require(caller, roles)
            request.scope["caller"] = caller
            return await endpoint(request)

        return guarded


def _app_of(handler: Callable[[Request], Coroutine[Any, Any, Response]]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await handler(Request(scope, receive, send))
        await response(scope, receive, send)

    return app


def refuse_other_routes(app: FastAPI) -> None:
    """Raise TypeError for a route that does not say who may use it: it would be open to everybody."""
    for route in app.routes:
        if not isinstance(route, BareRoute) and getattr(route, "path", None) not in UNGUARDED:
            raise TypeError(f"{route} must be a BareRoute, which says who may use it")

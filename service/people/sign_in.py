"""The door for people: name and password in, a cookie out; and the way out."""

from __future__ import annotations

from base64 import b64encode
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from service.access.guard import Guard
from service.access.refusals import NotSignedIn, TooManyFailures
from service.access.roles import PUBLIC, Caller
from service.settings import Limits

from .entering import entered, own_address
from .forms import form_of
from .page_route import SIGN_IN, PageRoute
from .paper import written
from .sessions import COOKIE, Sessions, token_in

DOOR: dict[str, Any] = {"include_in_schema": False, "openapi_extra": PUBLIC}


class SignIn:
    """The routes `/sign-in` and `/sign-out`."""

    def __init__(self, guard: Guard, sessions: Sessions, limits: Limits, *, openid: bool) -> None:
        self._guard, self._sessions, self._limits, self._openid = guard, sessions, limits, openid

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for path, endpoint, method in (
            (SIGN_IN, self.show, "GET"),
            (SIGN_IN, self.enter, "POST"),
            ("/sign-out", self.leave, "POST"),
        ):
            app.router.add_api_route(path, endpoint, methods=[method], route_class_override=PageRoute, **DOOR)

    async def show(self, request: Request) -> Response:
        """The form."""
        wanted = own_address(request.query_params.get("next"))
        return written("sign_in.html", request, next=wanted, name="", fault=None, openid=self._openid)

    async def enter(self, request: Request) -> Response:
        """Let somebody in who knows the password."""
        given = await form_of(request, ("name", "password", "next"), self._limits)
        name, wanted = given.get("name", ""), own_address(given.get("next"))
        try:
            caller = await self._caller(request, name, given.get("password", ""))
        except NotSignedIn:
            fault, status = "This name and password do not fit together.", HTTPStatus.UNAUTHORIZED
        except TooManyFailures as failures:
            wait = failures.headers["Retry-After"]
            fault, status = f"Too many failed tries. Wait {wait} seconds and try again.", failures.status
        else:
            # What the browser says: before us there may be a proxy that ends TLS.
            secure = request.headers.get("origin", "").startswith("https://")
            return await entered(request, self._sessions, caller, wanted, secure=secure)
        return written(
            "sign_in.html", request, int(status), next=wanted, name=name[:200], fault=fault, openid=self._openid
        )

    async def _caller(self, request: Request, name: str, password: str) -> Caller:
        """As by a password with every request: one place counts failures and knows when a hash must be asked."""
        sent = b64encode(f"{name}:{password}".encode())
        scope = {**request.scope, "method": "GET", "headers": [(b"authorization", b"Basic " + sent)]}
        return self._guard.known(scope) or await self._guard.admit(scope)

    async def leave(self, request: Request) -> Response:
        """End the session."""
        if (token := token_in(request.scope)) is not None:
            await run_in_threadpool(self._sessions.close, token)
        answer = RedirectResponse(SIGN_IN, HTTPStatus.SEE_OTHER)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return answer

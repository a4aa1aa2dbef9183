"""The door for people with an account of their company: to the provider, and back with its word for who they are."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from service.access.guard import Guard
from service.access.refusals import NotSignedIn
from service.access.roles import PUBLIC
from service.database import Database
from service.moments import Clock
from service.openid.configured import LOOPBACK, OpenId
from service.openid.journey import COOKIE, LONGEST, Journey, begun, sealed, unsealed
from service.problems import Problem

from .entering import entered, own_address
from .page_route import PageRoute, refused
from .sessions import Sessions

if TYPE_CHECKING:
    from service.openid.provider import Provider

log = logging.getLogger("leadrank")

DOOR: dict[str, Any] = {"include_in_schema": False, "openapi_extra": PUBLIC}
PATH, BACK = "/sign-in/openid", "/sign-in/openid/back"

CODE_CHARACTERS = 4_000
USED = 10_000
"""Journeys that are over and remembered, so that none is made twice."""

AGAIN = "This sign-in took too long, was used already or began in another browser. Begin again at /sign-in."
NOT_PROVEN = "Your company's sign-in did not prove who you are. Begin again at /sign-in, or sign in with a password."


class OpenIdDoor:
    """The routes `/sign-in/openid` and `/sign-in/openid/back`; without a provider they lead nowhere."""

    def __init__(
        self, openid: OpenId | None, guard: Guard, sessions: Sessions, database: Database, clock: Clock
    ) -> None:
        self._openid, self._guard, self._sessions = openid, guard, sessions
        self._mark_of, self._clock = database.mark_of, clock
        self._known: Provider | None = None
        self._used: dict[str, None] = {}
        self._turn = Lock()

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for path, endpoint in ((PATH, self.leave), (BACK, self.come_back)):
            app.router.add_api_route(path, endpoint, methods=["GET"], route_class_override=PageRoute, **DOOR)

    async def leave(self, request: Request) -> Response:
        """Send somebody to the provider."""
        back = self._back(request, self._configured())
        journey = begun(own_address(request.query_params.get("next")), self._now())
        address = await run_in_threadpool(lambda: self._provider().address(journey, back))
        answer = RedirectResponse(address, HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            COOKIE,
            sealed(journey, self._mark_of),
            max_age=LONGEST,
            path=PATH,
            httponly=True,
            samesite="lax",
            secure=back.startswith("https://"),
        )
        return answer

    async def come_back(self, request: Request) -> Response:
        """Let somebody in whom the provider vouches for and whom we know."""
        openid = self._configured()
        try:
            answer = await self._let_in(request, openid, self._back(request, openid))
        except Problem as problem:
            answer = refused(request, problem)
        answer.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax")
        return answer

    async def _let_in(self, request: Request, openid: OpenId, back: str) -> Response:
        journey, code = self._journey(request), request.query_params.get("code", "")
        if "error" in request.query_params:
            raise Problem(HTTPStatus.FORBIDDEN, "not-let-in", "Your company's sign-in did not let you in.")
        if not 0 < len(code) <= CODE_CHARACTERS:
            raise Problem(HTTPStatus.BAD_REQUEST, "no-code", AGAIN)
        claims = await run_in_threadpool(self._claims, code, journey, back)
        name = name_in(claims, openid.name)
        try:
            caller = await self._guard.vouched(name)
        except NotSignedIn:
            raise Problem(
                HTTPStatus.FORBIDDEN,
                "not-known-here",
                f"Your company's account was recognised, and leadrank has no active user of the name {name}. "
                f"Ask whoever looks after leadrank to add you: leadrank users create {name} --openid --role ROLE",
            ) from None
        secure = back.startswith("https://")
        return await entered(request, self._sessions, caller, journey.wanted, secure=secure)

    def _journey(self, request: Request) -> Journey:
        """The journey of who comes back, which ends here; raises Problem for one that is not his, or over."""
        journey = unsealed(request.cookies.get(COOKIE, ""), self._mark_of, self._now())
        state = request.query_params.get("state", "")
        if journey is None or not hmac.compare_digest(state.encode(), journey.state.encode()):
            raise Problem(HTTPStatus.BAD_REQUEST, "no-journey", AGAIN)
        with self._turn:
            if state in self._used:
                raise Problem(HTTPStatus.BAD_REQUEST, "no-journey", AGAIN)
            self._used[state] = None
            if len(self._used) > USED:
                del self._used[next(iter(self._used))]
        return journey

    def _claims(self, code: str, journey: Journey, back: str) -> Mapping[str, Any]:
        from service.openid.provider import NotProven

        try:
            return self._provider().claims(code, journey, back, self._now())
        except NotProven as fault:
            log.warning("a sign-in by OpenID Connect was refused (%s)", fault)
            raise Problem(HTTPStatus.FORBIDDEN, "not-proven", NOT_PROVEN) from fault

    def _provider(self) -> Provider:
        from service.openid.provider import Provider  # heavy: not before the first person comes by

        with self._turn:
            if self._known is None:
                self._known = Provider(self._configured())
            return self._known

    def _configured(self) -> OpenId:
        if self._openid is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no-openid", "Signing in with a company's account is not set up here.")
        return self._openid

    def _now(self) -> int:
        return int(self._clock().timestamp())

    def _back(self, request: Request, openid: OpenId) -> str:
        """Where the provider sends people back to. Before us there is a proxy that ends TLS, but on this machine."""
        scheme = "http" if request.url.hostname in LOOPBACK else "https"
        return openid.back or f"{scheme}://{request.headers['host']}{BACK}"


def name_in(claims: Mapping[str, Any], claim: str) -> str:
    """The user's name in a checked token; raises Problem where there is none that the provider answers for.

    An e-mail address counts as verified only where the provider says so, and is compared in small letters.
    """
    found = claims.get(claim)
    if not isinstance(found, str) or not found or not found.isprintable() or len(found) > 200:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "no-name",
            f"Your company's sign-in did not tell your {claim.replace('_', ' ')}. Who looks after it can change that.",
        )
    if claim == "email" and claims.get("email_verified") is not True:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "not-verified",
            "Your company's sign-in does not say that your e-mail address is verified. Whoever looks after it can "
            "verify it, or leadrank can go by preferred_username (LEADRANK_OIDC_NAME).",
        )
    return found.lower() if claim == "email" and found.isascii() else found

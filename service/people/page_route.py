"""The route of a page: who is not signed in is led to the door, and what goes wrong is said in words on a page."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from service.access.guard import SAFE, Guard, is_own_page, require
from service.access.refusals import CrossSite
from service.access.roles import Role, roles_of
from service.bare import BareRoute
from service.problems import Problem, Unavailable

from .entering import own_address
from .paper import written
from .refusal import Refusal, refusal_of
from .sessions import Sessions, token_in

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]

SIGN_IN = "/sign-in"


class PageRoute(BareRoute):
    """Lets in by a session, or by what any other route takes: then problems are answered as those do."""

    def get_route_handler(self) -> Endpoint:
        """The endpoint behind the guard, or, for a page that is everybody's, behind nothing."""
        endpoint: Endpoint = self.endpoint
        roles = roles_of(self.openapi_extra)

        async def guarded(request: Request) -> Response:
            if b"authorization" in dict(request.scope["headers"]):
                return await _by_credentials(request, endpoint, roles)
            try:
                return await _by_session(request, endpoint, roles)
            except Problem as problem:
                return await _answered(request, problem)
            except SQLAlchemyError:
                return await _answered(request, Unavailable("no-database", "The database does not answer just now.", 2))

        return guarded


async def _by_credentials(request: Request, endpoint: Endpoint, roles: frozenset[Role] | None) -> Response:
    guard: Guard = request.app.state.guard
    if roles is not None:
        caller = guard.known(request.scope) or await guard.admit(request.scope)
        require(caller, roles)
        request.scope["caller"] = caller
    return await endpoint(request)


async def _by_session(request: Request, endpoint: Endpoint, roles: frozenset[Role] | None) -> Response:
    changes = request.method not in SAFE
    if changes and not is_own_page(request.scope["headers"]):
        raise CrossSite
    if roles is None:
        return await endpoint(request)
    sessions: Sessions = request.app.state.sessions
    token = token_in(request.scope)
    caller = await run_in_threadpool(sessions.caller, token) if token else None
    if caller is None:
        return led_to_the_door(request)
    request.scope["caller"], request.scope["by_session"] = caller, True
    require(caller, roles)
    return await endpoint(request)


def led_to_the_door(request: Request) -> Response:
    """To the page where people sign in, and from there back to where they wanted to go."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = f"?{urlencode({'next': wanted})}" if request.method in SAFE and wanted != "/" else ""
    return RedirectResponse(SIGN_IN + back, HTTPStatus.SEE_OTHER)


async def _answered(request: Request, problem: Problem) -> Response:
    """A form that was refused on the page that it stands on, filled as it was; any other problem as a page."""
    refusal = refusal_of(request, problem)
    if refusal is None:
        return refused(request, problem)
    page = await _page_of(request, refusal)
    if page is not None and refusal.is_mended_on(page.body):
        page.headers.update(problem.headers)
        return page
    request.scope["refusal"] = refusal  # the page has the form no more: what was typed is mended on one of its own
    return refused(request, problem)


async def _page_of(request: Request, refusal: Refusal) -> Response | None:
    """The page on which a form stands, as its reader may see it."""
    found = _page_at(request, refusal.filled.page)
    if found is None:
        return None
    route, scope = found
    del scope["filled"]  # this one is refused for itself, and not once more for the form
    return await route.get_route_handler()(Request(scope | {"refusal": refusal}))


def _page_at(request: Request, address: str) -> tuple[PageRoute, dict[str, Any]] | None:
    """The route that shows a page of ours, and the request for it; None where nothing is shown."""
    path, _, query = address.partition("?")
    scope = {**request.scope, "method": "GET", "path": unquote(path), "query_string": query.encode()}
    for route in request.app.routes:
        match, found = route.matches(scope)
        if match is Match.FULL and isinstance(route, PageRoute):
            return route, scope | found
    return None


def refused(request: Request, problem: Problem) -> Response:
    """A problem as a page."""
    title = "This cannot be taken" if problem.status == HTTPStatus.UNPROCESSABLE_ENTITY else problem.status.phrase
    refusal: Refusal | None = request.scope.get("refusal")
    back = None if request.method in SAFE else refusal.filled.page if refusal else _page_before(request)
    answer = written("refused.html", request, int(problem.status), title=title, detail=problem.detail, back=back)
    answer.headers.update(Headers(problem.headers))
    return answer


def _page_before(request: Request) -> str | None:
    """The page of ours whose form was sent, as far as the browser says; a refused form's own address shows none."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc != request.headers.get("host"):
        return None
    address = own_address(parts.path + (f"?{parts.query}" if parts.query else ""))
    return address if address and _page_at(request, address) else None

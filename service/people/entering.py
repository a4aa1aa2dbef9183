"""Coming in: what the browser of somebody gets who has proved who he is."""

from __future__ import annotations

from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.access.roles import Caller

from .paper import home_of
from .sessions import COOKIE, LONGEST, Sessions, token_in


async def entered(
    request: Request, sessions: Sessions, caller: Caller, wanted: str | None, *, secure: bool
) -> Response:
    """Open a session, and lead on to where he wanted to go. secure: the browser came by https."""
    if (old := token_in(request.scope)) is not None:
        await run_in_threadpool(sessions.close, old)
    token = await run_in_threadpool(sessions.open, caller)
    answer = RedirectResponse(wanted or home_of(caller), HTTPStatus.SEE_OTHER)
    answer.set_cookie(COOKIE, token, max_age=LONGEST // 1_000_000, httponly=True, samesite="lax", secure=secure)
    return answer


def own_address(address: str | None) -> str | None:
    """An address of this service's own, for somebody else's would lead people away."""
    own = address is not None and address.startswith("/") and address[1:2] not in ("/", "\\") and address.isprintable()
    return address if own and "\\" not in str(address) and len(str(address)) <= 2_000 else None

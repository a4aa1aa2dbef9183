"""The door that every request passes: to whom it was sent, and the headers that every answer carries."""

from __future__ import annotations

from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .headers import PRIVATE, PUBLIC
from .problems import Problem


class Door:
    """ASGI middleware: refuses foreign Host names (DNS rebinding) and adds the security headers."""

    def __init__(self, app: ASGIApp, *, allowed_hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = frozenset(h.encode("latin-1") for h in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = PUBLIC if scope["path"].startswith("/static/") else PRIVATE

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in added if h[0] not in own)]
            await send(message)

        if self._is_ours(scope):
            await self._app(scope, receive, dressed)
        else:
            await _MISDIRECTED.response()(scope, receive, dressed)

    def _is_ours(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"host":
                host, _, port = value.lower().rpartition(b":")
                return (host if host and port.isdigit() else value.lower()) in self._hosts
        return False


_MISDIRECTED = Problem(
    HTTPStatus.MISDIRECTED_REQUEST,
    "foreign-host",
    "the Host header names another machine; use the address that `leadrank serve` printed",
)

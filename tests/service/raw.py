"""Requests byte by byte, as no well-behaved client would write them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tests.service.conftest import Service


@dataclass(frozen=True)
class Heard:
    """An answer."""

    status: int
    media_type: str
    body: bytes
    retry_after: str = ""


def ask(
    service: Service,
    method: str,
    path: str | bytes,
    body: bytes = b"",
    *,
    query: bytes = b"",
    headers: list[tuple[bytes, bytes]] | None = None,
    authorization: bytes | None = None,
    peer: str = "127.0.0.1",
) -> Heard:
    """What the application answers to these bytes, signed in as an admin where nothing else is said."""
    raw = path.encode() if isinstance(path, str) else path
    who = service.http.headers["authorization"].encode() if authorization is None else authorization
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw.decode("ascii")),
        "raw_path": raw,
        "root_path": "",
        "query_string": query,
        "headers": [(b"host", b"127.0.0.1:8000"), (b"authorization", who), *(headers or [])],
        "client": (peer, 50_000),
        "server": ("127.0.0.1", 8000),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    assert service.http.portal is not None
    service.http.portal.call(service.http.app, scope, receive, send)  # type: ignore[arg-type]
    said = dict(sent[0]["headers"])
    media_type = said.get(b"content-type", b"").decode()
    retry_after = said.get(b"retry-after", b"").decode()
    return Heard(sent[0]["status"], media_type, b"".join(m.get("body", b"") for m in sent[1:]), retry_after)

"""A request's body, read to its limit and parsed so that nothing is guessed, dropped or overwritten."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from starlette.requests import Request

from .patience import within
from .problems import Problem, Unreadable, shown
from .settings import Limits


class Repeated(dict[str, object]):
    """An object in which a name stands twice: were the last to win silently, the score would be wrong."""

    name = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _repeated(pairs)


def _repeated(pairs: list[tuple[str, Any]]) -> Repeated:
    found, seen = Repeated(), set[str]()
    for name, _ in pairs:
        if name in seen:
            found.name = shown(name)
            break
        seen.add(name)
    return found


_decode = json.JSONDecoder(object_pairs_hook=_object).decode


def parse(body: bytes) -> object:
    """The plain data of a JSON text in UTF-8; raises Unreadable.

    Faults that have a place (NaN, a lone surrogate, a name given twice) are left to who reads it.
    """
    try:
        return _decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise Unreadable("a byte that is not UTF-8") from None
    except json.JSONDecodeError as fault:
        raise Unreadable(f"{_RULES.get(fault.msg, 'broken')} at line {fault.lineno}, column {fault.colno}") from None
    except RecursionError:
        raise Unreadable("nested too deeply") from None
    except ValueError:
        raise Unreadable("a number with too many digits") from None


_RULES = {
    "Expecting value": "a value is missing",
    "Extra data": "more text after the end",
    "Expecting ',' delimiter": "a comma is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Expecting property name enclosed in double quotes": "a name in double quotes is missing",
}


async def read(request: Request, limits: Limits) -> object:
    """The body's plain data; raises Unreadable, or a Problem for a body that is too large or too slow."""
    return parse(await read_bytes(request, limits))


async def read_bytes(request: Request, limits: Limits) -> bytes:
    """The body as it was sent; raises a Problem for one that is too large or too slow."""
    try:
        return await within(limits.body_seconds, _body(request, limits))
    except TimeoutError:
        raise Problem(
            HTTPStatus.REQUEST_TIMEOUT,
            "slow-body",
            f"the body took longer than {limits.body_seconds:g} seconds",
        ) from None


async def _body(request: Request, limits: Limits) -> bytes:
    message = await request.receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False) and len(body) <= limits.body_bytes:
        return body
    chunks, size = [body], len(body)
    while message.get("more_body", False) and size <= limits.drained_bytes:
        message = await request.receive()
        size += len(message.get("body", b""))
        if size <= limits.body_bytes:
            chunks.append(message["body"])
    if size > limits.body_bytes:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "body-too-large",
            f"a body may have {limits.body_bytes:,} bytes; send fewer leads a call",
            headers={"Connection": "close"},
        )
    return b"".join(chunks)

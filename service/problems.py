"""Errors on the wire: RFC 9457 problems that name field and rule, and never the value that was sent."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from scoring import LeadrankError

from .headers import PRIVATE

log = logging.getLogger("leadrank")

MEDIA_TYPE = "application/problem+json"

SHOWN = 100
"""How much of a sender's own field name an error repeats, in characters."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: where, and what the rule is."""

    field: str
    rule: str

    def body(self) -> dict[str, str]:
        """As it goes out in a problem's `errors`."""
        return {"field": self.field, "rule": self.rule}


class Problem(Exception):
    """A request that is answered with a problem. kind: the last word of its `type`, one for each cause.

    about: the id of what it is about, in a batch.
    """

    about: str | None = None

    def __init__(
        self,
        status: HTTPStatus,
        kind: str,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail = status, kind, detail
        self.faults, self.headers, self.more = tuple(faults), dict(headers or {}), dict(more or {})

    def body(self) -> dict[str, Any]:
        """The problem as plain data."""
        found: dict[str, Any] = {
            "type": f"urn:leadrank:problem:{self.kind}",
            "title": self.status.phrase,
            "status": int(self.status),
            "detail": self.detail,
            **self.more,
        }
        if self.faults:
            found["errors"] = [f.body() for f in self.faults]
        return found

    def response(self) -> Response:
        """The problem as an answer."""
        return Response(to_json(self.body()), self.status, self.headers, MEDIA_TYPE)


class Unfit(Problem):
    """A request that can be read and breaks a rule: 422, with every broken rule."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "broken-rule",
            "; ".join(f"{f.field}: {f.rule}" for f in faults[:3]),
            faults=faults,
        )


class Unreadable(Problem):
    """A body that is not JSON: 400."""

    def __init__(self, why: str) -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, "unreadable-body", f"the body is not JSON in UTF-8: {why}")


class Unavailable(Problem):
    """Something the answer needs is missing just now: 503, and when to ask again (seconds)."""

    def __init__(self, kind: str, detail: str, retry_after: int) -> None:
        super().__init__(HTTPStatus.SERVICE_UNAVAILABLE, kind, detail, headers={"Retry-After": str(retry_after)})


def shown(name: object) -> str:
    """A sender's field name, fit to repeat: cut to 100 characters, or words where it is no printable text."""
    if type(name) is not str or not name.isprintable():
        return "(a name that cannot be shown)"
    return name if len(name) <= SHOWN else name[:SHOWN] + "…"


def handle_problems(app: FastAPI) -> None:
    """Answer every error of this application with a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(SQLAlchemyError, _database)
    app.add_exception_handler(LeadrankError, _leadrank)
    app.add_exception_handler(Exception, _fault)


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(methods_of(request))
    return Problem(
        status, status.name.lower().replace("_", "-"), status.description or status.phrase, headers=headers
    ).response()


async def _validation(_request: Request, error: Exception) -> Response:
    """The framework's own 422, for routes that let it read their parameters: without its echo of what was sent."""
    assert isinstance(error, RequestValidationError)
    faults = [
        Fault(".".join(shown(str(part)) for part in e["loc"]), e["type"].replace("_", " ")) for e in error.errors()
    ]
    return Unfit(*faults).response()


async def _database(_request: Request, error: Exception) -> Response:
    log.error("the database did not answer: %s", type(error).__name__)
    return Unavailable("no-database", "the database does not answer; nothing was changed; try again", 2).response()


async def _leadrank(_request: Request, error: Exception) -> Response:
    log.error("%s", error)
    return Unavailable(
        "no-model", "the model that this answer needs cannot be opened; see `leadrank models list`", 10
    ).response()


async def _fault(_request: Request, _error: Exception) -> Response:
    answer = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "fault", "a fault of the service; it was logged").response()
    answer.raw_headers.extend(PRIVATE)  # the framework answers this one outside of the door
    return answer


def methods_of(request: Request) -> list[str]:
    """Every method that some route takes at this path."""
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return sorted(found)

"""Webhooks over HTTP: who listens, what was sent, and what is to be sent again."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from service.bare import BareRoute
from service.bodies import answer
from service.database import Database
from service.moments import Clock, micros_at
from service.problems import Fault, Problem, Unfit
from service.settings import Limits
from service.strict_json import read

from . import documented as doc
from . import endpoints
from .addresses import Forbidden, place_of
from .asked import AskedEndpoint, ListQuery, asked_endpoint, list_query
from .bodies import delivery_body, endpoint_body, secret_body
from .listed import Replayed, page, replay

WEBHOOKS = "/v1/webhooks"


class WebhookRoutes:
    """The routes of endpoints and deliveries. internal: addresses of this network and http are allowed."""

    def __init__(self, database: Database, clock: Clock, limits: Limits, *, internal: bool) -> None:
        self._database, self._clock, self._limits, self._internal = database, clock, limits, internal

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for method, path, endpoint, said in (
            ("POST", "", self.add, doc.ADD),
            ("GET", "", self.every, doc.LIST),
            ("GET", "/deliveries", self.deliveries, doc.DELIVERIES),
            ("POST", "/deliveries/{id}/replay", self.replay, doc.REPLAY),
            ("DELETE", "/{id}", self.remove, doc.REMOVE),
            ("POST", "/{id}/rotate", self.rotate, doc.ROTATE),
            ("POST", "/{id}/test", self.test, doc.TEST),
        ):
            app.router.add_api_route(
                WEBHOOKS + path, endpoint, methods=[method], route_class_override=BareRoute, **said
            )

    async def add(self, request: Request) -> Response:
        """Add a webhook."""
        asked = asked_endpoint(await read(request, self._limits))
        return answer(await run_in_threadpool(self._add, asked), HTTPStatus.CREATED)

    async def every(self, _request: Request) -> Response:
        """List webhooks."""
        return answer(await run_in_threadpool(self._every))

    async def remove(self, request: Request) -> Response:
        """Remove a webhook."""
        return answer(await run_in_threadpool(self._remove, id_of(request)))

    async def rotate(self, request: Request) -> Response:
        """Rotate the secret of a webhook."""
        return answer(await run_in_threadpool(self._rotate, id_of(request)))

    async def test(self, request: Request) -> Response:
        """Test a webhook."""
        return answer(await run_in_threadpool(self._test, id_of(request)))

    async def deliveries(self, request: Request) -> Response:
        """List deliveries of webhooks."""
        asked = list_query(request.query_params, self._limits)
        return answer(await run_in_threadpool(self._deliveries, asked))

    async def replay(self, request: Request) -> Response:
        """Replay a delivery."""
        return answer(await run_in_threadpool(self._replay, id_of(request)))

    def _add(self, asked: AskedEndpoint) -> dict[str, Any]:
        try:
            place_of(asked.url, internal=self._internal)
        except Forbidden as fault:
            raise Unfit(Fault("url", str(fault))) from None
        with self._database.writing() as connection:
            row = endpoints.add(connection, asked.url, asked.events, self._now())
        if row is None:
            raise Problem(HTTPStatus.CONFLICT, "too-many-webhooks", f"at most {endpoints.MOST_ENDPOINTS} webhooks")
        return secret_body(row)

    def _every(self) -> dict[str, Any]:
        with self._database.reading() as connection:
            return {"results": [endpoint_body(row) for row in endpoints.every(connection)]}

    def _remove(self, endpoint_id: str) -> dict[str, Any]:
        with self._database.writing() as connection:
            return endpoint_body(_known(endpoints.remove(connection, endpoint_id)))

    def _rotate(self, endpoint_id: str) -> dict[str, Any]:
        with self._database.writing() as connection:
            return secret_body(_known(endpoints.rotate(connection, endpoint_id, self._now())))

    def _test(self, endpoint_id: str) -> dict[str, Any]:
        with self._database.writing() as connection:
            found = _known(endpoints.one(connection, endpoint_id))
            delivery_id = endpoints.test(connection, found.id, self._now())
        if delivery_id is None:
            raise _disabled()
        return {"id": delivery_id}

    def _deliveries(self, asked: ListQuery) -> dict[str, Any]:
        with self._database.reading() as connection:
            rows, after = page(connection, asked.state, asked.limit, asked.after)
        return {
            "results": [delivery_body(row) for row in rows],
            "paging": {"next": {"after": after.cursor()} if after else None},
        }

    def _replay(self, delivery_id: str) -> dict[str, Any]:
        with self._database.writing() as connection:
            replayed = replay(connection, delivery_id, self._now())
        if replayed is Replayed.UNKNOWN:
            raise _unknown("no-such-delivery", "there is no such delivery; old ones are removed")
        if replayed is Replayed.DISABLED:
            raise _disabled()
        return {"id": delivery_id}

    def _now(self) -> int:
        return micros_at(self._clock())


def id_of(request: Request) -> str:
    """The id in an address; one that can be nobody's is empty, since a database may refuse even to look for it."""
    found = str(request.path_params["id"])
    return found if re.fullmatch(r"[\w-]{1,40}", found, re.ASCII) else ""


def _known(row: Row[Any] | None) -> Row[Any]:
    if row is None:
        raise _unknown("no-such-webhook", "there is no such webhook")
    return row


def _unknown(kind: str, detail: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, kind, detail)


def _disabled() -> Problem:
    return Problem(HTTPStatus.CONFLICT, "webhook-disabled", "its receiver answered 410; remove it and add it again")

"""Kept leads over HTTP: put one, read one, read the ranked list."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from . import documented as doc
from .asked import ID_RULE, KeptLead, is_id, kept_lead
from .bare import BareRoute
from .bodies import answer, kept_score_body, lead_body
from .champion import MODEL, Champion, Serving
from .database import Database
from .leads import Kept, kept_lead_of, put_lead
from .list_query import ListQuery, list_query
from .moments import Clock
from .problems import Fault, Problem, Unfit
from .ranked import page
from .settings import Limits
from .strict_json import read

LEADS = "/v1/leads/"

OLDER = "updated_at is older than that of the stored lead: nothing was changed"


class LeadRoutes:
    """The routes of kept leads."""

    def __init__(self, database: Database, champion: Champion, clock: Clock, limits: Limits) -> None:
        self._database, self._champion, self._clock, self._limits = database, champion, clock, limits

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        route = app.router.add_api_route
        route("/v1/leads", self.ranked, methods=["GET"], route_class_override=BareRoute, **doc.LIST)
        # `:path`, because an id is verbatim and may hold a slash.
        route(
            LEADS + "{lead_id:path}",
            self.put,
            methods=["PUT"],
            route_class_override=BareRoute,
            **doc.PUT_LEAD,
        )
        route(
            LEADS + "{lead_id:path}",
            self.one,
            methods=["GET"],
            route_class_override=BareRoute,
            **doc.LEAD_BY_ID,
        )

    async def put(self, request: Request) -> Response:
        """Store or replace a lead and score it."""
        raw = await read(request, self._limits)
        serving = self._champion.current()
        lead = kept_lead(raw, lead_id_of(request), serving.lengths)
        return await run_in_threadpool(self._put, serving, lead)

    async def one(self, request: Request) -> Response:
        """Read a lead with its score and the points of all terms."""
        lead_id = lead_id_of(request)
        return answer(await run_in_threadpool(self._one, lead_id))

    async def ranked(self, request: Request) -> Response:
        """Read a page of the ranked list."""
        asked = list_query(request.query_params, self._limits)
        return answer(await run_in_threadpool(self._ranked, asked))

    def _put(self, serving: Serving, lead: KeptLead) -> Response:
        kept = put_lead(self._database, serving, lead, self._clock())
        status = HTTPStatus.CREATED if kept is Kept.CREATED else HTTPStatus.OK
        said = {"stored": kept, "detail": OLDER if kept is Kept.IGNORED else None}
        return answer(self._one(lead.id) | said, status)

    def _one(self, lead_id: str) -> dict[str, Any]:
        with self._database.reading() as connection:
            row = kept_lead_of(connection, lead_id)
        if row is None:
            raise Problem(
                HTTPStatus.NOT_FOUND,
                "no-such-lead",
                "no lead is stored under this id; ids are compared verbatim",
            )
        return lead_body(row, None if row.model is None else self._champion.version(row.model))

    def _ranked(self, asked: ListQuery) -> dict[str, Any]:
        with self._database.reading() as connection:
            found = page(connection, asked.sort, asked.grade, asked.limit, asked.after)
        return {
            "model": {"name": MODEL, "version": found.model},
            "results": [kept_score_body(row) for row in found.rows],
            "paging": {"next": {"after": found.next.cursor()} if found.next else None},
        }


def lead_id_of(request: Request) -> str:
    """The id in an address, verbatim; raises Unfit. The address is read as it was sent, because a decoded one says
    the same of all that is not UTF-8."""
    _, _, raw = request.scope["raw_path"].partition(LEADS.encode())
    try:
        lead_id = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        lead_id = ""
    if not is_id(lead_id):
        raise Unfit(Fault("id", ID_RULE))
    return lead_id

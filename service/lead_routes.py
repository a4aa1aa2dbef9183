"""Kept leads over HTTP: put or change one, put many, read one, read the ranked list."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi import FastAPI, Request
from sqlalchemy import Connection, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from . import documented as doc
from .access.roles import Caller, caller_of
from .asked import ID_RULE, KeptLead, is_id, kept_lead, leads_of_many
from .bare import BareRoute
from .bodies import answer, failed_body, kept_score_body, lead_body
from .champion import MODEL, Champion, Serving
from .database import Database
from .leads import Kept, kept_lead_of, take
from .life.access import is_reached, no_such_lead
from .life.ends import survivors_of
from .life.overrides import override_body
from .life.story import story_of
from .list_query import ListQuery, list_query
from .moments import Clock, micros_at
from .once import Done, Once
from .problems import Fault, Problem, Unfit
from .ranked import page
from .settings import Limits
from .strict_json import parse, read, read_bytes
from .tables import scores

LEADS = "/v1/leads/"

OLDER = "all of it is older than what is stored: nothing was changed"
SHORT = ("score", "grade", "probability", "expected_value", "readiness")
"""What a batch says of each score."""


class LeadRoutes:
    """The routes of kept leads."""

    def __init__(self, database: Database, champion: Champion, clock: Clock, limits: Limits, once: Once) -> None:
        self._database, self._champion, self._clock = database, champion, clock
        self._limits, self._once = limits, once

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        # `:path`, because an id is verbatim and may hold a slash.
        for method, path, endpoint, said in (
            ("GET", "/v1/leads", self.ranked, doc.LIST),
            ("POST", LEADS + "batch", self.put_many, doc.PUT_LEADS),
            ("PUT", LEADS + "{lead_id:path}", self.put, doc.PUT_LEAD),
            ("PATCH", LEADS + "{lead_id:path}", self.change, doc.PATCH_LEAD),
            ("GET", LEADS + "{lead_id:path}", self.one, doc.LEAD_BY_ID),
        ):
            app.router.add_api_route(path, endpoint, methods=[method], route_class_override=BareRoute, **said)

    async def put(self, request: Request) -> Response:
        """Store or replace a lead and score it."""
        raw = await read(request, self._limits)
        serving = self._champion.current()
        lead = kept_lead(raw, lead_id_of(request), serving.lengths)
        return await run_in_threadpool(self._put, serving, lead, merge=False)

    async def change(self, request: Request) -> Response:
        """Change some fields of a lead and score it."""
        raw = await read(request, self._limits)
        serving = self._champion.current()
        lead = kept_lead(raw, lead_id_of(request), serving.lengths, needs_fields=False)
        return await run_in_threadpool(self._put, serving, lead, merge=True)

    async def put_many(self, request: Request) -> Response:
        """Store many leads and score them."""
        body = await read_bytes(request, self._limits)
        serving = self._champion.current()
        sent, merge = leads_of_many(parse(body), serving.lengths, self._limits.batch_leads)

        def work(connection: Connection) -> Done:
            fit = [lead for lead in sent if isinstance(lead, KeptLead)]
            return Done(self._put_many(connection, serving, sent, fit, merge), [lead.id for lead in fit])

        return await run_in_threadpool(self._once.run, request, body, caller_of(request).name, work)

    async def one(self, request: Request) -> Response:
        """Read a lead with its score, the points of all terms, and its story."""
        lead_id = lead_id_of(request)
        return answer(await run_in_threadpool(self._one, lead_id, caller_of(request)))

    async def ranked(self, request: Request) -> Response:
        """Read a page of the ranked list."""
        asked = list_query(request.query_params, self._limits)
        return answer(await run_in_threadpool(self._ranked, asked, caller_of(request)))

    def _put(self, serving: Serving, lead: KeptLead, *, merge: bool) -> Response:
        with self._database.writing() as connection:
            kept = take(connection, self._database, serving, [lead], self._clock(), merge=merge)[0]
            problem = refusal_of(connection, kept, lead.id)
            body = {} if problem else self._body(connection, lead.id, None)
        if problem:
            raise problem
        status = HTTPStatus.CREATED if kept is Kept.CREATED else HTTPStatus.OK
        return answer(body | {"stored": kept, "detail": OLDER if kept is Kept.IGNORED else None}, status)

    def _put_many(
        self,
        connection: Connection,
        serving: Serving,
        sent: Sequence[KeptLead | Problem],
        fit: Sequence[KeptLead],
        merge: bool,
    ) -> Response:
        taken = iter(take(connection, self._database, serving, fit, self._clock(), merge=merge) if fit else [])
        columns = [scores.c.lead_id, *(scores.c[name] for name in SHORT)]
        query = select(*columns).where(
            scores.c.model == serving.version, scores.c.lead_id.in_([lead.id for lead in fit])
        )
        found = {row.lead_id: row for row in connection.execute(query)}
        bodies = []
        for lead in sent:
            kept = next(taken) if isinstance(lead, KeptLead) else None
            problem = refusal_of(connection, kept, lead.id) if isinstance(lead, KeptLead) and kept else lead
            if isinstance(problem, Problem):
                bodies.append(failed_body(problem.about, problem))
                continue
            assert isinstance(lead, KeptLead)
            said = {name: getattr(found.get(lead.id), name, None) for name in SHORT}
            status = 201 if kept is Kept.CREATED else 200
            bodies.append({"id": lead.id, "status": status, "stored": kept, "error": None} | said)
        errors = sum(b["error"] is not None for b in bodies)
        return answer({"num_errors": errors, "model": {"name": MODEL, "version": serving.version}, "results": bodies})

    def _one(self, lead_id: str, caller: Caller) -> dict[str, Any]:
        with self._database.reading() as connection:
            override = override_body(connection, lead_id, micros_at(self._clock()))
            own = self._body(connection, lead_id, caller) | {"override": override}
            return own | story_of(connection, lead_id)

    def _body(self, connection: Connection, lead_id: str, caller: Caller | None) -> dict[str, Any]:
        row = kept_lead_of(connection, lead_id)
        if row is None or (caller is not None and not is_reached(caller, row)):
            into = survivors_of(connection, [lead_id]).get(lead_id)
            raise no_such_lead() if into is None or (caller and caller.desks is not None) else joined_into(into)
        return lead_body(row, None if row.model is None else self._champion.version(row.model))

    def _ranked(self, asked: ListQuery, caller: Caller) -> dict[str, Any]:
        with self._database.reading() as connection:
            found = page(connection, asked.sort, asked.grade, asked.limit, asked.after, desks=caller.desks)
        return {
            "model": {"name": MODEL, "version": found.model},
            "results": [kept_score_body(row) for row in found.rows],
            "paging": {"next": {"after": found.next.cursor()} if found.next else None},
        }


def refusal_of(connection: Connection, kept: Kept, lead_id: str) -> Problem | None:
    """The problem of a lead that was not taken in."""
    if kept is Kept.ERASED:
        problem = Problem(HTTPStatus.GONE, "erased", "this lead was erased and is not taken in again")
    elif kept is Kept.JOINED:
        problem = joined_into(survivors_of(connection, [lead_id])[lead_id], HTTPStatus.CONFLICT)
    else:
        return None
    problem.about = lead_id
    return problem


def joined_into(lead_id: str, status: HTTPStatus = HTTPStatus.NOT_FOUND) -> Problem:
    """The problem that a lead is part of another, and of which."""
    return Problem(status, "joined", "this lead was joined into another; `into` is its id", more={"into": lead_id})


def lead_id_of(request: Request, after: str = "") -> str:
    """The id in an address, verbatim; raises Unfit. after: what follows the id. The address is read as it was sent,
    because a decoded one says the same of all that is not UTF-8."""
    _, _, raw = request.scope["raw_path"].partition(LEADS.encode())
    if not raw.endswith(after.encode()):  # an encoded slash: the lead `7/merge` is meant, and not the merging of 7
        raise Unfit(Fault("id", f"an id that does not end in {after}"))
    try:
        lead_id = unquote_to_bytes(raw.removesuffix(after.encode())).decode("utf-8")
    except UnicodeDecodeError:
        lead_id = ""
    if not is_id(lead_id):
        raise Unfit(Fault("id", ID_RULE))
    return lead_id

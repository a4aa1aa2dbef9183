"""How a lead's own life ends, over HTTP: joined into another, erased, or not to be scored."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from service.access.roles import caller_of
from service.asked import ID_RULE, is_id, object_of
from service.bare import BareRoute
from service.bodies import answer, lead_body
from service.champion import Champion
from service.database import Database
from service.lead_routes import LEADS, joined_into, lead_id_of
from service.leads import kept_lead_of, write
from service.moments import Clock, micros_at
from service.once import Done, Once
from service.problems import Fault, Problem, Unfit
from service.settings import Limits
from service.strict_json import parse, read_bytes

from . import documented as doc
from .access import no_such_lead
from .ends import Scrubber, admit, erase, join
from .happened import fold
from .objections import Objections
from .overrides import override_body
from .rows import save
from .story import story_of

MERGE, DO_NOT_SCORE = "/merge", "/do-not-score"
MOST_DUPLICATES = 100


class EndRoutes:
    """The routes that end a lead's own life."""

    def __init__(
        self,
        database: Database,
        champion: Champion,
        clock: Clock,
        limits: Limits,
        *,
        once: Once,
        objections: Objections,
        scrubber: Scrubber,
    ) -> None:
        self._database, self._champion, self._clock, self._limits = database, champion, clock, limits
        self._once, self._objections, self._scrubber = once, objections, scrubber

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application, before those of leads: an id there may hold a slash."""
        for method, path, endpoint, said in (
            ("POST", "{lead_id:path}" + MERGE, self.merge, doc.MERGE),
            ("PUT", "{lead_id:path}" + DO_NOT_SCORE, self.forbid, doc.OBJECT),
            ("DELETE", "{lead_id:path}" + DO_NOT_SCORE, self.allow, doc.OBJECT),
            ("DELETE", "{lead_id:path}", self.erase, doc.ERASE),
        ):
            app.router.add_api_route(LEADS + path, endpoint, methods=[method], route_class_override=BareRoute, **said)

    async def merge(self, request: Request) -> Response:
        """Join duplicates into a lead."""
        body = await read_bytes(request, self._limits)
        lead_id = lead_id_of(request, MERGE)
        duplicates = _duplicates(parse(body), lead_id)

        def work(connection: Connection) -> Done:
            return Done(self._merge(connection, lead_id, duplicates), [lead_id, *duplicates])

        return await run_in_threadpool(self._once.run, request, body, caller_of(request).name, work)

    async def erase(self, request: Request) -> Response:
        """Erase a lead everywhere, and never take it in again."""
        await run_in_threadpool(self._erase, lead_id_of(request))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def forbid(self, request: Request) -> Response:
        """Score a lead no more: it objected."""
        return await run_in_threadpool(self._objects, lead_id_of(request, DO_NOT_SCORE), True)

    async def allow(self, request: Request) -> Response:
        """Score a lead again: it objects no longer."""
        return await run_in_threadpool(self._objects, lead_id_of(request, DO_NOT_SCORE), False)

    def _merge(self, connection: Connection, lead_id: str, duplicates: list[str]) -> Response:
        now = self._clock()
        found = admit(connection, self._database, {lead_id, *duplicates}, micros_at(now), follow=True)
        if found.barred:
            raise Problem(HTTPStatus.GONE, "erased", "one of these leads was erased and is not taken in again")
        if lead_id in found.joined:
            raise joined_into(found.joined[lead_id], HTTPStatus.CONFLICT)
        lead = found.locked[lead_id]
        others = {other.id: other for d in duplicates if (other := found.of(d)).id != lead_id}
        save(connection, [x for x in (lead, *others.values()) if x.was is None])
        if others:
            join(connection, lead, others)
            fold(connection, [lead])
            write(connection, self._champion.serving, [lead], now)
        return answer(self._body(connection, lead_id) | {"joined": sorted(duplicates)})

    def _body(self, connection: Connection, lead_id: str) -> dict[str, Any]:
        row = kept_lead_of(connection, lead_id)
        if row is None:
            raise no_such_lead()
        serving = None if row.model is None else self._champion.version(row.model)
        override = override_body(connection, lead_id, micros_at(self._clock()))
        return lead_body(row, serving) | {"override": override} | story_of(connection, lead_id)

    def _erase(self, lead_id: str) -> None:
        with self._database.writing() as connection:
            erase(connection, self._database, lead_id, micros_at(self._clock()))
        self._objections.refresh()
        self._scrubber.scrub()

    def _objects(self, lead_id: str, objects: bool) -> Response:
        now = self._clock()
        with self._database.writing() as connection:
            found = admit(connection, self._database, {lead_id}, micros_at(now), follow=False)
            if found.barred:
                raise Problem(HTTPStatus.GONE, "erased", "this lead was erased and is not taken in again")
            if found.joined:
                raise joined_into(found.joined[lead_id], HTTPStatus.CONFLICT)
            lead = found.locked[lead_id]
            if lead.do_not_score != objects:
                lead.do_not_score = objects
                lead.revision += 1
                write(connection, self._champion.serving, [lead], now)
        self._objections.refresh()
        return answer({"id": lead_id, "do_not_score": objects})


def _duplicates(raw: object, lead_id: str) -> list[str]:
    faults: list[Fault] = []
    found = (object_of(raw, frozenset({"duplicates"}), "body", faults) or {}).get("duplicates")
    if not faults and (not isinstance(found, list) or not 1 <= len(found) <= MOST_DUPLICATES):
        faults.append(Fault("duplicates", f"a list of 1 to {MOST_DUPLICATES} ids"))
    if not faults and isinstance(found, list):
        faults += [Fault(f"duplicates[{i}]", ID_RULE) for i, one in enumerate(found) if not is_id(one)]
        faults += [Fault(f"duplicates[{i}]", "another lead") for i, one in enumerate(found) if one == lead_id]
    if faults:
        raise Unfit(*faults)
    assert isinstance(found, list)
    return list(dict.fromkeys(found))

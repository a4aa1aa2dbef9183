"""A person's word against the score, over HTTP."""

from __future__ import annotations

from fastapi import FastAPI, Request
from sqlalchemy import Connection, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from service.access.roles import Caller, caller_of
from service.bare import BareRoute
from service.bodies import answer
from service.database import Database
from service.lead_routes import LEADS, lead_id_of
from service.moments import Clock, micros_at
from service.settings import Limits
from service.strict_json import read
from service.tables import leads

from . import documented as doc
from .access import WHOSE, is_reached, no_such_lead
from .overrides import Override, asked_override, keep_override

OVERRIDE = "/override"


class OverrideRoutes:
    """The routes by which a person puts a lead first, holds it back, or leaves it to its score again."""

    def __init__(self, database: Database, clock: Clock, limits: Limits) -> None:
        self._database, self._clock, self._limits = database, clock, limits

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application, before those of leads: an id there may hold a slash."""
        for method, endpoint, said in (("PUT", self.put, doc.OVERRIDE), ("DELETE", self.lift, doc.LIFT)):
            path = LEADS + "{lead_id:path}" + OVERRIDE
            app.router.add_api_route(path, endpoint, methods=[method], route_class_override=BareRoute, **said)

    async def put(self, request: Request) -> Response:
        """Put a lead first, or hold it back, until a day."""
        raw, caller = await read(request, self._limits), caller_of(request)
        said = asked_override(raw, caller.name, self._clock())
        return await run_in_threadpool(self._keep, lead_id_of(request, OVERRIDE), said, caller)

    async def lift(self, request: Request) -> Response:
        """Leave a lead's place to its score again."""
        return await run_in_threadpool(self._keep, lead_id_of(request, OVERRIDE), None, caller_of(request))

    def _keep(self, lead_id: str, said: Override | None, caller: Caller) -> Response:
        with self._database.writing() as connection:
            keep_of(connection, lead_id, said, caller, micros_at(self._clock()))
        return answer({"id": lead_id, "override": None if said is None else said.body()})


def keep_of(connection: Connection, lead_id: str, said: Override | None, caller: Caller, now: int) -> None:
    """Write a person's word on a lead that the person reaches; raises Problem for any other."""
    row = connection.execute(select(*WHOSE).where(leads.c.id == lead_id, leads.c.known)).first()
    if row is None or not is_reached(caller, row):
        raise no_such_lead()
    keep_override(connection, lead_id, said, caller.name, now)

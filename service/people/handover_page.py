"""The page of marketing: who in sales has room today, handing over by one press, and what one press gave to whom."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import Connection, Row, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from service.access.roles import caller_of
from service.database import Database
from service.handover.days import Today
from service.handover.listed import given_by, got_by, run_of, runs_on, sellers_of
from service.handover.room import seats_of
from service.handover.running import Handover, hand_over
from service.handover.sellers import every_seller
from service.handover.team import Team
from service.handover.waiting import WAITING, waiting
from service.life.rows import desk_of
from service.moments import Clock
from service.tables import leads
from service.targets.sentences import day_in_words

from .contact import contact_of
from .handover_plan import Plans
from .no_room import why_nothing
from .nurture_page import MARKETERS, WHY
from .page_route import PageRoute
from .paper import written

NAMED = 20
"""Leads that the page names before they are handed over."""

LISTED = 500
"""Leads of one press that are listed."""


class HandoverPage:
    """The routes `/handover` and `/handover/leads`."""

    def __init__(self, database: Database, clock: Clock, *, team: Team, plans: Plans) -> None:
        self._database, self._clock, self._team, self._plans = database, clock, team, plans

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for method, path, endpoint in (
            ("GET", "/handover", self.show),
            ("POST", "/handover", self.hand_over),
            ("GET", "/handover/leads", self.leads),
        ):
            app.router.add_api_route(path, endpoint, methods=[method], route_class_override=PageRoute, **MARKETERS)

    @property
    def _today(self) -> Today:
        return Today.of(self._clock(), self._team.zone)

    async def show(self, request: Request) -> Response:
        """Who has room, and what a handover would do."""
        return await run_in_threadpool(self._written, request)

    def _written(self, request: Request) -> Response:
        today, within = self._today, self._team.answer_within
        with self._database.reading() as connection:
            planned = self._plans.of(connection, today)
            given = sellers_of(connection, today.day.isoformat())
            run = _run_asked(connection, request)
            waits = waiting(connection, today.micros, within)
            return written(
                "handover.html",
                request,
                day=day_in_words(today.day),
                sellers=self._sellers(connection, planned, given),
                runs=runs_on(connection, today.day.isoformat()),
                run=run,
                got=got_by(connection, run) if run else {},
                planned=len(planned.given),
                first=_named(connection, planned.given[:NAMED]),
                why_nothing=[] if planned.given else why_nothing(connection, planned, waits),
                left_out=[(why, WHY[why], planned.left_out[why]) for why in WHY if planned.left_out.get(why)],
                objected=planned.left_out.get("objected", 0),
                within=within,
            )

    def _sellers(self, connection: Connection, planned: Handover, given: dict[str, int]) -> list[dict[str, Any]]:
        """A line for each seller: room, what it would get, what it got today, and what waits for it."""
        today, every = planned.today, every_seller(connection)
        seats = {seat.name: seat for seat in seats_of(connection, every, today)}
        would = Counter(row["seller"] for row in planned.given)
        late_before = today.micros - self._team.answer_within * 3_600_000_000
        waits, late = Counter[str | None](), Counter[str | None]()
        query = select(leads.c.owner, leads.c.handed_to, leads.c.territory, leads.c.state_since).where(WAITING)
        for row in connection.execute(query):
            desk = desk_of(row.owner, row.handed_to, row.territory)
            waits[desk] += 1
            late[desk] += row.state_since < late_before
        return [
            {
                "name": seller.name,
                "territories": seller.territories,
                "products": seller.products,
                "away": seats[seller.name].is_away,
                "capacity": seller.capacity,
                "room": seats[seller.name].room,
                "given": given.get(seller.name, 0),
                "would": would[seller.name],
                "waits": waits[seller.name],
                "late": late[seller.name],
            }
            for seller in every
        ]

    async def hand_over(self, request: Request) -> Response:
        """Hand today's best leads over, and show what became of it."""
        run = await run_in_threadpool(self._hand_over, caller_of(request).name)
        return RedirectResponse(f"/handover?run={run}", HTTPStatus.SEE_OTHER)

    def _hand_over(self, by: str) -> int:
        """Hand over; the number of the run."""
        today = self._today
        with self._database.writing() as connection:
            hand_over(connection, today, by)
            return int(runs_on(connection, today.day.isoformat())[-1]["seq"])

    async def leads(self, request: Request) -> Response:
        """What one press gave to whom, and where it stands now."""
        return await run_in_threadpool(self._leads, request)

    def _leads(self, request: Request) -> Response:
        with self._database.reading() as connection:
            run = _run_asked(connection, request)
            given = given_by(connection, run, LISTED) if run else []
        rows = [(row, _name_of(row)) for row in given]
        return written("handover_leads.html", request, run=run, rows=rows, most=LISTED)


def _run_asked(connection: Connection, request: Request) -> Row[Any] | None:
    """The run that an address names, None where it names none that there is."""
    named = request.query_params.get("run", "")
    return run_of(connection, int(named)) if re.fullmatch("[0-9]{1,18}", named) else None


def _named(connection: Connection, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Planned rows with what people call the leads."""
    query = select(leads.c.id, leads.c.company, leads.c.display, leads.c.fields)
    ids = [row["lead_id"] for row in given]
    found = {row.id: row for row in connection.execute(query.where(leads.c.id.in_(ids)))}
    known = [(row, found[row["lead_id"]]) for row in given if row["lead_id"] in found]
    return [{**row, "name": _name_of(lead), "company": lead.company} for row, lead in known]


def _name_of(row: Any) -> str | None:
    return contact_of(json.loads(row.display), json.loads(row.fields))["name"]

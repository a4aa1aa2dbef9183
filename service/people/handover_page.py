"""The page of marketing: who in sales has room today, handing over by one press, and how many leads stay."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import Connection, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from service.access.roles import caller_of
from service.database import Database
from service.handover.days import Today
from service.handover.listed import runs_on, sellers_of
from service.handover.room import seats_of
from service.handover.running import Handover, hand_over
from service.handover.sellers import every_seller
from service.handover.team import Team
from service.handover.waiting import WAITING
from service.life.rows import desk_of
from service.moments import Clock
from service.tables import leads
from service.targets.sentences import day_in_words

from .handover_plan import Plans
from .nurture_page import MARKETERS, WHY
from .page_route import PageRoute
from .paper import written


class HandoverPage:
    """The route `/handover`."""

    def __init__(self, database: Database, clock: Clock, *, team: Team, plans: Plans) -> None:
        self._database, self._clock, self._team, self._plans = database, clock, team, plans

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for method, endpoint in (("GET", self.show), ("POST", self.hand_over)):
            app.router.add_api_route(
                "/handover", endpoint, methods=[method], route_class_override=PageRoute, **MARKETERS
            )

    @property
    def _today(self) -> Today:
        return Today.of(self._clock(), self._team.zone)

    async def show(self, request: Request) -> Response:
        """Who has room, and what a handover would do."""
        return await run_in_threadpool(self._written, request)

    def _written(self, request: Request) -> Response:
        today = self._today
        with self._database.reading() as connection:
            planned = self._plans.of(connection, today)
            given = sellers_of(connection, today.day.isoformat())
            return written(
                "handover.html",
                request,
                day=day_in_words(today.day),
                sellers=self._sellers(connection, planned, given),
                runs=runs_on(connection, today.day.isoformat()),
                planned=len(planned.given),
                left_out=[(words, planned.left_out[why]) for why, words in WHY.items() if planned.left_out.get(why)],
                objected=planned.left_out.get("objected", 0),
                within=self._team.answer_within,
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
        await run_in_threadpool(self._hand_over, caller_of(request).name)
        return RedirectResponse("/handover", HTTPStatus.SEE_OTHER)

    def _hand_over(self, by: str) -> None:
        with self._database.writing() as connection:
            hand_over(connection, self._today, by)

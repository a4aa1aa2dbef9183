"""The pages of marketing: who in sales has room today, handing over by one press, and the leads that stay."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from http import HTTPStatus
from threading import Lock
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import Connection, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from service.access.roles import Role, caller_of, may
from service.champion import Champion
from service.database import Database
from service.handover.days import Today
from service.handover.listed import runs_on, sellers_of
from service.handover.nurture import Nurtured, NurturePage, nurture_page
from service.handover.room import seats_of
from service.handover.running import Handover, hand_over
from service.handover.sellers import every_seller
from service.handover.staying import Stays
from service.handover.team import Team
from service.handover.waiting import WAITING
from service.life.rows import desk_of
from service.moments import Clock
from service.problems import Unfit
from service.ranked import Place, Sort, place_of
from service.settings import Limits
from service.tables import leads
from service.targets.sentences import day_in_words

from .account_table import WORDS
from .funnel import code_of
from .page_route import PageRoute
from .paper import written
from .sheet import sheet
from .words import display_of, spaced

MARKETERS: dict[str, Any] = {"include_in_schema": False, "openapi_extra": may(Role.MARKETING, Role.ADMIN)}

QUICK = 0.2
"""Seconds: a plan that is made sooner is made each time."""

STALE_TIMES = 30
"""For so many times as long as a plan took to make it is shown: a minute where it took two seconds."""

FILE_LEADS = 10_000
"""Leads in the file of those that stay: what a campaign takes at once."""

COLUMNS = (
    *("lead", "name", "company", "phone", "email", "grade", "score", "probability", "expected_value", "readiness"),
    *("why", "look_again", "reasons"),
)

NEXT = "next"
"""Beside what `staying` says: a lead that a handover would give now."""

WHY = {
    NEXT: "can be handed over now",
    "browsing": "only browsing so far",
    "later": "likely to buy, but later",
    "no_capacity": "no room with sales just now",
    "owner_away": "the owner is away",
    "owner_is_no_seller": "the owner is no seller here",
    "no_seller": "there is nobody for it",
    "no_seller_of_product": "there is nobody for its product",
    "not_now": "put off by sales until later",
    "not_yet": "waits for its day",
    "refused": "refused by sales",
    "held_back": "held back by a person",
}
"""Why leads stay, in the order of the page."""


class HandoverPages:
    """The routes `/handover` and `/nurture`."""

    def __init__(self, database: Database, champion: Champion, clock: Clock, limits: Limits, team: Team) -> None:
        self._database, self._champion, self._clock = database, champion, clock
        self._limits, self._team = limits, team
        self._planned: tuple[object, float, Handover] | None = None
        self._planning = Lock()

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for method, path, endpoint in (
            ("GET", "/handover", self.show),
            ("POST", "/handover", self.hand_over),
            ("GET", "/nurture", self.nurture),
            ("GET", "/nurture.csv", self.as_file),
        ):
            app.router.add_api_route(path, endpoint, methods=[method], route_class_override=PageRoute, **MARKETERS)

    @property
    def _today(self) -> Today:
        return Today.of(self._clock(), self._team.zone)

    async def show(self, request: Request) -> Response:
        """Who has room, and what a handover would do."""
        return await run_in_threadpool(self._written, request)

    def _written(self, request: Request) -> Response:
        today = self._today
        with self._database.reading() as connection:
            planned = self._plan(connection, today)
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

    def _plan(self, connection: Connection, today: Today) -> Handover:
        """What a handover would do; where that takes long to find out, it is asked less often."""
        state = (today.day, every_seller(connection), len(runs_on(connection, today.day.isoformat())))
        with self._planning:
            if self._planned is not None and self._planned[0] == state and time.monotonic() < self._planned[1]:
                return self._planned[2]
            began = time.monotonic()
            found = hand_over(connection, today, "", dry_run=True)
            took = time.monotonic() - began
            self._planned = (state, time.monotonic() + STALE_TIMES * took, found) if took > QUICK else None
            return found

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
        await run_in_threadpool(self._hand_over, caller_of(request).name)
        return RedirectResponse("/handover", HTTPStatus.SEE_OTHER)

    def _hand_over(self, by: str) -> None:
        with self._database.writing() as connection:
            hand_over(connection, self._today, by)

    async def as_file(self, _request: Request) -> Response:
        """The leads that stay with marketing as a file, the best of them."""
        return await run_in_threadpool(self._as_file)

    def _as_file(self) -> Response:
        with self._database.reading() as connection:
            found, why = self._staying(connection, FILE_LEADS)
        return sheet(
            f"nurture-{self._today.day.isoformat()}.csv", COLUMNS, (_row(one, why(one)) for one in found.leads)
        )

    def _staying(
        self, connection: Connection, limit: int, after: Place | None = None
    ) -> tuple[NurturePage, Callable[[Nurtured], str]]:
        """Leads that no seller has, and how to say why; those that a handover would give now are among them."""
        today = self._today
        given = {row["lead_id"] for row in self._plan(connection, today).given}
        found = nurture_page(connection, today, limit, after, short_days=self._short_days)
        return found, lambda lead: WHY[NEXT if lead.row.id in given else lead.why]

    @property
    def _short_days(self) -> int | None:
        serving = self._champion.serving
        return serving.card.short_horizon_days if serving else None

    async def nurture(self, request: Request) -> Response:
        """The leads that stay with marketing."""
        cursor = request.query_params.get("after")
        try:
            after = place_of(cursor, Sort.EXPECTED_VALUE, None) if cursor else None
        except Unfit:
            after = None
        return await run_in_threadpool(self._nurtured, request, after)

    def _nurtured(self, request: Request, after: Place | None) -> Response:
        with self._database.reading() as connection:
            found, why = self._staying(connection, self._limits.default_page, after)
        return written(
            "nurture.html",
            request,
            leads=found.leads,
            why=why,
            why_refused=lambda lead: WORDS[code_of(lead.row.state_reason)] if lead.why is Stays.REFUSED else None,
            day_of=lambda text: day_in_words(date.fromisoformat(text[:10])),
            is_first=after is None,
            next=found.next.cursor() if found.next else None,
        )


def _row(lead: Nurtured, why: str) -> Iterator[object]:
    row, shown = lead.row, display_of(json.loads(lead.row.display))
    yield from (row.id, shown["name"] or "", row.company or "", shown["phone"] or "", shown["email"] or "")
    yield from (row.grade, row.score, row.probability, row.expected_value, row.readiness or "")
    yield from (why, lead.look_again or "")
    yield "; ".join(spaced(reason["text"]) for reason in json.loads(row.reasons))

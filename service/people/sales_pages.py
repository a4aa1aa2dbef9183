"""The pages of sales: today's list, the same as a file, one lead, and all leads ranked."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from service.access.roles import Caller, Role, caller_of, may
from service.asked import is_id
from service.bodies import lead_body
from service.champion import Champion
from service.database import Database
from service.handover.team import Team
from service.leads import kept_lead_of
from service.life.access import is_reached, no_such_lead
from service.life.overrides import override_body
from service.life.story import story_of
from service.moments import Clock, micros_at

from .contact import contact_of
from .lead_sheet import COLUMNS, line_of
from .page_route import PageRoute
from .paper import written
from .pictures import course, waterfall
from .said import LOSSES, REFUSALS, last_word, word_of
from .sheet import sheet
from .talk import talk_of
from .timeline import told as told_of
from .today import FIRMS, MOST, Contact, Firm, Todays, shown, spot_of, todays, told
from .today_query import TodayQuery, today_query

SELLERS: dict[str, Any] = {"include_in_schema": False, "openapi_extra": may(Role.SALES, Role.ADMIN)}
READERS: dict[str, Any] = {
    "include_in_schema": False,
    "openapi_extra": may(Role.SALES, Role.MARKETING, Role.ANALYST, Role.ADMIN),
}


class SalesPages:
    """The routes `/today`, `/today.csv` and `/lead`."""

    def __init__(self, database: Database, champion: Champion, clock: Clock, team: Team) -> None:
        self._database, self._champion, self._clock, self._team = database, champion, clock, team

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for path, endpoint, said in (
            ("/today", self.today, SELLERS),
            ("/today.csv", self.as_file, SELLERS),
            ("/lead", self.lead, READERS),
        ):
            app.router.add_api_route(path, endpoint, methods=["GET"], route_class_override=PageRoute, **said)

    async def today(self, request: Request) -> Response:
        """Whom to call next."""
        asked, said = today_query(request.query_params), request.query_params.get("said", "")
        return await run_in_threadpool(self._today, request, caller_of(request), asked, said)

    def _today(self, request: Request, caller: Caller, asked: TodayQuery, said: str) -> Response:
        with self._database.reading() as connection:
            found = self._found(connection, caller, self._clock(), asked)
            last = max(1, -(-len(found.firms) // FIRMS))
            here = asked.at_page(min(asked.page, last))
            begin = (here.page - 1) * FIRMS
            firms = shown(connection, self._champion, found.firms[begin : begin + FIRMS])
            word = word_of(connection, said, caller.name) if is_id(said) else None
        return written(
            "today.html",
            request,
            asked=here,
            narrowed=bool(asked.words) or asked.is_narrowed,
            found=found,
            origins=[(origin, [(value, value) for value in values]) for origin, values in found.origins],
            firms=list(zip(firms, ways_on(here, firms), strict=True)),
            begin=begin,
            most=MOST,
            **_ways(here, last),
            word=word,
            undone=f"{here.address()}#{spot_of(word.lead_id)}" if word else "",
            late=self._team.answer_within * 3_600,
            new_id=new_id,
            refusals=REFUSALS,
            losses=LOSSES,
            moved=any(f.first.override is not None for f in found.firms),
            worth=any(f.first.row.expected_value is not None for f in firms),
        )

    def _found(self, connection: Connection, caller: Caller, now: datetime, asked: TodayQuery) -> Todays:
        return todays(connection, self._champion, micros_at(now), desks=caller.desks, asked=asked)

    async def as_file(self, request: Request) -> Response:
        """Today's list as CSV, with the same filter, in which no text is taken for a formula."""
        return await run_in_threadpool(self._as_file, caller_of(request), today_query(request.query_params))

    def _as_file(self, caller: Caller, asked: TodayQuery) -> Response:
        now = self._clock()
        with self._database.reading() as connection:
            firms = self._found(connection, caller, now, asked).firms
            contacts = told(connection, self._champion, [one for firm in firms for one in (firm.first, *firm.others)])
        return sheet(f"leads-{now:%Y-%m-%d}.csv", COLUMNS, map(_line, contacts))

    async def lead(self, request: Request) -> Response:
        """One lead, with all that its score is made of."""
        return await run_in_threadpool(self._lead, request, caller_of(request))

    def _lead(self, request: Request, caller: Caller) -> Response:
        lead_id, said = request.query_params.get("id", ""), request.query_params.get("said", "")
        with self._database.reading() as connection:
            row = kept_lead_of(connection, lead_id) if is_id(lead_id) else None
            if row is None or not is_reached(caller, row):
                raise no_such_lead()
            body = lead_body(row, None if row.model is None else self._champion.version(row.model))
            story = story_of(connection, row.id)
            override = override_body(connection, row.id, micros_at(self._clock()))
            word = word_of(connection, said, caller.name) if is_id(said) else last_word(connection, row.id, caller.name)
        return written(
            "lead.html",
            request,
            lead=body,
            shown=contact_of(body["display"], body["fields"]),
            name=body["display"].get("name") or body["id"],
            talk=talk_of(body, story["timeline"], self._clock()),
            override=override,
            timeline=told_of(story["timeline"]),
            picture=waterfall(body["points"], body["base_points"]) if body["points"] else None,
            course=course(story["score_history"]),
            word=word,
            new_id=new_id,
            refusals=REFUSALS,
            losses=LOSSES,
            may_say=caller.role in (Role.SALES, Role.ADMIN),
            may_move=caller.role in (Role.SALES, Role.MARKETING, Role.ADMIN),
        )


def new_id() -> str:
    """The id of something that may be said: sent twice it counts once."""
    return f"page-{secrets.token_urlsafe(12)}"


def _ways(here: TodayQuery, last: int) -> dict[str, Any]:
    """The addresses of the pages beside one of so many, and of the file of all of them."""
    return {
        "before": here.at_page(here.page - 1).address() if here.page > 1 else None,
        "next": here.at_page(here.page + 1).address() if here.page < last else None,
        "file": here.at_page(1).address("/today.csv"),
    }


def ways_on(asked: TodayQuery, firms: Sequence[Firm]) -> list[str]:
    """Where to go after a word on each firm: to the next one of the page; from the last one, to that before it."""
    spots = [firm.first.spot for firm in firms]
    following = [*spots[1:], *(spots[-2:-1] or spots)]
    return [f"{asked.address()}#{spot}" for spot in following]


def _line(contact: Contact) -> Iterator[object]:
    reasons = ([r.text for r in some] for some in (contact.speaks_for, contact.speaks_against))
    return line_of(contact.row, contact.display, contact.origins, *reasons)

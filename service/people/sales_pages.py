"""The pages of sales: today's list, the same as a file, one lead, and all leads ranked."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
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

from .page_route import PageRoute
from .paper import written
from .pictures import course, waterfall
from .said import LOSSES, REFUSALS, word_of
from .sheet import sheet
from .talk import talk_of
from .timeline import told
from .today import Contact, Firm, todays
from .words import display_of

SELLERS: dict[str, Any] = {"include_in_schema": False, "openapi_extra": may(Role.SALES, Role.ADMIN)}
READERS: dict[str, Any] = {
    "include_in_schema": False,
    "openapi_extra": may(Role.SALES, Role.MARKETING, Role.ANALYST, Role.ADMIN),
}

COLUMNS = (
    "lead",
    "name",
    "company",
    "phone",
    "email",
    "link",
    "grade",
    "score",
    "expected_value",
    "readiness",
    "state",
)


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
        caller, words = caller_of(request), request.query_params.get("q", "")[:200]
        said = request.query_params.get("said", "")
        return await run_in_threadpool(self._today, request, caller, words, said)

    def _today(self, request: Request, caller: Caller, words: str, said: str) -> Response:
        now = self._clock()
        with self._database.reading() as connection:
            firms = self._firms(connection, caller, now, words)
            word = word_of(connection, said, caller.name) if is_id(said) else None
        return written(
            "today.html",
            request,
            firms=firms,
            word=word,
            words=words,
            late=self._team.answer_within * 3_600,
            new_id=new_id,
            refusals=REFUSALS,
            losses=LOSSES,
            moved=any(f.best.override is not None for f in firms),
            worth=any(f.best.row.expected_value is not None for f in firms),
        )

    def _firms(self, connection: Connection, caller: Caller, now: datetime, words: str) -> list[Firm]:
        return todays(connection, self._champion, micros_at(now), desks=caller.desks, words=words)

    async def as_file(self, request: Request) -> Response:
        """Today's list as CSV, in which no text is taken for a formula."""
        return await run_in_threadpool(self._as_file, caller_of(request))

    def _as_file(self, caller: Caller) -> Response:
        with self._database.reading() as connection:
            firms = self._firms(connection, caller, self._clock(), "")
        contacts = (contact for firm in firms for contact in (firm.best, *firm.others))
        return sheet(f"leads-{self._clock():%Y-%m-%d}.csv", COLUMNS, map(_row, contacts))

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
            word = word_of(connection, said, caller.name) if is_id(said) else None
        return written(
            "lead.html",
            request,
            lead=body,
            shown=display_of(body["display"]),
            name=body["display"].get("name") or body["id"],
            talk=talk_of(body, story["timeline"], self._clock()),
            override=override,
            timeline=told(story["timeline"]),
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


def _row(contact: Contact) -> Iterator[object]:
    row, shown = contact.row, contact.display
    texts = (row.id, contact.name, row.company, shown["phone"], shown["email"], shown["link"])
    yield from (text or "" for text in texts)
    yield from (row.grade, row.score, row.expected_value, row.readiness, row.state)

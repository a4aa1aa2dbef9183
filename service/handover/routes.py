"""The handover over HTTP: sellers, what is given to them, and what stays with marketing."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from service.access.roles import caller_of
from service.bare import BareRoute
from service.bodies import answer
from service.champion import MODEL, Champion
from service.database import Database
from service.moments import Clock
from service.once import Done, Once
from service.problems import Fault, Problem, Unfit
from service.ranked import listed_version
from service.settings import Limits, Settings
from service.strict_json import parse, read, read_bytes

from . import bodies
from . import documented as doc
from .asked import (
    NAME_RULE,
    DayQuery,
    NurtureQuery,
    asked_seller,
    asks_dry_run,
    day_query,
    is_seller_name,
    nurture_query,
)
from .days import Today
from .listed import given_on, runs_on, sellers_of
from .nurture import nurture_page
from .room import seats_of
from .running import hand_over
from .sellers import MOST_SELLERS, Seller, every_seller, remove_seller, set_seller
from .waiting import waiting

SELLERS = "/v1/sellers"


@dataclass(frozen=True, slots=True)
class Team:
    """What the team says of its days: its time zone, and within how many hours it answers a lead."""

    zone: ZoneInfo
    answer_within: int

    @classmethod
    def of(cls, settings: Settings) -> Team:
        """As the settings have it."""
        return cls(settings.zone, settings.answer_within)


class HandoverRoutes:
    """The routes of sellers, handovers and the nurture list."""

    def __init__(
        self, database: Database, champion: Champion, clock: Clock, limits: Limits, *, once: Once, team: Team
    ) -> None:
        self._database, self._champion, self._clock, self._limits = database, champion, clock, limits
        self._once, self._team = once, team

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        # `:path`, because an owner's name may hold a slash.
        for method, path, endpoint, said in (
            ("GET", SELLERS, self.every, doc.SELLERS),
            ("PUT", SELLERS + "/{name:path}", self.set, doc.SET_SELLER),
            ("DELETE", SELLERS + "/{name:path}", self.remove, doc.REMOVE_SELLER),
            ("POST", "/v1/handovers", self.hand_over, doc.HAND_OVER),
            ("GET", "/v1/handovers", self.of_day, doc.HANDOVERS),
            ("GET", "/v1/nurture", self.nurture, doc.NURTURE),
        ):
            app.router.add_api_route(path, endpoint, methods=[method], route_class_override=BareRoute, **said)

    async def every(self, _request: Request) -> Response:
        """List sellers."""
        return answer(await run_in_threadpool(self._every))

    async def set(self, request: Request) -> Response:
        """Add or replace a seller."""
        raw = await read(request, self._limits)
        return await run_in_threadpool(self._set, asked_seller(raw, name_of(request)))

    async def remove(self, request: Request) -> Response:
        """Remove a seller."""
        name = name_of(request)
        if not is_seller_name(name):
            raise Unfit(Fault("name", NAME_RULE))
        return answer(await run_in_threadpool(self._remove, name))

    async def hand_over(self, request: Request) -> Response:
        """Hand today's best leads over to sellers."""
        body = await read_bytes(request, self._limits)
        dry_run, by = bool(body) and asks_dry_run(parse(body)), caller_of(request).name

        def work(connection: Connection) -> Done:
            handed = hand_over(connection, self._today(), by, dry_run=dry_run)
            ids = [row["lead_id"] for row in handed.given]
            return Done(answer(bodies.handover_body(handed, dry_run=dry_run)), ids)

        return await run_in_threadpool(self._once.run, request, body, by, work)

    async def of_day(self, request: Request) -> Response:
        """Read what was handed over on a day."""
        asked = day_query(request.query_params, self._limits)
        return answer(await run_in_threadpool(self._of_day, asked))

    async def nurture(self, request: Request) -> Response:
        """Read a page of the leads that stay with marketing."""
        asked = nurture_query(request.query_params, self._limits)
        return answer(await run_in_threadpool(self._nurture, asked))

    def _today(self) -> Today:
        return Today.of(self._clock(), self._team.zone)

    def _every(self) -> dict[str, Any]:
        with self._database.reading() as connection:
            found = every_seller(connection)
            rooms = {seat.name: seat.room for seat in seats_of(connection, found, self._today())}
        return {"results": [bodies.seller_body(seller) | {"room_today": rooms[seller.name]} for seller in found]}

    def _set(self, seller: Seller) -> Response:
        with self._database.writing() as connection:
            is_new = set_seller(connection, seller, self._today().micros)
        if is_new is None:
            raise Problem(HTTPStatus.CONFLICT, "too-many-sellers", f"at most {MOST_SELLERS:,} sellers")
        said = bodies.seller_body(seller) | {"stored": "created" if is_new else "replaced"}
        return answer(said, HTTPStatus.CREATED if is_new else HTTPStatus.OK)

    def _remove(self, name: str) -> dict[str, Any]:
        with self._database.writing() as connection:
            given_back = remove_seller(connection, name)
        if given_back is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-seller", f"{doc.NO_SELLER}; names are compared verbatim")
        return {"name": name, "given_back": given_back}

    def _of_day(self, asked: DayQuery) -> dict[str, Any]:
        today, hours = self._today(), self._team.answer_within
        day = (asked.day or today.day).isoformat()
        with self._database.reading() as connection:
            rows, after = given_on(connection, day, asked.limit, asked.after)
            runs, counts = runs_on(connection, day), sellers_of(connection, day)
            found = waiting(connection, today.micros, hours)
        return {
            "day": day,
            "runs": bodies.runs_body(runs),
            "sellers": bodies.of_sellers(counts),
            "waiting": {"leads": found.leads, "overdue": found.overdue, "answer_within_hours": hours},
            "results": [bodies.given_now_body(row, today, hours) for row in rows],
            "paging": {"next": {"after": str(after)} if after is not None else None},
        }

    def _nurture(self, asked: NurtureQuery) -> dict[str, Any]:
        with self._database.reading() as connection:
            model = asked.after.model if asked.after else listed_version(connection)
            short = None if model is None else self._champion.version(model).card.short_horizon_days
            found = nurture_page(connection, self._today(), asked.limit, asked.after, short_days=short)
        return {
            "model": {"name": MODEL, "version": found.model},
            "results": [bodies.nurtured_body(lead) for lead in found.leads],
            "paging": {"next": {"after": found.next.cursor()} if found.next else None},
        }


def name_of(request: Request) -> str:
    """The name in an address, verbatim; empty for what is not UTF-8. Read as it was sent, as ids of leads are."""
    _, _, raw = request.scope["raw_path"].partition(f"{SELLERS}/".encode())
    try:
        return unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        return ""

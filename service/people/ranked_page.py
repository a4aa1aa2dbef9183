"""The page of all leads, ranked, with reasons in plain words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from sqlalchemy import ColumnElement, Row
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from service.access.roles import Caller, Role, caller_of, may
from service.bodies import kept_score_body
from service.champion import Champion
from service.database import Database
from service.leads import SHOWN_COLUMNS
from service.list_query import ListQuery, list_query
from service.moments import Clock
from service.problems import Unfit
from service.ranked import Grade, Page, Sort, page
from service.settings import Limits
from service.tables import leads

from .contact import contact_of
from .lead_sheet import COLUMNS, line_of
from .looked_for import LookedFor
from .origins import Origin, origins_of
from .page_route import PageRoute
from .paper import written
from .search import LOOKED, Found, search
from .sheet import sheet

FILE_LEADS = 5_000
"""Leads in the file, the best: what people look through in a spreadsheet."""

Columns = Sequence[ColumnElement[Any]]

STATIC = Path(__file__).parent.parent / "static"

PAGE: dict[str, Any] = {
    "include_in_schema": False,
    "openapi_extra": may(Role.SALES, Role.MARKETING, Role.ANALYST, Role.ADMIN),
}


class RankedPage:
    """`/` and `/leads.csv`: a page of the ranked list for people, and the best of it as a file."""

    def __init__(self, database: Database, champion: Champion, clock: Clock, limits: Limits) -> None:
        self._database, self._champion, self._clock, self._limits = database, champion, clock, limits

    def add_to(self, app: FastAPI) -> None:
        """Put the page, its file and its style into the application."""
        for path, endpoint in (("/", self.show), ("/leads.csv", self.as_file)):
            app.router.add_api_route(path, endpoint, methods=["GET"], route_class_override=PageRoute, **PAGE)
        app.mount("/static", StaticFiles(directory=STATIC), name="static")

    async def show(self, request: Request) -> Response:
        """The page that the address asks for; where there is none such, the first, and a word about it."""
        wanted, rest = _parted(request.query_params)
        try:
            asked, lost = list_query(rest, self._limits), False
        except Unfit:
            asked, lost = ListQuery(Sort.EXPECTED_VALUE, None, self._limits.default_page, None), True
        return await run_in_threadpool(self._written, request, asked, wanted, lost)

    def _written(self, request: Request, asked: ListQuery, wanted: LookedFor, lost: bool) -> Response:
        caller = caller_of(request)
        found = self._found(caller, asked, wanted, SHOWN_COLUMNS)
        rows = found.page.rows
        listed = [kept_score_body(row) for row in rows]
        return written(
            "ranked.html",
            request,
            404 if lost else 200,
            leads=listed,
            own=caller.desks is not None,
            worth=any(lead["expected_value"] is not None for lead in listed),
            ready=any(lead["readiness"] is not None for lead in listed),
            model=found.page.model,
            scored_on=_day_of(found.page),
            asked=asked,
            is_sorted=asked.sort is not Sort.EXPECTED_VALUE,
            words=wanted.words,
            grades=_grades(asked, wanted),
            looked=LOOKED if found.is_part else None,
            is_first=asked.after is None,
            start=_address(asked, wanted),
            next=_address(asked, wanted, after=found.page.next.cursor()) if found.page.next else None,
            file=_address(asked, wanted, path="/leads.csv"),
            most=FILE_LEADS,
            lost=lost,
        )

    def _found(self, caller: Caller, asked: ListQuery, wanted: LookedFor, columns: Columns) -> Found:
        """The leads of a page; without words nothing is looked through."""
        with self._database.reading() as connection:
            if wanted.words:
                return search(connection, asked, wanted, desks=caller.desks, columns=columns)
            how = (asked.sort, asked.grade, asked.limit, asked.after)
            return Found(page(connection, *how, desks=caller.desks, columns=columns), is_part=False)

    async def as_file(self, request: Request) -> Response:
        """The best leads as CSV, with the same filter, in which no text is taken for a formula."""
        wanted, rest = _parted(request.query_params)
        asked = replace(list_query(rest, self._limits), limit=FILE_LEADS, after=None)
        return await run_in_threadpool(self._as_file, caller_of(request), asked, wanted)

    def _as_file(self, caller: Caller, asked: ListQuery, wanted: LookedFor) -> Response:
        rows = self._found(caller, asked, wanted, (*SHOWN_COLUMNS, leads.c.fields)).page.rows
        serving = self._champion.serving
        origins = origins_of(serving.card if serving else None)
        return sheet(f"all-leads-{self._clock():%Y-%m-%d}.csv", COLUMNS, (_line(row, origins) for row in rows))


def _line(row: Row[Any], origins: Sequence[Origin]) -> Iterator[object]:
    fields, reasons = json.loads(row.fields), json.loads(row.reasons)
    return line_of(
        row,
        contact_of(json.loads(row.display), fields),
        {origin.key: origin.of(fields) for origin in origins},
        [reason["text"] for reason in reasons if reason["points"] > 0],
        [reason["text"] for reason in reasons if reason["points"] < 0],
    )


def _parted(given: QueryParams) -> tuple[LookedFor, QueryParams]:
    """What is looked for, and what else is asked of the list."""
    rest = [(name, value) for name, value in given.multi_items() if name != "q"]
    return LookedFor(given.get("q", "")), QueryParams(rest)


def _grades(asked: ListQuery, wanted: LookedFor) -> list[tuple[Grade | None, str, str]]:
    """The lists by grade: each with its name and its address."""
    named = [(None, "All leads"), *((grade, f"Grade {grade}") for grade in Grade)]
    return [(grade, name, _address(replace(asked, grade=grade), wanted)) for grade, name in named]


def _address(asked: ListQuery, wanted: LookedFor, *, after: str | None = None, path: str = "/") -> str:
    given = {
        "q": wanted.words,
        "sort": asked.sort if asked.sort is not Sort.EXPECTED_VALUE else None,
        "grade": asked.grade,
        "after": after,
    }
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{path}?{query}" if query else path


def _day_of(found: Page) -> str | None:
    if not found.rows:
        return None
    day = datetime.fromtimestamp(max(row.as_of for row in found.rows), UTC)
    return f"{day.day} {day:%B %Y}"

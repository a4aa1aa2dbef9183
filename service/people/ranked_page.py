"""The page of all leads, ranked, with reasons in plain words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from service.access.roles import Role, caller_of, may
from service.bodies import kept_score_body
from service.database import Database
from service.list_query import ListQuery, list_query
from service.problems import Unfit
from service.ranked import Grade, Page, Sort, page
from service.settings import Limits

from .page_route import PageRoute
from .paper import written

STATIC = Path(__file__).parent.parent / "static"

PAGE: dict[str, Any] = {
    "include_in_schema": False,
    "openapi_extra": may(Role.SALES, Role.MARKETING, Role.ANALYST, Role.ADMIN),
}


class RankedPage:
    """`/`: a page of the ranked list for people."""

    def __init__(self, database: Database, limits: Limits) -> None:
        self._database, self._limits = database, limits

    def add_to(self, app: FastAPI) -> None:
        """Put the page and its style into the application."""
        app.router.add_api_route("/", self.show, methods=["GET"], route_class_override=PageRoute, **PAGE)
        app.mount("/static", StaticFiles(directory=STATIC), name="static")

    async def show(self, request: Request) -> Response:
        """The page that the address asks for; where there is none such, the first, and a word about it."""
        try:
            asked, lost = list_query(request.query_params, self._limits), False
        except Unfit:
            asked, lost = ListQuery(Sort.EXPECTED_VALUE, None, self._limits.default_page, None), True
        return await run_in_threadpool(self._written, request, asked, lost)

    def _written(self, request: Request, asked: ListQuery, lost: bool) -> Response:
        desks = caller_of(request).desks
        with self._database.reading() as connection:
            found = page(connection, asked.sort, asked.grade, asked.limit, asked.after, desks=desks)
        shown = [kept_score_body(row) for row in found.rows]
        return written(
            "ranked.html",
            request,
            404 if lost else 200,
            leads=shown,
            worth=any(lead["expected_value"] is not None for lead in shown),
            ready=any(lead["readiness"] is not None for lead in shown),
            model=found.model,
            scored_on=_day_of(found),
            grade=asked.grade,
            grades=[(None, "All leads", "/"), *((g, f"Grade {g}", f"/?grade={g}") for g in Grade)],
            is_first=asked.after is None,
            start=_address(asked, None),
            next=_address(asked, found.next.cursor()) if found.next else None,
            lost=lost,
        )


def _address(asked: ListQuery, after: str | None) -> str:
    given: dict[str, Any] = {}
    if asked.sort is not Sort.EXPECTED_VALUE:
        given["sort"] = asked.sort
    if asked.grade:
        given["grade"] = asked.grade
    if after:
        given["after"] = after
    return f"/?{urlencode(given)}" if given else "/"


def _day_of(found: Page) -> str | None:
    if not found.rows:
        return None
    day = datetime.fromtimestamp(max(row.as_of for row in found.rows), UTC)
    return f"{day.day} {day:%B %Y}"

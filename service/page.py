"""The page for sales: the ranked list with reasons, in plain words, without a script."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from . import documented as doc
from .access.roles import caller_of
from .bare import BareRoute
from .bodies import kept_score_body
from .database import Database
from .list_query import ListQuery, list_query
from .problems import Unfit
from .ranked import Grade, Page, Sort, page
from .settings import Limits

HERE = Path(__file__).parent


class LeadPage:
    """`/`: a page of the ranked list for people."""

    def __init__(self, database: Database, limits: Limits) -> None:
        self._database, self._limits = database, limits
        words = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        words.filters |= {"percent": percent, "amount": amount, "signed": signed}
        self._template = words.get_template("ranked.html")

    def add_to(self, app: FastAPI) -> None:
        """Put the page and its style into the application."""
        app.router.add_api_route("/", self.show, methods=["GET"], route_class_override=BareRoute, **doc.PAGE)
        app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")

    async def show(self, request: Request) -> Response:
        """The page that the address asks for; where there is none such, the first, and a word about it."""
        try:
            asked, lost = list_query(request.query_params, self._limits), False
        except Unfit:
            asked, lost = ListQuery(Sort.EXPECTED_VALUE, None, self._limits.default_page, None), True
        html = await run_in_threadpool(self._html, asked, lost, caller_of(request).desks)
        return HTMLResponse(html, 404 if lost else 200)

    def _html(self, asked: ListQuery, lost: bool, desks: frozenset[str] | None) -> str:
        with self._database.reading() as connection:
            found = page(connection, asked.sort, asked.grade, asked.limit, asked.after, desks=desks)
        shown = [kept_score_body(row) for row in found.rows]
        return self._template.render(
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


def percent(share: float) -> str:
    """A chance as people say it: `34 %`, `under 1 %`, `over 99 %`."""
    if share < 0.01:
        return "under 1 %"
    return "over 99 %" if share > 0.99 else f"{share:.0%}".replace("%", " %")


def amount(value: float | None) -> str:
    """Money as people say it, to three figures: `1,240`, `99`, nothing where it is not known."""
    if value is None:
        return ""
    whole = float(f"{value:.3g}")
    return f"{whole:,.0f}" if whole >= 1 else "under 1"


def signed(points: float) -> str:
    """Points with a typographer's sign; whole, because a tenth of a point says nothing."""
    whole = round(points)
    return "±0" if whole == 0 else f"{whole:+d}".replace("-", "\u2212")

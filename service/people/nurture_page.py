"""The leads that stay with marketing, as a page and as a file: the best first, each with why and when to look again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from sqlalchemy import ColumnElement, Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from service.access.roles import Role, may
from service.champion import Champion
from service.database import Database
from service.handover.allocating import Why
from service.handover.because import because
from service.handover.days import Today
from service.handover.nurture import Nurtured, NurturePage, desks_of, nurture_page
from service.handover.sellers import every_seller
from service.handover.staying import Stays
from service.handover.team import Team
from service.moments import Clock
from service.problems import Unfit
from service.ranked import Place, Sort, listed_version, place_of
from service.settings import Limits
from service.tables import leads

from .account_table import WORDS
from .contact import contact_of
from .funnel import code_of
from .handover_plan import Plans
from .origins import Origin, origins_of
from .page_route import PageRoute
from .paper import written
from .sheet import sheet
from .words import spaced

MARKETERS: dict[str, Any] = {"include_in_schema": False, "openapi_extra": may(Role.MARKETING, Role.ADMIN)}

FILE_LEADS = 10_000
"""Leads in the file: what a campaign takes at once."""

COLUMNS = (
    *("lead", "name", "company", "phone", "email", "grade", "score", "probability", "expected_value", "readiness"),
    *("why", "refused_for", "look_again", "campaign", "source", "speaks_for", "speaks_against"),
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


class NurturePages:
    """The routes `/nurture` and `/nurture.csv`."""

    def __init__(
        self, database: Database, champion: Champion, clock: Clock, limits: Limits, *, team: Team, plans: Plans
    ) -> None:
        self._database, self._champion, self._clock = database, champion, clock
        self._limits, self._team, self._plans = limits, team, plans

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for path, endpoint in (("/nurture", self.show), ("/nurture.csv", self.as_file)):
            app.router.add_api_route(path, endpoint, methods=["GET"], route_class_override=PageRoute, **MARKETERS)

    @property
    def _today(self) -> Today:
        return Today.of(self._clock(), self._team.zone)

    async def show(self, request: Request) -> Response:
        """The leads that stay with marketing."""
        cursor = request.query_params.get("after")
        try:
            after = place_of(cursor, Sort.EXPECTED_VALUE, None) if cursor else None
        except Unfit:
            after = None
        return await run_in_threadpool(self._written, request, _asked_why(request), after)

    def _written(self, request: Request, only: str | None, after: Place | None) -> Response:
        with self._database.reading() as connection:
            found, why = self._staying(connection, self._limits.default_page, only, after)
        return written(
            "nurture.html",
            request,
            leads=[
                (lead, contact_of(json.loads(lead.row.display), json.loads(lead.row.fields))) for lead in found.leads
            ],
            reasons=WHY,
            only=only,
            address=_address,
            why=why,
            why_refused=refused_for,
            is_first=after is None,
            next=found.next.cursor() if found.next else None,
        )

    async def as_file(self, request: Request) -> Response:
        """The leads that stay with marketing as a file, the best of them."""
        return await run_in_threadpool(self._as_file, _asked_why(request))

    def _as_file(self, only: str | None) -> Response:
        serving = self._champion.serving
        origins = origins_of(serving.card if serving else None)
        with self._database.reading() as connection:
            found, why = self._staying(connection, FILE_LEADS, only)
        rows = (_row(lead, why(lead), origins) for lead in found.leads)
        name = "-".join(["nurture", *([only.replace("_", "-")] if only else []), self._today.day.isoformat()])
        return sheet(f"{name}.csv", COLUMNS, rows)

    def _staying(
        self, connection: Connection, limit: int, only: str | None, after: Place | None = None
    ) -> tuple[NurturePage, Callable[[Nurtured], str]]:
        """Leads that no seller has, and how to say why; those that a handover would give now are among them.

        only: of them those that stay for this reason, or would be given now.
        """
        today, serving = self._today, self._champion.serving
        given = {row["lead_id"] for row in self._plans.of(connection, today).given}
        short = serving.card.short_horizon_days if serving else None
        where, without = None, given if only not in (None, NEXT) else set[str]()
        if only is not None:
            where = leads.c.id.in_(given) if only == NEXT else self._because(connection, today, only, after)
        found = nurture_page(connection, today, limit, after, short_days=short, where=where, without=without)
        return found, lambda lead: WHY[NEXT if lead.row.id in given else lead.why]

    def _because(
        self, connection: Connection, today: Today, only: str, after: Place | None
    ) -> ColumnElement[bool] | None:
        model = after.model if after else listed_version(connection)
        if model is None:
            return None
        why = Stays(only) if only in set(Stays) else Why(only)
        return because(connection, why, today, model, desks_of(every_seller(connection), today))


def _asked_why(request: Request) -> str | None:
    """The reason that an address asks for; None for all, and for one that there is not."""
    asked = request.query_params.get("why")
    return asked if asked in WHY else None


def _address(only: str | None, after: str | None = None, path: str = "/nurture") -> str:
    """The address of a list of leads that stay."""
    query = urlencode({name: value for name, value in (("why", only), ("after", after)) if value})
    return f"{path}?{query}" if query else path


def refused_for(lead: Nurtured) -> str | None:
    """What sales refused a lead for, without what somebody wrote; None where sales did not."""
    return WORDS[code_of(lead.row.state_reason)] if lead.why is Stays.REFUSED else None


def _row(lead: Nurtured, why: str, origins: Sequence[Origin]) -> Iterator[object]:
    row, fields, reasons = lead.row, json.loads(lead.row.fields), json.loads(lead.row.reasons)
    shown, known = contact_of(json.loads(row.display), fields), {origin.key: origin.of(fields) for origin in origins}
    yield from (row.id, shown["name"] or row.id, row.company or "", shown["phone"] or "", shown["email"] or "")
    yield from (row.grade, row.score, row.probability, row.expected_value, row.readiness or "")
    yield from (why, refused_for(lead) or "", (lead.look_again or "")[:10])
    yield from (known.get("campaign", ""), known.get("source", ""))
    yield "; ".join(spaced(reason["text"]) for reason in reasons if reason["points"] > 0)
    yield "; ".join(spaced(reason["text"]) for reason in reasons if reason["points"] < 0)

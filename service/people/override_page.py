"""A person's word against the score, from the page of a lead."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from service.access.roles import Caller, Role, caller_of, may
from service.asked import TEXT_CHARACTERS, is_id
from service.database import Database
from service.life.access import no_such_lead
from service.life.override_routes import keep_of
from service.life.overrides import LONGEST, Override, asked_override
from service.moments import Clock, micros_at
from service.settings import Limits

from .forms import form_of
from .page_route import PageRoute
from .refusal import Field, Filled, keep_filled

PEOPLE: dict[str, Any] = {
    "include_in_schema": False,
    "openapi_extra": may(Role.SALES, Role.MARKETING, Role.ADMIN),
}

NAMES = ("lead_id", "place", "reason", "until")
ASKED = {
    "reason": Field("reason", "Why?", f"say why, in at most {TEXT_CHARACTERS:,} characters"),
    "until": Field("until", "Until", f"choose a day within the next {LONGEST.days} days", "date"),
}
BY_SCORE = "score"
"""What the form says in place of a place, to leave the lead to its score again."""


class OverridePage:
    """The route `/override`."""

    def __init__(self, database: Database, clock: Clock, limits: Limits) -> None:
        self._database, self._clock, self._limits = database, clock, limits

    def add_to(self, app: FastAPI) -> None:
        """Put the route into the application."""
        app.router.add_api_route("/override", self.put, methods=["POST"], route_class_override=PageRoute, **PEOPLE)

    async def put(self, request: Request) -> Response:
        """Put a lead first, hold it back, or leave it to its score, and go back to its page."""
        form, caller = await form_of(request, NAMES, self._limits), caller_of(request)
        lead_id = form.get("lead_id", "")
        if not is_id(lead_id):
            raise no_such_lead()
        page = "/lead?" + urlencode({"id": lead_id}, quote_via=quote)
        keep_filled(request, Filled("/override", form, ASKED, page))
        word = {name: text for name, text in form.items() if name != "lead_id"}
        said = None if form.get("place") == BY_SCORE else asked_override(word, caller.name, self._clock())
        await run_in_threadpool(self._keep, lead_id, said, caller)
        return RedirectResponse(page, HTTPStatus.SEE_OTHER)

    def _keep(self, lead_id: str, said: Override | None, caller: Caller) -> None:
        with self._database.writing() as connection:
            keep_of(connection, lead_id, said, caller, micros_at(self._clock()))

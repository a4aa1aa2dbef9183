"""What somebody in sales says of a lead on a page becomes an event like any other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from service.access.roles import Caller, Role, caller_of, may
from service.asked import SHORT_RULE, TEXT_CHARACTERS, is_short
from service.champion import Champion
from service.database import Database
from service.life import asked
from service.life.access import check_reach
from service.life.asked import Told
from service.life.happened import Taken, Visit, take_told
from service.moments import Clock, micros_at, text_of_micros
from service.problems import Fault, Problem, Unfit
from service.settings import Limits

from .forms import form_of
from .page_route import PageRoute
from .refusal import Field, Filled, keep_filled
from .today_query import page_of, way_back

TEXTS = ("event_id", "lead_id", "feedback", "reason", "until", "deal_id", "withdraws")
NAMES = (*TEXTS, "note", "value", "back")

NO_AMOUNT = Fault("value", "an amount above 0 of at most 15 digits, such as 12500 or 12.500,50")

ASKED = {
    "until": Field("until", "Ask again on", "choose a day after today, before the year 2200", "date"),
    "value": Field("value", "Value", f"write {NO_AMOUNT.rule}, or leave it empty"),
    "note": Field("note", "What is wrong", f"write at most {TEXT_CHARACTERS:,} characters, its reason included"),
}

_CURRENCY = re.compile(r"^[A-Za-z€$£]{1,3}|[A-Za-z€$£]{1,3}$")
_AMOUNT = re.compile(r"([0-9]{1,15}|[0-9]{1,3}(?:[.,][0-9]{3})+)(?:[.,]([0-9]{1,2}))?", re.ASCII)
"""Three digits behind a mark are thousands, one or two are cents."""

SAY: dict[str, Any] = {"include_in_schema": False, "openapi_extra": may(Role.SALES, Role.ADMIN)}


class Say:
    """The route `/say`."""

    def __init__(self, database: Database, champion: Champion, clock: Clock, limits: Limits) -> None:
        self._database, self._champion, self._clock, self._limits = database, champion, clock, limits

    def add_to(self, app: FastAPI) -> None:
        """Put the route into the application."""
        app.router.add_api_route("/say", self.say, methods=["POST"], route_class_override=PageRoute, **SAY)

    async def say(self, request: Request) -> Response:
        """Take in what was said and go back to the list, which offers to take it back."""
        form = await form_of(request, NAMES, self._limits)
        keep_filled(request, Filled("/say", form, ASKED, _page_of(form)))
        told = asked.feedback(_as_event(form, text_of_micros(micros_at(self._clock())) or ""))
        await run_in_threadpool(self._take, told, caller_of(request))
        return RedirectResponse(_back(form, told), HTTPStatus.SEE_OTHER)

    def _take(self, told: Told, caller: Caller) -> None:
        with self._database.writing() as connection:
            reached = check_reach(connection, caller, told)
            if isinstance(reached, Problem):
                raise reached
            visit = Visit(connection, self._database, self._champion.serving, self._clock(), caller.name)
            taken = take_told(visit, [told])[0]
        if taken is Taken.ERASED:
            raise Problem(HTTPStatus.GONE, "erased", "This lead was erased. Nothing was kept.")


def _page_of(form: Mapping[str, str]) -> str:
    """The page that the form stands on."""
    by_id = urlencode({"id": form.get("lead_id", "")}, quote_via=quote)
    return f"/lead?{by_id}" if form.get("back") == "lead" else page_of(form.get("back", ""))


def _back(form: Mapping[str, str], told: Told) -> str:
    """The page where it was said, which offers to take it back."""
    said, back = told.event.event_id, form.get("back", "")
    return f"{_page_of(form)}&{urlencode({'said': said})}" if back == "lead" else way_back(back, said)


def _as_event(form: Mapping[str, str], now: str) -> dict[str, object]:
    """The form as an event that the API takes; raises Unfit for a value that is no number."""
    found: dict[str, object] = {"occurred_at": now, **{name: form[name] for name in TEXTS if name in form}}
    if "note" in form:
        found["reason"] = f"{form['reason']}: {form['note']}" if "reason" in form else form["note"]
        if not is_short(found["reason"]):
            raise Unfit(Fault("note", SHORT_RULE))
    if "value" in form:
        found["value"] = amount_of(form["value"])
    if "until" in form and form["until"] <= now[:10]:
        raise Unfit(Fault("until", "a day after today"))
    return found


def amount_of(text: str) -> float:
    """An amount as people write it, whichever mark their country has before the cents; raises Unfit.

    >>> [amount_of(t) for t in ("12500", "12.500", "12,500", "1.234,50", "1,234.5", "€ 99", "12 500 EUR")]
    [12500.0, 12500.0, 12500.0, 1234.5, 1234.5, 99.0, 12500.0]
    >>> amount_of("12'500")
    12500.0
    """
    digits = _CURRENCY.sub("", "".join(text.replace("'", "").replace("\u2019", "").split()))
    shape = _AMOUNT.fullmatch(digits)
    if shape is None:
        raise Unfit(NO_AMOUNT)
    whole, cents = shape.groups()
    if not (found := float(f"{whole.replace('.', '').replace(',', '')}.{cents or 0}")):
        raise Unfit(NO_AMOUNT)
    return found

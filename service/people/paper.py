"""What pages are written on: the templates, and what every page shows around its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from service.access.roles import Caller, Role
from service.asked import TEXT_CHARACTERS
from service.life.overrides import LONGEST
from service.moments import LAST

from .refusal import Refusal, typed_in
from .sessions import USER
from .words import (
    amount,
    day,
    display_of,
    exactly,
    figure,
    is_day,
    number,
    percent,
    person,
    portion,
    signed,
    spaced,
    span,
    told,
)

FOLDER = Path(__file__).parent.parent / "templates"

ALL = frozenset({Role.SALES, Role.MARKETING, Role.ANALYST, Role.ADMIN})

PAGES = (
    ("/today", "Today", frozenset({Role.SALES, Role.ADMIN})),
    ("/handover", "Handover", frozenset({Role.MARKETING, Role.ADMIN})),
    ("/account", "What became of them", ALL),
    ("/target", "Target", frozenset({Role.SALES, Role.MARKETING, Role.ADMIN})),
    ("/", "All leads", ALL),
    ("/models", "Models", ALL - {Role.SALES}),
)
"""Where people go, and which of them; who comes in begins with the first that is his."""


@cache
def _words_of(currency: str | None) -> Environment:
    """The templates of a service whose amounts are in this currency."""
    words = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words.filters |= {"percent": percent, "signed": signed, "day": day, "span": span, "number": number}
    words.filters |= {"display": display_of, "spaced": spaced, "portion": portion, "figure": figure, "told": told}
    words.tests["day"] = is_day
    words.filters |= {"person": person}
    words.filters |= {name: partial(how, currency=currency) for name, how in (("amount", amount), ("exactly", exactly))}
    return words


def home_of(caller: Caller) -> str:
    """The page that somebody opens in the morning."""
    return next((path for path, _, roles in PAGES if caller.role in roles), "/")


def written(template: str, request: Request, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. values: what its template asks for. One that is shown for a refused form answers as the refusal does."""
    caller: Caller | None = request.scope.get("caller")
    refusal: Refusal | None = request.scope.get("refusal")
    html = (
        _words_of(request.app.state.currency())
        .get_template(template)
        .render(
            caller=caller,
            person=person(caller.name) if caller and caller.name.startswith(USER) else None,
            signs_out=bool(request.scope.get("by_session")),
            rooms=[(path, words) for path, words, roles in PAGES if caller and caller.role in roles],
            here=request.scope["path"],
            refusal=refusal,
            typed=partial(typed_in, refusal),
            rules=_rules(request.app.state.clock()),
            **values,
        )
    )
    return HTMLResponse(html, refusal.status if refusal and status == HTTPStatus.OK else status)


def _rules(now: datetime) -> dict[str, str | int]:
    """What the browser is told of the rules of dates and texts; days are in UTC, as those of the API."""
    return {
        "tomorrow": f"{now + timedelta(days=1):%Y-%m-%d}",
        "last_day": f"{datetime.fromtimestamp(LAST, UTC) - timedelta(days=1):%Y-%m-%d}",
        "last_override": f"{now + LONGEST - timedelta(days=1):%Y-%m-%d}",
        "most_text": TEXT_CHARACTERS,
        "most_note": TEXT_CHARACTERS - 20,  # the reason's code stands before it
    }

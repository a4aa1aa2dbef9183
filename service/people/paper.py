"""What pages are written on: the templates, and what every page shows around its own."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from service.access.roles import Caller, Role

from .sessions import USER
from .words import amount, day, display_of, figure, number, percent, portion, signed, spaced, span

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
    words.filters |= {"display": display_of, "spaced": spaced, "portion": portion, "figure": figure}
    words.filters["amount"] = partial(amount, currency=currency)
    return words


def home_of(caller: Caller) -> str:
    """The page that somebody opens in the morning."""
    return next((path for path, _, roles in PAGES if caller.role in roles), "/")


def written(template: str, request: Request, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. values: what its template asks for."""
    caller: Caller | None = request.scope.get("caller")
    html = (
        _words_of(request.app.state.currency)
        .get_template(template)
        .render(
            caller=caller,
            person=caller.name.removeprefix(USER) if caller and caller.name.startswith(USER) else None,
            signs_out=bool(request.scope.get("by_session")),
            rooms=[(path, words) for path, words, roles in PAGES if caller and caller.role in roles],
            here=request.url.path,
            **values,
        )
    )
    return HTMLResponse(html, status)

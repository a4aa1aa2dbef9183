"""The page that marketing and sales look at together: one account of what became of the leads."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from scoring.fields import Field
from service.access.roles import Role, may
from service.champion import Champion
from service.database import Database
from service.life.state import DAY
from service.moments import Clock, micros_at

from .funnel import MONTH, Group, choices, funnel, refusals, total_of
from .page_route import PageRoute
from .paper import written
from .said import REFUSALS

ACCOUNT: dict[str, Any] = {
    "include_in_schema": False,
    "openapi_extra": may(Role.SALES, Role.MARKETING, Role.ANALYST, Role.ADMIN),
}

HORIZON_DAYS = 90
"""Where the model has no horizon: how long a lead gets to buy before it counts as one that did not."""

KEPT_SECONDS = 60.0
"""An account is counted again after so long: a million leads take seconds."""

MOST = 50
"""Groups on the page."""


@dataclass(frozen=True, slots=True)
class Account:
    """What was counted. until: when it is counted again, by a clock that only rises."""

    groups: Sequence[Group]
    total: Group
    refused: Sequence[tuple[str, int]]
    until: float


class AccountPage:
    """The route `/account`."""

    def __init__(self, database: Database, champion: Champion, clock: Clock) -> None:
        self._database, self._champion, self._clock = database, champion, clock
        self._counted: dict[tuple[str, str | None], Account] = {}
        self._counting = Lock()

    def add_to(self, app: FastAPI) -> None:
        """Put the route into the application."""
        app.router.add_api_route("/account", self.show, methods=["GET"], route_class_override=PageRoute, **ACCOUNT)

    async def show(self, request: Request) -> Response:
        """What arrived, was handed over, answered and won."""
        return await run_in_threadpool(self._written, request)

    def _written(self, request: Request) -> Response:
        serving = self._champion.serving
        known: dict[str, Field] = {f.name: f for f in serving.card.fields} if serving else {}
        named = choices(known.values())
        asked = request.query_params.get("by", MONTH)
        by = known[asked] if asked in named else None
        days = (serving.card.horizon_days if serving else None) or HORIZON_DAYS
        account = self._account(by, serving.version if serving else None, days)
        return written(
            "account.html",
            request,
            groups=account.groups[:MOST],
            total=account.total,
            refused=[(REFUSALS.get(code, code), count) for code, count in account.refused[:10]],
            choices=named,
            by=by.name if by else MONTH,
            days=days,
        )

    def _account(self, by: Field | None, version: str | None, days: int) -> Account:
        key = (by.name if by else MONTH, version)
        with self._counting:  # a page that many open at once is counted once
            found = self._counted.get(key)
            if found is not None and time.monotonic() < found.until:
                return found
            now = micros_at(self._clock())
            with self._database.reading() as connection:
                groups = funnel(connection, by, now=now, horizon=days * DAY)
                why = refusals(connection, since=now - 365 * DAY)
            account = Account(groups, total_of(groups), why, time.monotonic() + KEPT_SECONDS)
            self._counted = {k: v for k, v in self._counted.items() if v.until > time.monotonic()} | {key: account}
            return account

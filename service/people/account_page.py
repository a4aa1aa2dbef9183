"""The page that marketing and sales look at together: one account of what became of the leads."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock, Thread
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from scoring.fields import Field
from service.access.roles import Role, caller_of, may
from service.champion import Champion, Serving
from service.database import Database
from service.life.state import DAY
from service.moments import Clock, micros_at, text_of_micros
from service.tables import leads

from .account_asked import Asked, asked_of
from .account_leads import MOST as MOST_LEADS
from .account_leads import Behind, leads_behind
from .account_table import COLUMNS, KEY, WORDS, heads, in_order, name_of, reasons_of, row_of
from .funnel import Group, code_of, funnel, total_of
from .page_route import PageRoute
from .paper import written
from .period import Month, Period, offered
from .sheet import sheet

ACCOUNT: dict[str, Any] = {
    "include_in_schema": False,
    "openapi_extra": may(Role.SALES, Role.MARKETING, Role.ANALYST, Role.ADMIN),
}

HORIZON_DAYS = 90
"""Where the model has no horizon: how long a lead gets to buy before it counts as one that did not."""

KEPT_SECONDS = 60.0
"""An account is counted again after so long: a million leads take seconds."""

STALE_SECONDS = 600.0
"""For so long the old one is shown while it is counted again beside the requests."""

MOST_KEPT = 100
"""Accounts that are kept: there are many pairs of months."""

MOST = 50
"""Groups on the page; the file has all."""

Key = tuple[str, Period, str | None]


@dataclass(frozen=True, slots=True)
class Account:
    """What was counted. months: those that can be chosen. as_of: when it was counted, microseconds since 1970.

    at: when it was counted, or begun to be counted anew, by a clock that only rises.
    """

    groups: Sequence[Group]
    total: Group
    months: Sequence[Month]
    as_of: int
    at: float


class AccountPage:
    """The routes `/account`, `/account.csv` and `/account/leads`."""

    def __init__(self, database: Database, champion: Champion, clock: Clock) -> None:
        self._database, self._champion, self._clock = database, champion, clock
        self._counted: dict[Key, Account] = {}
        self._counting = Lock()

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for path, endpoint in (
            ("/account", self.show),
            ("/account.csv", self.as_file),
            ("/account/leads", self.leads),
        ):
            app.router.add_api_route(path, endpoint, methods=["GET"], route_class_override=PageRoute, **ACCOUNT)

    async def show(self, request: Request) -> Response:
        """What arrived, was handed over, answered and won."""
        return await run_in_threadpool(self._written, request)

    def _written(self, request: Request) -> Response:
        asked = self._asked(request)
        account = self._account(asked)
        return written(
            "account.html",
            request,
            asked=asked,
            groups=in_order(account.groups, asked.column, falling=asked.falling)[:MOST],
            more=max(0, len(account.groups) - MOST),
            total=account.total,
            as_of=text_of_micros(account.as_of),
            columns=COLUMNS,
            key=KEY,
            name_of=name_of,
            address_of=lambda group, what, why: asked.behind(group.key, what, why),
            reasons=reasons_of(account.total),
            words=WORDS,
            months=asked.period.among(account.months),
            days=self._days,
        )

    async def as_file(self, request: Request) -> Response:
        """All groups and all columns, for a spreadsheet."""
        return await run_in_threadpool(self._as_file, request)

    def _as_file(self, request: Request) -> Response:
        asked = self._asked(request)
        groups = in_order(self._account(asked).groups, asked.column, falling=asked.falling)
        return sheet(asked.file_name, heads(asked.what), map(row_of, groups))

    async def leads(self, request: Request) -> Response:
        """The leads behind a number of the account."""
        return await run_in_threadpool(self._leads, request)

    def _leads(self, request: Request) -> Response:
        asked, given = self._asked(request), request.query_params
        what = given.get("what", "")
        what = what if what in COLUMNS and COLUMNS[what].listed else "arrived"
        why = given.get("why") if what == "refused" and given.get("why") in WORDS else None
        behind = Behind(given.get("group"), what, why)
        with self._database.reading() as connection:
            found = leads_behind(connection, asked, behind, caller_of(request), micros_at(self._clock()))
        return written(
            "account_leads.html",
            request,
            asked=asked,
            behind=behind,
            group=None if behind.group is None else name_of(Group(behind.group)),
            what=COLUMNS[what].words.lower(),
            found=found,
            shown=lambda row: json.loads(row.display),
            words=WORDS,
            code_of=code_of,
            most=MOST_LEADS,
        )

    def _asked(self, request: Request) -> Asked:
        serving = self._champion.serving
        known: dict[str, Field] = {f.name: f for f in serving.card.fields} if serving else {}
        return asked_of(request.query_params, known, micros_at(self._clock()))

    @property
    def _days(self) -> int:
        serving: Serving | None = self._champion.serving
        return (serving.card.horizon_days if serving else None) or HORIZON_DAYS

    def _account(self, asked: Asked) -> Account:
        """The account as it was counted last, where that was lately; an older one while it is counted anew."""
        serving = self._champion.serving
        key = (asked.what, asked.period, serving.version if serving else None)
        with self._counting:  # a page that many open at once is counted once
            found = self._counted.get(key)
            age = time.monotonic() - found.at if found is not None else STALE_SECONDS
            if found is None or age >= STALE_SECONDS:
                return self._remember(key, self._count(asked))
            if age >= KEPT_SECONDS:
                self._remember(key, replace(found, at=time.monotonic()))
                Thread(target=self._count_again, args=(key, asked), daemon=True).start()
            return found

    def _count_again(self, key: Key, asked: Asked) -> None:
        with suppress(SQLAlchemyError):  # then the old one lasts for longer
            self._remember(key, self._count(asked))

    def _remember(self, key: Key, account: Account) -> Account:
        kept = sorted((self._counted | {key: account}).items(), key=lambda one: -one[1].at)
        self._counted = dict(kept[:MOST_KEPT])
        return account

    def _count(self, asked: Asked) -> Account:
        now = micros_at(self._clock())
        with self._database.reading() as connection:
            groups = funnel(connection, asked.by, asked.period, now=now, horizon=self._days * DAY)
            months = offered(_earliest(connection), now)
        return Account(groups, total_of(groups), months, now, time.monotonic())


def _earliest(connection: Connection) -> int | None:
    """When the first lead came in, asked of two indexes."""
    dated = connection.execute(select(func.min(leads.c.created_at))).scalar()
    stored = connection.execute(select(func.min(leads.c.stored_at)).where(leads.c.created_at.is_(None))).scalar()
    return min((at for at in (dated, stored) if at is not None), default=None)

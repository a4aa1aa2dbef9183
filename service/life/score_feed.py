"""The feed of changed scores: what a CRM asks every few minutes to write scores back."""

from __future__ import annotations

import base64
import json
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import Connection, Row, select
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.responses import Response

from service.asked import LARGEST_INTEGER
from service.bare import BareRoute
from service.bodies import answer
from service.champion import MODEL
from service.database import Database
from service.moments import SECOND, micros_of, text_of_seconds
from service.problems import Fault, Unfit, shown

from . import documented as doc
from .past import changes
from .tables import past_scores

MOST, USUAL = 1_000, 200
SINCE_RULE = "`paging.next.since` of an earlier answer, or a moment"

Place = tuple[int, int]
"""Transaction and number of a score: the order of the feed."""


class ScoreFeed:
    """The route of changed scores."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_to(self, app: FastAPI) -> None:
        """Put the route into the application."""
        app.router.add_api_route(
            "/v1/scores", self.changed, methods=["GET"], route_class_override=BareRoute, **doc.CHANGED
        )

    async def changed(self, request: Request) -> Response:
        """Read the scores that changed since an earlier answer."""
        since, limit = _asked(request.query_params)
        return answer(await run_in_threadpool(self._changed, since, limit))

    def _changed(self, since: Place | int, limit: int) -> dict[str, Any]:
        with self._database.reading() as connection:
            place = place_at(connection, since) if isinstance(since, int) else since
            rows = changes(connection, place, limit + 1)
        told = rows[:limit]
        if told:
            place = (told[-1].tx, told[-1].seq)
        return {
            "results": [_body(row) for row in told],
            "more": len(rows) > limit,
            "paging": {"next": {"since": _text_of(place)}},
        }


def place_at(connection: Connection, moment: int) -> Place:
    """The place before the first score of a moment (seconds since 1970) or later; the end where there is none."""
    order = (past_scores.c.tx, past_scores.c.seq)
    first = select(*order).where(past_scores.c.as_of >= moment).order_by(*order).limit(1)
    row = connection.execute(first).first()
    if row is not None:
        return row.tx, row.seq - 1
    last = connection.execute(select(*order).order_by(*(c.desc() for c in order)).limit(1)).first()
    return (last.tx, last.seq) if last is not None else (0, 0)


def _body(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.lead_id,
        "score": row.score,
        "probability": row.probability,
        "grade": row.grade,
        "expected_value": row.expected_value,
        "readiness": row.readiness,
        "model": {"name": MODEL, "version": row.model},
        "as_of": text_of_seconds(row.as_of),
    }


def _asked(given: QueryParams) -> tuple[Place | int, int]:
    names = [name for name, _ in given.multi_items()]
    faults = [
        Fault(shown(n), "given once, and one of since, limit")
        for n in dict.fromkeys(names)
        if n not in ("since", "limit") or names.count(n) > 1
    ]
    if faults:
        raise Unfit(*faults)
    since, limit = given.get("since"), given.get("limit", str(USUAL))
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 6 and 1 <= int(limit) <= MOST):
        raise Unfit(Fault("limit", f"a whole number from 1 to {MOST:,}"))
    return (0, 0) if since is None else _place_of(since), int(limit)


def _text_of(place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def _place_of(text: str) -> Place | int:
    micros = micros_of(text)
    if micros is not None:
        return micros // SECOND
    try:
        parts = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        tx, seq = parts
    except (ValueError, TypeError, RecursionError):
        raise Unfit(Fault("since", SINCE_RULE)) from None
    if not all(type(n) is int and 0 <= n < LARGEST_INTEGER for n in (tx, seq)):
        raise Unfit(Fault("since", SINCE_RULE))
    return tx, seq

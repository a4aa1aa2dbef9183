"""Scores for the asking: one lead, many leads, and what the model wants to know. Nothing is stored."""

from __future__ import annotations

from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Request
from starlette.responses import Response

from . import documented as doc
from .asked import asked_lead, is_id, object_of
from .bare import BareRoute
from .bodies import answer, failed_body, score_body
from .champion import Champion, Serving
from .life.objections import Objections
from .moments import Clock
from .problems import Fault, Problem, Unfit
from .schema import schema_body
from .settings import Limits
from .strict_json import read

BATCH_KEYS = frozenset({"leads"})

BATCHES_AT_ONCE = 4
"""Threads of their own: those of the common pool may all be waiting for the database."""

UNUSED_ACTIVITIES = ("unused:activities",)
"""Said where a lead brings activities and the model looks at fields only."""


class ScoringRoutes:
    """The routes that score without keeping."""

    def __init__(self, champion: Champion, objections: Objections, clock: Clock, limits: Limits) -> None:
        self._champion, self._objections = champion, objections
        self._clock, self._limits = clock, limits
        self._seats = CapacityLimiter(BATCHES_AT_ONCE)

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        route = app.router.add_api_route
        route("/v1/score", self.score, methods=["POST"], route_class_override=BareRoute, **doc.SCORE)
        route(
            "/v1/score/batch",
            self.score_batch,
            methods=["POST"],
            route_class_override=BareRoute,
            **doc.SCORE_BATCH,
        )
        route("/v1/schema", self.schema, methods=["GET"], route_class_override=BareRoute, **doc.SCHEMA)

    async def score(self, request: Request) -> Response:
        """Score one lead."""
        raw = await read(request, self._limits)
        return answer(scored_body(raw, self._champion.current(), self._objections, self._now()))

    async def score_batch(self, request: Request) -> Response:
        """Score many leads with one version of the model; results come in the order of the request."""
        raw = await read(request, self._limits)
        leads = self._leads_of(raw)
        serving, now = self._champion.current(), self._now()
        results = await to_thread.run_sync(
            lambda: [_result(lead, serving, self._objections, now) for lead in leads], limiter=self._seats
        )
        errors = sum(r["error"] is not None for r in results)
        return answer({"num_errors": errors, "results": results})

    async def schema(self, _request: Request) -> Response:
        """Say what the model wants to know."""
        return answer(schema_body(self._champion.current()))

    def _now(self) -> int:
        return int(self._clock().timestamp())

    def _leads_of(self, raw: object) -> list[object]:
        faults: list[Fault] = []
        leads = (object_of(raw, BATCH_KEYS, "body", faults) or {}).get("leads")
        if not faults and (not isinstance(leads, list) or not 1 <= len(leads) <= self._limits.batch_leads):
            faults.append(Fault("leads", f"a list of 1 to {self._limits.batch_leads:,} leads"))
        if faults:
            raise Unfit(*faults)
        assert isinstance(leads, list)
        return leads


def scored_body(raw: object, serving: Serving, objections: Objections, now: int) -> dict[str, Any]:
    """The answer to one lead as it was sent; now: seconds since 1970. Raises Problem."""
    lead = asked_lead(raw, serving.lengths)
    objections.check(lead.id)
    as_of = now if lead.as_of is None else lead.as_of
    rating = serving.rate(lead.fields, as_of, created=lead.created, activities=lead.activities)
    unused = bool(lead.activities) and not serving.looks_at_activities
    return score_body(lead.id, rating, UNUSED_ACTIVITIES if unused else ())


def _result(raw: object, serving: Serving, objections: Objections, now: int) -> dict[str, Any]:
    try:
        body = scored_body(raw, serving, objections, now)
    except Problem as fault:
        lead_id = raw.get("id") if isinstance(raw, dict) else None
        return failed_body(lead_id if is_id(lead_id) else None, fault)
    return {"id": body["id"], "status": 200, "error": None} | body

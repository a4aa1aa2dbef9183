"""Scores for the asking: one lead, many leads, and what the model wants to know. Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Request
from starlette.responses import Response

from . import documented as doc
from .asked import AskedLead, asked_lead, is_id, object_of
from .bare import BareRoute
from .bodies import answer, failed_body, score_body
from .champion import Champion, Rated, Serving
from .life.objections import Objections
from .moments import Clock
from .problems import Fault, Problem, Unfit
from .schema import schema_body
from .settings import Limits
from .strict_json import parse, read_bytes
from .usual_bodies import usual_lead, usual_leads

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
        body = await read_bytes(request, self._limits)
        return answer(scored_body(body, self._champion.current(), self._objections, self._now()))

    async def score_batch(self, request: Request) -> Response:
        """Score many leads with one version of the model; results come in the order of the request."""
        body, serving = await read_bytes(request, self._limits), self._champion.current()
        asked = usual_leads(body, self._limits.batch_leads) or self._asked(body, serving)
        return await to_thread.run_sync(self._scored, asked, serving, self._now(), limiter=self._seats)

    def _asked(self, body: bytes, serving: Serving) -> list[AskedLead | Problem]:
        """The leads of a batch, or what each breaks; raises Unfit for the whole."""
        return [_lead_or_fault(raw, serving) for raw in self._leads_of(parse(body))]

    def _scored(self, asked: Sequence[AskedLead | Problem], serving: Serving, now: int) -> Response:
        leads = [lead if isinstance(lead, Problem) else self._let_in(lead) for lead in asked]
        fit = [lead for lead in leads if not isinstance(lead, Problem)]
        ratings = iter(serving.rate_many([_rated(lead, now) for lead in fit]))
        results = [
            failed_body(lead.about, lead)
            if isinstance(lead, Problem)
            else {"id": lead.id, "status": 200, "error": None}
            | score_body(lead.id, next(ratings), _more_warnings(lead, serving))
            for lead in leads
        ]
        return answer({"num_errors": len(leads) - len(fit), "results": results})

    def _let_in(self, lead: AskedLead) -> AskedLead | Problem:
        try:
            self._objections.check(lead.id)
        except Problem as fault:
            fault.about = lead.id
            return fault
        return lead

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


def scored_body(body: bytes, serving: Serving, objections: Objections, now: int) -> dict[str, Any]:
    """The answer to one lead as it was sent; now: seconds since 1970. Raises Problem."""
    lead = usual_lead(body) or asked_lead(parse(body), serving.lengths)
    objections.check(lead.id)
    rating = serving.rate(*_rated(lead, now))
    return score_body(lead.id, rating, _more_warnings(lead, serving))


def _lead_or_fault(raw: object, serving: Serving) -> AskedLead | Problem:
    try:
        return asked_lead(raw, serving.lengths)
    except Problem as fault:
        lead_id = raw.get("id") if isinstance(raw, dict) else None
        fault.about = lead_id if is_id(lead_id) else None
        return fault


def _rated(lead: AskedLead, now: int) -> Rated:
    return lead.fields, now if lead.as_of is None else lead.as_of, lead.created, lead.activities


def _more_warnings(lead: AskedLead, serving: Serving) -> tuple[str, ...]:
    return UNUSED_ACTIVITIES if lead.activities and not serving.looks_at_activities else ()

"""`/metrics`: what this process did and what waits, for Prometheus. Routes and counts, never an id or an address."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from . import documented as doc
from .bare import BareRoute
from .champion import Champion
from .database import Database
from .handover.waiting import Waiting as Leads
from .handover.waiting import waiting
from .moments import Clock, micros_at
from .probe import Probe
from .problems import Unavailable
from .tally import BUCKETS, Tally
from .webhooks.tables import deliveries

if TYPE_CHECKING:
    from prometheus_client.core import Metric

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows of the outbox that are due, now or later, and that are dead; leads that wait for a seller's answer."""

    due: int
    dead: int
    leads: Leads


class MetricsRoute:
    """The route, and the collector behind it."""

    def __init__(self, database: Database, champion: Champion, tally: Tally, clock: Clock, answer_within: int) -> None:
        """answer_within: hours after which a lead that was handed over is overdue."""
        self._database, self._champion, self._tally = database, champion, tally
        self._clock, self._answer_within = clock, answer_within
        self._counts = Probe(self._ask)

    def add_to(self, app: FastAPI) -> None:
        """Put the route into the application."""
        app.router.add_api_route(
            "/metrics", self.metrics, methods=["GET"], route_class_override=BareRoute, **doc.METRICS
        )

    async def metrics(self, _request: Request) -> Response:
        """Show metrics of this process."""
        try:
            counted = await self._counts.answer()
        except (SQLAlchemyError, Unavailable):
            counted = None
        return Response(self._text(counted), media_type=MEDIA_TYPE)

    def _ask(self) -> Waiting:
        with self._database.reading() as connection:
            due, dead = (
                connection.execute(select(func.count()).select_from(deliveries).where(stamp.is_not(None))).scalar_one()
                for stamp in (deliveries.c.next_at, deliveries.c.dead_at)
            )
            leads = waiting(connection, micros_at(self._clock()), self._answer_within)
        return Waiting(due, dead, leads)

    def _text(self, counted: Waiting | None) -> bytes:
        # Imported when somebody scrapes: it takes a tenth of a second that a start need not.
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry()
        registry.register(_Collected([*self._of_process(), *_of_database(counted)]))
        return generate_latest(registry)

    def _of_process(self) -> Iterator[Metric]:
        tally, serving = self._tally, self._champion.serving
        yield from _answers(tally)
        yield _number("requests_in_work", "requests that are worked on now", tally.in_work)
        yield _number("requests_reading", "requests whose body is on its way", tally.reading)
        yield _number("requests_refused", "requests that were turned away as too many", tally.refused, counter=True)
        yield _number("scores_made", "scores that were made, stored or not", tally.scores, counter=True)
        yield _number("leads_stored", "leads that were written", tally.leads, counter=True)
        if tally.newest_score is not None:
            yield _number(
                "newest_score_timestamp_seconds", "as_of of the newest score that was stored", tally.newest_score
            )
        if serving is not None:
            yield _number("model_info", "the version that scores", 1, version=serving.version)


class _Collected:
    """Metrics that are ready, in the form that a registry asks for."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        """All of them."""
        return self._metrics


def _of_database(counted: Waiting | None) -> Iterator[Metric]:
    yield _number("database_up", "1 where the database answered within two seconds", int(counted is not None))
    if counted is not None:
        yield _number("outbox_due", "webhook messages that are to be sent, now or later", counted.due)
        yield _number("outbox_dead", "webhook messages that were given up", counted.dead)
        yield _number("leads_waiting", "leads that were handed over and not answered", counted.leads.leads)
        yield _number("leads_overdue", "those that wait for longer than they should", counted.leads.overdue)


def _number(name: str, said: str, value: float, *, counter: bool = False, **labels: str) -> Metric:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    labels = {"worker": str(os.getpid())} | labels
    family = CounterMetricFamily if counter else GaugeMetricFamily
    metric = family(f"leadrank_{name}", said, labels=list(labels))
    metric.add_metric(list(labels.values()), value)
    return metric


def _answers(tally: Tally) -> Iterator[Metric]:
    from prometheus_client.core import HistogramMetricFamily

    seconds = HistogramMetricFamily(
        "leadrank_request_seconds",
        "requests by route, method and class of status, and how long they took",
        labels=["worker", "route", "method", "status"],
    )
    ends = [*map(str, BUCKETS), "+Inf"]
    for (route, method, status), answers in sorted(tally.answers.items()):
        labels = [str(os.getpid()), route, method, f"{status}xx"]
        seconds.add_metric(labels, list(zip(ends, accumulate(answers.buckets), strict=True)), answers.seconds)
    yield seconds

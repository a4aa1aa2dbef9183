"""Wires the service: settings in, application out."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.exc import SQLAlchemyError

from models import Shelf
from models.retraining import FOLDER

from .access.attempts import Attempts
from .access.directory import Directory
from .access.guard import Guard
from .bare import Routes, refuse_other_routes
from .caretaker import Caretaker
from .champion import Champion
from .currency import Currency
from .database import Database, open_database
from .documented import describe
from .door import Door
from .edits import Edits
from .handover.documented import BODIES as HANDOVER_BODIES
from .handover.routes import HandoverRoutes
from .handover.team import Team
from .health import HealthRoutes
from .intake import Intake
from .lead_routes import LeadRoutes
from .leaving import Leaving
from .life.documented import BODIES
from .life.end_routes import EndRoutes
from .life.ends import Scrubber
from .life.event_routes import EventRoutes
from .life.objections import Objections
from .life.override_routes import OverrideRoutes
from .life.score_feed import ScoreFeed
from .metrics import MetricsRoute
from .model_routes import ModelRoutes
from .moments import Clock, now_utc
from .once import Once
from .people import people_routes
from .people.sessions import Sessions
from .problems import handle_problems
from .schedule import Schedule
from .scoring_routes import ScoringRoutes
from .settings import Settings
from .tally import TALLY
from .targets.answering import Answering
from .targets.documented import BODIES as TARGET_BODIES
from .targets.routes import TargetRoutes
from .webhooks.deliverer import Deliverer
from .webhooks.routes import WebhookRoutes

COLLECTED_AFTER = 50_000
"""New objects after which the collector looks for circles among them: one batch makes more than its usual 700."""

NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""The framework's own would send addresses, which hold ids of leads, wherever OTEL_* points; `/metrics` holds none."""


def create_app(settings: Settings, *, clock: Clock = now_utc) -> FastAPI:
    """The service on an upgraded database. It starts without a model too, and says 503 where it needs one."""
    database = open_database(settings.database_url, settings.secret_file)
    shelf, directory = Shelf(settings.shelf), Directory(database)
    champion = Champion(shelf, settings.product_field)
    champion.refresh()
    directory.refresh()
    once, objections = Once(database, clock), Objections(database)
    scrubber = Scrubber(database, settings.shelf.parent / FOLDER)
    with suppress(SQLAlchemyError):  # it starts without a database too
        objections.refresh()
    watches = {"access": directory.refresh, "objections": objections.refresh, "scrubbing": scrubber.go_on}
    leaving, team = Leaving(), Team.of(settings)
    workers = _workers(settings, database, champion, clock, watches)
    app = _bare_app(_life(database, leaving, *workers))
    app.state.champion, app.state.database, app.state.scrubber = champion, database, scrubber
    app.state.clock, app.state.currency = clock, Currency(settings.currency, shelf, champion)
    app.state.guard = Guard(directory, clock, Attempts(settings.limits.failures_a_minute))
    app.state.sessions = Sessions(database, directory, clock)
    app.state.edits = Edits(settings, clock)
    app.state.answering = Answering(database, app.state.currency, champion, clock, team)
    handle_problems(app)
    app.add_middleware(Intake, most=settings.most_requests, tally=TALLY, leaving=leaving)
    app.add_middleware(Door, allowed_hosts=settings.allowed_hosts)
    every: tuple[Routes, ...] = (
        ScoringRoutes(champion, objections, clock, settings.limits),
        OverrideRoutes(database, clock, settings.limits),
        EndRoutes(database, champion, clock, settings.limits, once=once, objections=objections, scrubber=scrubber),
        LeadRoutes(database, champion, clock, settings.limits, once),
        EventRoutes(database, champion, clock, settings.limits, once),
        HandoverRoutes(database, champion, clock, settings.limits, once=once, team=team),
        TargetRoutes(app.state.answering, settings.limits),
        ScoreFeed(database),
        ModelRoutes(shelf, champion, clock, once, settings.limits),
        WebhookRoutes(database, clock, settings.limits, internal=settings.webhooks_internal),
        HealthRoutes(database, champion, leaving),
        MetricsRoute(database, champion, TALLY, clock, settings.answer_within),
        *people_routes(app, database, shelf, champion, clock, settings.limits, team, settings.openid),
    )
    for routes in every:
        routes.add_to(app)
    refuse_other_routes(app)
    describe(app, (*BODIES, *HANDOVER_BODIES, *TARGET_BODIES))
    return app


def _workers(
    settings: Settings, database: Database, champion: Champion, clock: Clock, watches: Mapping[str, Callable[[], None]]
) -> list[Caretaker | Deliverer | Schedule]:
    """What works beside the requests. watches: what the caretaker looks at beside the shelf, by name."""
    often, internal = settings.watch_seconds, settings.webhooks_internal
    return [
        Caretaker(database, champion, clock, often, watches=watches),
        Deliverer(database, clock, internal=internal, watch_seconds=often),
        *([] if settings.retrain_at is None else [Schedule(settings, settings.retrain_at, clock)]),
    ]


def _bare_app(life: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> FastAPI:
    return FastAPI(
        title="leadrank",
        summary="Scores leads with reasons, keeps them, and ranks them.",
        version="1",
        docs_url=None,  # both pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
        lifespan=life,
    )


def _life(
    database: Database, leaving: Leaving, *workers: Caretaker | Deliverer | Schedule
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        gc.freeze()  # what is here now stays: the collector need not go through it with every batch
        gc.set_threshold(COLLECTED_AFTER)
        leaving.watch()
        for worker in workers:
            worker.start()
        yield
        for worker in workers:
            worker.stop()
        database.close()

    return life

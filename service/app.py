"""Wires the service: settings in, application out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from models import Shelf

from .caretaker import Caretaker
from .champion import Champion
from .database import Database, open_database
from .documented import describe
from .door import Door
from .health import HealthRoutes
from .intake import Intake
from .lead_routes import LeadRoutes
from .leaving import Leaving
from .metrics import MetricsRoute
from .moments import Clock, now_utc
from .page import LeadPage
from .problems import handle_problems
from .scoring_routes import ScoringRoutes
from .settings import Settings
from .tally import TALLY
from .webhooks.deliverer import Deliverer
from .webhooks.routes import WebhookRoutes


def create_app(settings: Settings, *, clock: Clock = now_utc) -> FastAPI:
    """The service on an upgraded database. It starts without a model too, and says 503 where it needs one."""
    database = open_database(settings.database_url)
    champion = Champion(Shelf(settings.shelf))
    champion.refresh()
    leaving = Leaving()
    app = FastAPI(
        title="leadrank",
        summary="Scores leads with reasons, keeps them, and ranks them.",
        version="1",
        docs_url=None,  # both pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_life(
            database,
            leaving,
            Caretaker(database, champion, clock, settings.watch_seconds),
            Deliverer(database, clock, internal=settings.webhooks_internal, watch_seconds=settings.watch_seconds),
        ),
    )
    app.state.champion, app.state.database = champion, database
    handle_problems(app)
    app.add_middleware(Intake, most=settings.most_requests, tally=TALLY, leaving=leaving)
    app.add_middleware(Door, allowed_hosts=settings.allowed_hosts)
    ScoringRoutes(champion, clock, settings.limits).add_to(app)
    LeadRoutes(database, champion, clock, settings.limits).add_to(app)
    WebhookRoutes(database, clock, settings.limits, internal=settings.webhooks_internal).add_to(app)
    HealthRoutes(database, champion, leaving).add_to(app)
    MetricsRoute(database, champion, TALLY).add_to(app)
    LeadPage(database, settings.limits).add_to(app)
    describe(app)
    return app


def _life(
    database: Database, leaving: Leaving, *workers: Caretaker | Deliverer
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        leaving.watch()
        for worker in workers:
            worker.start()
        yield
        for worker in workers:
            worker.stop()
        database.close()

    return life

"""Is the process alive, and can it answer: for those who watch and restart it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from . import documented as doc
from .bare import BareRoute
from .bodies import answer
from .champion import MODEL, Champion
from .database import Database
from .leaving import Leaving
from .probe import Probe
from .problems import Unavailable
from .upgrade import newest_version, version_of


class HealthRoutes:
    """`/livez` asks nothing of anything; `/readyz` asks the database and the model."""

    def __init__(self, database: Database, champion: Champion, leaving: Leaving) -> None:
        self._database, self._champion, self._leaving = database, champion, leaving
        self._probe = Probe(self._ready)
        self._newest = newest_version()

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        route = app.router.add_api_route
        route("/livez", self.alive, methods=["GET"], route_class_override=BareRoute, **doc.ALIVE)
        route("/readyz", self.ready, methods=["GET"], route_class_override=BareRoute, **doc.READY)

    async def alive(self, _request: Request) -> Response:
        """Say that the process runs."""
        return answer({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        """Say whether leads can be scored and stored, and what is amiss."""
        if self._leaving.told:
            raise Unavailable("stopping", "this process was told to stop", 1)
        return answer(await self._probe.answer())

    def _ready(self) -> dict[str, Any]:
        with self._database.reading() as connection:
            stands_at = version_of(connection)
        if stands_at != self._newest:
            raise Unavailable(
                "no-database",
                "the database does not have this program's tables; run `leadrank db upgrade`",
                10,
            )
        serving, trouble = self._champion.current(), self._champion.trouble
        return {
            "status": "degraded" if trouble else "ready",
            "reason": trouble,
            "model": {"name": MODEL, "version": serving.version},
        }

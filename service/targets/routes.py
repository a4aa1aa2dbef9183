"""Targets over HTTP: what is to be won, and how far sales is."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from service.access.roles import caller_of
from service.bare import BareRoute
from service.bodies import answer
from service.settings import Limits
from service.strict_json import read

from . import documented as doc
from .answering import Answering
from .asked import asked_goal
from .bodies import answer_body
from .goals import Goal


class TargetRoutes:
    """The routes `/v1/target`."""

    def __init__(self, answering: Answering, limits: Limits) -> None:
        self._answering, self._limits = answering, limits

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for method, endpoint, said in (("GET", self.show, doc.TARGET), ("PUT", self.set, doc.SET_TARGET)):
            app.router.add_api_route("/v1/target", endpoint, methods=[method], route_class_override=BareRoute, **said)

    async def show(self, _request: Request) -> Response:
        """Read the target, what is reached, and what is missing."""
        return answer(await run_in_threadpool(self._answered))

    async def set(self, request: Request) -> Response:
        """Set the target that counts from now on."""
        raw = await read(request, self._limits)
        goal = asked_goal(raw, self._answering.today.day)
        return answer(await run_in_threadpool(self._set, goal, caller_of(request).name))

    def _set(self, goal: Goal, by: str) -> dict[str, Any]:
        self._answering.set(goal, by)
        return self._answered()

    def _answered(self) -> dict[str, Any]:
        return answer_body(self._answering.answer())

"""The published models over HTTP: list, read, let one serve, go back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from models import Shelf
from models.changes import HISTORY
from models.listing import listing_of

from .access.roles import caller_of
from .asked import object_of
from .bare import BareRoute
from .bodies import answer
from .champion import Champion
from .life import documented as doc
from .moments import Clock
from .once import Done, Once
from .problems import Fault, Unfit
from .settings import Limits
from .shelving import Shelving
from .strict_json import parse, read_bytes

MODELS = "/v1/models"

REASON_KEYS = frozenset({"reason"})


class ModelRoutes:
    """The routes of the shelf."""

    def __init__(self, shelf: Shelf, champion: Champion, clock: Clock, once: Once, limits: Limits) -> None:
        self._shelf, self._shelving, self._once = shelf, Shelving(shelf, champion, clock), once
        self._limits = limits

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for method, path, endpoint, said in (
            ("GET", MODELS, self.listed, doc.MODELS),
            ("GET", MODELS + "/{version}", self.one, doc.MODEL),
            ("POST", MODELS + "/rollback", self.roll_back, doc.ROLL_BACK),
            ("POST", MODELS + "/{version}/promote", self.promote, doc.PROMOTE),
        ):
            app.router.add_api_route(path, endpoint, methods=[method], route_class_override=BareRoute, **said)

    async def listed(self, _request: Request) -> Response:
        """List the published models."""
        return answer(await run_in_threadpool(self._listed))

    async def one(self, request: Request) -> Response:
        """Read a published model."""
        return answer(await run_in_threadpool(self._one, request.path_params["version"]))

    async def promote(self, request: Request) -> Response:
        """Let a model serve."""
        version, caller = request.path_params["version"], caller_of(request).name
        body = await read_bytes(request, self._limits)
        reason = _reason_in(body)
        return await run_in_threadpool(
            self._once.run, request, body, caller, lambda _: Done(self._promote(version, caller, reason))
        )

    async def roll_back(self, request: Request) -> Response:
        """Go back to the champion before this one."""
        caller = caller_of(request).name
        body = await read_bytes(request, self._limits)
        reason = _reason_in(body)
        return await run_in_threadpool(
            self._once.run, request, body, caller, lambda _: Done(self._roll_back(caller, reason))
        )

    def _listed(self) -> dict[str, Any]:
        found = listing_of(self._shelf)
        lines = [{k: v for k, v in asdict(line).items() if k != "report"} for line in found.lines]
        return {
            "champion": found.champion,
            "challenger": found.challenger,
            "fault": found.fault,
            "models": lines,
        }

    def _one(self, version: str) -> dict[str, Any]:
        self._shelving.check(version)
        found = self._shelf.open(version)
        fields = found.card.fields
        return {
            "version": version,
            "champion": version == self._shelf.champion(),
            "created_at": found.created_at,
            "sha256": found.digest,
            "fields": [{"name": f.name, "kind": f.kind.value} for f in fields],
            "pairs": [[fields[i].name for i in (p.a, p.b)] for p in found.card.pairs],
            "about": {name: said for name, said in found.about.items() if name != HISTORY},
            "history": [asdict(change) for change in self._shelf.history() if change.version == version],
        }

    def _promote(self, version: str, by: str, reason: str) -> Response:
        return answer({"before": self._shelving.promote(version, by, reason), "champion": version})

    def _roll_back(self, by: str, reason: str) -> Response:
        before = self._shelf.champion()
        return answer({"before": before, "champion": self._shelving.roll_back(by, reason)})


def _reason_in(body: bytes) -> str:
    """Why, as a body may say; it may be empty. Raises Unfit and Unreadable."""
    if not body:
        return ""
    faults: list[Fault] = []
    raw = object_of(parse(body), REASON_KEYS, "body", faults) or {}
    reason = raw.get("reason")
    if reason is not None and not isinstance(reason, str):
        faults.append(Fault("reason", "a text, or null"))
    if faults:
        raise Unfit(*faults)
    return str(reason or "")

"""The model room: which models there are, which one serves, what the gate said, and what their promises were worth."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from models import Published, Shelf
from models.listing import listing_of
from models.retraining import last_note
from service.access.roles import Role, caller_of, may
from service.champion import Champion
from service.database import Database
from service.moments import Clock
from service.problems import Problem
from service.settings import Limits
from service.shelving import Shelving
from service.watching.watch import Watch

from .edit_view import ENDED, day_of, edit_of
from .forms import form_of
from .known_already import known_already
from .page_route import PageRoute
from .paper import written
from .promise_picture import promise_picture

ROOM: dict[str, Any] = {"include_in_schema": False, "openapi_extra": may(Role.MARKETING, Role.ANALYST, Role.ADMIN)}
KEEPERS: dict[str, Any] = {"include_in_schema": False, "openapi_extra": may(Role.ANALYST, Role.ADMIN)}

EDITS_SHOWN = 5
"""Edits by hand whose figures stand on the page."""

SERVES = "serves"
"""In the page's address: the version that was let serve a moment ago."""

UNNAMED = "leadrank: report of a model"
"""How a report names itself, in its title and on top: it is written before its model has a version."""

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class ModelRoom:
    """The routes `/models`, `/models/{version}/report`, `/models/promote` and `/models/rollback`."""

    def __init__(self, database: Database, shelf: Shelf, champion: Champion, clock: Clock, limits: Limits) -> None:
        self._shelf, self._champion = shelf, champion
        self._limits, self._shelving = limits, Shelving(shelf, champion, clock)
        self._watch = Watch(database, champion, clock)

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for method, path, endpoint, said in (
            ("GET", "/models", self.show, ROOM),
            ("GET", "/models/{version}/report", self.report, ROOM),
            ("POST", "/models/promote", self.promote, KEEPERS),
            ("POST", "/models/rollback", self.roll_back, KEEPERS),
        ):
            app.router.add_api_route(path, endpoint, methods=[method], route_class_override=PageRoute, **said)

    async def show(self, request: Request) -> Response:
        """All models, and the promises of what was scored."""
        return await run_in_threadpool(self._written, request)

    def _written(self, request: Request) -> Response:
        found, serving = listing_of(self._shelf), self._champion.serving
        seen = self._watch.look(self._about(serving.version if serving else None))
        about = self._about(found.champion)
        opened = {line.version: self._shelf.open(line.version) for line in found.lines if not line.fault}
        edits = {version: edit for version, one in reversed(opened.items()) if (edit := edit_of(one))}
        history = self._shelf.history()[-10:][::-1]
        said = [str(alarm.get("text", "")) for alarm in about.get("alarms", ()) if isinstance(alarm, Mapping)]
        return written(
            "models.html",
            request,
            lines=[*reversed(found.lines)],
            gates={line.version: _gate_of(opened.get(line.version)) for line in found.lines},
            edits=edits,
            edits_shown=[*edits.values()][:EDITS_SHOWN],
            decisions={line.version: line.decision or "promote" for line in found.lines},
            day_of=day_of,
            ended=ENDED,
            champion=found.champion,
            fault=found.fault,
            alarms=[*(seen.new.alarms if seen.new else ()), *said],
            retrained=last_note(self._shelf.folder),
            history=history,
            before=self._shelf.champion_before() if history else None,
            serves=request.query_params.get(SERVES) == found.champion,
            seen=seen,
            known=known_already(about, seen.new),
            picture=promise_picture(seen.trust.bands),
            may_promote=caller_of(request).role in (Role.ANALYST, Role.ADMIN),
        )

    def _about(self, version: str | None) -> Mapping[str, Any]:
        return self._shelf.open(version).about if version is not None and version in self._shelf.versions() else {}

    async def report(self, request: Request) -> Response:
        """A model's report, a page of its own with a style of its own; it has no script, and could not run one."""
        version = request.path_params["version"]
        text = with_way_back(await run_in_threadpool(self._report, version), version)
        style = _STYLE.search(text)
        digest = b64encode(sha256((style[1] if style else "").encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; frame-ancestors 'none'; sandbox"
        return HTMLResponse(text, headers={"Content-Security-Policy": policy})

    def _report(self, version: str) -> str:
        self._shelving.check(version)
        report = self._shelf.open(version).report
        if report is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no-report", "This model has no report.")
        return report.read_text(encoding="utf-8")

    async def promote(self, request: Request) -> Response:
        """Let a model serve."""
        form = await form_of(request, ("version", "reason"), self._limits)
        version, reason = form.get("version", ""), form.get("reason", "")
        await run_in_threadpool(self._shelving.promote, version, caller_of(request).name, reason)
        return _told(version)

    async def roll_back(self, request: Request) -> Response:
        """Go back to the champion before this one."""
        form = await form_of(request, ("reason",), self._limits)
        reason = form.get("reason", "")
        return _told(await run_in_threadpool(self._shelving.roll_back, caller_of(request).name, reason))


def _told(version: str) -> Response:
    """Back to the page, which says that this version serves now."""
    return RedirectResponse(f"/models?{urlencode({SERVES: version})}", HTTPStatus.SEE_OTHER)


def _gate_of(published: Published | None) -> list[str]:
    """Why the gate decided as it did; nothing of a model that does not open."""
    gate = published.about.get("gate") if published else None
    reasons = gate.get("reasons", ()) if isinstance(gate, Mapping) else ()
    return [str(reason) for reason in reasons]


def with_way_back(report: str, version: str) -> str:
    """A report as the service shows it: a file of its own has no page to lead back to, and does not know its version.

    >>> with_way_back("<main><h1>Report</h1></main>", "3")[:58]
    '<main><nav aria-label="Models"><a href="/models">All model'
    """
    links = f'<a href="/models">All models</a><a href="/models/{version}/tables">Scorecard of model {version}</a>'
    told = report.replace(UNNAMED, f"{UNNAMED.removesuffix('a model')}model {version}", 2)
    return told.replace("<main>", f'<main><nav aria-label="Models">{links}</nav>', 1)

"""The scorecard of a model to read, and to change by hand: a new version, signed by a person, judged as any other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from models import Published, Shelf
from models.changes import HISTORY, Changes, hand_set_in, vetoed_in
from models.edit_note import EditNote
from models.reasons import LONGEST
from scoring import LeadrankError, Scorecard
from scoring.editing import MOST_POINTS, Setting, editable_codes
from scoring.words import code_text
from service.access.roles import Role, caller_of, may
from service.edits import Edits
from service.problems import Fault, Problem, Unfit, shown
from service.settings import Limits

from .edit_view import ENDED, day_of, edit_of
from .forms import form_of
from .page_route import PageRoute
from .paper import written
from .refusal import Field, Filled, keep_filled
from .scorecard_view import fields_of, pairs_of

READERS: dict[str, Any] = {"include_in_schema": False, "openapi_extra": may(Role.MARKETING, Role.ANALYST, Role.ADMIN)}
EDITORS: dict[str, Any] = {"include_in_schema": False, "openapi_extra": may(Role.ANALYST, Role.ADMIN)}

PATH = "/models/{version}/tables"

MOST_NAMES = 20_000
"""Names in the form: one for every level of every field."""


class ScorecardPage:
    """The route `/models/{version}/tables`."""

    def __init__(self, shelf: Shelf, edits: Edits, limits: Limits) -> None:
        self._shelf, self._edits, self._limits = shelf, edits, limits

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for method, endpoint, said in (("GET", self.show, READERS), ("POST", self.edit, EDITORS)):
            app.router.add_api_route(PATH, endpoint, methods=[method], route_class_override=PageRoute, **said)

    async def show(self, request: Request) -> Response:
        """Every field with its levels and points, and how the last edit stands."""
        return await run_in_threadpool(self._written, request)

    def _written(self, request: Request) -> Response:
        published = self._open(request.path_params["version"])
        vetoed = vetoed_in(published.about)
        return written(
            "scorecard.html",
            request,
            version=published.version,
            champion=self._champion(),
            fields=fields_of(published.card, {str(one["field"]) for one in vetoed}),
            pairs=pairs_of(published.card),
            vetoed=vetoed,
            hand_set=hand_set_in(published.about),
            edited=edit_of(published),
            report=published.report is not None,
            history=_history_of(published),
            day_of=day_of,
            ended=ENDED,
            last=self._last_of(published.version),
            learned={"rows": published.about.get("rows"), "buyers": published.about.get("buyers")},
            horizon=published.card.horizon_days,
            may_edit=caller_of(request).role in (Role.ANALYST, Role.ADMIN),
            most_words=LONGEST,
        )

    async def edit(self, request: Request) -> Response:
        """Ask for a new version with what was changed."""
        published = await run_in_threadpool(self._open, request.path_params["version"])
        form = await form_of(request, set(_names(published.card)), self._limits, most=MOST_NAMES)
        path = request.scope["path"]
        keep_filled(request, Filled(path, form, dict(_asked(form, published.card)), quote(path)))
        changes = changes_in(form, published.card, caller_of(request).name)
        await run_in_threadpool(self._edits.ask, published, changes)
        return RedirectResponse(request.url.path, HTTPStatus.SEE_OTHER)

    def _open(self, version: str) -> Published:
        if version not in self._shelf.versions():
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-model", "No model of this version is on the shelf.")
        try:
            return self._shelf.open(version)
        except LeadrankError as fault:
            raise Problem(HTTPStatus.CONFLICT, "damaged-model", str(fault)) from None

    def _last_of(self, version: str) -> EditNote | None:
        """How the last edit stands, where it was made from this model or made it."""
        note = self._edits.last()
        return note if note is not None and version in (note.parent, note.model) else None

    def _champion(self) -> str | None:
        try:
            return self._shelf.champion()
        except LeadrankError:
            return None


def _history_of(published: Published) -> str:
    """Whether the history that a model learned from lies where it lay: `there`, `gone`, or `unknown`."""
    where = published.about.get(HISTORY)
    if not isinstance(where, str):
        return "unknown"
    return "there" if Path(where).exists() else "gone"


def changes_in(form: Mapping[str, str], card: Scorecard, by: str) -> Changes:
    """What a form says of a card. Raises Unfit where points are no number."""
    names = {place: field.name for place, field in enumerate(card.fields)}
    return Changes(
        by,
        form.get("why", ""),
        veto=tuple(name for place, name in names.items() if f"veto-{place}" in form),
        points=tuple(_settings(form, card)),
        allow=tuple(name for place, name in names.items() if f"allow-{place}" in form),
    )


def _settings(form: Mapping[str, str], card: Scorecard) -> Iterator[Setting]:
    for main in card.mains:
        field = card.fields[main.field]
        for code in editable_codes(field):
            said = form.get(f"points-{main.field}-{code}")
            if said is None:
                continue
            yield Setting(field.name, code, _points(said, f"points-{main.field}-{code}"))


def _points(said: str, name: str) -> float:
    """The points that somebody typed. Raises Unfit, which names the input and not only its field of leads."""
    try:
        found = float(said.replace(",", ".").replace("\u2212", "-"))
    except ValueError:
        found = math.nan
    if not abs(found) <= MOST_POINTS:
        raise Unfit(Fault(name, f"points are numbers from -{MOST_POINTS:.0f} to {MOST_POINTS:.0f}"))
    return found


def _asked(form: Mapping[str, str], card: Scorecard) -> Iterator[tuple[str, Field]]:
    """What may be wrong, and where it stands: a fault speaks of a level, of a field of leads, of the word, of all."""
    for place, field in enumerate(card.fields):
        said = (f"veto-{place}", f"allow-{place}")
        touched = (name for name in form if name in said or name.startswith(f"points-{place}-"))
        yield shown(field.name), Field(next(touched, ""), field.name)
        for code in editable_codes(field):
            name = f"points-{place}-{code}"
            yield name, Field(name, f"{field.name}: {code_text(field, code)}")
    yield "edit", Field("", "Edit")
    yield "why", Field("why", "Why")


def _names(card: Scorecard) -> Iterator[str]:
    """Every name that the form of a card may have."""
    yield "why"
    for place in range(len(card.fields)):
        yield from (f"veto-{place}", f"allow-{place}")
    for main in card.mains:
        yield from (f"points-{main.field}-{code}" for code in editable_codes(card.fields[main.field]))

"""What happened to leads over HTTP: activities, outcomes and feedback, one or many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from service.access.roles import Caller, caller_of
from service.asked import is_id, object_of
from service.bare import BareRoute
from service.bodies import answer, failed_body
from service.champion import Champion
from service.database import Database
from service.moments import Clock
from service.once import Done, Once
from service.problems import Fault, Problem, Unfit
from service.settings import Limits
from service.strict_json import parse, read_bytes

from . import asked
from . import documented as doc
from .access import check_reach
from .asked import Happened, Told
from .happened import Taken, Visit, take_activities, take_told

Sent = TypeVar("Sent", Happened, Told)
Take = Callable[[Visit, Sequence[Sent]], list[Taken]]

STATUS = {Taken.ACCEPTED: HTTPStatus.CREATED, Taken.REPEATED: HTTPStatus.OK}

REFUSED = {
    Taken.DIFFERS: (
        HTTPStatus.CONFLICT,
        "event-differs",
        "this event_id was used for another event; nothing was changed",
    ),
    Taken.ERASED: (HTTPStatus.GONE, "erased", "this lead was erased and is not taken in again"),
}


class EventRoutes:
    """The routes by which the CRM and salespeople say what happened."""

    def __init__(self, database: Database, champion: Champion, clock: Clock, limits: Limits, once: Once) -> None:
        self._database, self._champion, self._clock = database, champion, clock
        self._limits, self._once = limits, once

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for path, endpoint, said in (
            ("/v1/activities", self.activities, doc.ACTIVITIES),
            ("/v1/outcomes", self.outcomes, doc.OUTCOMES),
            ("/v1/feedback", self.feedback, doc.FEEDBACK),
        ):
            app.router.add_api_route(path, endpoint, methods=["POST"], route_class_override=BareRoute, **said)

    async def activities(self, request: Request) -> Response:
        """Take in what leads did."""
        return await self._take(request, "activities", asked.activity, take_activities)

    async def outcomes(self, request: Request) -> Response:
        """Take in what became of leads."""
        return await self._take(request, "outcomes", asked.outcome, take_told)

    async def feedback(self, request: Request) -> Response:
        """Take in what salespeople say of leads."""
        return await self._take(request, "feedback", asked.feedback, take_told)

    async def _take(self, request: Request, many: str, read: Callable[[object], Sent], take: Take[Sent]) -> Response:
        body = await read_bytes(request, self._limits)
        raw, caller = parse(body), caller_of(request)
        sent: list[Sent | Problem] = [_read(read, one) for one in self._all_of(raw, many)]

        def work(connection: Connection) -> Done:
            results = self._results(connection, caller, sent, take)
            leads = [one.lead_id for one in sent if not isinstance(one, Problem)]
            return Done(_many(sent, results) if _is_many(raw, many) else _single(sent[0], results[0]), leads)

        return await run_in_threadpool(self._once.run, request, body, caller.name, work)

    def _all_of(self, raw: object, many: str) -> list[object]:
        if not _is_many(raw, many):
            return [raw]
        faults: list[Fault] = []
        found = (object_of(raw, frozenset({many}), "body", faults) or {}).get(many)
        if not faults and (not isinstance(found, list) or not 1 <= len(found) <= self._limits.batch_leads):
            faults.append(Fault(many, f"a list of 1 to {self._limits.batch_leads:,} events"))
        if faults:
            raise Unfit(*faults)
        assert isinstance(found, list)
        return found

    def _results(
        self, connection: Connection, caller: Caller, sent: Sequence[Sent | Problem], take: Take[Sent]
    ) -> list[Taken | Problem]:
        """What became of each event; a fault of one does not hold up the others."""
        reached = [one if isinstance(one, Problem) else check_reach(connection, caller, one) for one in sent]
        fit = [one for one in reached if not isinstance(one, Problem)]
        visit = Visit(connection, self._database, self._champion.serving, self._clock(), caller.name)
        rest = iter(take(visit, fit) if fit else [])
        return [one if isinstance(one, Problem) else next(rest) for one in reached]


def _is_many(raw: object, many: str) -> bool:
    """A batch has a list under its name, where an event has text (feedback) or nothing."""
    return isinstance(raw, dict) and many in raw and (many != "feedback" or isinstance(raw[many], list))


def _read(read: Callable[[object], Sent], raw: object) -> Sent | Problem:
    try:
        return read(raw)
    except Unfit as fault:
        event_id = raw.get("event_id") if isinstance(raw, dict) else None
        fault.about = event_id if is_id(event_id) else None
        return fault


def _problem(result: Taken | Problem) -> Problem | None:
    if isinstance(result, Problem):
        return result
    return None if result in STATUS else Problem(*REFUSED[result])


def _single(sent: Happened | Told | Problem, result: Taken | Problem) -> Response:
    problem = _problem(result)
    if problem is not None:
        raise problem
    assert isinstance(result, Taken)
    assert not isinstance(sent, Problem)
    return answer({"event_id": _id_of(sent), "lead_id": sent.lead_id, "stored": result.value}, STATUS[result])


def _many(sent: Sequence[Happened | Told | Problem], results: Sequence[Taken | Problem]) -> Response:
    bodies = [_of_many(one, result) for one, result in zip(sent, results, strict=True)]
    return answer({"num_errors": sum(b["error"] is not None for b in bodies), "results": bodies})


def _of_many(sent: Happened | Told | Problem, result: Taken | Problem) -> dict[str, Any]:
    problem = _problem(result)
    event_id = sent.about if isinstance(sent, Problem) else _id_of(sent)
    if problem is not None:
        return failed_body(event_id, problem)
    assert isinstance(result, Taken)
    return {"id": event_id, "status": int(STATUS[result]), "stored": result.value, "error": None}


def _id_of(sent: Happened | Told) -> str:
    return sent.event_id if isinstance(sent, Happened) else sent.event.event_id

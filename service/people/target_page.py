"""The page of the target: what sales is to win by a day, what is won and expected, and how many leads are missing."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from service.access.roles import Role, caller_of, may
from service.settings import Limits
from service.targets.answering import Answering
from service.targets.asked import FORM, LONGEST_DAYS, told_goal
from service.targets.evidence import WORD
from service.targets.sentences import amount_in_words, day_in_words, expected_in_words, sentence_of

from .forms import form_of
from .page_route import PageRoute
from .paper import written
from .pictures import goal_bar
from .refusal import Field, Filled, keep_filled

READERS: dict[str, Any] = {
    "include_in_schema": False,
    "openapi_extra": may(Role.SALES, Role.MARKETING, Role.ADMIN),
}
SETTERS: dict[str, Any] = {"include_in_schema": False, "openapi_extra": may(Role.SALES, Role.ADMIN)}

AMOUNT = Field("amount", "To be won", "write a number above 0, such as 500,000; purchases are whole ones, such as 12")
ASKED = {
    **dict.fromkeys(("amount", "revenue", "purchases"), AMOUNT),
    "since": Field("since", "First day that counts", "choose today, or a day within the five years before", "date"),
    "until": Field("until", "Last day that counts", "choose today, or a day within the five years to come", "date"),
}


class TargetPage:
    """The route `/target`."""

    def __init__(self, answering: Answering, limits: Limits) -> None:
        self._answering, self._limits = answering, limits

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the application."""
        for method, endpoint, said in (("GET", self.show, READERS), ("POST", self.set, SETTERS)):
            app.router.add_api_route("/target", endpoint, methods=[method], route_class_override=PageRoute, **said)

    async def show(self, request: Request) -> Response:
        """The target, and how far sales is."""
        return await run_in_threadpool(self._written, request)

    async def set(self, request: Request) -> Response:
        """Set the target that counts from now on."""
        form = await form_of(request, FORM, self._limits)
        keep_filled(request, Filled("/target", form, ASKED, "/target"))
        goal = told_goal(form, self._answering.today.day)
        await run_in_threadpool(self._answering.set, goal, caller_of(request).name)
        return RedirectResponse("/target", HTTPStatus.SEE_OTHER)

    def _written(self, request: Request) -> Response:
        answer, today = self._answering.answer(), self._answering.today.day
        goal, plan, farthest = answer.goal, answer.plan, timedelta(days=LONGEST_DAYS)
        return written(
            "target.html",
            request,
            sentence=sentence_of(answer),
            answer=answer,
            plan=plan,
            bar=goal_bar(plan) if plan else None,
            expected=expected_in_words(answer),
            since=(goal.since if goal else today).isoformat(),
            today=today.isoformat(),
            first=(today - farthest).isoformat(),
            last=(today + farthest).isoformat(),
            counts_purchases=goal is not None and goal.revenue is None,
            said=lambda one: amount_in_words(one, one.amount, answer.currency),
            day_of=day_in_words,
            few=WORD,
            may_set=caller_of(request).role in (Role.SALES, Role.ADMIN),
        )

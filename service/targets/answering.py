"""The answer to how far sales is: the target that counts, what is won, and the plan from what is known now."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from threading import Lock, Thread

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from service.champion import Champion
from service.database import Database
from service.handover.days import Today
from service.handover.team import Team
from service.life.state import DAY
from service.moments import SECOND, Clock, micros_at
from service.ranked import listed_version

from .counting import (
    Bought,
    Matured,
    Reached,
    Resting,
    matured_leads,
    open_leads,
    purchases_after_scores,
    reached,
    resting_leads,
    window_of,
)
from .evidence import Evidence, evidence_of
from .goals import Goal, SetGoal, goals, set_goal
from .planning import Plan, Task, planned

HORIZON_DAYS = 90
"""Where the model has no horizon: how long a lead gets to buy."""

YEAR_DAYS = 365
"""Leads that had their time to buy within so many days show how leads buy."""

KEPT_SECONDS = 600.0
"""How leads bought is counted again after so long, beside the requests: it moves by the day, and a million leads take
seconds. Open leads and what is reached are counted each time."""


class WhyNot(StrEnum):
    """Why there is no plan."""

    NO_TARGET = "no_target"
    OVER = "over"
    NO_LEADS = "no_leads"
    NO_VALUES = "no_values"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the open leads are expected to bring within the horizon, where there is no day to plan for.

    plan: one for a target of nothing. in_revenue: else in purchases, because no value is known.
    """

    plan: Plan
    in_revenue: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """All that is said. history: the target that counts first. model: the version whose scores were added up.

    horizon, days_left: days. plan: None where why_not says why; then there may be an outlook.
    """

    history: Sequence[SetGoal]
    reached: Reached | None
    plan: Plan | None
    why_not: WhyNot | None
    currency: str | None
    model: str | None
    horizon: int
    days_left: float
    resting: Resting
    outlook: Outlook | None = None

    @property
    def goal(self) -> Goal | None:
        """What counts now."""
        return self.history[0].goal if self.history else None


@dataclass(frozen=True, slots=True)
class _Past:
    """How leads bought. until: when it is counted again, by a clock that only rises."""

    matured: Mapping[str, Matured]
    purchases: Sequence[Bought]
    until: float


class Answering:
    """Answers from the database, and remembers for a while how leads bought."""

    def __init__(
        self, database: Database, currency: Callable[[], str | None], champion: Champion, clock: Clock, team: Team
    ) -> None:
        self._database, self._currency, self._champion = database, currency, champion
        self._clock, self._team = clock, team
        self._pasts: dict[int, _Past] = {}
        self._counting = Lock()

    @property
    def today(self) -> Today:
        """The day of the team."""
        return Today.of(self._clock(), self._team.zone)

    def set(self, goal: Goal, by: str) -> None:
        """Let this goal count from now on; said again, it changes nothing."""
        with self._database.writing() as connection:
            last = goals(connection)[:1]
            if not last or last[0].goal != goal:
                set_goal(connection, goal, at=micros_at(self._clock()), by=by)

    def answer(self) -> Answer:
        """How far sales is now. Raises LeadrankError where the model of the list cannot be opened."""
        now = self._clock()
        with self._database.reading() as connection:
            history, model = goals(connection), listed_version(connection)
            horizon = self._horizon(model)
            resting = Resting() if model is None else resting_leads(connection, model)
            if not history:
                outlook = self._outlook(connection, now, model, horizon)
                return Answer((), None, None, WhyNot.NO_TARGET, self._currency(), model, horizon, 0.0, resting, outlook)
            goal, zone, micros = history[0].goal, self._team.zone, micros_at(now)
            won = reached(connection, goal.begins(zone), min(goal.ends(zone), micros + 1))
            days = max(0.0, (goal.ends(zone) - micros) / DAY)
            plan, why = self._plan(connection, now, goal, won, days=days, model=model, horizon=horizon)
            outlook = self._outlook(connection, now, model, horizon) if why is WhyNot.OVER else None
        return Answer(history, won, plan, why, self._currency(), model, horizon, days, resting, outlook)

    def _plan(
        self,
        connection: Connection,
        now: datetime,
        goal: Goal,
        won: Reached,
        *,
        days: float,
        model: str | None,
        horizon: int,
    ) -> tuple[Plan | None, WhyNot | None]:
        if days <= 0:
            return None, WhyNot.OVER
        evidence = self._evidence(connection, now, model, horizon)
        if not evidence.grades:
            return None, WhyNot.NO_LEADS
        in_revenue = goal.revenue is not None
        if in_revenue and all(grade.value is None for grade in evidence.grades):
            return None, WhyNot.NO_VALUES
        done = won.revenue if in_revenue else float(won.purchases)
        return planned(Task(goal.amount, done, days, in_revenue), evidence), None

    def _outlook(self, connection: Connection, now: datetime, model: str | None, horizon: int) -> Outlook | None:
        """What the open leads bring within the horizon, None where there are none."""
        evidence = self._evidence(connection, now, model, horizon)
        if not any(grade.open.leads for grade in evidence.grades):
            return None
        in_revenue = any(grade.value is not None for grade in evidence.grades)
        return Outlook(planned(Task(0.0, 0.0, float(horizon), in_revenue), evidence), in_revenue)

    def _evidence(self, connection: Connection, now: datetime, model: str | None, horizon: int) -> Evidence:
        past = self._past(connection, int(now.timestamp()), horizon)
        return evidence_of(
            {} if model is None else open_leads(connection, model), past.matured, past.purchases, horizon
        )

    def _past(self, connection: Connection, now: int, horizon: int) -> _Past:
        """How leads bought: what was counted last, while it is counted anew beside the requests."""
        with self._counting:  # a page that many open at once is counted once
            found = self._pasts.get(horizon)
            if found is None:
                found = self._remember(_counted(connection, now, horizon), horizon)
            elif time.monotonic() >= found.until:
                self._remember(replace(found, until=time.monotonic() + KEPT_SECONDS), horizon)
                Thread(target=self._count_again, args=(now, horizon), daemon=True).start()
            return found

    def _remember(self, past: _Past, horizon: int) -> _Past:
        self._pasts = {horizon: past}
        return past

    def _count_again(self, now: int, horizon: int) -> None:
        with suppress(SQLAlchemyError), self._database.reading() as connection:  # then the old one lasts for longer
            self._remember(_counted(connection, now, horizon), horizon)

    def _horizon(self, model: str | None) -> int:
        days = None if model is None else self._champion.version(model).card.horizon_days
        return days or HORIZON_DAYS


def _counted(connection: Connection, now: int, horizon: int) -> _Past:
    until = now - horizon * DAY // SECOND
    window = window_of(connection, since=until - YEAR_DAYS * DAY // SECOND, until=until)
    matured, bought = matured_leads(connection, window), purchases_after_scores(connection, window)
    return _Past(matured, bought, time.monotonic() + KEPT_SECONDS)

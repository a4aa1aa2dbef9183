"""Why there is nothing to hand over now, in the words of the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection

from service.handover.allocating import Why
from service.handover.days import Today
from service.handover.room import seats_of
from service.handover.running import Handover
from service.handover.staying import Stays
from service.handover.waiting import Waiting
from service.targets.sentences import day_in_words

AHEAD = 14
"""Days that are looked at for room: after two weekends nothing but answers, or sellers who are back, make any."""

UNREADY = (Stays.LATER, Stays.BROWSING)
"""Why leads stay that could be called, and are not likely to buy soon."""


def why_nothing(connection: Connection, planned: Handover, waits: Waiting) -> list[str]:
    """Sentences about a plan that gives nothing. waits: leads that sales has not answered."""
    if planned.model is None:
        return ["No lead is scored yet."]
    room = sum(seat.room for seat in seats_of(connection, planned.sellers, planned.today))
    if room:
        return [f"There is room for {_count(room, 'call')}, and no lead for those who have it."]
    return [
        f"Nobody has room today{_wait_for_it(planned)}.",
        *_unanswered(waits),
        _again(_next_room(connection, planned)),
    ]


def _wait_for_it(planned: Handover) -> str:
    ready, unready = planned.left_out.get(Why.NO_CAPACITY, 0), sum(planned.left_out.get(why, 0) for why in UNREADY)
    if not ready:
        return ""
    beside = f", beside {unready:,} not likely to buy soon" if unready else ""
    return f": {_count(ready, 'lead')} {'wait' if ready != 1 else 'waits'} for it{beside}"


def _unanswered(waits: Waiting) -> Iterator[str]:
    if waits.leads:
        late = f", {waits.overdue:,} of them for too long" if waits.overdue else ""
        yield f"Sales has not answered {_count(waits.leads, 'lead')}{late}: each takes the room of a new one."


def _again(day: date | None) -> str:
    if day is None:
        return "There is room again once sales answers, or when there are more calls a week."
    return f"There is room again on {day:%A}, {day_in_words(day)}, or sooner with more calls a week."


def _next_room(connection: Connection, planned: Handover) -> date | None:
    """The first day on which somebody has room, if nothing is answered until then."""
    days = (planned.today.day + timedelta(days=n) for n in range(1, AHEAD + 1))
    looked = (replace(planned.today, day=day) for day in days if day.weekday() < 5)
    return next((day.day for day in looked if _has_room(connection, planned, day)), None)


def _has_room(connection: Connection, planned: Handover, day: Today) -> bool:
    return any(seat.room for seat in seats_of(connection, planned.sellers, day))


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"

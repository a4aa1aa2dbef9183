"""What a plan rests on, counted by grade: open leads, leads that had their time, purchases, and what is won."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select, text

from scoring.purchases import SAME_PURCHASE_DAYS
from service.handover.waiting import TOLD_OF
from service.life.state import DAY, Said, Source, Standing
from service.life.tables import WON, events, past_scores
from service.moments import SECOND
from service.tables import leads, scores

MOST_SCORES = 300_000
"""Scores that are looked at for first ones: enough for any conversion, and read within a second or two."""


@dataclass(frozen=True, slots=True)
class Window:
    """Scores of earlier days by their numbers, first and last included, and by when they were given (seconds)."""

    first: int
    last: int
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Open:
    """Open leads of a grade. chances: the sum of their probabilities; worth: of their expected values, None of none."""

    leads: int
    chances: float
    worth: float | None


@dataclass(frozen=True, slots=True)
class Resting:
    """Open leads that sales refused, and that sales put off."""

    refused: int = 0
    put_off: int = 0


@dataclass(frozen=True, slots=True)
class Matured:
    """Leads whose first score had this grade and is a horizon old. promised: the sum of the chances it gave them."""

    leads: int
    promised: float


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase of a lead that was scored first with this grade. days: between the two."""

    lead_id: str
    grade: str
    days: float
    value: float | None
    matured: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """What is won within a span. unvalued: purchases whose value nobody said; they are in purchases, not in revenue."""

    purchases: int
    revenue: float
    unvalued: int


def open_leads(connection: Connection, model: str) -> dict[str, Open]:
    """The leads that a version lists, by grade."""
    query = (
        select(scores.c.grade, func.count(), func.sum(scores.c.probability), func.sum(scores.c.expected_value))
        .where(scores.c.model == model, scores.c.listed)
        .group_by(scores.c.grade)
    )
    return {grade: Open(count, float(chances), worth) for grade, count, chances, worth in connection.execute(query)}


def resting_leads(connection: Connection, model: str) -> Resting:
    """Of the leads that a version lists those that nobody calls just now: few were ever told of, so they are few."""
    query = (
        select(leads.c.state, func.count().label("number"))
        .join_from(leads, scores, and_(scores.c.lead_id == leads.c.id, scores.c.model == model))
        .where(TOLD_OF, leads.c.state.in_([Standing.REFUSED.value, Standing.NOT_NOW.value]), scores.c.listed)
        .group_by(leads.c.state)
    )
    found = {row.state: row.number for row in connection.execute(query)}
    return Resting(found.get(Standing.REFUSED, 0), found.get(Standing.NOT_NOW, 0))


def window_of(connection: Connection, *, since: int, until: int, most: int = MOST_SCORES) -> Window:
    """The scores of a span (seconds), and of these the latest ones."""
    last = _first_place(connection, until + 1) - 1
    first = max(_first_place(connection, since), last + 1 - most)
    begin = connection.execute(
        select(past_scores.c.as_of).where(past_scores.c.seq >= first).order_by(past_scores.c.seq).limit(1)
    )
    return Window(first, last, max(since, begin.scalar() or since), until)


def _first_place(connection: Connection, moment: int) -> int:
    """The number of the first score that was given at a moment (seconds) or later: numbers rise with time."""
    low, high = 0, (connection.execute(select(func.max(past_scores.c.seq))).scalar() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        near = select(past_scores.c.as_of).where(past_scores.c.seq >= middle).order_by(past_scores.c.seq).limit(1)
        at = connection.execute(near).scalar()
        low, high = (middle + 1, high) if at is not None and at < moment else (low, middle)
    return low


def matured_leads(connection: Connection, window: Window) -> dict[str, Matured]:
    """Leads whose first score lies in a window, by its grade."""
    earlier = past_scores.alias("earlier")
    before = select(earlier.c.seq).where(earlier.c.lead_id == past_scores.c.lead_id, earlier.c.seq < past_scores.c.seq)
    query = (
        select(past_scores.c.grade, func.count(), func.sum(past_scores.c.probability))
        .where(past_scores.c.seq.between(window.first, window.last), past_scores.c.as_of <= window.until)
        .where(~exists(before))
        .group_by(past_scores.c.grade)
    )
    return {grade: Matured(count, float(promised)) for grade, count, promised in connection.execute(query)}


def purchases_after_scores(connection: Connection, window: Window) -> Sequence[Bought]:
    """What was bought by leads whose first score lies in a window, or after it: these are not matured."""
    first = (
        select(func.min(past_scores.c.seq))
        .where(past_scores.c.lead_id == events.c.lead_id)
        .correlate(events)
        .scalar_subquery()
    )
    query = (
        select(events.c.lead_id, past_scores.c.grade, past_scores.c.as_of, events.c.occurred_at, events.c.value)
        .join(past_scores, past_scores.c.seq == first)
        .where(is_purchase(), events.c.occurred_at > window.since * SECOND, past_scores.c.seq >= window.first)
        .where(events.c.occurred_at > past_scores.c.as_of * SECOND)
        .order_by(events.c.occurred_at, events.c.source, events.c.event_id)
    )
    return [
        Bought(lead_id, grade, (at - as_of * SECOND) / DAY, value, as_of <= window.until)
        for lead_id, grade, as_of, at, value in connection.execute(query)
    ]


def reached(connection: Connection, begin: int, end: int) -> Reached:
    """What was bought from one moment until before another; microseconds since 1970."""
    query = select(func.count(), func.coalesce(func.sum(events.c.value), 0.0), func.count(events.c.value)).where(
        is_purchase(), events.c.occurred_at >= begin, events.c.occurred_at < end
    )
    count, revenue, valued = connection.execute(query).one()
    return Reached(count, float(revenue), count - valued)


def is_purchase() -> ColumnElement[bool]:
    """The condition of events that are purchases, as `purchases_of` finds them among the events of one lead.

    What was not taken back; a deal of the CRM once, as last said; a seller's word where the CRM does not speak of the
    same purchase.
    """
    told_by_crm = events.c.source == Source.OUTCOME
    once = case((told_by_crm, or_(events.c.deal_id.is_(None), ~_said_again())), else_=~_confirmed())
    # An OR of the two would let SQLite look for sources, and pass by the index of purchases.
    return and_(text(f"events.{WON}"), ~_taken_back(), once)


def _taken_back() -> ColumnElement[bool]:
    back = events.alias("back")
    return exists().where(
        back.c.lead_id == events.c.lead_id,
        back.c.source == events.c.source,
        back.c.said == Said.WITHDRAWN,
        back.c.withdraws == events.c.event_id,
    )


def _said_again() -> ColumnElement[bool]:
    """Whether the CRM spoke of the deal later; of one moment a win is the last word, and ids decide between two."""
    later = events.alias("later")
    return exists().where(
        later.c.lead_id == events.c.lead_id,
        later.c.source == Source.OUTCOME,
        later.c.deal_id == events.c.deal_id,
        later.c.said != Said.WITHDRAWN,
        later.c.occurred_at >= events.c.occurred_at,
        case(
            (later.c.occurred_at > events.c.occurred_at, True),
            else_=and_(later.c.said == Said.WON, later.c.event_id > events.c.event_id),
        ),
    )


def _confirmed() -> ColumnElement[bool]:
    crm, week = events.alias("crm"), SAME_PURCHASE_DAYS * DAY
    near = func.abs(crm.c.occurred_at - events.c.occurred_at) <= week
    return exists().where(
        crm.c.lead_id == events.c.lead_id,
        crm.c.source == Source.OUTCOME,
        crm.c.said != Said.WITHDRAWN,
        or_(crm.c.deal_id == events.c.deal_id, and_(crm.c.said == Said.WON, near)),
    )

"""What scores promised and what happened: leads that were scored long enough ago for it to be known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, case, exists, func, select

from service.life.state import Said
from service.life.tables import events, past_scores

from .funnel import stands

SECOND = 1_000_000
"""Microseconds."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Leads of one grade. promised: the sum of their chances; bought: how many bought within the horizon."""

    grade: str
    leads: int
    promised: float
    bought: int


def kept_promises(connection: Connection, *, now: int, horizon: int, since: int) -> Sequence[Kept]:
    """Of every lead the first score that is kept and was given from `since` to a horizon ago, by grade, A first.

    now, since: seconds since 1970; horizon: seconds. Later scores of a lead are left out: a lead counts once.
    """
    first = (
        select(past_scores.c.lead_id, func.min(past_scores.c.seq).label("seq"))
        .where(past_scores.c.as_of >= since)
        .group_by(past_scores.c.lead_id)
        .subquery()
    )
    bought = exists().where(
        events.c.lead_id == past_scores.c.lead_id,
        events.c.said == Said.WON,
        events.c.occurred_at > past_scores.c.as_of * SECOND,
        events.c.occurred_at <= (past_scores.c.as_of + horizon) * SECOND,
        stands(),
    )
    query = (
        select(
            past_scores.c.grade,
            func.count(),
            func.sum(past_scores.c.probability),
            func.sum(case((bought, 1), else_=0)),
        )
        .join(first, and_(first.c.seq == past_scores.c.seq))
        .where(past_scores.c.as_of <= now - horizon)
        .group_by(past_scores.c.grade)
        .order_by(past_scores.c.grade)
    )
    return [Kept(grade, count, float(promised), won) for grade, count, promised, won in connection.execute(query)]


def total_of(kept: Sequence[Kept]) -> Kept:
    """All grades as one."""
    return Kept("all", sum(k.leads for k in kept), sum(k.promised for k in kept), sum(k.bought for k in kept))

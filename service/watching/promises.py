"""What scores promised and what happened: leads that were scored long enough ago for it to be known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, select

from service.life.standing import stands
from service.life.state import Said
from service.life.tables import events, past_scores
from service.sql import month_of

from .sampling import BEGINNING, every_kth

SECOND = 1_000_000
"""Microseconds."""

MOST = 10_000
"""Leads whose promises are looked at: of more every k-th, which tells a promise broken by a tenth as well."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Leads of one kind. promised: the sum of their chances, squares: that of the chances' squares; bought: how many
    bought within the horizon."""

    name: str
    leads: int
    promised: float
    bought: int
    squares: float = 0.0

    @property
    def noise(self) -> float:
        """The variance of the number of buyers, were every promise true."""
        return max(0.0, self.promised - self.squares)


@dataclass(frozen=True, slots=True)
class Cell:
    """Leads of one model, month (`2026-03`), grade and score; log_odds: their mean, in 2^-20."""

    model: str
    month: str
    grade: str
    score: int
    log_odds: float
    kept: Kept


def bought_within(horizon: int) -> ColumnElement[bool]:
    """The condition of a past score whose lead bought within a horizon (seconds) of it."""
    return exists().where(
        events.c.lead_id == past_scores.c.lead_id,
        events.c.said == Said.WON,
        events.c.occurred_at > past_scores.c.as_of * SECOND,
        events.c.occurred_at <= (past_scores.c.as_of + horizon) * SECOND,
        stands(),
    )


def kept_cells(connection: Connection, *, now: int, horizon: int, since: int) -> tuple[Sequence[Cell], int]:
    """Of every k-th lead the first score that is kept and was given from `since` to a horizon ago; and k.

    now, since: seconds since 1970; horizon: seconds. Later scores of a lead are left out: a lead counts once.
    """
    chosen, every = every_kth(connection, BEGINNING, (now - horizon) * SECOND, MOST)
    first = (
        select(func.min(past_scores.c.seq).label("seq"))
        .join(chosen, chosen.c.id == past_scores.c.lead_id)
        .where(past_scores.c.as_of >= since)
        .group_by(past_scores.c.lead_id)
        .subquery()
    )
    p = past_scores.c.probability
    month = month_of(connection, past_scores.c.as_of).label("month")
    query = (
        select(
            *(past_scores.c.model, month, past_scores.c.grade, past_scores.c.score, func.avg(past_scores.c.log_odds)),
            *(func.count(), func.sum(p), func.sum(case((bought_within(horizon), 1), else_=0)), func.sum(p * p)),
        )
        .join(first, and_(first.c.seq == past_scores.c.seq))
        .where(past_scores.c.as_of <= now - horizon)
        .group_by(past_scores.c.model, "month", past_scores.c.grade, past_scores.c.score)
    )
    cells = [
        Cell(model, month, grade, score, float(log_odds), Kept("", leads, float(promised), int(won), float(squares)))
        for model, month, grade, score, log_odds, leads, promised, won, squares in connection.execute(query)
    ]
    return cells, every


def by(cells: Iterable[Cell], named: Callable[[Cell], str]) -> list[Kept]:
    """Cells added up by a name that each is given, in the order of the names."""
    found: dict[str, list[Kept]] = {}
    for cell in cells:
        found.setdefault(named(cell), []).append(cell.kept)
    return [total_of(found[name], name) for name in sorted(found)]


def total_of(kept: Sequence[Kept], name: str = "all") -> Kept:
    """All of them as one."""
    return Kept(
        name,
        sum(k.leads for k in kept),
        sum(k.promised for k in kept),
        sum(k.bought for k in kept),
        sum(k.squares for k in kept),
    )


def oldest_score(connection: Connection, since: int) -> int | None:
    """When the oldest score from `since` on was given; seconds since 1970, None where none is kept."""
    found = connection.execute(
        select(past_scores.c.as_of).where(past_scores.c.as_of >= since).order_by(past_scores.c.seq).limit(1)
    ).scalar()
    return None if found is None else int(found)

"""One account for marketing and sales: what arrived, was handed over, answered, won; by month or by a field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    select,
)

from scoring.fields import Field, Kind
from scoring.values import as_text, level_key
from service.life.standing import stands
from service.life.state import DAY, Said, Source
from service.life.tables import events
from service.sql import month_of
from service.tables import leads

MONTH = "month"
"""What leads are counted by where no field is asked for."""

MONTHS = 12
"""Leads that came in so many months ago are counted."""

OTHER = "other or not given"
SECOND = 1_000_000
"""Microseconds."""

ANSWERS = (Said.ACCEPTED, Said.REFUSED, Said.NOT_NOW, Said.WON, Said.LOST)


@dataclass(frozen=True, slots=True)
class Group:
    """Leads that came in, and how far they came. young: too young for it to be known. revenue: known values, summed.
    won_matured: of those won, the ones that came long enough ago.

    prompt: answered within a day of being handed over.
    """

    key: str
    arrived: int
    young: int
    handed: int
    answered: int
    prompt: int
    accepted: int
    refused: int
    won: int
    revenue: float
    won_matured: int

    @property
    def matured(self) -> int:
        """Leads that have had their time to buy: those that came later and are closed already are not a fair sample."""
        return self.arrived - self.young

    def share(self, part: int, whole: int) -> float | None:
        """One count in another; None of nothing."""
        return part / whole if whole else None


COUNTS = tuple(f.name for f in fields(Group))[1:]


def total_of(groups: Sequence[Group]) -> Group:
    """All groups as one."""
    return Group("all", *(sum(getattr(g, name) for g in groups) for name in COUNTS))


def choices(card_fields: Iterable[Field]) -> list[str]:
    """The fields that leads can be counted by: those with a few known levels."""
    return [f.name for f in card_fields if f.kind in (Kind.CATEGORY, Kind.FLAG) and f.levels and '"' not in f.name]


def funnel(connection: Connection, by: Field | None, *, now: int, horizon: int) -> list[Group]:
    """Groups of the leads of the last twelve months: by month, or by a field's levels, those with most buyers first.

    now, horizon: microseconds, since 1970 and long. Only levels that the model knows are named: what else people wrote
    is nobody's business here.
    """
    key = month_of(connection, _came() / SECOND) if by is None else _text(connection, by.name)
    rows = connection.execute(_query(key, now, horizon)).all()
    if by is None:
        return sorted((_group(row[0], [row]) for row in rows), key=lambda g: g.key, reverse=True)
    named = dict(zip(by.levels, by.labels or by.levels, strict=True))
    same: dict[str, list[Any]] = {}
    for row in rows:
        same.setdefault(named.get(level_key(as_text(row[0])), OTHER), []).append(row)
    groups = [_group(name, found) for name, found in same.items()]
    return sorted(groups, key=lambda g: (g.key == OTHER, -g.won, -g.revenue, -g.arrived))


def refusals(connection: Connection, *, since: int) -> list[tuple[str, int]]:
    """Why leads were refused since a moment (microseconds since 1970), the most frequent first; words after a colon
    are left out."""
    stood = and_(events.c.said == Said.REFUSED, events.c.occurred_at >= since, stands())
    query = select(events.c.reason, func.count()).where(stood).group_by(events.c.reason)
    found: dict[str, int] = {}
    for reason, count in connection.execute(query):
        code = (reason or "no reason given").partition(":")[0].strip()
        found[code] = found.get(code, 0) + count
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def _group(key: str | None, rows: Sequence[Any]) -> Group:
    return Group(key or OTHER, *(sum(row[i] or 0 for row in rows) for i in range(1, len(COUNTS) + 1)))


def _query(key: ColumnElement[Any], now: int, horizon: int) -> Select[Any]:
    came = _came()
    far = _milestones()
    young = came > now - horizon
    counts = (
        func.count(),
        _sum(young),
        _sum(far.c.handed_at.is_not(None)),
        _sum(and_(far.c.handed_at.is_not(None), far.c.answered_at.is_not(None))),
        _sum(far.c.answered_at - far.c.handed_at <= DAY),
        _sum(far.c.accepted > 0),
        _sum(far.c.refused > 0),
        _sum(leads.c.wins > 0),
        func.coalesce(func.sum(leads.c.won_value), 0.0),
        _sum(and_(leads.c.wins > 0, ~young)),
    )
    return (
        select(key.label("key"), *counts)
        .select_from(leads)
        .join(far, far.c.lead_id == leads.c.id, isouter=True)
        .where(leads.c.known, came > now - MONTHS * 30 * DAY, came <= now)
        .group_by("key")
    )


def _sum(true: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.sum(case((true, 1), else_=0))


def _milestones() -> Subquery:
    """For every lead of which something was said: when it was handed over and answered first, and what was answered."""
    answer = and_(events.c.source == Source.FEEDBACK, events.c.said.in_(ANSWERS))
    return (
        select(
            events.c.lead_id,
            func.min(case((events.c.said == Said.HANDED_OVER, events.c.occurred_at))).label("handed_at"),
            func.min(case((answer, events.c.occurred_at))).label("answered_at"),
            func.sum(case((events.c.said == Said.ACCEPTED, 1), else_=0)).label("accepted"),
            func.sum(case((events.c.said == Said.REFUSED, 1), else_=0)).label("refused"),
        )
        .where(stands())
        .group_by(events.c.lead_id)
        .subquery()
    )


def _came() -> ColumnElement[Any]:
    return func.coalesce(leads.c.created_at, leads.c.stored_at)


def _text(connection: Connection, name: str) -> ColumnElement[Any]:
    if connection.dialect.name == "sqlite":
        return cast(func.json_extract(leads.c.fields, f'$."{name}"'), String)
    return func.json_extract_path_text(cast(leads.c.fields, JSON), literal(name))

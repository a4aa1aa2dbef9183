"""One account for marketing and sales: what arrived, was handed over, answered, won; by month or by a field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
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
from scoring.refusals import refusal_code
from scoring.values import as_text, level_key
from service.life.standing import stands
from service.life.state import DAY, Said, Source, Standing
from service.life.tables import events
from service.tables import leads

from .period import Period

OTHER = "other or not given"

NO_REASON = "no_reason"
"""The code of a refusal without a word about why."""

ANSWERS = (Said.ACCEPTED, Said.REFUSED, Said.NOT_NOW, Said.WON, Said.LOST)


@dataclass(frozen=True, slots=True)
class Group:
    """Leads that came in, and how far they came. young: too young for it to be known. revenue: known values, summed.
    won_matured: of those won, the ones that came long enough ago. why: the refused ones, by why they were refused last.

    prompt: answered within a day of being handed over. open: accepted, and neither won nor lost. lost: those that never
    bought. won_handed, lost_handed: of those won and lost, the ones that were handed over.
    """

    key: str
    arrived: int = 0
    young: int = 0
    handed: int = 0
    answered: int = 0
    prompt: int = 0
    accepted: int = 0
    refused: int = 0
    not_now: int = 0
    open: int = 0
    lost: int = 0
    lost_handed: int = 0
    won: int = 0
    won_handed: int = 0
    revenue: float = 0.0
    won_matured: int = 0
    why: Mapping[str, int] = field(default_factory=dict)

    @property
    def matured(self) -> int:
        """Leads that have had their time to buy: those that came later and are closed already are not a fair sample."""
        return self.arrived - self.young

    def share(self, part: int, whole: int) -> float | None:
        """One count in another; None of nothing."""
        return part / whole if whole else None


COUNTS = tuple(f.name for f in fields(Group))[1:-1]


def total_of(groups: Sequence[Group]) -> Group:
    """All groups as one, without a name."""
    why: dict[str, int] = defaultdict(int)
    for group in groups:
        for code, count in group.why.items():
            why[code] += count
    return Group("", **{name: sum(getattr(g, name) for g in groups) for name in COUNTS}, why=dict(why))


def choices(card_fields: Iterable[Field]) -> list[str]:
    """The fields that leads can be counted by: those with a few known levels."""
    return [f.name for f in card_fields if f.kind in (Kind.CATEGORY, Kind.FLAG) and f.levels and '"' not in f.name]


def funnel(connection: Connection, by: Field | None, period: Period, *, now: int, horizon: int) -> list[Group]:
    """Groups of the leads that came in within a period: by month, or by a field's levels; in no order.

    now, horizon: microseconds, since 1970 and long. Only levels that the model knows are named: what else people wrote
    is nobody's business here.
    """
    key, named, inside = key_of(connection, by), naming(by), came_within(period, now)
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    why: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    # Few leads were ever handed over: counted apart from those that came in, they cost little beside a million.
    for query in (_arrived(key, now - horizon), _told(key)):
        for row in connection.execute(query.where(leads.c.known, inside).group_by("key")):
            counts = found[named(row.key)]
            for name in row._fields[1:]:
                counts[name] += getattr(row, name) or 0
    for row in connection.execute(_reasons(key).where(leads.c.known, inside).group_by("key", "reason")):
        why[named(row.key)][code_of(row.reason)] += row.number
    return [_group(name, counts, why[name]) for name, counts in found.items()]


def _group(name: str, counts: Mapping[str, float], why: Mapping[str, int]) -> Group:
    whole = {count: int(value) for count, value in counts.items() if count != "revenue"}
    return Group(name, **whole, revenue=counts["revenue"], why=dict(why))


def code_of(reason: str | None) -> str:
    """The code of why a lead was refused; words that somebody wrote are not shown."""
    return refusal_code(reason) if reason else NO_REASON


def key_of(connection: Connection, by: Field | None) -> ColumnElement[Any]:
    """What leads are counted by: the day on which they came (since 1970, in UTC), or a field's text."""
    return came() // DAY if by is None else _text(connection, by.name)


def naming(by: Field | None) -> Callable[[Any], str]:
    """From such a key to the name of its group: a month such as `2026-03`, or a level."""
    if by is None:
        return lambda key: (date(1970, 1, 1) + timedelta(days=key)).isoformat()[:7]
    named = dict(zip(by.levels, by.labels or by.levels, strict=True))
    return lambda key: named.get(level_key(as_text(key)), OTHER) or OTHER


def came() -> ColumnElement[Any]:
    """When a lead came in: as its sender says, or when it was stored."""
    return func.coalesce(leads.c.created_at, leads.c.stored_at)


def came_within(period: Period, now: int) -> ColumnElement[bool]:
    """The condition of leads that came in within a period, and not later than now."""
    return and_(came() >= period.since, came() < min(period.last.ends, now + 1))


def is_lost() -> ColumnElement[bool]:
    """The condition of leads that were lost without ever having bought."""
    return and_(leads.c.state == Standing.LOST, leads.c.wins == 0)


def is_unsettled() -> ColumnElement[bool]:
    """The condition of leads that were neither won nor lost."""
    return and_(leads.c.state != Standing.LOST, leads.c.wins == 0)


def _arrived(key: ColumnElement[Any], mature: int) -> Select[Any]:
    young = came() > mature
    return select(
        key.label("key"),
        func.count().label("arrived"),
        _sum(young).label("young"),
        _sum(is_lost()).label("lost"),
        _sum(leads.c.wins > 0).label("won"),
        func.sum(leads.c.won_value).label("revenue"),
        _sum(and_(leads.c.wins > 0, ~young)).label("won_matured"),
    ).select_from(leads)


def _told(key: ColumnElement[Any]) -> Select[Any]:
    far = milestones()
    handed = far.c.handed_at.is_not(None)
    return select(
        key.label("key"),
        func.count(far.c.handed_at).label("handed"),
        _sum(and_(handed, far.c.answered_at.is_not(None))).label("answered"),
        _sum(far.c.answered_at - far.c.handed_at <= DAY).label("prompt"),
        _sum(and_(handed, is_lost())).label("lost_handed"),
        _sum(and_(handed, leads.c.wins > 0)).label("won_handed"),
        _sum(and_(far.c.accepted > 0, is_unsettled())).label("open"),
        _sum(far.c.accepted > 0).label("accepted"),
        _sum(far.c.refused > 0).label("refused"),
        _sum(far.c.not_now > 0).label("not_now"),
    ).join_from(far, leads, leads.c.id == far.c.lead_id)


def _reasons(key: ColumnElement[Any]) -> Select[Any]:
    last = last_refusals()
    return select(key.label("key"), last.c.reason, func.count().label("number")).join_from(
        last, leads, and_(leads.c.id == last.c.lead_id, last.c.place == 1)
    )


def _sum(true: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.sum(case((true, 1), else_=0))


def milestones() -> Subquery:
    """For every lead of which something was said: when it was handed over and answered first, and what was answered."""
    answer = and_(events.c.source == Source.FEEDBACK, events.c.said.in_(ANSWERS))
    return (
        select(
            events.c.lead_id,
            func.min(case((events.c.said == Said.HANDED_OVER, events.c.occurred_at))).label("handed_at"),
            func.min(case((answer, events.c.occurred_at))).label("answered_at"),
            *(_sum(events.c.said == said).label(said.value) for said in (Said.ACCEPTED, Said.REFUSED, Said.NOT_NOW)),
        )
        .where(stands())
        .group_by(events.c.lead_id)
        .subquery()
    )


def last_refusals() -> Subquery:
    """Refusals that stand, with their reason; of a lead the last one has place 1."""
    order = (events.c.occurred_at.desc(), events.c.source, events.c.event_id.desc())
    place = func.row_number().over(partition_by=events.c.lead_id, order_by=order)
    return (
        select(events.c.lead_id, events.c.reason, place.label("place"))
        .where(events.c.said == Said.REFUSED, stands())
        .subquery()
    )


def _text(connection: Connection, name: str) -> ColumnElement[Any]:
    if connection.dialect.name == "sqlite":
        return cast(func.json_extract(leads.c.fields, f'$."{name}"'), String)
    return func.json_extract_path_text(cast(leads.c.fields, JSON), literal(name))

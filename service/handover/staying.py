"""Why a lead stays with marketing: one rule, for the list of these leads and for how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from service.life.state import Standing
from service.tables import leads, scores

from .allocating import Desks, Given, Part, Why
from .candidates import HOLDER, Candidates, again_after
from .days import Today


class Stays(StrEnum):
    """Why a lead stays, beside what its desk says (`Why`).

    not_yet: it was handed over today already, or a date of it is still to come.
    """

    HELD_BACK = "held_back"
    REFUSED = "refused"
    NOT_NOW = "not_now"
    NOT_YET = "not_yet"
    LATER = "later"
    BROWSING = "browsing"


STAYS = or_(
    leads.c.state.in_([Standing.NEW.value, Standing.NOT_NOW.value, Standing.REFUSED.value]),
    and_(leads.c.state == Standing.HANDED_OVER.value, HOLDER.is_(None)),
)
"""Listed leads that no seller has."""


def why_it_is_bound(state: str, again_at: int | None, today: Today, *, is_held: bool) -> Stays:
    """Why a lead may not be handed over today. again_at: of one that is `not_now`."""
    if is_held:
        return Stays.HELD_BACK
    if state == Standing.REFUSED:
        return Stays.REFUSED
    put_off = state == Standing.NOT_NOW and again_at is not None and again_at > today.micros
    return Stays.NOT_NOW if put_off else Stays.NOT_YET


def why_it_is_left(readiness: str | None, part: Part, desks: Desks) -> Stays | Why:
    """Why a lead that may be handed over is not. Readiness comes first: it says what marketing can do about it."""
    return Stays(readiness) if readiness in (Stays.LATER, Stays.BROWSING) else desks.why_not(*part)


def left_out(
    connection: Connection,
    free: Candidates,
    desks: Desks,
    today: Today,
    planned: Sequence[Given],
    given: Sequence[Mapping[str, Any]],
) -> dict[str, int]:
    """How many leads stay, by why, and how many object to being scored: these are on no list."""
    found, gone = Counter[str](), {row["lead_id"]: row["readiness"] for row in given}
    less = Counter((desks.part_of(o.desk, o.product), gone[o.lead_id]) for o, _ in planned if o.lead_id in gone)
    for (part, readiness), count in free.counts.items():
        found[why_it_is_left(readiness, part, desks)] += count - less[part, readiness]
    put_off, held = (again_after() > today.micros).label("put_off"), leads.c.id.in_(free.held).label("is_held")
    query = (
        select(leads.c.state, put_off, held, func.count().label("number"))
        .join_from(scores, leads, leads.c.id == scores.c.lead_id)
        .join(free.bound, free.bound.c.id == leads.c.id)
        .where(free.is_listed, STAYS)
        .group_by(leads.c.state, "put_off", "is_held")
    )
    for row in connection.execute(query):
        again_at = today.micros + 1 if row.put_off else None
        found[why_it_is_bound(row.state, again_at, today, is_held=bool(row.is_held))] += row.number
    objecting = connection.execute(select(func.count()).where(leads.c.do_not_score)).scalar_one()
    return {why.value: found[why] for why in (*Why, *Stays)} | {"objected": objecting}

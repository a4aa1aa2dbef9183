"""The leads that stay for one reason, as a condition: the rule of `staying`, asked of the database."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, not_, or_, select

from service.life.overrides import Put, put_in
from service.life.state import Standing
from service.tables import leads, scores

from .allocating import Desks, Why
from .candidates import again_after, is_free
from .days import Today
from .staying import Stays


def because(connection: Connection, why: Stays | Why, today: Today, model: str, desks: Desks) -> ColumnElement[bool]:
    """Of listed leads that no seller has those that stay for this reason. desks: of today's sellers."""
    free, held = is_free(today), leads.c.id.in_(put_in(Put.HELD, today.micros))
    if isinstance(why, Why):
        unready = scores.c.readiness.in_([Stays.LATER.value, Stays.BROWSING.value])
        return and_(free, or_(scores.c.readiness.is_(None), not_(unready)), _on_desks(connection, why, model, desks))
    refused = leads.c.state == Standing.REFUSED.value
    put_off = and_(leads.c.state == Standing.NOT_NOW.value, again_after() > today.micros)
    return {
        Stays.HELD_BACK: and_(not_(free), held),
        Stays.REFUSED: and_(not_(free), not_(held), refused),
        Stays.NOT_NOW: and_(not_(free), not_(held), put_off),
        Stays.NOT_YET: and_(not_(free), not_(held), not_(refused), not_(put_off)),
        Stays.LATER: and_(free, scores.c.readiness == Stays.LATER.value),
        Stays.BROWSING: and_(free, scores.c.readiness == Stays.BROWSING.value),
    }[why]


def _on_desks(connection: Connection, why: Why, model: str, desks: Desks) -> ColumnElement[bool]:
    query = select(scores.c.desk).where(scores.c.model == model, scores.c.listed).distinct()
    found = [desk for desk in connection.execute(query).scalars() if desks.why_not(desk) is why]
    named = scores.c.desk.in_([desk for desk in found if desk is not None])
    return or_(named, scores.c.desk.is_(None)) if None in found else named

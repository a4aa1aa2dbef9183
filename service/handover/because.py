"""The leads that stay for one reason, as a condition: the rule of `staying`, asked of the database."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, false, not_, or_, select

from service.life.overrides import Put, put_in
from service.life.state import Standing
from service.tables import leads, scores

from .allocating import Desks, Part, Why, is_owned
from .candidates import again_after, is_about, is_free, is_on
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
    about = (scores.c.product,) if desks.products else ()
    query = select(scores.c.desk, *about).where(scores.c.model == model, scores.c.listed).distinct()
    rows = connection.execute(query)
    alike: dict[tuple[bool, str | None], list[Part]] = {}
    for part in dict.fromkeys(desks.part_of(row.desk, row.product if about else None) for row in rows):
        if desks.why_not(*part) is why:
            alike.setdefault((is_owned(part[0]), part[1]), []).append(part)
    # A condition for all desks of a kind: of one for each there could be more than a database takes.
    each = (and_(is_on([desk for desk, _ in parts]), is_about(parts[0], desks)) for parts in alike.values())
    return or_(false(), *each)

"""The nurture list: leads that stay with marketing, the best first, each with why and when to look again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, or_

from service.life.overrides import Put, overrides_of
from service.life.state import DAY, Standing
from service.moments import text_of_micros
from service.ranked import Place, Sort, listed_version
from service.ranked import query as ranked
from service.tables import leads, scores

from .allocating import Desks, Seat, Why
from .candidates import AGAIN_DAYS, HOLDER
from .days import Today
from .sellers import Seller, every_seller

STAYS = or_(
    leads.c.state.in_([Standing.NEW.value, Standing.NOT_NOW.value, Standing.REFUSED.value]),
    and_(leads.c.state == Standing.HANDED_OVER.value, HOLDER.is_(None)),
)
"""Listed leads that no seller has."""


@dataclass(frozen=True, slots=True)
class Nurtured:
    """A lead that stays with marketing. row: as lists show it.

    why: held_back, refused, not_now, later, browsing or a `Why`.
    look_again: a moment or a day, as text, None where there is no date.
    """

    row: Row[Any]
    why: str
    look_again: str | None


@dataclass(frozen=True, slots=True)
class NurturePage:
    """Some leads in the order of the ranked list. model: the version that scored them, None where none is listed."""

    model: str | None
    leads: Sequence[Nurtured]
    next: Place | None


def nurture_page(
    connection: Connection, today: Today, limit: int, after: Place | None = None, *, short_days: int | None
) -> NurturePage:
    """The leads that follow a place, or the first. short_days: of the listed model's short horizon, if it has one."""
    model = after.model if after else listed_version(connection)
    if model is None:
        return NurturePage(None, (), None)
    more = (leads.c.state_until, leads.c.state_reason, leads.c.stored_at, scores.c.desk)
    query = ranked(model, Sort.EXPECTED_VALUE, None, after).add_columns(*more).where(STAYS).limit(limit + 1)
    rows = connection.execute(query).all()
    here = {seller.name: seller for seller in every_seller(connection)}
    desks = Desks([Seat(s.name, frozenset(s.territories), s.is_away(today.day), 0) for s in here.values()])
    last = rows[limit - 1] if len(rows) > limit else None
    place = None
    if last is not None:
        place = Place(model, Sort.EXPECTED_VALUE, None, last.worth_order, last.log_odds_order, last.id)
    said = overrides_of(connection, [row.id for row in rows[:limit]], today.micros)
    held = {lead_id: word.until for lead_id, word in said.items() if word.place is Put.HELD}
    stay = [
        Nurtured(row, "held_back", text_of_micros(held[row.id]))
        if row.id in held
        else _nurtured(row, desks, here, today, short_days)
        for row in rows[:limit]
    ]
    return NurturePage(model, stay, place)


def _nurtured(
    row: Row[Any], desks: Desks, sellers: dict[str, Seller], today: Today, short_days: int | None
) -> Nurtured:
    until = again_at(row)
    if row.state == Standing.REFUSED:
        return Nurtured(row, "refused", None)
    if until is not None and until > today.micros:
        return Nurtured(row, "not_now", text_of_micros(until))
    if row.readiness == "later":
        return Nurtured(row, "later", _later(row, today, short_days))
    if row.readiness == "browsing":
        return Nurtured(row, "browsing", None)
    why = desks.why_not(row.desk)
    away = sellers[row.desk].away if why is Why.OWNER_AWAY else None
    return Nurtured(row, why.value, None if away is None else (away.last + timedelta(days=1)).isoformat())


def again_at(row: Row[Any]) -> int | None:
    """Until when a lead asked to be left alone (microseconds), None where it did not."""
    if row.state != Standing.NOT_NOW:
        return None
    return int(row.state_until if row.state_until is not None else row.state_since + AGAIN_DAYS * DAY)


def _later(row: Row[Any], today: Today, short_days: int | None) -> str | None:
    """When the short horizon that runs now is over, counted from the lead's beginning: so the date stands still."""
    if not short_days:
        return None
    begun = row.created_at if row.created_at is not None else row.stored_at
    span = short_days * DAY
    return text_of_micros(begun + max(1, -(-(today.micros - begun) // span)) * span)

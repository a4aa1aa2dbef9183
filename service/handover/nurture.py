"""The nurture list: leads that stay with marketing, the best first, each with why and when to look again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, true

from service.life.overrides import Put, overrides_of
from service.life.state import DAY, Standing
from service.moments import text_of_micros
from service.ranked import Place, Sort, listed_version
from service.ranked import query as ranked
from service.tables import leads, scores

from .allocating import Desks, Seat, Why
from .candidates import AGAIN_DAYS, is_free
from .days import Today
from .sellers import Seller, every_seller
from .staying import STAYS, Stays, why_it_is_bound, why_it_is_left


@dataclass(frozen=True, slots=True)
class Nurtured:
    """A lead that stays with marketing. row: as lists show it.

    why: as `staying` says it.
    look_again: a moment or a day, as text, None where there is no date.
    """

    row: Row[Any]
    why: Stays | Why
    look_again: str | None


@dataclass(frozen=True, slots=True)
class NurturePage:
    """Some leads in the order of the ranked list. model: the version that scored them, None where none is listed."""

    model: str | None
    leads: Sequence[Nurtured]
    next: Place | None


def nurture_page(
    connection: Connection,
    today: Today,
    limit: int,
    after: Place | None = None,
    *,
    short_days: int | None,
    where: ColumnElement[bool] | None = None,
    without: Collection[str] = (),
) -> NurturePage:
    """The leads that follow a place, or the first. short_days: of the listed model's short horizon, if it has one.

    where: of them those that fit; without: and are not among these ids.
    """
    model = after.model if after else listed_version(connection)
    if model is None:
        return NurturePage(None, (), None)
    told = (leads.c.fields, leads.c.state_until, leads.c.state_reason, leads.c.stored_at)
    more = (*told, scores.c.desk, scores.c.product, is_free(today).label("free"))
    query = (
        ranked(model, Sort.EXPECTED_VALUE, None, after)
        .add_columns(*more)
        .where(STAYS, true() if where is None else where)
    )
    found = connection.execute(query.limit(limit + 1 + len(without)))
    rows = [row for row in found if row.id not in without][: limit + 1]
    staying = _Staying.of(connection, [row.id for row in rows[:limit]], today, short_days)
    last = rows[limit - 1] if len(rows) > limit else None
    place = None
    if last is not None:
        place = Place(model, Sort.EXPECTED_VALUE, None, last.worth_order, last.log_odds_order, last.id)
    return NurturePage(model, [staying.nurtured(row) for row in rows[:limit]], place)


def desks_of(sellers: Iterable[Seller], today: Today) -> Desks:
    """Whose leads are for whom today, without a word about room."""
    return Desks(
        [
            Seat(s.name, frozenset(s.territories), s.is_away(today.day), 0, products=frozenset(s.products))
            for s in sellers
        ]
    )


@dataclass(frozen=True, slots=True)
class _Staying:
    """What one has to know to say why a lead stays. held: until when (microseconds) leads are held back."""

    today: Today
    sellers: Mapping[str, Seller]
    desks: Desks
    held: Mapping[str, int]
    short_days: int | None

    @classmethod
    def of(cls, connection: Connection, ids: Sequence[str], today: Today, short_days: int | None) -> _Staying:
        sellers = {seller.name: seller for seller in every_seller(connection)}
        said = overrides_of(connection, ids, today.micros)
        held = {lead_id: word.until for lead_id, word in said.items() if word.place is Put.HELD}
        return cls(today, sellers, desks_of(sellers.values(), today), held, short_days)

    def nurtured(self, row: Row[Any]) -> Nurtured:
        why: Stays | Why
        if row.free:
            why = why_it_is_left(row.readiness, self.desks.part_of(row.desk, row.product), self.desks)
        else:
            why = why_it_is_bound(row.state, again_at(row), self.today, is_held=row.id in self.held)
        return Nurtured(row, why, self._look_again(row, why))

    def _look_again(self, row: Row[Any], why: Stays | Why) -> str | None:
        if why is Stays.HELD_BACK:
            return text_of_micros(self.held[row.id])
        if why is Stays.NOT_NOW:
            return text_of_micros(again_at(row))
        if why is Stays.NOT_YET:
            dates = [at for at in (row.created_at, row.state_since) if at is not None and at > self.today.micros]
            return text_of_micros(max(dates)) if dates else (self.today.day + timedelta(days=1)).isoformat()
        if why is Stays.LATER:
            return _later(row, self.today, self.short_days)
        away = self.sellers[row.desk].away if why is Why.OWNER_AWAY else None
        return None if away is None else (away.last + timedelta(days=1)).isoformat()


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

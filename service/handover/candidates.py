"""The leads that may be handed over, asked of the database: best first, by desk and product, in small bites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from math import inf
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    and_,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
)

from service.life.overrides import Put, put_in
from service.life.state import CLOSED, DAY, Standing
from service.life.tables import handovers
from service.tables import leads, scores

from .allocating import CONTACTS_A_CALL, OTHER, Candidate, Companies, Desks, Part, Place, is_owned
from .days import Today
from .waiting import TOLD_OF

AGAIN_DAYS = 30
"""A `not now` without a date is looked at again after so many days."""

CHUNK = 100
MOST_CONTACTS = 100 * CONTACTS_A_CALL
"""Leads of one company that are looked at."""

DONE = [standing.value for standing in sorted(CLOSED)]
IN_WORK = (Standing.HANDED_OVER.value, Standing.ACCEPTED.value)
HOLDER = func.coalesce(leads.c.owner, leads.c.handed_to)
"""Whose a lead is by name, if anybody's."""

COLUMNS = (
    *(scores.c[name] for name in ("lead_id", "desk", "product", "worth_order", "log_odds_order")),
    leads.c.company,
)


def again_after() -> ColumnElement[int]:
    """Until when a lead that is `not_now` asked to be left alone, microseconds since 1970."""
    return func.coalesce(leads.c.state_until, leads.c.state_since + AGAIN_DAYS * DAY)


def is_free(today: Today) -> ColumnElement[bool]:
    """Of listed leads those that may be handed over: new, or asked to be left alone until a moment that has passed.

    One that was given today, or of which something is said of later than now, is not: its state would not follow.
    """
    today_given = select(handovers.c.seq).where(
        handovers.c.lead_id == leads.c.id, handovers.c.day == today.day.isoformat()
    )
    return and_(
        or_(
            leads.c.state == Standing.NEW.value,
            and_(leads.c.state == Standing.NOT_NOW.value, again_after() <= today.micros),
            # Of a seller who was removed: nobody answers for it any more.
            and_(leads.c.state == Standing.HANDED_OVER.value, HOLDER.is_(None)),
        ),
        leads.c.id.not_in(put_in(Put.HELD, today.micros)),
        # Clocks differ, but not by a day: what comes in later is not there yet, where a week is lived again.
        or_(leads.c.created_at.is_(None), leads.c.created_at < today.micros + DAY),
        or_(leads.c.state_since.is_(None), and_(leads.c.state_since < today.micros, ~today_given.exists())),
    )


def is_on(desks: Sequence[str | None]) -> ColumnElement[bool]:
    """A score of a lead on one of these desks."""
    named = scores.c.desk.in_([desk for desk in desks if desk is not None])
    return or_(named, scores.c.desk.is_(None)) if None in desks else named


def is_about(part: Part, desks: Desks) -> ColumnElement[bool]:
    """A score of a lead whose product is of this part, if it is on the part's desk."""
    desk, product = part
    if not desks.products or is_owned(desk):
        return true()
    if product == OTHER:
        return scores.c.product.not_in(sorted(desks.products))
    return scores.c.product.is_(None) if product is None else scores.c.product == product


class Candidates:
    """The free leads of the listed version. All questions are asked within one transaction.

    Products are asked of them only where a seller is limited to some.
    """

    def __init__(self, connection: Connection, model: str, today: Today, desks: Desks) -> None:
        self._connection, self.model, self.is_free, self._desks = connection, model, is_free(today), desks
        self.held, self._first = put_in(Put.HELD, today.micros), put_in(Put.FIRST, today.micros)
        told = select(leads.c.id).where(TOLD_OF, ~self.is_free)
        self.bound: Subquery = union(
            told, select(leads.c.id).where(leads.c.created_at >= today.micros + DAY), self.held
        ).subquery()
        """Ids of open leads that are not free."""
        # No bare column: SQLite would walk through the whole list of a model for the few leads that are asked for.
        self.is_listed = and_(scores.c.model.concat("") == model, scores.c.listed)

    @cached_property
    def counts(self) -> dict[tuple[Part, str | None], int]:
        """How many there are by part and readiness: all listed ones, of an index alone, less the few not free."""
        about = (scores.c.product,) if self._desks.products else ()
        by = (scores.c.readiness, scores.c.desk, *about)
        each = select(*by, func.count().label("number")).group_by(*by)
        found = Counter[tuple[Part, str | None]]()
        every = each.where(scores.c.model == self.model, scores.c.listed)
        bound = each.join(self.bound, self.bound.c.id == scores.c.lead_id).where(self.is_listed)
        for sign, query in ((1, every), (-1, bound)):
            for row in self._connection.execute(query):
                part = self._desks.part_of(row.desk, row.product if about else None)
                found[part, row.readiness] += sign * row.number
        return {of: number for of, number in found.items() if number}

    @property
    def parts(self) -> list[Part]:
        """The parts of desks in which there are some."""
        return list(dict.fromkeys(part for part, _ in self.counts))

    def stream(self, part: Part) -> Iterator[Candidate]:
        """The free leads of a part: those that people put first, then the best; the same one may come again."""
        yield from self._put_first.get(part, ())
        here = scores.c.desk.is_(None) if part[0] is None else scores.c.desk == part[0]
        query = self._query().where(here, is_about(part, self._desks))
        order = (scores.c.worth_order, scores.c.log_odds_order, scores.c.lead_id)
        after: tuple[float, int, str] | None = None
        while True:
            place = literal(True) if after is None else tuple_(*order) > tuple_(*after, types=[c.type for c in order])
            rows = self._connection.execute(query.where(place).order_by(*order).limit(CHUNK)).all()
            yield from map(_candidate_of, rows)
            if len(rows) < CHUNK:
                return
            after = (rows[-1].worth_order, rows[-1].log_odds_order, rows[-1].lead_id)

    @cached_property
    def _put_first(self) -> dict[Part, list[Candidate]]:
        """What people put first, by part: few beside all leads, and asked for once."""
        query = self._every().where(self.is_listed, scores.c.lead_id.in_(self._first))
        found: dict[Part, list[Candidate]] = {}
        for one in sorted(map(_candidate_of, self._connection.execute(query)), key=_place):
            part = self._desks.part_of(one.desk, one.product)
            found.setdefault(part, []).append(replace(one, place=(-inf, *one.place[1:])))
        return found

    def of(self, ids: Sequence[str]) -> dict[str, Row[Any]]:
        """Those of these ids that are still free, with their scores."""
        query = self._query().add_columns(*(scores.c[name] for name in SCORE)).where(leads.c.id.in_(ids))
        return {row.lead_id: row for row in self._connection.execute(query)}

    @property
    def companies(self) -> Companies:
        """What the database knows of a company."""
        return Companies(self._holders_of, self._leads_of)

    def _leads_of(self, company: str) -> list[Candidate]:
        # In two steps: in one SQLite walks through the whole list, because it is in the order that is wanted.
        ids = (
            select(leads.c.id)
            .where(leads.c.company == company, leads.c.state.not_in(DONE))
            .order_by(leads.c.id)
            .limit(MOST_CONTACTS)
        )
        found = self._connection.execute(
            self._query().where(scores.c.lead_id.in_(self._connection.execute(ids).scalars().all()))
        )
        return sorted(map(_candidate_of, found), key=lambda one: one.place)

    def _holders_of(self, company: str) -> Sequence[str]:
        """Who has a lead of this company: first those who have one in work, then others with an open one."""
        query = (
            select(HOLDER)
            .where(leads.c.company == company, leads.c.known, HOLDER.is_not(None))
            .where(leads.c.state.not_in(DONE))
            .order_by(leads.c.state.in_(IN_WORK).desc(), leads.c.id)
            .limit(MOST_CONTACTS)
        )
        return list(dict.fromkeys(self._connection.execute(query).scalars()))

    def _query(self) -> Select[Any]:
        return self._every().where(scores.c.model == self.model, scores.c.listed)

    def _every(self) -> Select[Any]:
        return select(*COLUMNS).join_from(scores, leads, leads.c.id == scores.c.lead_id).where(self.is_free)


SCORE = ("probability", "score", "grade", "expected_value", "readiness")
"""What a handover keeps of the score that a lead had."""


def _place(candidate: Candidate) -> Place:
    return candidate.place


def _candidate_of(row: Row[Any]) -> Candidate:
    place = (row.worth_order, row.log_odds_order, row.lead_id.encode())
    return Candidate(row.lead_id, row.desk, row.company, place, row.product)

"""The ranked list: one model version, best first, page by page from a place and never from an offset."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select, tuple_

from .asked import LARGEST_INTEGER, is_id
from .leads import SHOWN_COLUMNS
from .problems import Fault, Unfit
from .tables import leads, listing, scores


class Sort(StrEnum):
    """What makes a lead come first. Ties: by log-odds, then id; so probability and score order alike."""

    EXPECTED_VALUE = "-expected_value"
    PROBABILITY = "-probability"
    SCORE = "-score"


class Grade(StrEnum):
    """A to D."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in one list: its model, sort and grade, and the order columns of the lead shown last."""

    model: str
    sort: Sort
    grade: Grade | None
    worth_order: float
    log_odds_order: int
    lead_id: str

    def cursor(self) -> str:
        """The place as an opaque text."""
        parts = [self.model, self.sort, self.grade, self.worth_order, self.log_odds_order, self.lead_id]
        return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def place_of(cursor: str, sort: Sort, grade: Grade | None) -> Place:
    """The place that a cursor names; raises Unfit for a text that is none, or one of another list."""
    try:
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        model, *same, worth, log_odds, lead_id = parts
    except (ValueError, TypeError, RecursionError):
        raise Unfit(Fault("after", "the `after` of an earlier page, unchanged")) from None
    if not (is_id(model) and is_id(lead_id) and _is_finite(worth) and _is_whole(log_odds)):
        raise Unfit(Fault("after", "the `after` of an earlier page, unchanged"))
    if same != [sort, grade]:
        raise Unfit(Fault("after", "the same sort and grade as on the page before"))
    return Place(model, sort, grade, worth, log_odds, lead_id)


def _is_finite(value: object) -> bool:
    return (
        isinstance(value, float | int)
        and not isinstance(value, bool)
        and abs(value) < LARGEST_INTEGER
        and math.isfinite(value)
    )


def _is_whole(value: object) -> bool:
    return type(value) is int and -LARGEST_INTEGER <= value < LARGEST_INTEGER


@dataclass(frozen=True, slots=True)
class Page:
    """Some leads in order. model: the version that scored them all, None where nothing is listed yet."""

    model: str | None
    rows: Sequence[Row[Any]]
    next: Place | None


def listed_version(connection: Connection) -> str | None:
    """The version that lists show."""
    return connection.execute(select(listing.c.model)).scalar_one_or_none()


def page(
    connection: Connection,
    sort: Sort,
    grade: Grade | None,
    limit: int,
    after: Place | None = None,
    *,
    desks: frozenset[str] | None = None,
    columns: Sequence[ColumnElement[Any]] = SHOWN_COLUMNS,
) -> Page:
    """The leads that follow a place, or the first; a list goes on with the version that it began with.

    desks: those of these desks alone; a query for each, since each is answered from an index. columns: what is read of
    a lead, the order columns and its id at least.
    """
    model = after.model if after else listed_version(connection)
    if model is None:
        return Page(None, (), None)
    first = query(model, sort, grade, after, columns).limit(limit + 1)
    if desks is None:
        rows = connection.execute(first).all()
    else:
        found = [row for desk in desks for row in connection.execute(first.where(scores.c.desk == desk))]
        rows = sorted(found, key=lambda row: order_of(sort, row))[: limit + 1]
    return Page(model, rows[:limit], place_at(model, sort, grade, rows[limit - 1]) if len(rows) > limit else None)


def order_of(sort: Sort, row: Row[Any]) -> tuple[float, float, bytes]:
    """Where a row stands in the list of its version."""
    worth = row.worth_order if sort is Sort.EXPECTED_VALUE else 0.0
    return worth, row.log_odds_order, row.id.encode()


def place_at(model: str, sort: Sort, grade: Grade | None, row: Row[Any]) -> Place:
    """The place of a row in a list."""
    return Place(model, sort, grade, row.worth_order, row.log_odds_order, row.id)


def query(
    model: str,
    sort: Sort,
    grade: Grade | None,
    after: Place | None,
    columns: Sequence[ColumnElement[Any]] = SHOWN_COLUMNS,
) -> Select[Any]:
    """The list as SQL: every part of it is answered from one index."""
    order = [scores.c.log_odds_order, scores.c.lead_id]
    if sort is Sort.EXPECTED_VALUE:
        order.insert(0, scores.c.worth_order)
    found = (
        select(*columns)
        .join_from(scores, leads, leads.c.id == scores.c.lead_id)
        .where(scores.c.model == model, scores.c.listed)
    )
    if grade is not None:
        found = found.where(scores.c.grade == grade.value)
    if after is not None:
        values = [after.worth_order, after.log_odds_order, after.lead_id][-len(order) :]
        found = found.where(tuple_(*order) > tuple_(*values, types=[c.type for c in order]))
    return found.order_by(*order)

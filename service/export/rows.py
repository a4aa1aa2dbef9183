"""What the database holds as rows of text, streamed in the order of their leads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, select

from scoring.refusals import refusal_code
from scoring.values import as_text
from service.life.state import Said, Source
from service.life.tables import activities, events, past_scores
from service.moments import SECOND, text_of_micros, text_of_seconds
from service.tables import leads

from .columns import Columns

AT_A_TIME = 2_000
"""Rows that are held at a time."""

LEARNED_FROM = leads.c.known & ~leads.c.do_not_score
"""Leads that were sent themselves and may be scored."""

Cells = Sequence[str]


def streamed(connection: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    """The rows of a query, some at a time."""
    yield from connection.execute(query, execution_options={"yield_per": AT_A_TIME})


def field_rows(connection: Connection) -> Iterator[Row[Any]]:
    """The fields of every lead that is learned from, its company and when it was created."""
    return streamed(connection, select(leads.c.fields, leads.c.company, leads.c.created_at).where(LEARNED_FROM))


def lead_rows(connection: Connection, columns: Columns) -> Iterator[Cells]:
    """Id, creation, company where there is any, and fields."""
    query = select(leads.c.id, leads.c.created_at, leads.c.stored_at, leads.c.company, leads.c.fields, *_FIRST_HEARD)
    for row in streamed(connection, query.where(LEARNED_FROM).order_by(leads.c.id)):
        company = [row.company or ""] if columns.has_company else []
        created = row.created_at if row.created_at is not None else _first_heard(row)
        yield [row.id, text_of_micros(created) or "", *company, *_cells(json.loads(row.fields), columns)]


def activity_rows(connection: Connection) -> Iterator[Cells]:
    """Lead, moment, kind, amount, event."""
    query = _of_leads(activities, activities.c.at, activities.c.event_id)
    for row in streamed(connection, query):
        yield [row.lead_id, text_of_micros(row.at) or "", row.kind, as_text(row.amount), row.event_id]


def outcome_rows(connection: Connection) -> Iterator[Cells]:
    """Lead, what became of it, moment, value, why, deal, event."""
    for row in _told(connection, Source.OUTCOME):
        yield [row.lead_id, row.said, *_when_and_worth(row), row.deal_id or "", row.event_id]


def feedback_rows(connection: Connection) -> Iterator[Cells]:
    """Lead, what the seller said, moment, value, why, deal, until when, event."""
    for row in _told(connection, Source.FEEDBACK):
        until = text_of_micros(row.until) or ""
        yield [row.lead_id, row.said, *_when_and_worth(row), row.deal_id or "", until, row.event_id]


def handover_rows(connection: Connection) -> Iterator[Cells]:
    """Lead, moment, event."""
    for row in _told(connection, Source.HANDOVER):
        yield [row.lead_id, text_of_micros(row.occurred_at) or "", row.event_id]


def snapshot_rows(connection: Connection, columns: Columns) -> Iterator[Cells]:
    """Lead, moment and fields as it was scored then; a score by the same fields as the one before adds nothing."""
    before: tuple[str, list[str]] | None = None
    query = _of_leads(past_scores, past_scores.c.as_of, past_scores.c.seq)
    for row in streamed(connection, query):
        cells = _cells(json.loads(row.snapshot), columns)
        if (row.lead_id, cells) != before:
            yield [row.lead_id, text_of_seconds(row.as_of), *cells]
        before = (row.lead_id, cells)


_BACK = events.alias("back")
_IS_TAKEN_BACK = (
    select(_BACK.c.event_id)
    .where(_BACK.c.lead_id == events.c.lead_id, _BACK.c.source == events.c.source)
    .where(_BACK.c.said == Said.WITHDRAWN.value, _BACK.c.withdraws == events.c.event_id)
    .exists()
)


def _of_leads(table: Any, *order: ColumnElement[Any]) -> Select[Any]:
    """The rows of a table that speak of leads which are learned from, by lead."""
    return select(table).join(leads, leads.c.id == table.c.lead_id).where(LEARNED_FROM).order_by(leads.c.id, *order)


def _told(connection: Connection, source: Source) -> Iterator[Row[Any]]:
    """What stands of a source's words: what was taken back is left out with what took it back."""
    query = _of_leads(events, events.c.occurred_at, events.c.event_id)
    stands = (events.c.source == source.value, events.c.said != Said.WITHDRAWN.value, ~_IS_TAKEN_BACK)
    return streamed(connection, query.where(*stands))


def _when_and_worth(row: Row[Any]) -> Cells:
    """Moment, value, and the reason's code: what people wrote stays here, as it may name somebody."""
    why = refusal_code(row.reason) if row.said in (Said.REFUSED, Said.LOST) else ""
    return [text_of_micros(row.occurred_at) or "", as_text(row.value), why]


def _cells(fields: dict[str, object], columns: Columns) -> list[str]:
    return ["" if n in columns.ignored else as_text(fields.get(n)) for n in columns.fields]


def _first_heard(row: Row[Any]) -> int:
    """When a lead that came without a creation date was first heard of, in microseconds."""
    scored = None if row.first_scored is None else row.first_scored * SECOND
    heard: list[int | None] = [row.stored_at, scored, row.first_did, row.first_said]
    return min(at for at in heard if at is not None)


def _if_undated(at: ColumnElement[Any], table: Any, name: str) -> ColumnElement[Any]:
    """The least of a lead's moments; not looked for where its creation is known."""
    least = select(func.min(at)).where(table.c.lead_id == leads.c.id).scalar_subquery()
    return case((leads.c.created_at.is_(None), least)).label(name)


_FIRST_HEARD = (
    _if_undated(past_scores.c.as_of, past_scores, "first_scored"),
    _if_undated(activities.c.received_at, activities, "first_did"),
    _if_undated(events.c.received_at, events, "first_said"),
)

"""Announcements: rows of the outbox, written in the transaction of what they tell of."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from service.moments import text_of_micros
from service.tables import scores

from .tables import deliveries, endpoints


class Event(StrEnum):
    """What can be announced; the `type` of a webhook."""

    HANDED_OVER = "lead.handed_over"
    GRADE_CHANGED = "lead.grade_changed"
    PROMOTED = "model.promoted"


TEST = "webhook.test"
"""The type of a trial message: sent when an endpoint is tested, whatever it listens to."""


def announce(
    connection: Connection, event: Event, data: Mapping[str, object], *, now: int, lead_id: str | None = None
) -> int:
    """Put one row a listening endpoint into the outbox; how many. now: microseconds since 1970.

    data: ids, grades and versions only. lead_id: of whom it tells, so that `forget` finds it.
    """
    return _write(connection, event, [(data, lead_id)], now)


def announce_handovers(connection: Connection, rows: Iterable[Mapping[str, Any]], *, now: int) -> int:
    """Announce leads that were handed over (rows of `handovers`); how many messages. To whom is for those who ask."""
    told: list[tuple[Mapping[str, object], str | None]] = [
        ({name: row[name] for name in ("lead_id", "event_id", "model")}, row["lead_id"]) for row in rows
    ]
    return _write(connection, Event.HANDED_OVER, told, now) if told else 0


def announce_grades(
    connection: Connection, before: Mapping[str, str], rows: Iterable[Mapping[str, Any]], *, now: int
) -> int:
    """Announce each stored score (a row of `scores`) whose grade is not that of `grades_before`; how many."""
    told: list[tuple[Mapping[str, object], str | None]] = [
        (
            {
                "lead_id": row["lead_id"],
                "old_grade": before[row["lead_id"]],
                "new_grade": row["grade"],
                "model": row["model"],
            },
            row["lead_id"],
        )
        for row in rows
        if before.get(row["lead_id"], row["grade"]) != row["grade"]
    ]
    return _write(connection, Event.GRADE_CHANGED, told, now) if told else 0


def grades_before(connection: Connection, lead_ids: Sequence[str], model: str) -> dict[str, str]:
    """The grades that leads have now: by this version, else by the one that scored last.

    Empty where nobody listens to changed grades, so that storing a score costs one small query and no more.
    """
    if not lead_ids or not _listeners(connection, Event.GRADE_CHANGED):
        return {}
    query = (
        select(scores.c.lead_id, scores.c.grade)
        .where(scores.c.lead_id.in_(lead_ids))
        .order_by(scores.c.model == model, scores.c.as_of)
    )
    return {row.lead_id: row.grade for row in connection.execute(query)}


def forget(connection: Connection, lead_id: str) -> int:
    """Remove what the outbox holds of a lead, sent or not; how many rows."""
    return connection.execute(delete(deliveries).where(deliveries.c.lead_id == lead_id)).rowcount


def _listeners(connection: Connection, event: str) -> list[str]:
    """The endpoints that listen to this: they stay until the transaction ends."""
    query = select(endpoints.c.id, endpoints.c.events).where(endpoints.c.disabled_at.is_(None))
    rows = connection.execute(query.order_by(endpoints.c.id).with_for_update(read=True, key_share=True))
    return [row.id for row in rows if event in json.loads(row.events)]


def _write(
    connection: Connection, event: Event, told: Iterable[tuple[Mapping[str, object], str | None]], now: int
) -> int:
    listening = _listeners(connection, event)
    rows = [row_of(one, event, data, now, lead_id) for data, lead_id in told for one in listening]
    if rows:
        connection.execute(insert(deliveries), rows)
    return len(rows)


def row_of(
    endpoint_id: str, event: str, data: Mapping[str, object], now: int, lead_id: str | None = None
) -> dict[str, Any]:
    """A row of the outbox that is due at once. now: microseconds since 1970."""
    body = {"type": event, "timestamp": text_of_micros(now), "data": data}
    return {
        "id": f"msg_{secrets.token_urlsafe(18)}",
        "endpoint_id": endpoint_id,
        "type": event,
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        "lead_id": lead_id,
        "created_at": now,
        "attempts": 0,
        "next_at": now,
    }

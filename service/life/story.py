"""A lead's story: what it did, what was said of it, and how its score went."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from service.champion import MODEL
from service.moments import text_of_micros, text_of_seconds

from .past import past_of
from .tables import activities, events

TOLD = 200
"""The newest things of a lead that are told."""


def story_of(connection: Connection, lead_id: str) -> dict[str, Any]:
    """Timeline and score history of a lead, each the newest first."""
    return {
        "timeline": _timeline(connection, lead_id),
        "score_history": [
            {
                "as_of": text_of_seconds(row.as_of),
                "score": row.score,
                "grade": row.grade,
                "probability": row.probability,
                "expected_value": row.expected_value,
                "model": {"name": MODEL, "version": row.model},
            }
            for row in past_of(connection, lead_id, TOLD)
        ],
    }


def _timeline(connection: Connection, lead_id: str) -> list[dict[str, Any]]:
    did = select(activities).where(activities.c.lead_id == lead_id).order_by(activities.c.at.desc()).limit(TOLD)
    said = select(events).where(events.c.lead_id == lead_id).order_by(events.c.occurred_at.desc()).limit(TOLD)
    found = [
        (row.at, {"what": "activity", "kind": row.kind, "amount": row.amount, "event_id": row.event_id})
        for row in connection.execute(did)
    ] + [
        (
            row.occurred_at,
            {"what": row.source, "kind": row.said, "amount": row.value, "event_id": row.event_id}
            | {
                name: value
                for name in ("reason", "by", "deal_id", "withdraws")
                if (value := getattr(row, name)) is not None
            },
        )
        for row in connection.execute(said)
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1]["what"], pair[1]["event_id"]))
    return [{"at": text_of_micros(at)} | body for at, body in found[:TOLD]]

"""Endpoints and deliveries as plain data."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row

from service.moments import text_of_micros


def endpoint_body(row: Row[Any]) -> dict[str, Any]:
    """An endpoint, without its secret."""
    return {
        "id": row.id,
        "url": row.url,
        "events": json.loads(row.events),
        "created_at": text_of_micros(row.created_at),
        "disabled_at": text_of_micros(row.disabled_at),
        "failures": row.failures,
    }


def secret_body(row: Row[Any]) -> dict[str, Any]:
    """An endpoint with its secret: shown when it is made, and never again."""
    return endpoint_body(row) | {"secret": row.secret, "old_secret_until": text_of_micros(row.old_secret_until)}


def delivery_body(row: Row[Any]) -> dict[str, Any]:
    """A delivery. `payload` is what is sent, as it is signed."""
    return {
        "id": row.id,
        "endpoint_id": row.endpoint_id,
        "type": row.type,
        "payload": row.body,
        "created_at": text_of_micros(row.created_at),
        "attempts": row.attempts,
        "next_at": text_of_micros(row.next_at),
        "delivered_at": text_of_micros(row.delivered_at),
        "dead_at": text_of_micros(row.dead_at),
        "last_status": row.last_status,
        "last_fault": row.last_fault,
    }

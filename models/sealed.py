"""Sealed JSON: a small record that carries the hash of itself, so that one flipped bit anywhere is seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from scoring.scorecard import digest_of

SEAL = "seal"
"""The key that holds the SHA-256 of everything else."""


def json_bytes(value: object) -> bytes:
    """JSON as people read it; same value, same bytes. ValueError for NaN and infinity."""
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def seal(body: Mapping[str, object]) -> bytes:
    """A record's bytes, with its seal."""
    return json_bytes({**body, SEAL: digest_of(json_bytes(dict(body)))})


def unseal(data: bytes) -> dict[str, Any]:
    """The record of its bytes, which must be exactly those that `seal` wrote. Raises ValueError."""
    try:
        body = json.loads(data)
        body.pop(SEAL)
        whole = seal(body) == data
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        whole = False
    if not whole:
        raise ValueError("its bytes are not those that were written")
    return dict(body)


def moment_text(at: datetime) -> str:
    """A moment as records hold it: ISO 8601, UTC, whole seconds. ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

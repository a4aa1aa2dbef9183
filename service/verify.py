"""Stored scores made again from what is stored with them, and compared bit for bit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from .champion import Serving
from .database import Database
from .life.tables import past_scores
from .tables import scores

SAME = ("log_odds", "probability", "score", "expected_value", "readiness")


@dataclass(frozen=True, slots=True)
class Verified:
    """How many scores are stored, how many of them were made again, and which came out otherwise (lead, version)."""

    stored: int
    made_again: int
    different: tuple[tuple[str, str], ...]


def verify(database: Database, version: Callable[[str], Serving], sample: int | None = None) -> Verified:
    """Make stored scores again, of now and of earlier days. sample: about so many, by chance; None for all.

    version: opens a published version; raises LeadrankError for one that is gone or damaged.
    """
    different, made, stored = [], 0, 0
    for table in (scores, past_scores):
        with database.reading() as connection:
            count = connection.execute(select(func.count()).select_from(table)).scalar_one()
            stored += count
            for row in _drawn(connection, table, sample if count > (sample or count) else None):
                made += 1
                if not is_same(row, version(row.model)):
                    different.append((row.lead_id, row.model))
    return Verified(stored, made, tuple(different))


def _drawn(connection: Connection, table: Any, sample: int | None) -> Any:
    columns = [table.c[name] for name in ("lead_id", "model", "as_of", "snapshot", *SAME)]
    query: Select[Any] = select(*columns)
    if sample is not None:
        query = query.order_by(func.random()).limit(sample)
    return connection.execution_options(stream_results=True).execute(query)


def is_same(row: Row[Any], serving: Serving) -> bool:
    """Whether a stored score is what its version makes of its snapshot, bit for bit."""
    snapshot: Mapping[str, object] = json.loads(row.snapshot)
    scored = serving.rate(dict(snapshot), row.as_of).scored
    return all(getattr(scored, name) == getattr(row, name) for name in SAME)

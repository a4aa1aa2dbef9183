"""A lead as a line of a file: the same columns for today's list and for all leads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from service.life.state import Standing
from service.moments import text_of_micros

from .words import spaced

COLUMNS = (
    *("lead", "name", "company", "phone", "email", "link", "grade", "score"),
    *("probability", "expected_value", "readiness", "state"),
    *("waits_since", "campaign", "source", "speaks_for", "speaks_against"),
)


def line_of(
    row: Any,
    shown: Mapping[str, str | None],
    origins: Mapping[str, str],
    speaks_for: Iterable[str],
    speaks_against: Iterable[str],
) -> Iterator[object]:
    """A lead's cells. row: with the columns of a list; shown: what may be shown of it; origins: by key."""
    texts = (row.id, shown["name"] or row.id, row.company, shown["phone"], shown["email"], shown["link"])
    yield from (text or "" for text in texts)
    yield from (row.grade, row.score, row.probability, row.expected_value, row.readiness, row.state)
    yield text_of_micros(row.state_since) if row.state == Standing.HANDED_OVER else None
    yield from (origins.get("campaign"), origins.get("source"))
    yield from ("; ".join(map(spaced, reasons)) for reasons in (speaks_for, speaks_against))

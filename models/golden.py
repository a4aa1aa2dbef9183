"""Golden rows: made-up leads and the log-odds that they must have, scored whenever a model is opened."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from random import Random

from scoring import Field, Kind, LeadScorer, Scorecard

from .sealed import json_bytes

FORMAT = 1
ROWS = 32
"""Enough to meet most levels of most fields, and scored within a millisecond."""

SEED = 20_260_101
AS_OF = 1_767_225_600
"""2026-01-01T00:00:00Z: ages are counted from a fixed moment, so that a row means the same for ever."""

DAYS = 200_000
"""The largest age in days that stays within the calendar."""


def golden_bytes(card: Scorecard) -> bytes:
    """The golden rows of a card: built from its own fields alone, no lead of anybody is in them."""
    dice, scorer = Random(SEED), LeadScorer(card)
    leads: list[dict[str, object]] = [{}, {f.name: None for f in card.fields}]
    leads += [_lead(card, dice) for _ in range(ROWS - 2)]
    rows = [{"lead": lead, "log_odds": scorer.score(lead, as_of=AS_OF).log_odds} for lead in leads]
    return json_bytes({"format": FORMAT, "as_of": AS_OF, "rows": rows})


def check_golden(card: Scorecard, data: bytes) -> None:
    """Score the golden rows again. ValueError names the first that comes out otherwise."""
    golden, scorer = json.loads(data), LeadScorer(card)
    if golden["format"] != FORMAT:
        raise ValueError(f"format {golden['format']!r} is not known here: this version reads {FORMAT}")
    for number, row in enumerate(golden["rows"], 1):
        found = scorer.score(row["lead"], as_of=golden["as_of"]).log_odds
        if found != row["log_odds"]:
            raise ValueError(f"golden row {number} scores {found}, not {row['log_odds']}")


def _lead(card: Scorecard, dice: Random) -> dict[str, object]:
    """One made-up lead; one field in ten is absent."""
    return {f.name: dice.choice(_values(f)) for f in card.fields if dice.random() >= 0.1}


def _values(field: Field) -> list[object]:
    """Values at, between and beyond a field's borders or levels, and odd ones."""
    odd: list[object] = [None, "", "never seen before"]
    if field.kind is Kind.NUMBER:
        return [*odd, 0, -1.5, 1e12, *field.edges, *(edge - 0.5 for edge in field.edges)]
    if field.kind is Kind.DATE:
        return [*odd, *map(_day, (0.0, *field.edges)), *(_day(edge - 1) for edge in field.edges)]
    if field.kind is Kind.FLAG:
        return [*odd, True, False, "yes", "no"]
    if field.kind is Kind.EMAIL:
        return [*odd, "someone@gmail.com", "someone@example.com"]
    if field.kind is Kind.TEXT:
        return [*odd, *field.labels, " ".join(field.labels[:3])]
    return [*odd, *field.labels]


def _day(age: float) -> str:
    """The moment that lies an age in days before AS_OF."""
    days = max(-DAYS, min(DAYS, age))
    return (datetime.fromtimestamp(AS_OF, UTC) - timedelta(days=days)).isoformat()

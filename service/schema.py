"""What the model wants to know of a lead: fields, kinds, levels, and what a missing one costs."""

from __future__ import annotations

from typing import Any

from scoring import Field, Kind
from scoring.fields import MISSING
from scoring.scorecard import points_of
from scoring.snapshot import Measure

from .champion import MODEL, Serving


def schema_body(serving: Serving) -> dict[str, Any]:
    """The schema of one version as plain data."""
    card = serving.card
    counted = {d.field: "created_at" if d.measure is Measure.AGE else "activities" for d in card.derived}
    missing = {main.field: points_of(main.table[MISSING]) for main in card.mains}
    return {
        "model": {"name": MODEL, "version": serving.version},
        "horizon_days": card.horizon_days,
        "fields": [_field_body(f, missing.get(i, 0.0), counted.get(f.name)) for i, f in enumerate(card.fields)],
        "read_as_missing": list(card.missing_words),
    }


def _field_body(field: Field, missing_points: float, counted_from: str | None) -> dict[str, Any]:
    words = field.kind is Kind.TEXT
    return {
        "name": field.name,
        "kind": field.kind.value,
        "counted_from": counted_from,
        "levels": [] if words else list(field.labels),
        "words": list(field.labels) if words else [],
        "edges": list(field.edges),
        "decimal": field.decimal if field.kind is Kind.NUMBER else None,
        "missing_points": missing_points,
        "warns_when_missing": field.seldom_missing and counted_from is None,
    }

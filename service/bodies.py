"""The answers as plain data: one shape of a score, whether it was made just now or kept."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from sqlalchemy import Row
from starlette.responses import Response

from scoring import Reason
from scoring.scorecard import points_of

from .champion import MODEL, Rating, Serving
from .moments import text_of_micros, text_of_seconds
from .problems import Problem

TREND = "not_enough_information"
"""What a lead's trend is until there are earlier scores of it to compare with."""

_encode = msgspec.json.Encoder().encode


def answer(body: object, status: int = 200) -> Response:
    """Plain data as a JSON answer."""
    return Response(_encode(body), status, media_type="application/json")


def score_body(lead_id: str, rating: Rating, more_warnings: tuple[str, ...] = ()) -> dict[str, Any]:
    """A score made just now."""
    scored = rating.scored
    return {
        "id": lead_id,
        "score": scored.score,
        "probability": scored.probability,
        "horizon_days": rating.horizon_days,
        "grade": rating.grade,
        "readiness": scored.readiness,
        "expected_value": scored.expected_value,
        "trend": TREND,
        "reasons": [reason_body(r) for r in scored.reasons],
        "model": {"name": MODEL, "version": rating.model},
        "as_of": text_of_seconds(rating.as_of),
        "warnings": [*scored.warnings, *more_warnings],
    }


def kept_score_body(row: Row[Any]) -> dict[str, Any]:
    """A kept lead and its score, whose values are null where the lead is not scored."""
    return {
        "id": row.id,
        "score": row.score,
        "probability": row.probability,
        "horizon_days": row.horizon_days,
        "grade": row.grade,
        "readiness": row.readiness,
        "expected_value": row.expected_value,
        "trend": row.trend or TREND,
        "reasons": json.loads(row.reasons or "[]"),
        "model": {"name": MODEL, "version": row.model},
        "as_of": None if row.as_of is None else text_of_seconds(row.as_of),
        "warnings": json.loads(row.warnings or '["not_scored"]'),
        "created_at": text_of_micros(row.created_at),
        "updated_at": text_of_micros(row.updated_at),
        "owner": row.owner,
        "handed_to": row.handed_to,
        "territory": row.territory,
        "company": row.company,
        "display": json.loads(row.display),
        "state": row.state,
        "state_since": text_of_micros(row.state_since),
    }


def lead_body(row: Row[Any], serving: Serving | None) -> dict[str, Any]:
    """A kept lead with the points of all terms: with `base_points` they add up to `total_points`."""
    scored = serving is not None and row.model is not None
    return kept_score_body(row) | {
        "fields": json.loads(row.fields),
        "base_points": points_of(serving.card.base) if serving and scored else None,
        "total_points": points_of(row.log_odds) if scored else None,
        "points": [reason_body(r) for r in serving.points(json.loads(row.snapshot), row.as_of)]
        if serving and scored
        else [],
        "do_not_score": row.do_not_score,
        "state_reason": row.state_reason,
        "state_until": text_of_micros(row.state_until),
        "wins": row.wins,
        "won_value": row.won_value,
    }


def reason_body(reason: Reason) -> dict[str, Any]:
    """One term's part in a score."""
    fields, values, points, text, fact = reason
    return {"fields": fields, "values": values, "points": points, "text": text, "fact": fact}


def failed_body(lead_id: str | None, fault: Problem) -> dict[str, Any]:
    """What a batch says of a lead or an event that it could not take."""
    return {"id": lead_id, "status": int(fault.status), "error": fault.body()}

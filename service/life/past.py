"""Scores of earlier days: kept where they changed, compared for the trend, pruned when they are old."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, insert, literal_column, select

from scoring.scorecard import points_of

from .tables import past_scores

WEEK = 7 * 86_400
"""Seconds: a trend compares with the score that held a week ago."""

TREND_POINTS = 5.0
"""Points by which a lead must have moved: the odds of buying change by two fifths."""

KEPT = (
    *("lead_id", "model", "cuts_version", "as_of", "snapshot", "log_odds", "probability", "score", "grade"),
    *("expected_value", "readiness"),
)
"""What a score of an earlier day keeps."""

XACT: ColumnElement[int] = literal_column("pg_current_xact_id()::text::bigint")
OLDEST_XACT: ColumnElement[int] = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


class Trend(StrEnum):
    """How a lead's score moved within a week, by one version of the model."""

    IMPROVING = "improving"
    STEADY = "steady"
    DECLINING = "declining"
    UNKNOWN = "not_enough_information"


def trend_of(log_odds: int, a_week_ago: int | None) -> Trend:
    """The trend from the log-odds of now and of a week ago, both of one version."""
    if a_week_ago is None:
        return Trend.UNKNOWN
    moved = points_of(log_odds - a_week_ago)
    if abs(moved) < TREND_POINTS:
        return Trend.STEADY
    return Trend.IMPROVING if moved > 0 else Trend.DECLINING


def a_week_ago(connection: Connection, model: str, ids: Sequence[str], as_of: int) -> dict[str, int]:
    """The log-odds that held a week before as_of (seconds), of leads that a version had scored by then."""
    if not ids:
        return {}
    newest = (
        select(past_scores.c.lead_id, func.max(past_scores.c.seq).label("seq"))
        .where(past_scores.c.lead_id.in_(ids), past_scores.c.model == model, past_scores.c.as_of <= as_of - WEEK)
        .group_by(past_scores.c.lead_id)
        .subquery()
    )
    query = select(past_scores.c.lead_id, past_scores.c.log_odds).join(newest, past_scores.c.seq == newest.c.seq)
    return {row.lead_id: row.log_odds for row in connection.execute(query)}


def keep_past(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write scores into the past, as rows of `scores`."""
    if not rows:
        return
    statement = insert(past_scores)
    if connection.dialect.name != "sqlite":
        statement = statement.values(tx=XACT)
    connection.execute(statement, [{name: row[name] for name in KEPT} for row in rows])


def past_of(connection: Connection, lead_id: str, limit: int) -> Sequence[Row[Any]]:
    """A lead's scores, the latest first."""
    query = select(past_scores).where(past_scores.c.lead_id == lead_id).order_by(past_scores.c.seq.desc()).limit(limit)
    return connection.execute(query).all()


def changes(connection: Connection, after: tuple[int, int], limit: int) -> Sequence[Row[Any]]:
    """Scores that changed after a place (tx, seq), in the order in which a reader must take them.

    In PostgreSQL a transaction that began earlier may end later: what it wrote is shown when nothing earlier can come.
    """
    place = and_(
        past_scores.c.tx >= after[0],
        (past_scores.c.tx > after[0]) | (past_scores.c.seq > after[1]),
    )
    query: Select[Any] = select(past_scores).where(place)
    if connection.dialect.name != "sqlite":
        query = query.where(past_scores.c.tx < OLDEST_XACT)
    return connection.execute(query.order_by(past_scores.c.tx, past_scores.c.seq).limit(limit)).all()


def prune(connection: Connection, before: int) -> int:
    """Remove scores from before a moment (seconds), but the last of each lead and version; how many."""
    last = select(func.max(past_scores.c.seq)).group_by(past_scores.c.lead_id, past_scores.c.model)
    found = connection.execute(delete(past_scores).where(past_scores.c.as_of < before, past_scores.c.seq.not_in(last)))
    return found.rowcount

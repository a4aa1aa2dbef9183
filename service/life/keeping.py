"""Scores of kept leads: made from what is known now, written with their past, listed while there is a call to make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Row, delete, select, update

from scoring.snapshot import Activity, activity_of
from service.bodies import reason_body
from service.champion import Rating, Serving
from service.sql import insert_into, text_of
from service.tables import listing, scores
from service.tally import TALLY

from .past import Trend, a_week_ago, keep_past, trend_of
from .rows import Lead, product_of
from .state import Event, Said, Source, in_order, purchases_of
from .tables import activities, events, past_scores

PURCHASE = "purchase"
"""The kind of activity that a purchase is, in training and scoring alike."""

SECOND = 1_000_000

SAME = ("log_odds", "grade", "cuts_version", "expected_value", "readiness")
"""A score that equals the one before it in all of these has no past of its own."""

Life = tuple[Activity, ...] | None


def keep_scores(connection: Connection, serving: Serving, leads: Sequence[Lead], now: datetime) -> list[dict[str, Any]]:
    """Score locked leads as of now, where they may be scored, and write what was found; the rows that were written."""
    follow(connection, leads)
    scored = [lead for lead in leads if lead.known and not lead.do_not_score]
    if not scored:
        return []
    as_of, lives = int(now.timestamp()), lives_of(connection, serving, scored)
    before = _before(connection, serving.version, [lead.id for lead in scored])
    earlier = a_week_ago(connection, serving.version, list(before), as_of)
    ratings = serving.rate_many([(lead.content.fields, as_of, lead.created, lives[lead.id]) for lead in scored])
    rows = [
        score_row(lead, rating, trend_of(rating.scored.log_odds, earlier.get(lead.id)))
        | {"product": product_of(lead.content.fields, serving.product_field)}
        for lead, rating in zip(scored, ratings, strict=True)
    ]
    _upsert(connection, rows)
    keep_past(connection, [row for row in rows if _differs(row, before.get(row["lead_id"]))])
    if len(before) < len(rows):
        _list_first(connection, serving.version)
    TALLY.stored_scores(as_of)
    return rows


def _differs(row: dict[str, Any], was: Row[Any] | None) -> bool:
    return was is None or any(row[name] != getattr(was, name) for name in SAME)


def _before(connection: Connection, version: str, ids: Sequence[str]) -> dict[str, Row[Any]]:
    columns = (scores.c.lead_id, *(scores.c[name] for name in SAME))
    query = select(*columns).where(scores.c.lead_id.in_(ids), scores.c.model == version)
    return {row.lead_id: row for row in connection.execute(query)}


def follow(connection: Connection, changed: Sequence[Lead]) -> None:
    """Let the scores of every version stand where their lead stands now; none for a lead that is not to be scored."""
    for lead in changed:
        if lead.was == (lead.listed, lead.desk):
            continue
        if lead.do_not_score:
            connection.execute(delete(scores).where(scores.c.lead_id == lead.id))
            connection.execute(delete(past_scores).where(past_scores.c.lead_id == lead.id))
        elif lead.was is not None:
            where = update(scores).where(scores.c.lead_id == lead.id)
            connection.execute(where.values(listed=lead.listed, desk=lead.desk))


def lives_of(connection: Connection, serving: Serving, leads: Sequence[Lead]) -> dict[str, Life]:
    """What is known to have happened to each lead; None where the model does not look, or nobody sends activities."""
    if not serving.looks_at_activities or not keeps_activities(connection):
        return dict.fromkeys((lead.id for lead in leads), None)
    found: dict[str, list[Activity]] = {lead.id: [] for lead in leads}
    query = select(activities.c.lead_id, activities.c.at, activities.c.kind, activities.c.amount)
    for row in connection.execute(query.where(activities.c.lead_id.in_(list(found)))):
        found[row.lead_id].append(activity_of(row.at // SECOND, row.kind, row.amount))
    for lead_id, said in events_of(connection, [lead.id for lead in leads if lead.wins]).items():
        found[lead_id] += [activity_of(p.at // SECOND, PURCHASE, p.value) for p in purchases_of(in_order(said))]
    return {lead_id: tuple(life) for lead_id, life in found.items()}


def keeps_activities(connection: Connection) -> bool:
    """Whether anybody sends activities: a lead without any has none, and not just unknown ones."""
    return connection.execute(select(activities.c.event_id).limit(1)).first() is not None


def events_of(connection: Connection, ids: Sequence[str]) -> dict[str, list[Event]]:
    """All that was said of each lead."""
    found: dict[str, list[Event]] = {lead_id: [] for lead_id in ids}
    if not ids:
        return found
    for row in connection.execute(select(events).where(events.c.lead_id.in_(ids))):
        found[row.lead_id].append(event_of(row))
    return found


def event_of(row: Row[Any]) -> Event:
    """A row of `events` as an event."""
    return Event(
        Source(row.source),
        row.event_id,
        Said(row.said),
        row.occurred_at,
        row.value,
        row.reason,
        row.until,
        row.deal_id,
        row.by,
        row.withdraws,
    )


def score_row(lead: Lead, rating: Rating, trend: Trend = Trend.UNKNOWN) -> dict[str, Any]:
    """A rating as a row of `scores`."""
    scored = rating.scored
    return {
        "lead_id": lead.id,
        "model": rating.model,
        "revision": lead.revision,
        "cuts_version": rating.cuts_version,
        "as_of": rating.as_of,
        "snapshot": text_of(rating.snapshot),
        "log_odds": scored.log_odds,
        "probability": scored.probability,
        "score": scored.score,
        "grade": rating.grade,
        "horizon_days": rating.horizon_days,
        "expected_value": scored.expected_value,
        "readiness": scored.readiness,
        "reasons": text_of([reason_body(r) for r in scored.reasons]),
        "warnings": text_of(scored.warnings),
        "trend": trend.value,
        "listed": lead.listed,
        "desk": lead.desk,
    }


def _upsert(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Insert or replace scores; one of an older revision never replaces one of a newer."""
    insert = insert_into(connection, scores)
    replaced = {c.name: insert.excluded[c.name] for c in scores.c if c.computed is None and not c.primary_key}
    upsert: Insert = insert.on_conflict_do_update(
        index_elements=[scores.c.lead_id, scores.c.model],
        set_=replaced,
        where=scores.c.revision <= insert.excluded.revision,
    )
    connection.execute(upsert, rows)


def _list_first(connection: Connection, version: str) -> None:
    """Where nothing is listed yet, list this version."""
    connection.execute(insert_into(connection, listing).values(id=1, model=version).on_conflict_do_nothing())

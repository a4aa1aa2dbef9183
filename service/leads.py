"""Kept leads: stored as the sender has them, scored on the way in, read back with their score."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Insert, Row, Select, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from .asked import KeptLead, seconds_of
from .bodies import reason_body
from .champion import Rating, Serving
from .database import Database
from .moments import micros_at
from .tables import leads, listing, scores
from .tally import TALLY
from .webhooks import announce_grades, grades_before

CHUNK = 500
"""Leads a transaction when many come in: some ten milliseconds of holding the right to write."""

SHOWN = (
    *("model", "as_of", "score", "grade", "probability", "horizon_days", "expected_value", "readiness"),
    *("reasons", "warnings", "log_odds", "worth_order", "log_odds_order"),
)
SHOWN_COLUMNS = (leads.c.id, leads.c.created_at, leads.c.updated_at, *(scores.c[name] for name in SHOWN))
"""What a list shows of a lead."""


class Kept(StrEnum):
    """What became of a lead that was sent. Ignored: its `updated_at` is older than what is stored."""

    CREATED = "created"
    REPLACED = "replaced"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many leads of a load were new, replaced and ignored as older."""

    created: int
    replaced: int
    ignored: int


def put_lead(database: Database, serving: Serving, lead: KeptLead, now: datetime) -> Kept:
    """Store one lead and its score, in one transaction."""
    with database.writing() as connection:
        return _put(connection, serving, [lead], now)[lead.id]


def load_leads(database: Database, serving: Serving, incoming: Iterable[KeptLead], *, now: datetime) -> Loaded:
    """Store many leads and their scores, 500 a transaction; of two with one id the later one counts.

    The leads must have passed the checks that `asked.kept_lead` makes. Scored as of `now`.
    """
    count = dict.fromkeys(Kept, 0)
    rest = iter(incoming)
    while chunk := list(islice(rest, CHUNK)):
        with database.writing() as connection:
            for kept in _put(connection, serving, _one_an_id(chunk), now).values():
                count[kept] += 1
    return Loaded(count[Kept.CREATED], count[Kept.REPLACED], count[Kept.IGNORED])


def _one_an_id(chunk: Sequence[KeptLead]) -> list[KeptLead]:
    """The latest of every id, in the order of ids: loads that lock in one order cannot block each other."""
    latest: dict[str, KeptLead] = {}
    for lead in chunk:
        before = latest.get(lead.id)
        if before is None or not _is_older(lead.updated_at, before.updated_at):
            latest[lead.id] = lead
    return [latest[lead_id] for lead_id in sorted(latest)]


def _is_older(given: int | None, stored: int | None) -> bool:
    return given is not None and stored is not None and given < stored


def _put(connection: Connection, serving: Serving, chunk: Sequence[KeptLead], now: datetime) -> dict[str, Kept]:
    stored = _store(connection, chunk, micros_at(now))
    as_of = int(now.timestamp())
    rows = []
    for lead in chunk:
        if lead.id in stored:
            rating = serving.rate(lead.fields, as_of, created=seconds_of(stored[lead.id].created_at))
            rows.append(score_row(lead.id, stored[lead.id].revision, rating))
    before = grades_before(connection, [row["lead_id"] for row in rows], serving.version)
    keep_scores(connection, rows)
    announce_grades(connection, before, rows, now=micros_at(now))
    if rows:
        _list_first(connection, serving.version)
    return {lead.id: _kept(stored.get(lead.id)) for lead in chunk}


def _kept(stored: Row[Any] | None) -> Kept:
    if stored is None:
        return Kept.IGNORED
    return Kept.CREATED if stored.revision == 1 else Kept.REPLACED


def _store(connection: Connection, chunk: Sequence[KeptLead], stored_at: int) -> dict[str, Row[Any]]:
    """Insert or replace leads; revision and creation of every one that was not older than what is stored."""
    rows = [
        {
            "id": lead.id,
            "fields": text_of(lead.fields),
            "created_at": lead.created_at,
            "updated_at": lead.updated_at,
            "stored_at": stored_at,
            "revision": 1,
        }
        for lead in chunk
    ]
    found = {row.id: row for row in connection.execute(_upsert_of_leads(connection, rows))}
    TALLY.stored_leads(len(found))
    return found


def _upsert_of_leads(connection: Connection, rows: list[dict[str, Any]]) -> Any:
    insert = insert_into(connection, leads).values(rows)
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=[leads.c.id],
        set_={
            "fields": new.fields,
            "created_at": func.coalesce(new.created_at, leads.c.created_at),
            "updated_at": func.coalesce(new.updated_at, leads.c.updated_at),
            "stored_at": new.stored_at,
            "revision": leads.c.revision + 1,
        },
        where=or_(new.updated_at.is_(None), leads.c.updated_at.is_(None), leads.c.updated_at <= new.updated_at),
    ).returning(leads.c.id, leads.c.revision, leads.c.created_at)


def insert_into(connection: Connection, table: Any) -> Any:
    """The dialect's own INSERT, which can give way to a row that is already there."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def score_row(lead_id: str, revision: int, rating: Rating) -> dict[str, Any]:
    """A rating as a row of `scores`."""
    scored = rating.scored
    return {
        "lead_id": lead_id,
        "model": rating.model,
        "revision": revision,
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
    }


def keep_scores(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Insert or replace scores; one of an older revision never replaces one of a newer."""
    if not rows:
        return
    insert = insert_into(connection, scores)
    replaced = {c.name: insert.excluded[c.name] for c in scores.c if c.computed is None and not c.primary_key}
    upsert: Insert = insert.on_conflict_do_update(
        index_elements=[scores.c.lead_id, scores.c.model],
        set_=replaced,
        where=scores.c.revision <= insert.excluded.revision,
    )
    connection.execute(upsert, rows)
    TALLY.stored_scores(max(row["as_of"] for row in rows))


def _list_first(connection: Connection, version: str) -> None:
    """Where nothing is listed yet, list this version."""
    connection.execute(insert_into(connection, listing).values(id=1, model=version).on_conflict_do_nothing())


def text_of(value: object) -> str:
    """JSON that reads back to the same values and types."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def kept_lead_of(connection: Connection, lead_id: str) -> Row[Any] | None:
    """A lead with the score of its present revision: the listed version's, else the latest."""
    query: Select[Any] = (
        select(*SHOWN_COLUMNS, leads.c.fields, scores.c.snapshot)
        .join(scores, (scores.c.lead_id == leads.c.id) & (scores.c.revision == leads.c.revision))
        .outerjoin(listing, listing.c.model == scores.c.model)
        .where(leads.c.id == lead_id)
        .order_by(listing.c.id.is_(None), scores.c.as_of.desc(), scores.c.model)
        .limit(1)
    )
    return connection.execute(query).one_or_none()

"""The tables of what happened: activities, events, scores of earlier days, joined and erased leads."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from service.tables import TEXT, LeadId, metadata

EventId = String(200).with_variant(String(200, collation="C"), "postgresql")
Number = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database gives; SQLite does that for plain integers only."""


def _lead() -> Column[str]:
    return Column("lead_id", LeadId, ForeignKey("leads.id", ondelete="CASCADE"), nullable=False)


activities = Table(
    "activities",
    metadata,
    Column("event_id", EventId, primary_key=True),
    _lead(),
    Column("kind", String(200), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("amount", Double),
    Column("received_at", BigInteger, nullable=False),
    Index("ix_activities_lead_id", "lead_id", "at"),
)
"""What leads did. at, received_at: microseconds since 1970."""

events = Table(
    "events",
    metadata,
    Column("source", String(8), primary_key=True),
    Column("event_id", EventId, primary_key=True),
    _lead(),
    Column("said", String(12), nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("value", Double),
    Column("reason", String(TEXT)),
    Column("until", BigInteger),
    Column("deal_id", EventId),
    Column("by", String(TEXT)),
    Column("withdraws", EventId),
    Column("received_at", BigInteger, nullable=False),
    CheckConstraint("source IN ('outcome', 'feedback', 'handover')", name="source"),
    CheckConstraint("value >= 0 AND value < 1e15", name="value"),
    Index("ix_events_lead_id", "lead_id", "occurred_at"),
)
"""What was said of leads, never changed and never removed but with the lead. Times: microseconds since 1970."""

WON = "said = 'won'"
"""SQLite uses the index where a query says just this."""

_won = Index("ix_events_won", events.c.occurred_at)
_won.dialect_options["sqlite"]["where"] = text(WON)
_won.dialect_options["postgresql"]["where"] = text(WON)

handovers = Table(
    "handovers",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=True),
    Column("event_id", EventId, nullable=False),
    _lead(),
    Column("day", String(10), nullable=False),
    Column("seller", String(TEXT), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("model", String(200), nullable=False),
    Column("probability", Double, nullable=False),
    Column("score", Integer, nullable=False),
    Column("grade", String(1), nullable=False),
    Column("expected_value", Double),
    Column("readiness", String(8)),
    CheckConstraint("probability >= 0 AND probability <= 1", name="probability"),
    Index("ix_handovers_day", "day", "seq"),
    Index("ix_handovers_lead_id", "lead_id", "day"),
    sqlite_autoincrement=True,
)
"""To whom a lead was given on which day (`2026-03-02`), with the score that it had then; the event of the same id is in
`events`. In the order of a run: the best first. at: microseconds since 1970."""

overrides = Table(
    "overrides",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=True),
    _lead(),
    Column("place", String(8)),
    Column("reason", String(TEXT)),
    Column("until", BigInteger),
    Column("by", String(TEXT), nullable=False),
    Column("at", BigInteger, nullable=False),
    CheckConstraint("place IN ('first', 'held')", name="place"),
    Index("ix_overrides_lead_id", "lead_id", "seq"),
    Index("ix_overrides_until", "until"),
    sqlite_autoincrement=True,
)
"""What people said of a lead's place against its score, never changed: of a lead the last row counts, and a place of
NULL leaves it to the score again. at, until: microseconds since 1970."""

past_scores = Table(
    "past_scores",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=True),
    Column("tx", BigInteger, nullable=False, server_default="0"),
    _lead(),
    Column("model", String(200), nullable=False),
    Column("cuts_version", Integer, nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("log_odds", BigInteger, nullable=False),
    Column("probability", Double, nullable=False),
    Column("score", Integer, nullable=False),
    Column("grade", String(1), nullable=False),
    Column("expected_value", Double),
    Column("readiness", String(8)),
    CheckConstraint("probability >= 0 AND probability <= 1", name="probability"),
    Index("ix_past_scores_lead_id", "lead_id", "model", "as_of"),
    Index("ix_past_scores_tx", "tx", "seq"),
    sqlite_autoincrement=True,
)
"""Every score that differed from the one before it. as_of: seconds since 1970. tx: the transaction in PostgreSQL, where
numbers are given before they can be seen; 0 in SQLite, where one writes at a time."""

joined = Table(
    "joined", metadata, Column("duplicate", LeadId, primary_key=True), _lead(), Index("ix_joined_lead_id", "lead_id")
)
"""Ids of leads that were joined into another."""

suppressed = Table("suppressed", metadata, Column("mark", String(64), primary_key=True), Column("at", BigInteger))
"""Erased leads, as keyed hashes of their ids: they are not taken in again. at: microseconds since 1970."""

answers = Table(
    "answers",
    metadata,
    Column("caller", String(TEXT), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("claim", String(32), nullable=False),
    Column("claimed_until", BigInteger, nullable=False),
    Column("status", Integer),
    Column("body", Text),
    Column("media_type", String(40)),
    Column("stored_at", BigInteger, nullable=False),
    Index("ix_answers_stored_at", "stored_at"),
)
"""What was answered to a request with an Idempotency-Key; status is NULL while it runs. Microseconds since 1970."""

answered_leads = Table(
    "answered_leads",
    metadata,
    Column("lead_id", LeadId, primary_key=True),
    Column("caller", String(TEXT), primary_key=True),
    Column("key", String(200), primary_key=True),
    ForeignKeyConstraint(["caller", "key"], ["answers.caller", "answers.key"], ondelete="CASCADE"),
    Index("ix_answered_leads_caller", "caller", "key"),
)
"""Whose ids stand in a stored answer, so that erasing a lead finds it."""

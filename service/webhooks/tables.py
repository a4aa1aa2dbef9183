"""The tables of webhooks: who listens, and the outbox of what is to be sent."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from service.tables import LeadId, metadata

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("url", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("secret", String(80), nullable=False),
    Column("old_secret", String(80)),
    Column("old_secret_until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Column("failures", Integer, nullable=False),
    Column("rests_until", BigInteger, nullable=False),
)
"""events: a JSON list of types. Times: microseconds since 1970. failures counts those since the last success;
until rests_until nothing is sent there, so that a dead receiver does not hold up the living."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("endpoint_id", String(40), ForeignKey("endpoints.id", ondelete="CASCADE"), nullable=False),
    Column("type", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("lead_id", LeadId),
    Column("created_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger),
    Column("delivered_at", BigInteger),
    Column("dead_at", BigInteger),
    Column("last_status", Integer),
    Column("last_fault", String(40)),
)
"""The outbox; id is the `webhook-id`. Exactly one of next_at (due), delivered_at and dead_at is set;
microseconds since 1970. last_fault: a short word, never what a receiver said."""

for _column in ("next_at", "delivered_at", "dead_at"):
    _set = deliveries.c[_column].is_not(None)
    Index(
        f"ix_deliveries_{_column}",
        deliveries.c[_column],
        deliveries.c.id,
        sqlite_where=_set,
        postgresql_where=_set,
    )
Index("ix_deliveries_endpoint_id", deliveries.c.endpoint_id)
_of_a_lead = deliveries.c.lead_id.is_not(None)
Index("ix_deliveries_lead_id", deliveries.c.lead_id, sqlite_where=_of_a_lead, postgresql_where=_of_a_lead)

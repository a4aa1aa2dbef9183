"""The tables: leads as last sent, their scores by model version, and the version that the list shows."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

LeadId = String(200).with_variant(String(200, collation="C"), "postgresql")
"""Compared byte by byte, so that both databases order ids alike."""

leads = Table(
    "leads",
    metadata,
    Column("id", LeadId, primary_key=True),
    Column("fields", Text, nullable=False),
    Column("created_at", BigInteger),
    Column("updated_at", BigInteger),
    Column("stored_at", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    CheckConstraint("length(id) BETWEEN 1 AND 200", name="id"),
)
"""fields: JSON. created_at, updated_at: as the sender says; stored_at: as we say; microseconds since 1970.
revision counts the times that the lead was stored: a score names the revision that it is of."""

scores = Table(
    "scores",
    metadata,
    Column("lead_id", LeadId, ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True),
    Column("model", String(200), primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("cuts_version", Integer, nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("log_odds", BigInteger, nullable=False),
    Column("probability", Double, nullable=False),
    Column("score", Integer, nullable=False),
    Column("grade", String(1), nullable=False),
    Column("horizon_days", Integer),
    Column("expected_value", Double),
    Column("readiness", String(8)),
    Column("reasons", Text, nullable=False),
    Column("warnings", Text, nullable=False),
    Column(
        "worth_order",
        Double,
        Computed("-coalesce(expected_value, probability)", persisted=True),
        nullable=False,
    ),
    Column("log_odds_order", BigInteger, Computed("-log_odds", persisted=True), nullable=False),
    CheckConstraint("probability >= 0 AND probability <= 1", name="probability"),
    CheckConstraint("score BETWEEN 0 AND 100", name="score"),
    CheckConstraint("grade IN ('A', 'B', 'C', 'D')", name="grade"),
    CheckConstraint("expected_value >= 0 AND expected_value < 1e15", name="expected_value"),
)
"""One row a lead and model version. as_of: seconds since 1970. snapshot, reasons, warnings: JSON.
The two `_order` columns rise from the best lead to the worst: one comparison finds a place in the list."""

for _columns in (("worth_order", "log_odds_order"), ("log_odds_order",)):
    Index(f"ix_scores_{_columns[0]}", scores.c.model, *(scores.c[c] for c in _columns), scores.c.lead_id)
    Index(
        f"ix_scores_grade_{_columns[0]}",
        scores.c.model,
        scores.c.grade,
        *(scores.c[c] for c in _columns),
        scores.c.lead_id,
    )

listing = Table(
    "listing",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("model", String(200), nullable=False),
    CheckConstraint("id = 1", name="single"),
)
"""The one model version that ranked lists show."""

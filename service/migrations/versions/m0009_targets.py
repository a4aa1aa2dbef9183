"""Targets of sales, and what answers how far they are reached without reading whole leads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = 1_000
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
WON = sa.text("said = 'won'")


def upgrade() -> None:
    """Add them, an index of purchases by time, and one that holds what a pipeline is worth."""
    op.create_table(
        "targets",
        sa.Column("seq", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("revenue", sa.Double),
        sa.Column("purchases", sa.Integer),
        sa.Column("since", sa.String(10), nullable=False),
        sa.Column("until", sa.String(10), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String(TEXT), nullable=False),
        sa.CheckConstraint("(revenue IS NULL) <> (purchases IS NULL)", name="ck_targets_unit"),
        sa.CheckConstraint("revenue > 0 AND revenue < 1e15", name="ck_targets_revenue"),
        sa.CheckConstraint("purchases > 0", name="ck_targets_purchases"),
        sa.CheckConstraint("since <= until", name="ck_targets_days"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_won", "events", ["occurred_at"], sqlite_where=WON, postgresql_where=WON)
    op.create_index(
        "ix_scores_open",
        "scores",
        ["model", "grade", "probability", "expected_value", "listed"],
        sqlite_where=sa.text("listed = 1"),
        postgresql_where=sa.text("listed"),
    )

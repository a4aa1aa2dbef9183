"""The first tables: leads, their scores by model version, and the version that lists show."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LEAD_ID = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")


def upgrade() -> None:
    """Create them."""
    _create_leads()
    _create_scores()
    op.create_index("ix_scores_worth_order", "scores", ["model", "worth_order", "log_odds_order", "lead_id"])
    op.create_index(
        "ix_scores_grade_worth_order",
        "scores",
        ["model", "grade", "worth_order", "log_odds_order", "lead_id"],
    )
    op.create_index("ix_scores_log_odds_order", "scores", ["model", "log_odds_order", "lead_id"])
    op.create_index("ix_scores_grade_log_odds_order", "scores", ["model", "grade", "log_odds_order", "lead_id"])
    op.create_table(
        "listing",
        sa.Column("id", sa.Integer, autoincrement=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_listing"),
        sa.CheckConstraint("id = 1", name="ck_listing_single"),
    )


def _create_leads() -> None:
    op.create_table(
        "leads",
        sa.Column("id", LEAD_ID, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger),
        sa.Column("updated_at", sa.BigInteger),
        sa.Column("stored_at", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_leads"),
        sa.CheckConstraint("length(id) BETWEEN 1 AND 200", name="ck_leads_id"),
    )


def _create_scores() -> None:
    worth = sa.Computed("-coalesce(expected_value, probability)", persisted=True)
    op.create_table(
        "scores",
        sa.Column("lead_id", LEAD_ID, nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("cuts_version", sa.Integer, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("log_odds", sa.BigInteger, nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("grade", sa.String(1), nullable=False),
        sa.Column("horizon_days", sa.Integer),
        sa.Column("expected_value", sa.Double),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("warnings", sa.Text, nullable=False),
        sa.Column("worth_order", sa.Double, worth, nullable=False),
        sa.Column("log_odds_order", sa.BigInteger, sa.Computed("-log_odds", persisted=True), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", "model", name="pk_scores"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_scores_lead_id", ondelete="CASCADE"),
        sa.CheckConstraint("probability >= 0 AND probability <= 1", name="ck_scores_probability"),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name="ck_scores_score"),
        sa.CheckConstraint("grade IN ('A', 'B', 'C', 'D')", name="ck_scores_grade"),
        sa.CheckConstraint("expected_value >= 0 AND expected_value < 1e15", name="ck_scores_expected_value"),
    )

"""Sellers, what was handed to them, and the runs that did it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = 1_000
LEAD_ID = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TOLD = "state_since IS NOT NULL AND state NOT IN ('won', 'lost', 'bought_again')"


def upgrade() -> None:
    """Add them, and the indexes by which open leads that somebody spoke of are found."""
    op.add_column("leads", sa.Column("handed_to", sa.String(TEXT)))
    for name, columns, where in (
        ("told", ["state", "state_since"], TOLD),
        ("company", ["company", "id"], "company IS NOT NULL"),
        ("handed_to", ["handed_to"], "handed_to IS NOT NULL"),
    ):
        op.create_index(
            f"ix_leads_{name}", "leads", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    _create_sellers()
    _create_handovers()
    op.create_table(
        "handover_runs",
        sa.Column("seq", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String(TEXT), nullable=False),
        sa.Column("model", sa.String(200)),
        sa.Column("handed", sa.Integer, nullable=False),
        sa.Column("left_out", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_handover_runs_day", "handover_runs", ["day", "seq"])


def _create_sellers() -> None:
    op.create_table(
        "sellers",
        sa.Column("name", LEAD_ID, nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("territories", sa.Text, nullable=False),
        sa.Column("away_from", sa.String(10)),
        sa.Column("away_until", sa.String(10)),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_sellers"),
        sa.CheckConstraint("capacity >= 0", name="ck_sellers_capacity"),
        sa.CheckConstraint("away_from <= away_until", name="ck_sellers_away"),
    )


def _create_handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("seq", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("event_id", LEAD_ID, nullable=False),
        sa.Column("lead_id", LEAD_ID, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("seller", sa.String(TEXT), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("grade", sa.String(1), nullable=False),
        sa.Column("expected_value", sa.Double),
        sa.Column("readiness", sa.String(8)),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_handovers_lead_id", ondelete="CASCADE"),
        sa.CheckConstraint("probability >= 0 AND probability <= 1", name="ck_handovers_probability"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_handovers_day", "handovers", ["day", "seq"])
    op.create_index("ix_handovers_lead_id", "handovers", ["lead_id", "day"])

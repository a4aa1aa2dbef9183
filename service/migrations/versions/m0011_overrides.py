"""People may put a lead first or hold it back for a while, against its score."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
LEAD_ID = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")


def upgrade() -> None:
    """Add what people said of a lead's place."""
    op.create_table(
        "overrides",
        sa.Column("seq", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("lead_id", LEAD_ID, nullable=False),
        sa.Column("place", sa.String(8)),
        sa.Column("reason", sa.String(1_000)),
        sa.Column("until", sa.BigInteger),
        sa.Column("by", sa.String(1_000), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_overrides_lead_id", ondelete="CASCADE"),
        sa.CheckConstraint("place IN ('first', 'held')", name="ck_overrides_place"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_overrides_lead_id", "overrides", ["lead_id", "seq"])
    op.create_index("ix_overrides_until", "overrides", ["until"])

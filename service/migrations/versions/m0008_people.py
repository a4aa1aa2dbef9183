"""People sign in and stay so for a while; what they said by mistake can be taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAME = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
AT_WORK = sa.text("state IN ('handed_over', 'accepted', 'not_now')")


def upgrade() -> None:
    """Add sessions, withdrawals, and an index of the leads that sales works on."""
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("user", NAME, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_sessions_user", ondelete="CASCADE"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user"])
    op.create_index("ix_sessions_seen_at", "sessions", ["seen_at"])
    op.add_column("events", sa.Column("withdraws", NAME))
    op.create_index("ix_leads_state", "leads", ["state", "id"], sqlite_where=AT_WORK, postgresql_where=AT_WORK)

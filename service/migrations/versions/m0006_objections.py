"""Who may not be scored is found from an index, not by reading all leads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_leads_do_not_score",
        "leads",
        ["id"],
        sqlite_where=sa.text("do_not_score = 1"),
        postgresql_where=sa.text("do_not_score"),
    )

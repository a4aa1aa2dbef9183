"""The newest leads are found from an index, not by reading all leads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the indexes."""
    undated = sa.text("created_at IS NULL")
    op.create_index("ix_leads_created_at", "leads", ["created_at", "id"])
    op.create_index("ix_leads_stored_at", "leads", ["stored_at", "id"], sqlite_where=undated, postgresql_where=undated)

"""Scores keep their readiness: now, later or browsing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; scores from before have none until they are made again."""
    op.add_column("scores", sa.Column("readiness", sa.String(8)))

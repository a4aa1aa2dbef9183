"""Sellers may be limited to products, and scores keep what their lead is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both, and the indexes by which a product's leads are counted and found."""
    op.add_column("sellers", sa.Column("products", sa.Text, nullable=False, server_default="[]"))
    op.add_column("scores", sa.Column("product", sa.String(101)))
    op.drop_index("ix_scores_stays", "scores")
    op.create_index(
        "ix_scores_stays",
        "scores",
        ["model", "readiness", "desk", "product"],
        sqlite_where=sa.text("listed = 1"),
        postgresql_where=sa.text("listed"),
    )
    op.create_index(
        "ix_scores_product",
        "scores",
        ["model", "product", "desk", "worth_order", "log_odds_order", "lead_id"],
        sqlite_where=sa.text("listed = 1 AND product IS NOT NULL"),
        postgresql_where=sa.text("listed AND product IS NOT NULL"),
    )
    # Leads that are there already are scored again, and so get their product.
    op.execute("UPDATE listing SET generation = generation + 1")

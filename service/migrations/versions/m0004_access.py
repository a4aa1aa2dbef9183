"""Keys and users: who may what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAME = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
KNOWN_ROLE = "role IN ('crm', 'sales', 'marketing', 'analyst', 'admin')"


def upgrade() -> None:
    """Create the two tables."""
    _create_keys()
    _create_users()


def _create_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", NAME, nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("owner", sa.String(200)),
        sa.Column("territories", sa.Text, nullable=False),
        sa.Column("all_leads", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.CheckConstraint(KNOWN_ROLE, name="ck_api_keys_role"),
    )


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("name", NAME, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("owner", sa.String(200)),
        sa.Column("territories", sa.Text, nullable=False),
        sa.Column("all_leads", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("disabled_at", sa.BigInteger),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
        sa.CheckConstraint(KNOWN_ROLE, name="ck_users_role"),
    )

"""The table of those who are signed in."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table

from service.access.tables import Name
from service.tables import metadata

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user", Name, ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Index("ix_sessions_user", "user"),
    Index("ix_sessions_seen_at", "seen_at"),
)
"""digest: SHA-256 of the cookie, hexadecimal. changed_at: that of the user when he signed in: a new password, another
role or being disabled ends the session. Moments: microseconds since 1970."""

"""The tables of who may what: keys of programs, and users."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, String, Table, Text

from service.tables import metadata

from .roles import Role

KNOWN_ROLE = f"role IN ({', '.join(repr(str(role)) for role in Role)})"

Name = String(200).with_variant(String(200, collation="C"), "postgresql")
"""Ordered byte by byte in both databases."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Name, primary_key=True),
    Column("secret_hash", String(64), nullable=False),
    Column("role", String(20), nullable=False),
    Column("label", String(200), nullable=False),
    Column("owner", String(200)),
    Column("territories", Text, nullable=False),
    Column("all_leads", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    CheckConstraint(KNOWN_ROLE, name="role"),
)
"""secret_hash: SHA-256, hexadecimal. territories: a JSON list. Moments: microseconds since 1970."""

users = Table(
    "users",
    metadata,
    Column("name", Name, primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("role", String(20), nullable=False),
    Column("owner", String(200)),
    Column("territories", Text, nullable=False),
    Column("all_leads", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Column("changed_at", BigInteger, nullable=False),
    CheckConstraint(KNOWN_ROLE, name="role"),
)
"""password_hash: argon2id. changed_at: when what a user may, or the password, changed last."""

"""The tables of the handover: sellers, and the runs that gave them leads."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, String, Table, Text

from service.life.tables import Number
from service.tables import TEXT, metadata

SellerName = String(200).with_variant(String(200, collation="C"), "postgresql")
"""Ordered byte by byte in both databases."""

sellers = Table(
    "sellers",
    metadata,
    Column("name", SellerName, primary_key=True),
    Column("capacity", Integer, nullable=False),
    Column("territories", Text, nullable=False),
    Column("products", Text, nullable=False, server_default="[]"),
    Column("away_from", String(10)),
    Column("away_until", String(10)),
    Column("changed_at", BigInteger, nullable=False),
    CheckConstraint("capacity >= 0", name="capacity"),
    CheckConstraint("away_from <= away_until", name="away"),
)
"""name: as the CRM names an owner. capacity: new calls a week. territories, products: JSON lists.
away: days, both included."""

handover_runs = Table(
    "handover_runs",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=True),
    Column("day", String(10), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String(TEXT), nullable=False),
    Column("model", String(200)),
    Column("handed", Integer, nullable=False),
    Column("left_out", Text, nullable=False),
    Index("ix_handover_runs_day", "day", "seq"),
    sqlite_autoincrement=True,
)
"""Who ran it when, how many leads were handed over, and how many were not and why (a JSON object)."""

"""The table of targets."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Double, Integer, String, Table

from service.life.tables import Number
from service.tables import TEXT, metadata

targets = Table(
    "targets",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=True),
    Column("revenue", Double),
    Column("purchases", Integer),
    Column("since", String(10), nullable=False),
    Column("until", String(10), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String(TEXT), nullable=False),
    CheckConstraint("(revenue IS NULL) <> (purchases IS NULL)", name="unit"),
    CheckConstraint("revenue > 0 AND revenue < 1e15", name="revenue"),
    CheckConstraint("purchases > 0", name="purchases"),
    CheckConstraint("since <= until", name="days"),
    sqlite_autoincrement=True,
)
"""Never changed: the latest one counts. since, until: days, both included. at: microseconds since 1970."""

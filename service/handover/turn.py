"""One handover at a time: two runs must not see the same free lead and the same free hour."""

from __future__ import annotations

from sqlalchemy import Connection

ADVISORY_LOCK = 4_977_252
"""A number of our own in PostgreSQL's space of locks."""


def take_turn(connection: Connection) -> None:
    """Wait until no other transaction runs a handover or changes a seller; ours does until it ends.

    SQLite's writing transactions wait for one another anyway.
    """
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")

"""Brings a database to today's tables, once, before anything is served from it."""

from __future__ import annotations

from pathlib import Path

from alembic.command import upgrade as run_steps
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from .database import Database

ADVISORY_LOCK = 4_977_251
"""A number of our own in PostgreSQL's space of locks: two upgrades at once wait for one another."""


def upgrade(database: Database) -> tuple[str | None, str]:
    """Run the steps that are missing, in one transaction; the version before and the version now."""
    config = _config()
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
        before = version_of(connection)
        config.attributes["connection"] = connection
        run_steps(config, "head")
        return before, newest_version()


def version_of(connection: Connection) -> str | None:
    """The step that the database stands at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_version() -> str:
    """The last step that this program knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config

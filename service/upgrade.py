"""Brings a database to today's tables, once, before anything is served from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic.command import upgrade as run_steps
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from scoring import WrongUsage

from .database import Database, open_database

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


@contextmanager
def ready_database(url: str) -> Iterator[Database]:
    """The database of this address, with its tables made where it was empty; raises WrongUsage for an older one."""
    database = open_database(url)
    try:
        with database.reading() as connection:
            stands_at = version_of(connection)
        if stands_at is None:
            upgrade(database)
        elif stands_at != newest_version():
            raise WrongUsage("the database does not have this program's tables", "run `leadrank db upgrade`")
        yield database
    except SQLAlchemyError as fault:
        raise WrongUsage(
            f"the database does not answer ({type(fault).__name__})", "see LEADRANK_DATABASE_URL"
        ) from None
    finally:
        database.close()


def version_of(connection: Connection) -> str | None:
    """The step that the database stands at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
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

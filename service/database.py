"""The database: the one place where connections are opened and transactions begin."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from scoring import WrongUsage

PRAGMAS: dict[str, Any] = {
    "busy_timeout": 10_000,  # milliseconds; first, so that the others wait for a lock too
    "journal_mode": "WAL",
    "synchronous": "FULL",  # with NORMAL a power loss takes acknowledged rows
    "secure_delete": "ON",
    "foreign_keys": "ON",
}
"""What every SQLite connection is told when it is opened."""

POSTGRES_WAIT = "-c lock_timeout=10000 -c statement_timeout=30000 -c timezone=UTC"
"""What every PostgreSQL connection is told; milliseconds."""

READS = "leadrank_reads"

ONE_STATE: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""How PostgreSQL shows one state to many statements; SQLite does so by itself."""


class Database:
    """SQLite or PostgreSQL behind two doors: `reading` sees, `writing` changes. Both are one transaction."""

    def __init__(self, engine: Engine, secret: bytes | None = None) -> None:
        self.engine = engine
        self._secret = secret
        self._reader = engine.execution_options(**{READS: True})

    @property
    def is_sqlite(self) -> bool:
        """True for SQLite, false for PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state and changes nothing."""
        with self._reader.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A long reading: one state of the database, whatever is written meanwhile, and as long as it takes."""
        reader = self._reader if self.is_sqlite else self.engine.execution_options(**ONE_STATE)
        with reader.begin() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction with the right to write from its start: committed at the end, undone on an error."""
        with self.engine.begin() as connection:
            yield connection

    def mark_of(self, text: str) -> str:
        """A keyed hash (HMAC-SHA-256, in hex) by which an erased id is known again, and by nothing else."""
        assert self._secret is not None, "this database was opened without the installation's secret"
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def open_database(url: str, secret_file: Path | None = None) -> Database:
    """The database of `sqlite:///FILE` or `postgresql://...`; raises WrongUsage for any other address.

    secret_file: holds the key of what is only kept hashed; it is made where it is missing. Without it nothing can be
    stored, only tables upgraded and read.
    """
    address = _address(url)
    secret = None if secret_file is None else _secret_of(secret_file)
    return Database(_sqlite(address) if address.get_backend_name() == "sqlite" else _postgres(address), secret)


def _secret_of(file: Path) -> bytes:
    """The bytes of the installation's secret; of two processes that make it at once one does."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{os.getpid()}-{secrets.token_hex(4)}")
    if not file.exists():
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            out.write(secrets.token_bytes(32))
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(fresh, file)
        fresh.unlink()
    return file.read_bytes()


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        raise WrongUsage("LEADRANK_DATABASE_URL is no database address", _WAY_OUT) from None
    backend = address.drivername.partition("+")[0]
    if backend in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and address.database not in (None, "", ":memory:"):
        return address.set(drivername="sqlite")
    raise WrongUsage(f"leadrank keeps its state in a SQLite file or in PostgreSQL, not in {backend}", _WAY_OUT)


_WAY_OUT = "use sqlite:///FILE or postgresql://USER@HOST/NAME"


def _sqlite(address: URL) -> Engine:
    _make_private(Path(str(address.database)))
    engine = create_engine(address, hide_parameters=True)
    event.listen(engine, "connect", _tell_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _make_private(file: Path) -> None:
    """Create the file for its owner alone: it holds people's data. SQLite's log gets the same rights."""
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))


def _tell_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin transactions by itself, deferred
    for name, value in PRAGMAS.items():
        _tell(connection, f"PRAGMA {name}={value}")


def _tell(connection: Any, pragma: str) -> None:
    """Run a pragma. The first change to WAL does not wait for its lock, whatever the timeout says: wait for it here."""
    patience = time.monotonic() + PRAGMAS["busy_timeout"] / 1000
    while True:
        try:
            connection.execute(pragma).close()
            return
        except sqlite3.OperationalError:
            if time.monotonic() > patience:
                raise
            time.sleep(0.02)


def _begin(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another one wrote in between.
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _postgres(address: URL) -> Engine:
    options = {"options": POSTGRES_WAIT, "connect_timeout": 5}
    return create_engine(address, hide_parameters=True, pool_pre_ping=True, connect_args=options)

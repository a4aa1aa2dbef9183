"""A real service on both databases: every test that asks for `service` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from models import Shelf
from scoring import Scorecard
from service import Limits, Settings, create_app
from service.access import Role, passwords
from service.access.grants import Grant
from service.access.keys import create_key
from service.champion import Champion
from service.database import Database, open_database
from service.openid.configured import OpenId
from service.settings import PRODUCT_FIELD
from service.upgrade import upgrade
from tests.cards import small_card

SERVER = os.environ.get("LEADRANK_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
BOTH = ["sqlite", "postgresql"]
ADDRESS = "http://127.0.0.1:8000"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class Watch:
    """A clock that a test moves."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Service:
    """A service that runs, and what a test needs of it."""

    http: TestClient
    """Signed in as an admin."""
    database: Database
    champion: Champion
    shelf: Shelf
    clock: Watch = field(default_factory=Watch)

    def client(self, authorization: str | None = None, *, peer: str = "127.0.0.1") -> TestClient:
        """A client that sends this header, or says nothing of who it is."""
        headers = {} if authorization is None else {"Authorization": authorization}
        return TestClient(self.http.app, base_url=ADDRESS, headers=headers, client=(peer, 50_000))

    def as_role(
        self, role: Role | str, *, owner: str | None = None, territories: tuple[str, ...] = (), peer: str = "127.0.0.1"
    ) -> TestClient:
        """A client with a new key of this role; sales without owner and territories sees all leads."""
        all_leads = role == Role.SALES and owner is None and not territories
        return self.client(bearer(self.database, Grant(Role(role), owner, territories, all_leads)), peer=peer)


def bearer(database: Database, grant: Grant = Grant(Role.ADMIN)) -> str:
    """The header of a new key."""
    return f"Bearer {create_key(database, grant, now=NOON).key}"


COSTLY = {"MEMORY": passwords.MEMORY, "_hasher": passwords._hasher}


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Passwords cost no time, but in the tests that ask for `costly_hashes`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "MEMORY", 8)
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def costly_hashes(cheap_hashes: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cost what they cost those who use the service."""
    for name, value in COSTLY.items():
        monkeypatch.setattr(passwords, name, value)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "leadrank.db"
    _upgraded(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A database of our own on the server; without a server the tests are skipped, in CI they fail."""
    name = f"leadrank_test_{uuid4().hex[:12]}"
    with _on_server(f"CREATE DATABASE {name}", f"DROP DATABASE {name} WITH (FORCE)"):
        url = make_url(SERVER).set(database=name).render_as_string(hide_password=False)
        _upgraded(url)
        yield url


@contextmanager
def _on_server(first: str, last: str) -> Iterator[None]:
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(first)
    except OperationalError as fault:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must test PostgreSQL too, and no server answers: {fault.orig}")
        pytest.skip("no PostgreSQL server answers (LEADRANK_TEST_POSTGRES)")
    yield
    with engine.connect() as connection:
        connection.exec_driver_sql(last)
    engine.dispose()


def _upgraded(url: str) -> None:
    database = open_database(url)
    upgrade(database)
    database.close()


def empty_database(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """The address of a database with today's tables and no rows."""
    if kind == "sqlite":
        file = shutil.copy(request.getfixturevalue("sqlite_template"), folder / "leadrank.db")
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("postgres_url")
    database = open_database(url)
    with database.writing() as connection:
        for table in (
            "listing",
            "leads",
            "suppressed",
            "answers",
            "api_keys",
            "users",
            "endpoints",
            "sellers",
            "handover_runs",
            "targets",
        ):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # quicker than TRUNCATE where there are few rows
    database.close()
    return url


def publish(shelf: Shelf, card: Scorecard) -> str:
    """Put a card on the shelf and promote it; its version."""
    version = shelf.add(card, about={}, at=NOON).version
    shelf.promote(version, by="test", at=NOON)
    return version


def wait_until(true: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait for what the caretaker's thread does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.01)


def listed_version(service: Service) -> Any:
    """The version whose scores the ranked list shows."""
    return service.http.get("/v1/leads").json()["model"]["version"]


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return empty_database(request.param, request, tmp_path)


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    found = open_database(database_url, tmp_path / "secret.key")
    yield found
    found.close()


@pytest.fixture(scope="session")
def shelf_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "shelf"
    publish(Shelf(folder), small_card())
    return folder


@pytest.fixture
def shelf(shelf_template: Path, tmp_path: Path) -> Shelf:
    """A shelf whose champion is the small card."""
    return Shelf(shutil.copytree(shelf_template, tmp_path / "shelf"))


@pytest.fixture
def service(database_url: str, shelf: Shelf) -> Iterator[Service]:
    """A service with the small card; it looks at the shelf when a test calls `champion.refresh()`."""
    with running(database_url, shelf) as found:
        yield found


@contextmanager
def running(
    database_url: str,
    shelf: Shelf,
    *,
    watch_seconds: float = 0.02,
    limits: Limits = Limits(),
    webhooks_internal: bool = False,
    openid: OpenId | None = None,
    currency: str | None = None,
    product_field: str = PRODUCT_FIELD,
) -> Iterator[Service]:
    """A service while it runs."""
    clock = Watch()
    settings = Settings(
        database_url=database_url,
        shelf=shelf.folder,
        watch_seconds=watch_seconds,
        limits=limits,
        webhooks_internal=webhooks_internal,
        openid=openid,
        currency=currency,
        product_field=product_field,
    )
    app = create_app(settings, clock=clock)
    admin = {"Authorization": bearer(app.state.database)}
    with TestClient(app, base_url=ADDRESS, headers=admin, client=("127.0.0.1", 50_000)) as http:
        yield Service(http, app.state.database, app.state.champion, shelf, clock)

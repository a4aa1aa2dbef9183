"""The database: told the same on every connection, upgraded once, and unable to hold what is no score."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.testclient import TestClient

from scoring import WrongUsage
from service import Settings, create_app
from service.database import PRAGMAS, Database, open_database
from service.handover import tables as _handover  # noqa: F401 (its tables belong to the metadata)
from service.life import tables as _life  # noqa: F401
from service.tables import leads, metadata, scores
from service.targets import tables as _targets  # noqa: F401
from service.upgrade import newest_version, upgrade
from tests.service.conftest import ADDRESS, Service
from tests.service.samples import STRONG

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
LEAD = {"id": "1", "fields": "{}", "stored_at": 0, "revision": 1}
SCORE: dict[str, Any] = {
    **{"lead_id": "1", "model": "1", "revision": 1, "cuts_version": 1, "as_of": 0, "snapshot": "{}"},
    **{"log_odds": 0, "probability": 0.5, "score": 50, "grade": "B", "reasons": "[]", "warnings": "[]"},
}


def test_every_sqlite_connection_is_told_the_same(tmp_path: Path) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1, "busy_timeout": 10_000}
    assert expected.keys() == PRAGMAS.keys()
    database = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    open_ones = [database.engine.connect() for _ in range(8)]
    try:
        for connection in open_ones[:4]:
            connection.invalidate()
        for connection in [*open_ones[4:], *(database.engine.connect() for _ in range(4))]:
            with connection:
                told = {p: connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in PRAGMAS}
                assert told == expected
                connection.rollback()
    finally:
        for connection in open_ones:
            connection.close()
        database.close()


def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'deep' / 'x.db'}")
    upgrade(database)
    with database.reading() as connection:
        connection.execute(select(leads))
        assert {f.name: f.stat().st_mode & 0o777 for f in (tmp_path / "deep").iterdir()} == dict.fromkeys(
            ["x.db", "x.db-wal", "x.db-shm"], 0o600
        )
    database.close()


def test_reading_and_then_writing_in_eight_threads_never_finds_the_database_locked(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(leads).values(LEAD))
    faults: list[Exception] = []

    def count_up() -> None:
        try:
            for _ in range(25):
                with database.writing() as connection:
                    query = select(leads.c.revision).with_for_update()
                    now = connection.execute(query).scalar_one()
                    connection.execute(update(leads).values(revision=now + 1))
        except OperationalError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        assert (faults, connection.execute(select(leads.c.revision)).scalar_one()) == ([], 201)


@pytest.mark.parametrize(
    "fault",
    [
        {"probability": float("nan")},
        {"probability": float("inf")},
        {"probability": -0.1},
        {"probability": None},
        {"score": 101},
        {"score": -1},
        {"grade": "E"},
        {"grade": None},
        {"expected_value": float("inf")},
        {"expected_value": -1.0},
        {"log_odds": None},
        {"lead_id": "nobody"},
        {"snapshot": None},
    ],
    ids=str,
)
def test_the_database_cannot_hold_what_is_no_score(database: Database, fault: dict[str, Any]) -> None:
    with database.writing() as connection:
        connection.execute(insert(leads).values(LEAD))
        connection.execute(insert(scores).values(SCORE))
    with pytest.raises(IntegrityError), database.writing() as connection:
        connection.execute(insert(scores).values(SCORE | {"model": "2"} | fault))


def test_a_value_that_is_no_number_is_never_kept(database: Database) -> None:
    """PostgreSQL refuses it; SQLite reads it as none, and a list is then ordered by the probability."""
    with database.writing() as connection:
        connection.execute(insert(leads).values(LEAD))
    try:
        with database.writing() as connection:
            connection.execute(insert(scores).values(SCORE | {"expected_value": float("nan")}))
    except IntegrityError:
        return
    with database.reading() as connection:
        assert connection.execute(select(scores.c.worth_order)).scalar_one() == -0.5


def test_a_lead_that_goes_takes_its_scores_along(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(leads).values(LEAD))
        connection.execute(insert(scores).values(SCORE))
        connection.execute(leads.delete())
        assert connection.execute(select(func.count()).select_from(scores)).scalar_one() == 0


def test_the_steps_lead_to_the_tables_of_the_program(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_checks_of_the_steps_are_those_of_the_program(database: Database) -> None:
    """Alembic compares no CHECK constraints, so their names are compared here."""
    expected = {str(c.name) for t in metadata.tables.values() for c in t.constraints if str(c.name).startswith("ck_")}
    query = (
        "SELECT sql FROM sqlite_master WHERE type = 'table'"
        if database.is_sqlite
        else "SELECT conname FROM pg_constraint WHERE contype = 'c'"
    )
    with database.reading() as connection:
        found = " ".join(connection.execute(text(query)).scalars())
    assert len(expected) == 19
    assert all(name in found for name in expected)


def test_an_upgrade_is_done_once_and_says_from_where(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    assert upgrade(database) == (None, newest_version())
    assert upgrade(database) == (newest_version(), newest_version())
    database.close()


def test_two_upgrades_at_once_do_not_hurt_each_other(tmp_path: Path) -> None:
    found: list[object] = []

    def run() -> None:
        database = open_database(f"sqlite:///{tmp_path / 'x.db'}")
        found.append(upgrade(database))
        database.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, found)) == sorted(
        map(str, [(None, newest_version()), *[(newest_version(), newest_version())] * 3])
    )


def test_a_database_that_was_not_upgraded_is_not_ready(service: Service) -> None:
    with service.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    try:
        answer = service.http.get("/readyz")
    finally:
        with service.database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{newest_version()}'")
    assert answer.status_code == 503
    assert "leadrank db upgrade" in answer.json()["detail"]


@pytest.mark.parametrize("url", ["", "sqlite://", "sqlite:///:memory:", "mysql://x/y", "nonsense", "postgresql"])
def test_another_database_is_refused_with_the_way_out(url: str) -> None:
    with pytest.raises(WrongUsage, match="use sqlite:///FILE or postgresql://"):
        open_database(url)


def test_a_refused_address_does_not_show_its_password() -> None:
    with pytest.raises(WrongUsage) as refused:
        open_database("mysql://root:hunter2@db/x")
    assert "hunter2" not in str(refused.value)


def go_away(database: Database) -> None:
    """From now on every connection is one to a server that is not there."""
    nowhere = open_database(NOWHERE)
    database.close()
    database.engine, database._reader = nowhere.engine, nowhere._reader


def test_a_database_that_goes_away_is_a_503_and_the_scores_go_on(service: Service) -> None:
    assert service.http.get("/v1/leads").status_code == 200
    go_away(service.database)
    for answer in (service.http.get("/v1/leads"), service.http.get("/readyz")):
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:leadrank:problem:no-database"
    assert service.http.post("/v1/score", json={"id": "1", "fields": STRONG}).status_code == 200


def test_without_a_database_a_key_is_neither_good_nor_bad(service: Service) -> None:
    go_away(service.database)
    stranger = service.client("Bearer lr_000000000000.x")
    for _ in range(30):
        answer = stranger.post("/v1/score", json={"id": "1", "fields": STRONG})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_a_service_that_begins_without_a_database_lives_and_says_so(tmp_path: Path) -> None:
    app = create_app(Settings(database_url=NOWHERE, shelf=tmp_path / "shelf"))
    with TestClient(app, base_url=ADDRESS, headers={"Authorization": "Bearer lr_000000000000.x"}) as http:
        assert http.get("/livez").status_code == 200
        assert http.get("/v1/schema").json()["type"] == "urn:leadrank:problem:no-database"

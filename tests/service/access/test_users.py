"""People: a password is hashed once in a while, guessing is slow, and who was disabled is out within a second."""

from __future__ import annotations

import json
import time
from base64 import b64encode

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from scoring import WrongUsage
from service.access import Role
from service.access.attempts import MOST, Attempts
from service.access.directory import Directory
from service.access.grants import Grant
from service.access.passwords import fits, hash_of, hash_of_nobody, made_password
from service.access.remembered import Remembered
from service.access.tables import users
from service.access.users import create_user, disable_user, list_users, set_password
from service.database import Database
from tests.service import raw
from tests.service.conftest import NOON, Service, wait_until
from tests.service.raw import Heard

PASSWORD = "correct horse battery"
ADMIN = Grant(Role.ADMIN)


def basic(name: str, password: str = PASSWORD) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


def ask(client: TestClient) -> int:
    status: int = client.get("/v1/leads").status_code
    return status


def guess(service: Service, authorization: str, peer: str) -> Heard:
    """What somebody at this address is told who tries to get in."""
    return raw.ask(service, "GET", "/v1/leads", authorization=authorization.encode(), peer=peer)


@pytest.mark.parametrize(
    ("name", "password"),
    [("ann", PASSWORD), ("ann@acme.example", "with : colons : in it"), ("Äñn 名前", "Ünïcødé 名前 passwörd")],
)
def test_a_user_signs_in_with_name_and_password(service: Service, name: str, password: str) -> None:
    create_user(service.database, name, password, ADMIN, now=NOON)
    assert ask(service.client(basic(name, password))) == 200
    assert ask(service.client(basic(name, password + "x"))) == 401
    assert ask(service.client(basic(name, password[:-1]))) == 401
    assert ask(service.client(basic(name.upper(), password))) == 401


def test_a_program_is_asked_for_a_password_and_may_read_the_page(service: Service) -> None:
    create_user(service.database, "ann", PASSWORD, Grant(Role.SALES, all_leads=True), now=NOON)
    first = service.client().get("/v1/leads")
    assert first.status_code == 401
    challenges = [value for name, value in first.headers.multi_items() if name == "www-authenticate"]
    assert challenges == ["Bearer", 'Basic realm="leadrank", charset="UTF-8"'], "browsers read a line each"
    assert service.client(basic("ann")).get("/").headers["content-type"].startswith("text/html")


def test_a_disabled_user_is_out_within_a_second(service: Service) -> None:
    create_user(service.database, "ann", PASSWORD, ADMIN, now=NOON)
    client = service.client(basic("ann"))
    assert ask(client) == 200
    disable_user(service.database, "ann", now=NOON)
    wait_until(lambda: ask(client) == 401, seconds=1)


def test_a_new_password_ends_the_old_one_within_a_second_and_lets_in_again(service: Service) -> None:
    create_user(service.database, "ann", PASSWORD, ADMIN, now=NOON)
    old, new = service.client(basic("ann")), service.client(basic("ann", "another password"))
    assert (ask(old), ask(new)) == (200, 401)
    set_password(service.database, "ann", "another password", now=NOON)
    wait_until(lambda: ask(old) == 401, seconds=1)
    assert ask(new) == 200
    disable_user(service.database, "ann", now=NOON)
    wait_until(lambda: ask(new) == 401, seconds=1)
    set_password(service.database, "ann", "another password", now=NOON)
    assert ask(new) == 200


def test_a_password_that_was_right_is_not_hashed_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[bytes] = []

    def counted(password: bytes, kept: str) -> bool:
        hashed.append(password)
        return fits(password, kept)

    monkeypatch.setattr("service.access.guard.fits", counted)
    create_user(service.database, "ann", PASSWORD, ADMIN, now=NOON)
    assert {ask(service.client(basic("ann"))) for _ in range(20)} == {200}
    assert hashed == [PASSWORD.encode()]
    assert ask(service.client(basic("nobody"))) == 401
    assert len(hashed) == 2, "an unknown name costs a hash too"


def test_a_password_is_remembered_for_five_minutes(database: Database) -> None:
    now = [0.0]
    remembered, directory = Remembered(lambda: now[0]), Directory(database)
    create_user(database, "ann", PASSWORD, ADMIN, now=NOON)
    directory.load()
    ann = directory.known.users[b"ann"]
    remembered.keep(b"ann", PASSWORD.encode(), ann)
    now[0] = 299.0
    assert remembered.user(b"ann", PASSWORD.encode(), directory.known) == ann
    assert remembered.user(b"ann", b"another", directory.known) is None
    now[0] = 300.0
    assert remembered.user(b"ann", PASSWORD.encode(), directory.known) is None
    assert PASSWORD not in repr(vars(remembered))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what counts here lies in memory
def test_guessing_is_slowed_down_and_the_right_user_goes_on(service: Service) -> None:
    create_user(service.database, "ann", PASSWORD, ADMIN, now=NOON)
    ann = service.client(basic("ann"), peer="10.0.0.1")
    assert ask(ann) == 200
    met = [guess(service, basic("ann", f"guess {n}"), peer=f"10.1.0.{n % 200}") for n in range(1000)]
    statuses = [answer.status for answer in met]
    assert statuses == [401] * 10 + [429] * 990
    assert all(1 <= int(answer.retry_after) <= 60 for answer in met[10:])
    assert json.loads(met[10].body)["type"] == "urn:leadrank:problem:too-many-failures"
    assert ask(ann) == 200, "the one who is remembered is not locked out"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what counts here lies in memory
def test_guessing_many_names_from_one_address_is_slowed_down(service: Service) -> None:
    statuses = [guess(service, basic(f"user {n}"), peer="10.0.0.9").status for n in range(100)]
    assert statuses == [401] * 10 + [429] * 90
    assert ask(service.as_role("crm", peer="10.0.0.10")) == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what counts here lies in memory
def test_guessing_keys_is_slowed_down_and_a_right_key_goes_on(service: Service) -> None:
    guesses = [guess(service, f"Bearer lr_{n:012}.x", peer="10.0.0.9").status for n in range(1000)]
    assert guesses == [401] * 10 + [429] * 990
    known = service.as_role("crm", peer="10.0.0.10")
    assert ask(known) == 200
    same_address = service.client(known.headers["Authorization"], peer="10.0.0.9")
    assert ask(same_address) == 200


def test_who_brings_nothing_is_not_counted(service: Service) -> None:
    assert {ask(service.client()) for _ in range(50)} == {401}
    assert ask(service.as_role("crm")) == 200


def test_after_a_minute_failures_are_forgotten() -> None:
    now = [1000.0]
    attempts = Attempts(3, lambda: now[0])
    for _ in range(3):
        assert attempts.wait(b"ann", b"peer") == 0
        attempts.failed(b"ann", b"peer")
        now[0] += 10
    assert attempts.wait(b"ann", b"elsewhere") == 30
    assert attempts.wait(b"bob", b"peer") == 30
    assert attempts.wait(b"bob", b"elsewhere") == 0
    now[0] += 30
    assert attempts.wait(b"ann", b"peer") == 0


def test_failures_of_many_names_do_not_fill_the_memory() -> None:
    attempts = Attempts(10, lambda: 0.0)
    for n in range(2 * MOST):
        attempts.failed(b"x" * 1000 + b"%d" % n, b"%d" % n)
    assert len(attempts._failed) <= MOST
    assert all(len(name) <= 200 for _, name in attempts._failed)


CROSS_SITE = [
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"}, 403),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:8000"}, 200),
    ({"Sec-Fetch-Site": "none"}, 200),
    ({"Sec-Fetch-Site": ""}, 403),
    ({"Origin": "http://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": "http://127.0.0.1:8000.evil.example"}, 403),
    ({"Origin": "http://127.0.0.1:8001"}, 403),
    ({"Origin": "http://127.0.0.1:8000"}, 200),
    ({}, 200),
]


@pytest.mark.parametrize(("headers", "status"), CROSS_SITE, ids=str)
def test_another_site_cannot_use_a_browser_that_is_signed_in(
    service: Service, headers: dict[str, str], status: int
) -> None:
    create_user(service.database, "ann", PASSWORD, ADMIN, now=NOON)
    client, lead = service.client(basic("ann")), {"id": "1", "fields": {"Job title": "x"}}
    for _ in range(2):  # hashed, and remembered
        answer = client.post("/v1/score", json=lead, headers=headers)
        assert answer.status_code == status
        assert client.put("/v1/leads/1", json={"fields": {}}, headers=headers).status_code in {403: [403]}.get(
            status, [200, 201]
        )
    assert client.get("/v1/leads", headers=headers).status_code == 200, "what only reads cannot be read from there"
    assert service.http.post("/v1/score", json=lead, headers=headers).status_code == 200, "no browser adds a key"


@pytest.mark.usefixtures("costly_hashes")
def test_a_password_is_kept_as_argon2id(database: Database) -> None:
    create_user(database, "ann", PASSWORD, Grant(Role.SALES, "Ann", ("North",)), now=NOON)
    with database.reading() as connection:
        kept = connection.execute(select(users.c.password_hash)).scalar_one()
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert fits(PASSWORD.encode(), kept)
    assert not fits(b"another", kept)
    assert not fits(b"another", "no hash")
    assert "password" not in str(list_users(database))


@pytest.mark.usefixtures("costly_hashes")
def test_an_unknown_user_takes_as_long_as_a_known_one() -> None:
    known, nobody = hash_of(PASSWORD), hash_of_nobody()
    assert known.rsplit("$", 2)[0] == nobody.rsplit("$", 2)[0]
    assert len(known) == len(nobody)
    took: dict[str, float] = {}
    for name, kept in {"known": known, "nobody": nobody}.items():
        times = []
        for _ in range(8):
            began = time.perf_counter()
            assert not fits(b"another password", kept)
            times.append(time.perf_counter() - began)
        took[name] = min(times)
    assert took["nobody"] > took["known"] / 3


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 1001, "with a tab\tin it", "with a NUL\0 in it"])
def test_a_password_that_is_none_is_refused(database: Database, password: str) -> None:
    with pytest.raises(WrongUsage, match="a password has") as refused:
        create_user(database, "ann", password, ADMIN, now=NOON)
    assert not password or password not in str(refused.value)
    assert list_users(database) == []


@pytest.mark.parametrize("name", ["", "a:b", " ann", "a\nb", "x" * 201])
def test_a_name_that_cannot_be_sent_is_refused(database: Database, name: str) -> None:
    with pytest.raises(WrongUsage):
        create_user(database, name, PASSWORD, ADMIN, now=NOON)


def test_a_name_is_taken_once_and_only_what_is_there_is_changed(database: Database) -> None:
    create_user(database, "ann", PASSWORD, ADMIN, now=NOON)
    with pytest.raises(WrongUsage, match="there already"):
        create_user(database, "ann", PASSWORD, ADMIN, now=NOON)
    with pytest.raises(WrongUsage, match="see `leadrank users list`"):
        disable_user(database, "bob", now=NOON)
    with pytest.raises(WrongUsage, match="no user has this name"):
        set_password(database, "bob", PASSWORD, now=NOON)
    disable_user(database, "ann", now=NOON)
    with pytest.raises(WrongUsage, match="not disabled already"):
        disable_user(database, "ann", now=NOON)


def test_a_made_password_is_long_and_never_the_same() -> None:
    made = {made_password() for _ in range(100)}
    assert len(made) == 100
    assert {len(password) for password in made} == {20}

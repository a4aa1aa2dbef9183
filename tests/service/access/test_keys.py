"""Keys: good at once, bad within a second, compared as bytes, and never shown again."""

from __future__ import annotations

import json
import logging
import random
from base64 import b64encode
from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import JSONResponse

from models import Shelf
from scoring import WrongUsage
from service.access import Caller, Role, caller_of, may
from service.access.credentials import sent_in
from service.access.directory import Directory, KnownKey, KnownUser
from service.access.grants import Grant
from service.access.keys import create_key, list_keys, revoke_key
from service.access.tables import api_keys, users
from service.bare import BareRoute
from service.database import Database
from service.settings import Limits
from tests.service.conftest import NOON, Service, running, wait_until
from tests.service.raw import ask
from tests.service.samples import STRONG

LEAD = {"id": "1", "fields": STRONG}


def test_a_new_key_is_good_at_once(service: Service) -> None:
    for role in (Role.CRM, Role.ANALYST):
        assert service.as_role(role).post("/v1/score", json=LEAD).status_code == 200


def test_a_revoked_key_is_bad_within_a_second(service: Service) -> None:
    made = create_key(service.database, Grant(Role.CRM), now=NOON)
    client = service.client(f"Bearer {made.key}")
    assert client.post("/v1/score", json=LEAD).status_code == 200
    revoke_key(service.database, made.id, now=NOON)
    wait_until(lambda: client.post("/v1/score", json=LEAD).status_code == 401, seconds=1)


def test_a_key_expires_at_its_moment(service: Service) -> None:
    made = create_key(service.database, Grant(Role.CRM), now=NOON, lasts=timedelta(days=30))
    client = service.client(f"Bearer {made.key}")
    service.clock.wait(days=29, hours=23)
    assert client.post("/v1/score", json=LEAD).status_code == 200
    service.clock.wait(hours=1)
    assert client.post("/v1/score", json=LEAD).status_code == 401


def odd_headers(good: str) -> list[bytes]:
    """A thousand headers that nobody should send, the good key's neighbours among them."""
    key_id, _, secret = good.partition(".")
    dice = random.Random(30)
    near = [secret[:n] for n in range(len(secret))] + [secret + "x", secret.swapcase(), secret[::-1], " " + secret]
    found = [f"Bearer {key_id}.{text}".encode() for text in near if text.strip() != secret]
    found += [
        *(b"", b"Bearer", b"Bearer ", b"Bearer .", b"Bearer ..", b"bearer\t" + good.encode(), b"Basic", b"Basic :"),
        *(good.encode(), b"Token " + good.encode(), b"Bearer: " + good.encode(), b"Digest username=x"),
        *(f"Bearer {key_id}.{secret}é".encode(), f"Bearer é{good}".encode("latin-1"), b"Bearer \xff\xfe.\xff"),
        *(b"Bearer " + b"a" * 20_000, b"Bearer " + b"." * 20_000, b"Basic " + b"=" * 999, b"Basic " + b"\xe9" * 99),
        *(b"Basic " + b64encode(raw) for raw in (b"", b":", b"a", b"a:", b":b", b"\0:\0", b"\xff:\xff", b":" * 999)),
        *(b"Basic " + b64encode(b"a" * n + b":x") for n in (199, 200, 201, 9_000)),
        *(b"Bearer " + word.encode() for word in ("null", "undefined", "None", "true", "[object Object]", "' OR 1=1")),
    ]
    allowed = bytes(b for b in range(33, 256) if b != 127)
    while len(found) < 1000:
        kind = dice.choice([b"Bearer ", b"Basic ", b"", b"Bearer " + key_id.encode() + b"."])
        found.append(kind + bytes(dice.choices(allowed, k=dice.randrange(1, 80))))
    return found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what counts here lies in memory
def test_odd_headers_are_refused_and_never_a_fault(database_url: str, shelf: Shelf) -> None:
    with running(database_url, shelf, limits=Limits(failures_a_minute=1_000_000)) as service:
        refuse_odd_headers(service)


def refuse_odd_headers(service: Service) -> None:
    good = create_key(service.database, Grant(Role.ADMIN), now=NOON).key
    for header in odd_headers(good):
        answer = ask(service, "POST", "/v1/score", json.dumps(LEAD).encode(), authorization=header)
        assert answer.status == 401, header
        assert answer.media_type == "application/problem+json"
        assert good.partition(".")[2][:8].encode() not in answer.body
    assert service.client(f"Bearer {good}").post("/v1/score", json=LEAD).status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "Bearer   "])
def test_the_scheme_is_read_as_http_says(service: Service, scheme: str) -> None:
    good = create_key(service.database, Grant(Role.ADMIN), now=NOON).key
    assert service.client(scheme + good).post("/v1/score", json=LEAD).status_code == 200


def test_two_headers_are_nobodys(service: Service) -> None:
    good = f"Bearer {create_key(service.database, Grant(Role.ADMIN), now=NOON).key}"
    answer = service.client().get("/v1/schema", headers=[("Authorization", good), ("Authorization", good)])
    assert answer.status_code == 401


def test_a_key_is_kept_as_a_hash_and_listed_without_its_secret(database: Database) -> None:
    made = create_key(database, Grant(Role.SALES, "Ann", ("North",)), now=NOON, label="Ann's phone")
    secret = made.key.partition(".")[2]
    assert (len(made.id), len(secret), made.id[:3]) == (15, 43, "lr_")
    with database.reading() as connection:
        row = connection.execute(select(api_keys)).one()
    assert secret not in str(row)
    assert len(row.secret_hash) == 64
    listed = list_keys(database, now=NOON)
    assert secret not in json.dumps(listed)
    assert listed == [
        {
            "id": made.id,
            "role": "sales",
            "owner": "Ann",
            "territories": ["North"],
            "all_leads": False,
            "label": "Ann's phone",
            "state": "active",
            "created_at": "2026-03-02T12:00:00Z",
            "expires_at": None,
            "revoked_at": None,
        }
    ]


def test_a_list_says_which_keys_are_good(database: Database) -> None:
    for days in (1, 2, 3):
        made = create_key(database, Grant(Role.CRM), now=NOON + timedelta(days=days), lasts=timedelta(days=2 * days))
    revoke_key(database, made.id, now=NOON + timedelta(days=4))
    found = list_keys(database, now=NOON + timedelta(days=4))
    assert [k["state"] for k in found] == ["expired", "active", "revoked"]


@pytest.mark.parametrize("again", [True, False])
def test_only_a_key_that_is_there_can_be_revoked(database: Database, again: bool) -> None:
    key_id = create_key(database, Grant(Role.CRM), now=NOON).id if again else "lr_nobody"
    if again:
        revoke_key(database, key_id, now=NOON)
    with pytest.raises(WrongUsage, match="see `leadrank keys list`"):
        revoke_key(database, key_id, now=NOON)


@pytest.mark.parametrize("table", [api_keys, users], ids=lambda t: t.name)
def test_the_database_holds_no_other_role(database: Database, table: object) -> None:
    row = {"id": "x", "secret_hash": "", "label": "", "name": "x", "password_hash": "", "changed_at": 0}
    row |= {"role": "owner", "territories": "[]", "all_leads": False, "created_at": 0}
    assert table in (api_keys, users)
    with pytest.raises(IntegrityError), database.writing() as connection:
        chosen = api_keys if table is api_keys else users
        connection.execute(insert(chosen).values({k: v for k, v in row.items() if k in chosen.c}))


def test_nothing_that_is_secret_is_in_a_repr(database: Database) -> None:
    made = create_key(database, Grant(Role.CRM), now=NOON)
    secret = made.key.partition(".")[2]
    directory = Directory(database)
    directory.load()
    shown = [
        repr(made),
        str(made),
        repr(directory.known),
        repr(sent_in([(b"authorization", f"Bearer {made.key}".encode())])),
        repr(KnownUser(Caller("user:x", Role.CRM, None), "the hash", 0)),
        repr(KnownKey(None, b"the hash")),
    ]
    assert not [text for text in shown if secret in text or "the hash" in text or "digest" in text]


def test_no_log_and_no_answer_holds_what_was_sent(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = create_key(service.database, Grant(Role.SALES, all_leads=True), now=NOON)
    secret = made.key.partition(".")[2]
    answers = [
        service.client(f"Bearer {made.key}").post("/v1/score", json=LEAD),
        service.client(f"Bearer {made.key}x").post("/v1/score", json=LEAD),
        service.client(f"Bearer {made.key}").get("/v1/leads"),
        service.client("Basic " + b64encode(f"canary:{secret}".encode()).decode()).get("/v1/leads"),
    ]
    assert [a.status_code for a in answers] == [403, 401, 200, 401]
    for answer in answers:
        assert not [word for word in (secret, made.id, "canary") if word in answer.text + str(answer.headers)]
    assert secret not in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize(
    ("grant", "desks"),
    [
        (Grant(Role.SALES, "Ann"), {"Ann"}),
        (Grant(Role.SALES, "Ann", ("North", "Übersee")), {"Ann", "territory:North", "territory:Übersee"}),
        (Grant(Role.SALES, None, ("North",)), {"territory:North"}),
        (Grant(Role.SALES, all_leads=True), None),
        *((Grant(role), None) for role in Role if role is not Role.SALES),
    ],
    ids=lambda said: str(sorted(said) if isinstance(said, set) else said),  # a set is told in any order
)
def test_the_caller_knows_its_desks(database: Database, grant: Grant, desks: set[str] | None) -> None:
    made = create_key(database, grant, now=NOON)
    directory = Directory(database)
    directory.load()
    caller = directory.known.keys[made.id.encode()].caller
    assert caller == Caller(made.id, grant.role, None if desks is None else frozenset(desks))


@pytest.mark.parametrize(
    ("role", "given", "word"),
    [
        (Role.SALES, {}, "needs to know whose leads it sees"),
        (Role.SALES, {"owner": "Ann", "all_leads": True}, "--all-leads alone"),
        (Role.CRM, {"owner": "Ann"}, "sees all leads"),
        (Role.ADMIN, {"territories": ("North",)}, "sees all leads"),
        (Role.ANALYST, {"all_leads": True}, "sees all leads"),
        (Role.SALES, {"owner": "territory:North"}, "give it as --territory"),
        (Role.SALES, {"owner": ""}, "printable characters"),
        (Role.SALES, {"territories": ("a\0b",)}, "printable characters"),
        (Role.SALES, {"owner": "x" * 201}, "printable characters"),
    ],
    ids=str,
)
def test_a_grant_that_would_mislead_is_refused(role: Role, given: dict[str, object], word: str) -> None:
    with pytest.raises(WrongUsage, match=word):
        Grant(role, **given)  # type: ignore[arg-type]


def test_a_route_finds_its_caller(service: Service) -> None:
    async def who(request: Request) -> JSONResponse:
        caller = caller_of(request)
        return JSONResponse([caller.name, caller.role, sorted(caller.desks or ())])

    service.http.app.router.add_api_route(  # type: ignore[attr-defined]
        "/who", who, route_class_override=BareRoute, openapi_extra=may(Role.SALES)
    )
    name, role, desks = service.as_role("sales", owner="Ann", territories=("North",)).get("/who").json()
    assert (name[:3], role, desks) == ("lr_", "sales", ["Ann", "territory:North"])

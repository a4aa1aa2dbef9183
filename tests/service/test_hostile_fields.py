"""Hostile values in every field, path, query and header: the same answer on both databases, no 5xx, no echo."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from models import Shelf
from service.webhooks import addresses
from tests.cards import living_card
from tests.service.conftest import BOTH, Service, empty_database, publish, running
from tests.service.hostile import BODIES, SECRET, Hostile
from tests.service.hostile_fields import KINDS, PAYLOADS, TAKERS, Taker
from tests.service.raw import Heard, ask

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Service]]:
    """One service on each database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses, "look_up", unresolved)
        yield from _both(request, tmp_path_factory)


def _both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Service]]:
    found = []
    for kind in BOTH:
        folder = tmp_path_factory.mktemp(kind)
        shelf = Shelf(folder / "shelf")
        publish(shelf, living_card())
        publish(shelf, living_card())
        found.append(running(empty_database(kind, request, folder), shelf, watch_seconds=3600))
    with found[0] as first, found[1] as second:
        yield [first, second]


def unresolved(_host: str, _port: int) -> list[str]:
    raise OSError


def heard(both: list[Service], method: str, path: str | bytes, body: bytes = b"", **more: Any) -> Heard:
    """What both say, which is alike; nobody fails, and no error repeats what was sent."""
    first, second = (ask(service, method, path, body, **more) for service in both)
    assert first.status == second.status, (first, second)
    assert first.status < 500, first.body
    if first.status >= 400:
        assert first.media_type == "application/problem+json"
        for answer in (first, second):
            assert SECRET.encode() not in answer.body
            assert json.loads(answer.body)["status"] == answer.status
    return first


def healthy_is_taken(both: list[Service], taker: Taker) -> None:
    number = next(NUMBERS)
    body = batch(taker, [taker.body(number)]) if taker.many else taker.body(number)
    found = heard(both, taker.method, taker.path, body)
    assert found.status in (200, 201), found.body
    if taker.path == "/v1/webhooks":
        for service in both:  # there may be a hundred
            for hook in service.http.get("/v1/webhooks").json()["results"]:
                service.http.delete(f"/v1/webhooks/{hook['id']}")


def batch(taker: Taker, items: list[bytes]) -> bytes:
    return b'{"%s":[%s]}' % (str(taker.many).encode(), b",".join(items))


def test_there_are_many_hostile_payloads() -> None:
    assert len(PAYLOADS) > 1500


FIELDS = [(taker, place) for taker in TAKERS for place in taker.fields]


def name_of(value: object) -> str:
    return f"{value.method} {value.path}{' many' if value.many else ''}" if isinstance(value, Taker) else str(value)


@pytest.mark.parametrize(("taker", "place"), [f for f in FIELDS if not f[0].many], ids=name_of)
def test_a_hostile_value_is_refused_by_its_field(both: list[Service], taker: Taker, place: str) -> None:
    for status, values in zip((422, 200), KINDS[taker.fields[place]], strict=True):
        for name, value in values.items():
            found = heard(both, taker.method, taker.path, taker.body(next(NUMBERS), place, value))
            assert found.status in ((422,) if status == 422 else (200, 201)), (name, found)
            if status == 422:
                named = {re.split(r"[.\[]", fault["field"])[0] for fault in json.loads(found.body)["errors"]}
                is_batch = taker.path == "/v1/feedback" and place == "feedback" and value.startswith("[")
                assert place.split(".")[0] in named or is_batch, (name, named)
    healthy_is_taken(both, taker)


@pytest.mark.parametrize(("taker", "place"), [f for f in FIELDS if f[0].many], ids=name_of)
def test_a_hostile_item_fails_alone_in_a_batch(both: list[Service], taker: Taker, place: str) -> None:
    bad, odd = KINDS[taker.fields[place]]
    wanted, items = [], []
    for status, values in ((422, bad), (200, odd)):
        for value in values.values():
            items += [taker.body(next(NUMBERS)), taker.body(next(NUMBERS), place, value)]
            wanted += [200, status]
    for start in range(0, len(items), 20):
        for service in both:
            found = ask(service, taker.method, taker.path, batch(taker, items[start : start + 20]))
            results = json.loads(found.body)["results"]
            assert [r["status"] if r["status"] != 201 else 200 for r in results] == wanted[start : start + 20]
            assert SECRET not in json.dumps([r["error"] for r in results])
    healthy_is_taken(both, taker)


@pytest.mark.parametrize("taker", TAKERS, ids=name_of)
def test_an_unreadable_body_is_refused_by_every_route(both: list[Service], taker: Taker) -> None:
    for hostile in [h for h in BODIES if h.status != 422]:
        assert heard(both, taker.method, taker.path, hostile.sent).status == hostile.status, hostile.name
    for hostile in (h for h in BODIES if h.name in {"null", "true", "a number", "a text", "a list", "NaN alone"}):
        assert heard(both, taker.method, taker.path, hostile.sent).status == 422, hostile.name
    healthy_is_taken(both, taker)


def envelopes(taker: Taker) -> list[Hostile]:
    text = taker.body(0).decode()
    name = next(iter(taker.healthy))
    more = [
        ("a name twice", text[:-1] + f',"{name}":"{SECRET}"}}'),
        ("a name twice by escape", text[:-1] + f',"\\u{ord(name[0]):04x}{name[1:]}":"{SECRET}"}}'),
        ("an unknown name", text[:-1] + f',"admin":"{SECRET}"}}'),
        ("a name of five thousand characters", text[:-1] + f',"{"n" * 5000}":"{SECRET}"}}'),
        ("a name with a NUL", text[:-1] + f',"a\\u0000":"{SECRET}"}}'),
        ("a name with a lone surrogate", text[:-1] + f',"\\ud800":"{SECRET}"}}'),
        ("a prototype", text[:-1] + f',"__proto__":{{"x":"{SECRET}"}}}}'),
    ]
    return [Hostile(what, sent.encode(), 422) for what, sent in more]


@pytest.mark.parametrize("taker", TAKERS, ids=name_of)
def test_names_that_are_not_known_or_stand_twice_are_refused(both: list[Service], taker: Taker) -> None:
    for hostile in envelopes(taker):
        if taker.many:
            found = heard(both, taker.method, taker.path, batch(taker, [hostile.sent]))
            assert [r["status"] for r in json.loads(found.body)["results"]] == [422], hostile.name
            assert SECRET.encode() not in found.body
        else:
            assert heard(both, taker.method, taker.path, hostile.sent).status == 422, hostile.name


@pytest.mark.parametrize("taker", [t for t in TAKERS if t.many], ids=name_of)
def test_a_batch_that_is_none_is_refused_as_a_whole(both: list[Service], taker: Taker) -> None:
    for name, value in KINDS["list"][0].items():
        if name != "a list" and not (taker.many == "feedback" and not value.startswith("[")):
            body = b'{"%s":%s}' % (str(taker.many).encode(), value.encode("utf-8", "surrogatepass"))
            found = heard(both, taker.method, taker.path, body)
            assert found.status == (200 if name.startswith("a nest") else 422), name
    for more in (b',"admin":1', b',"%s":[]' % str(taker.many).encode()):
        body = batch(taker, [taker.body(next(NUMBERS))])[:-1] + more + b"}"
        assert heard(both, taker.method, taker.path, body).status == 422
    many = batch(taker, [b"1"] * 1001)
    assert heard(both, taker.method, taker.path, many).status == 422


def test_a_text_of_five_megabytes_is_too_large_for_every_route(both: list[Service]) -> None:
    for taker in TAKERS:
        place = next(iter(taker.fields))
        body = taker.body(0, place, f'"{SECRET * 240_000}"')
        assert heard(both, taker.method, taker.path, body).status == 413


IDS = {
    422: [b"%00", b"a%00b", b"%FF", b"%ED%A0%80", b"%C0%AF", b"%F0%9F", b"a" * 201, b"%F0%9F%98%80" * 201, b""],
    200: [
        b"%F0%9F%98%80",
        b"%0A",
        b"%2e%2e%2f%2e%2e",
        b"..",
        b"%",
        b"%zz",
        b"%25",
        b"a+b",
        b"<script>",
        b"'--",
        b"a" * 200,
    ],
}
WITH_LEAD = [
    ("PUT", b"", b'{"fields":{}}'),
    ("PATCH", b"", b'{"fields":{}}'),
    ("GET", b"", b""),
    ("POST", b"/merge", b'{"duplicates":["1"]}'),
    ("PUT", b"/do-not-score", b""),
    ("DELETE", b"/do-not-score", b""),
    ("DELETE", b"", b""),
]


@pytest.mark.parametrize(("method", "after", "body"), WITH_LEAD, ids=lambda v: str(v)[:20])
def test_a_hostile_lead_id_in_an_address(both: list[Service], method: str, after: bytes, body: bytes) -> None:
    for lead_id in IDS[422]:
        assert heard(both, method, b"/v1/leads/" + lead_id + after, body).status == 422, lead_id
    for lead_id in IDS[200]:
        found = heard(both, method, b"/v1/leads/" + lead_id + after, body)
        assert found.status in (200, 201, 204, 404, 409), (lead_id, found)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", b"/v1/models/%b"),
        ("POST", b"/v1/models/%b/promote"),
        ("DELETE", b"/v1/webhooks/%b"),
        ("POST", b"/v1/webhooks/%b/rotate"),
        ("POST", b"/v1/webhooks/%b/test"),
        ("POST", b"/v1/webhooks/deliveries/%b/replay"),
    ],
)
def test_a_hostile_id_of_a_model_or_a_webhook_is_nowhere(both: list[Service], method: str, path: bytes) -> None:
    more = [b"-1", b"1.0", b"1e0", b"%D9%A1", b"9" * 5000, b"champion.json", b"%2e%2e%2f1", b"1%00", b"1%0A", b"%201"]
    for hostile in [h for h in IDS[422] if h] + more:
        assert heard(both, method, path % hostile).status in (404, 405), hostile


QUERIES = {
    "/v1/leads": ["sort=-score&sort=-score", "grade=A&grade=B", "grade=%ED%A0%80", "limit=%D9%A1", "sort[]=-score"],
    "/v1/scores": [
        *("since=", "since=%00", "since=W10", "since=WzEsMV0&since=WzEsMV0", "since=WzEsLTFd", "since=1700000000"),
        *("since=0001-01-01", "since=9999-12-31", "since=%FF", "since=%zz", "since=" + "W" * 20_000, "until=1"),
        *("since=WzFlOTk5LDFd", "since=WzkyMjMzNzIwMzY4NTQ3NzU4MDgsMV0", "since=W3RydWUsMV0"),
    ],
    "/v1/webhooks/deliveries": [
        *("state=", "state=DUE", "state=due%00", "state=due&state=due", "after=", "after=%00", "after=OTk5OTk5"),
        *("after=%FF", "after=" + "W" * 20_000, "after=LTE6bXNnX2E=", "id=1"),
    ],
}
EVERYWHERE = [
    *("limit=0", "limit=-1", "limit=1e2", "limit=", "limit=%C2%B2", "limit=1&limit=1", "limit=99999999999999999999"),
    *("limit=1.0", "limit=%001", "limit=NaN", "limit=true", "%00=1", "%FF=1", "%zz=1", "=1", "a" * 5000 + "=1"),
    *(f"{SECRET}[]=1", f"limit={SECRET}", f"after={SECRET}&since={SECRET}"),
]


@pytest.mark.parametrize("path", list(QUERIES))
def test_a_hostile_query_is_refused_everywhere(both: list[Service], path: str) -> None:
    for query in QUERIES[path] + EVERYWHERE:
        if not query.startswith(SECRET):  # the name of a parameter is named
            assert heard(both, "GET", path, query=query.encode()).status == 422, query
    assert heard(both, "GET", path).status == 200


KEYED = [t for t in TAKERS if not t.path.startswith("/v1/score") and t.method == "POST" and t.path != "/v1/webhooks"]
KEYS = {
    "empty": [b""],
    "201 characters": [b"k" * 201],
    "100,000 characters": [b"k" * 100_000],
    "a byte that is no text": [b"\xff"],
    "no ASCII": ["clé".encode()],
    "a NUL": [b"k\x00"],
    "a tab": [b"k\tk"],
    "an escape": [b"k\x1b[0m"],
    "two": [b"k1", b"k2"],
    "twice the same": [b"k1", b"k1"],
}


@pytest.mark.parametrize("name", list(KEYS))
def test_a_hostile_idempotency_key_is_refused_and_nothing_is_done(both: list[Service], name: str) -> None:
    headers = [(b"idempotency-key", key) for key in KEYS[name]]
    for taker in KEYED:
        body = batch(taker, [taker.body(next(NUMBERS))]) if taker.many else taker.body(next(NUMBERS))
        found = heard(both, taker.method, taker.path, body, headers=headers)
        assert found.status == 422, found
        assert json.loads(found.body)["errors"][0]["field"] == "Idempotency-Key"
    for path in ("/v1/models/1/promote", "/v1/models/rollback"):
        assert heard(both, "POST", path, headers=headers).status == 422


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"Bearer",
        b"Bearer \xff",
        b"Bearer " + b"k" * 100_000,
        b"Basic ====",
        b"Basic //79",
        b"Basic Og==",
        b"Digest x",
    ],
    ids=lambda sent: repr(sent[:12]),
)
def test_a_hostile_authorization_is_nobody(both: list[Service], sent: bytes) -> None:
    peer = f"10.0.0.{next(NUMBERS) % 250}"  # too many failures of one peer are 429
    assert heard(both, "GET", "/v1/leads", authorization=sent, peer=peer).status == 401

"""What is known of a person stands in the database and in the answers that were asked for, and nowhere else."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models import Shelf
from tests.cards import living_card
from tests.service.conftest import Service, publish, running, wait_until
from tests.service.raw import ask
from tests.service.samples import STRONG, WEAK
from tests.service.webhooks.conftest import Receiver, receiver

__all__ = ["receiver"]

CANARY = "canary"
PERSON: dict[str, Any] = {
    "owner": "canary-owner",
    "territory": "canary-territory",
    "company": "canary-company",
    "display": {
        "name": "canary-name",
        "email": "canary@acme.example",
        "phone": "canary-phone",
        "link": "https://crm.example/canary-link",
    },
}
WORDS = {"Shoe size": "canary-shoe", "E-mail": "canary@gmail.example"}


@pytest.fixture
def told(database_url: str, tmp_path: Path, receiver: Receiver) -> Iterator[Service]:
    """A service that tells a receiver on this machine all that happens."""
    shelf = Shelf(tmp_path / "shelf")
    publish(shelf, living_card())
    publish(shelf, living_card())
    with running(database_url, shelf, webhooks_internal=True) as service:
        assert service.http.post("/v1/webhooks", json={"url": receiver.url}).status_code == 201
        yield service


def live(service: Service) -> None:
    """A lead's whole life, all of it about one person."""
    http = service.http
    assert http.put("/v1/leads/17", json={"fields": WEAK | WORDS} | PERSON).status_code == 201
    assert http.patch("/v1/leads/17", json={"fields": STRONG | WORDS}).status_code == 200
    batch = {"leads": [{"id": str(n), "fields": STRONG | WORDS} | PERSON for n in (17, 18, 19)]}
    for _ in range(2):
        assert http.post("/v1/leads/batch", json=batch, headers={"Idempotency-Key": "k1"}).status_code == 200
    event = {"lead_id": "17", "at": "2026-02-20"}
    said = {"reason": "canary-reason", "deal_id": "canary-deal"}
    for what, more in (
        ("activities", {"kind": "canary-kind"}),
        ("outcomes", {"outcome": "won", "value": 5} | said),
        ("feedback", {"feedback": "refused"} | said),
    ):
        assert http.post(f"/v1/{what}", json=event | more | {"event_id": "canary-event"}).status_code == 201
    assert http.post("/v1/leads/17/merge", json={"duplicates": ["18"]}).status_code == 200
    assert http.post("/v1/score", json={"id": "20", "fields": STRONG | WORDS}).status_code == 200
    for path in ("/v1/leads", "/v1/leads/17", "/v1/scores", "/v1/webhooks/deliveries", "/"):
        assert http.get(path).status_code == 200
    assert http.put("/v1/leads/19/do-not-score").status_code == 200
    assert http.delete("/v1/leads/19").status_code == 204


def errors(service: Service) -> list[bytes]:
    """The bodies of errors of every kind, with the person in body, path, query and header."""
    text = b"canary-text"
    bodies = [b'{"id":"' + text, b'["canary"]', b'"canary"', b'{"fields":{"Employees":["canary"]}}']
    bodies += [b'{"fields":{"E-mail":"canary\\u0000"},"owner":5,"display":{"link":"javascript:canary"}}']
    bodies += [b'{"fields":{},"updated_at":"canary","owner":"canary\\u0000"}', b"canary" * 300_000]
    found = [ask(service, "PUT", "/v1/leads/17", body) for body in bodies]
    event = b'{"event_id":"e9","lead_id":"17","at":"canary","reason":["canary"],"outcome":"canary"}'
    found += [ask(service, "POST", f"/v1/{what}", event) for what in ("activities", "outcomes", "feedback")]
    found += [ask(service, "POST", "/v1/webhooks", b'{"url":"https://canary@canary.invalid/"}')]
    found += [ask(service, "GET", path) for path in ("/v1/leads/canary", "/v1/models/canary", "/canary", "/v1/canary")]
    found += [ask(service, "GET", "/v1/leads/canary%00"), ask(service, "TRACE", "/v1/leads/canary")]
    found += [ask(service, "DELETE", "/v1/webhooks/canary"), ask(service, "PUT", "/v1/leads/18", b'{"fields":{}}')]
    for path in ("/v1/leads", "/v1/scores", "/v1/webhooks/deliveries"):
        found += [ask(service, "GET", path, query=q) for q in (b"after=canary", b"since=canary", b"limit=canary")]
    taken = b'{"event_id":"canary-event","lead_id":"17","at":"2026-02-21","kind":"canary"}'
    found += [ask(service, "POST", "/v1/activities", taken)]
    key = [(b"idempotency-key", b"canary\xff")]
    found += [ask(service, "POST", "/v1/activities", taken, headers=key)]
    found += [ask(service, "GET", "/v1/leads", authorization=b"Bearer canary.canary", peer="10.0.0.9")]
    assert {answer.status // 100 for answer in found} == {4}, found
    return [answer.body for answer in found]


def test_a_person_is_in_no_log_metric_error_webhook_or_model(
    told: Service, receiver: Receiver, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        live(told)
        refused = errors(told)
        wait_until(lambda: receiver.got)
    logs = "\n".join(f"{r.getMessage()} {r.__dict__}" for r in caplog.records if not r.name.startswith("httpx"))
    assert CANARY not in logs
    assert CANARY not in told.http.get("/metrics").text
    assert [body for body in refused if CANARY.encode() in body] == []
    for got in receiver.got:
        assert CANARY not in got.body + str(got.headers)
        assert json.loads(got.body)["data"].keys() <= {
            "lead_id",
            "old_grade",
            "new_grade",
            "model",
            "version",
            "previous",
        }
    kept = [p for p in tmp_path.rglob("*") if p.is_file() and not p.name.startswith("leadrank.db")]
    assert [p.name for p in kept if CANARY.encode() in p.read_bytes()] == []
    assert CANARY in told.http.get("/v1/leads/17").text, "where it was asked for it is"

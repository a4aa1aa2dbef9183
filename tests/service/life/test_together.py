"""Many senders at once: nobody fails for good, and what is stored is what one after another would have stored."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from models import Shelf
from tests.cards import living_card
from tests.service.conftest import BOTH, Service, empty_database, publish, running
from tests.service.life.test_disorder import SAID_OF_ARRIVAL
from tests.service.raw import Heard, ask

THREADS = 8
LEADS = ("a", "b", "c", "d")
PATIENCE = 20
"""Repeats of one request."""

Sent = tuple[str, str, dict[str, Any], str | None]
"""Method, path, body and Idempotency-Key."""


@pytest.fixture(scope="module", params=BOTH)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("together")
    shelf = Shelf(folder / "shelf")
    publish(shelf, living_card())
    with running(empty_database(request.param, request, folder), shelf, watch_seconds=3600) as service:
        yield service


@dataclass
class Told:
    """How often senders were told to come back, and why."""

    busy: list[str] = field(default_factory=list)

    def send(self, service: Service, sent: Sent) -> None:
        """Send until it is taken."""
        method, path, body, key = sent
        headers = [] if key is None else [(b"idempotency-key", key.encode())]
        for _ in range(PATIENCE):
            answer = ask(service, method, path, json.dumps(body).encode(), headers=headers)
            if answer.status in (200, 201):
                assert json.loads(answer.body).get("num_errors", 0) == 0, answer.body
                return
            self.busy.append(why(answer))
            time.sleep(0.05)
        pytest.fail(f"{path} was never taken: {answer}")


def why(answer: Heard) -> str:
    """The kind of an answer that asks for a repeat; any other fails."""
    kind = str(json.loads(answer.body)["type"]).rpartition(":")[2]
    assert (answer.status, kind) in {(503, "no-database"), (503, "busy"), (409, "in-flight")}, answer
    assert answer.retry_after, answer
    return kind


def requests_of(run: str, dice: random.Random, rounds: int) -> list[Sent]:
    """What a few leads live through: whole, in part, in batches of any order, some of it under a key."""
    found: list[Sent] = []
    moments = (f"2026-02-01T00:{n // 60:02}:{n % 60:02}Z" for n in itertools.count())
    for number in range(rounds):
        lead, event = f"{run}-{dice.choice(LEADS)}", {"event_id": f"{run}-{number}", "occurred_at": day(dice)}
        key = f"{run}-{number}" if number % 3 else None
        some = [f"{run}-{name}" for name in dice.sample(LEADS, 3)]
        fields = {"Job title": dice.choice(("VP", "intern")), "Employees": dice.randrange(500)}
        told = event | {"lead_id": lead, "outcome": dice.choice(("won", "lost", "open"))}
        happened = [event | {"event_id": f"{run}-{number}-{i[-1]}", "lead_id": i, "kind": "demo"} for i in some]
        batch = [{"id": i, "fields": fields, "updated_at": next(moments)} for i in some]
        found += [
            ("PUT", f"/v1/leads/{lead}", {"fields": fields, "updated_at": next(moments)}, None),
            ("PATCH", f"/v1/leads/{lead}", {"fields": {"Lead source": "referral"}, "updated_at": next(moments)}, None),
            ("POST", "/v1/leads/batch", {"leads": batch, "merge": bool(number % 2)}, key),
            ("POST", "/v1/activities", {"activities": happened}, key and f"{key}-a"),
            ("POST", "/v1/outcomes", told, key and f"{key}-o"),
            ("POST", "/v1/feedback", event | {"lead_id": lead, "feedback": "accepted"}, None),
        ]
    return found


def day(dice: random.Random) -> str:
    return f"2026-01-{dice.randrange(1, 29):02}T10:00:00Z"


def ends(service: Service, run: str) -> list[Any]:
    """What is known of the leads in the end, by their names in any run."""
    found = []
    for name in LEADS:
        body = service.http.get(f"/v1/leads/{run}-{name}").json()
        told = {k: v for k, v in body.items() if k not in SAID_OF_ARRIVAL}
        found.append(json.loads(json.dumps(told).replace(f'"{run}-', '"')))
    return found


def check(service: Service, seed: int, rounds: int) -> None:
    dice, told = random.Random(seed), Told()
    requests = requests_of(f"many{seed}", random.Random(seed), rounds)
    chaos = [*requests, *dice.choices(requests, k=len(requests) // 3)]
    dice.shuffle(chaos)
    with ThreadPoolExecutor(THREADS) as threads:
        for done in [threads.submit(told.send, service, sent) for sent in chaos]:
            done.result()
    assert "no-database" not in told.busy, "no deadlock, and no lock that is waited for in vain"
    one = Told()
    for sent in requests_of(f"one{seed}", random.Random(seed), rounds):
        one.send(service, sent)
    assert one.busy == []
    assert ends(service, f"many{seed}") == ends(service, f"one{seed}")


def test_eight_senders_at_once_end_like_one_after_another(shared: Service) -> None:
    check(shared, 0, rounds=20)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 4))
def test_thousands_of_requests_at_once_end_like_one_after_another(shared: Service, seed: int) -> None:
    check(shared, seed, rounds=120)


def test_the_same_event_ids_in_opposite_order_hold_nobody_up(shared: Service) -> None:
    def events(lead_id: str, order: int, turn: int) -> bytes:
        ids = [f"turn{turn}-{n:03}" for n in range(300)][::order]
        common = {"lead_id": lead_id, "kind": "visit", "occurred_at": "2026-01-31"}
        return json.dumps({"activities": [common | {"event_id": i} for i in ids]}).encode()

    with ThreadPoolExecutor(2) as threads:
        for turn in range(10):
            bodies = events("x", 1, turn), events("y", -1, turn)
            found = list(threads.map(lambda body: ask(shared, "POST", "/v1/activities", body), bodies))
            assert [answer.status for answer in found] == [200, 200]
            assert sorted(json.loads(answer.body)["num_errors"] for answer in found) == [0, 300]

"""What is announced arrives, signed, at least once, whatever the receiver does; and nothing is sent twice at a time."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import insert
from standardwebhooks import Webhook, WebhookVerificationError

from service.database import Database
from service.moments import SECOND, micros_at
from service.webhooks import Event, endpoints
from service.webhooks.announcing import TEST, row_of
from service.webhooks.deliverer import Deliverer, signed
from service.webhooks.outbox import DAY, KEPT_DEAD, KEPT_DELIVERED, LEASE, RETRIES, _due, settle, sweep, take
from service.webhooks.sending import Outcome
from service.webhooks.tables import deliveries
from tests.service.conftest import Watch
from tests.service.webhooks.conftest import (
    Answer,
    Got,
    Post,
    Receiver,
    added,
    deliverer,
    flood,
    reset,
    silence,
    status,
    trickle,
)


def test_a_message_arrives_signed_and_thin(database: Database, receiver: Receiver) -> None:
    clock = Watch(datetime.now(UTC))  # the library checks the age by the clock on the wall
    post = Post(database, clock, added(database, receiver.url, clock), deliverer(database, clock))
    post.announce("00Q5g-0017")
    assert post.deliver() == 1
    (got,) = receiver.got
    assert got.headers["webhook-id"] == post.row().id
    verified = Webhook(post.endpoint.secret).verify(got.body, got.headers)
    assert verified.keys() == {"type", "timestamp", "data"}
    assert (verified["type"], verified["data"]) == ("lead.grade_changed", {"lead_id": "00Q5g-0017"})
    with pytest.raises(WebhookVerificationError):
        Webhook(post.endpoint.secret).verify(got.body + " ", got.headers)
    assert (post.row().delivered_at, post.row().next_at) == (micros_at(clock()), None)


def test_only_who_listens_is_told(post: Post) -> None:
    other = added(post.database, post.endpoint.url, post.clock, (Event.PROMOTED,))
    assert post.announce() == 1
    assert post.announce(event=Event.PROMOTED) == 2
    assert post.announce(event=Event.HANDED_OVER) == 1
    assert [r.type for r in post.rows() if r.endpoint_id == other.id] == ["model.promoted"]


def test_what_is_undone_is_not_announced(post: Post) -> None:
    from service.webhooks import announce

    with pytest.raises(RuntimeError), post.database.writing() as connection:
        announce(connection, Event.PROMOTED, {"model": "2"}, now=0)
        raise RuntimeError
    assert post.rows() == []


@pytest.mark.parametrize(
    ("answer", "fault", "code"),
    [
        (status(500), "status", 500),
        (status(503), "status", 503),
        (status(400), "status", 400),
        (status(301, Location="http://127.0.0.1:1/"), "redirect", 301),
        (reset, "reset", None),
        (silence, "timeout", None),
        (trickle, "timeout", None),
        (lambda request: request.wfile.write(b"220 smtp\r\n"), "no-http", None),
    ],
    ids=["500", "503", "400", "redirect", "reset", "silence", "trickle", "no HTTP"],
)
def test_what_failed_comes_again_under_its_id(
    post: Post, receiver: Receiver, answer: Answer, fault: str, code: int | None
) -> None:
    receiver.answers = [answer]
    post.deliverer = deliverer(post.database, post.clock, total_seconds=0.4)
    post.announce()
    assert post.deliver() == 1
    row = post.row()
    assert (row.last_fault, row.last_status, row.attempts, row.delivered_at) == (fault, code, 1, None)
    post.clock.wait(seconds=9)
    assert post.deliver() == 0
    post.clock.wait(seconds=4)
    assert post.deliver() == 1
    assert post.row().delivered_at
    assert [got.headers["webhook-id"] for got in receiver.got] == [row.id, row.id]
    assert len({got.body for got in receiver.got}) == 1


def test_a_redirect_is_not_followed(post: Post, receiver: Receiver) -> None:
    receiver.answers = [status(302, Location=receiver.url + "/elsewhere")]
    post.announce()
    post.deliver()
    assert [got.path for got in receiver.got] == ["/hook"]


def test_a_huge_answer_is_not_read(post: Post, receiver: Receiver) -> None:
    receiver.answers = [flood]
    post.announce()
    assert post.deliver() == 1
    assert (post.row().last_status, post.row().last_fault) == (200, None)


def test_nobody_at_the_address_is_a_fault_like_any_other(post: Post) -> None:
    dead = added(post.database, "http://127.0.0.1:1/", post.clock)
    post.announce()
    assert post.deliver() == 2
    assert {r.endpoint_id == dead.id: r.last_fault for r in post.rows()} == {True: "refused", False: None}


def test_a_message_is_tried_for_three_days_and_then_dead(post: Post, receiver: Receiver) -> None:
    receiver.answers = [status(500)] * 20
    began = post.clock()
    post.announce()
    while post.deliver() and (due := post.row().next_at):
        due = max(due, post.present().rests_until)
        post.clock.wait(microseconds=due - micros_at(post.clock()) - 1)
        assert post.deliver() == 0
        post.clock.wait(microseconds=1)
    assert post.row().dead_at
    assert post.row().attempts == len(receiver.got) == len(RETRIES) + 1
    assert 2.5 < (post.clock() - began).total_seconds() / DAY < 4
    post.clock.wait(days=1)
    assert post.deliver() == 0


def test_waits_grow_and_differ(post: Post) -> None:
    post.announce()
    waits: list[float] = []
    for seed in range(20):
        parcel = take(post.database, micros_at(post.clock()))
        assert parcel
        settle(post.database, parcel, Outcome(400, "status"), micros_at(post.clock()), Random(seed))
        row = post.row()
        if row.next_at is None:
            break
        waits.append((row.next_at - micros_at(post.clock())) / SECOND)
        post.clock.wait(seconds=waits[-1] + 1)
    assert len(waits) == len(RETRIES)
    assert all(least <= wait <= 1.2 * least for least, wait in zip(RETRIES, waits, strict=True))
    assert waits != sorted(map(float, RETRIES))


def test_410_switches_the_webhook_off(post: Post, receiver: Receiver) -> None:
    receiver.answers = [status(410)]
    post.announce()
    post.announce()
    assert post.deliver() == 1
    assert post.present().disabled_at
    assert all(row.dead_at for row in post.rows())
    assert post.announce() == 0


def test_a_receiver_in_trouble_does_not_hold_up_the_others(post: Post, receiver: Receiver) -> None:
    for _ in range(5):
        post.announce()
    other = added(post.database, "http://127.0.0.1:1/", post.clock)
    for _ in range(5):
        post.announce()
    assert post.deliver() == 11  # ten to the living, one to the dead
    assert len(receiver.got) == 10
    with post.database.reading() as connection:
        found = endpoints.one(connection, other.id)
    assert found
    assert found.rests_until > micros_at(post.clock())


def test_a_receiver_that_is_well_again_gets_everything(post: Post, receiver: Receiver) -> None:
    receiver.answers = [status(503)] * 3
    for lead in range(4):
        post.announce(str(lead))
    for _ in range(60):
        post.clock.wait(minutes=1)
        post.deliver()
    assert all(row.delivered_at for row in post.rows())
    assert post.present().failures == 0


def test_two_deliverers_never_send_one_row_at_once(post: Post, receiver: Receiver) -> None:
    for lead in range(40):
        post.announce(str(lead))
    workers = [deliverer(post.database, post.clock) for _ in range(4)]
    threads = [threading.Thread(target=_deliver_all, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.got) == len({got.headers["webhook-id"] for got in receiver.got}) == 40


def _deliver_all(worker: Deliverer) -> None:
    while worker.deliver_one():
        pass


def test_what_is_being_sent_is_not_due(post: Post, receiver: Receiver) -> None:
    sending, go_on = threading.Event(), threading.Event()

    def wait(request: object) -> None:
        sending.set()
        go_on.wait(10)
        status(200)(request)  # type: ignore[arg-type]

    receiver.answers = [wait]
    post.announce()
    thread = threading.Thread(target=post.deliver)
    thread.start()
    assert sending.wait(10)
    assert deliverer(post.database, post.clock).deliver_one() is False
    go_on.set()
    thread.join()
    assert len(receiver.got) == 1


KILLED = """
import os, sys
from datetime import UTC, datetime
from service.database import open_database
from service.webhooks import deliverer
deliverer.settle = lambda *_: os._exit(9)
found = deliverer.Deliverer(
    open_database(sys.argv[1]), lambda: datetime.fromisoformat(sys.argv[2]), internal=True, watch_seconds=1
)
found.deliver_one()
"""


def test_a_process_that_dies_after_sending_sends_again_with_the_same_id(
    post: Post, receiver: Receiver, database_url: str
) -> None:
    post.announce()
    ended = subprocess.run([sys.executable, "-c", KILLED, database_url, post.clock().isoformat()], check=False)
    assert ended.returncode == 9
    assert len(receiver.got) == 1
    assert post.row().delivered_at is None
    assert post.deliver() == 0
    post.clock.wait(seconds=LEASE / SECOND + 1)
    assert post.deliver() == 1
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert post.row().delivered_at


def test_who_took_too_long_has_no_say(post: Post) -> None:
    post.announce()
    slow = take(post.database, micros_at(post.clock()))
    post.clock.wait(seconds=LEASE / SECOND + 1)
    assert post.deliver() == 1
    assert slow
    settle(post.database, slow, Outcome(500, "status"), micros_at(post.clock()), Random(1))
    assert post.row().delivered_at


def test_both_secrets_sign_for_a_day_after_a_rotation(database: Database, receiver: Receiver) -> None:
    clock = Watch(datetime.now(UTC))
    post = Post(database, clock, added(database, receiver.url, clock), deliverer(database, clock))
    with database.writing() as connection:
        rotated = endpoints.rotate(connection, post.endpoint.id, micros_at(clock()))
    assert rotated
    assert rotated.secret != post.endpoint.secret
    post.announce()
    parcel = take(database, micros_at(clock()))
    assert parcel
    headers = signed(parcel, clock())
    for secret in (rotated.secret, post.endpoint.secret):
        Webhook(secret).verify(parcel.body, headers)
    post.announce()
    later = take(database, micros_at(clock()) + 25 * 3600 * SECOND)
    assert later
    assert later.secrets == (rotated.secret,)


def test_a_lead_that_is_forgotten_is_not_told_of(post: Post, receiver: Receiver) -> None:
    from service.webhooks import forget

    post.announce("ada@acme.example")
    post.deliver()
    post.announce("ada@acme.example")
    post.announce("other")
    with post.database.writing() as connection:
        assert forget(connection, "ada@acme.example") == 2
    post.deliver()
    assert [json.loads(got.body)["data"]["lead_id"] for got in receiver.got] == ["ada@acme.example", "other"]


def test_old_rows_go(post: Post, receiver: Receiver) -> None:
    receiver.answers = [status(204), status(410)]
    post.announce()
    post.deliver()
    post.announce()
    post.deliver()
    began = micros_at(post.clock())
    for days, left in ((6, 2), (8, 1), (29, 1), (31, 0)):
        sweep(post.database, began + days * DAY * SECOND)
        assert len(post.rows()) == left
    assert KEPT_DELIVERED < KEPT_DEAD


def test_the_thread_delivers_and_ends(post: Post, receiver: Receiver) -> None:
    post.deliverer.start()
    try:
        post.announce()
        end = time.monotonic() + 10
        while post.row().delivered_at is None:
            assert time.monotonic() < end
            time.sleep(0.01)
    finally:
        post.deliverer.stop()
    assert not [t for t in threading.enumerate() if t.name == "leadrank-webhooks"]
    assert isinstance(receiver.got[0], Got)


def certificate_of(name: str, folder: Path) -> tuple[Path, Path]:
    """A certificate that vouches for itself, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
    files = ["-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *files], capture_output=True, check=True)
    return certificate, key


@pytest.mark.parametrize(
    ("host", "fault"), [("hooks.example.com", None), ("other.example.com", "tls")], ids=["its name", "another name"]
)
def test_a_certificate_must_be_of_the_hosts_name_though_the_connection_goes_to_an_address(
    database: Database, receiver: Receiver, tmp_path: Path, host: str, fault: str | None
) -> None:
    certificate, key = certificate_of("hooks.example.com", tmp_path)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate, key)
    receiver.server.socket = own.wrap_socket(receiver.server.socket, server_side=True)
    trust = ssl.create_default_context(cafile=str(certificate))
    clock = Watch()
    endpoint = added(database, f"https://{host}:{receiver.server.server_address[1]}/hook", clock)
    sender = deliverer(database, clock, trust=trust, resolve=lambda *_: ["127.0.0.1"])
    post = Post(database, clock, endpoint, sender)
    post.announce()
    assert post.deliver() == 1
    assert post.row().last_fault == fault
    assert len(receiver.got) == (fault is None)


def test_what_is_due_is_found_by_its_index(post: Post) -> None:
    """However many were delivered: the index holds the due ones only."""
    sent = [
        row_of(post.endpoint.id, TEST, {}, 0) | {"next_at": None, "delivered_at": moment} for moment in range(3_000)
    ]
    with post.database.writing() as connection:
        connection.execute(insert(deliveries), sent)
    post.announce()
    query = str(_due(1).compile(post.database.engine, compile_kwargs={"literal_binds": True}))
    explain = "EXPLAIN QUERY PLAN " if post.database.is_sqlite else "EXPLAIN "
    with post.database.writing() as connection:
        connection.exec_driver_sql("ANALYZE deliveries")
        plan = "\n".join(str(row) for row in connection.exec_driver_sql(explain + query))
    assert "ix_deliveries_next_at" in plan, plan

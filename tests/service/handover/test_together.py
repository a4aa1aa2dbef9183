"""Two handovers at the same time, in processes of their own: no lead twice, and nobody over the capacity."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from typing import Any

import pytest
from sqlalchemy import select

from service.database import open_database
from service.handover import running
from service.handover.days import Today
from service.handover.running import hand_over
from service.life.tables import events, handovers
from tests.service.conftest import NOON, Service
from tests.service.handover.conftest import leads, seller, tell

CALLS = {"Ann": 50, "Bob": 25}
COUNT = 200


def run(address: str, start: Any, done: Any) -> None:
    """One process that hands over when it is told to."""
    database = open_database(address)
    start.wait()
    with database.writing() as connection:
        done.put(len(hand_over(connection, Today.of(NOON, UTC), "test").given))
    database.close()


def test_two_processes_at_once_hand_over_what_one_would(team: Service) -> None:
    leads(team, COUNT)
    for name, calls in CALLS.items():
        seller(team, name, calls)
    address = team.database.engine.url.render_as_string(hide_password=False)
    processes = multiprocessing.get_context("spawn")
    start, done = processes.Barrier(4), processes.Queue()
    started = [processes.Process(target=run, args=(address, start, done)) for _ in range(4)]
    for process in started:
        process.start()
    counts = sorted(done.get(timeout=60) for _ in started)
    for process in started:
        process.join(timeout=60)
    with team.database.reading() as connection:
        rows = connection.execute(select(handovers.c.lead_id, handovers.c.seller)).all()
        told = connection.execute(select(events.c.lead_id).where(events.c.source == "handover")).scalars().all()
    assert counts == [0, 0, 0, 15]
    assert len({row.lead_id for row in rows}) == len(rows) == len(set(told)) == len(told)
    assert Counter(row.seller for row in rows) == {"Ann": 10, "Bob": 5}


def test_a_run_looks_who_has_room_when_the_run_before_it_has_written(
    team: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would give what is left of the leads to sellers who are full by then."""
    leads(team, 20)
    seller(team, "Ann", 25)
    seen, is_inside = list[str](), threading.Event()
    look, tell_all = running.seats_of, running.announce_handovers

    def looking(*given: Any) -> Any:
        seen.append("looks")
        return look(*given)

    def slowly(*given: Any, **named: Any) -> int:
        is_inside.set()
        time.sleep(0.5)
        seen.append("has written")
        return tell_all(*given, **named)

    monkeypatch.setattr(running, "seats_of", looking)
    monkeypatch.setattr(running, "announce_handovers", slowly)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(team.http.post, "/v1/handovers")
        assert is_inside.wait(10)
        second = threads.submit(team.http.post, "/v1/handovers")
        assert (first.result().json()["handed"], second.result().json()["handed"]) == (5, 0)
    assert seen == ["looks", "has written"] * 2


def test_answers_that_come_during_a_handover_are_not_lost(team: Service) -> None:
    ids = leads(team, COUNT)
    for name, calls in CALLS.items():
        seller(team, name, calls)

    def answer(lead_id: str) -> None:
        tell(team, "feedback", lead_id, "2026-03-02T13:00:00Z", feedback="refused")

    def give(_turn: int) -> int:
        count: int = team.http.post("/v1/handovers").json()["handed"]
        return count

    with ThreadPoolExecutor(6) as threads:
        answered = [threads.submit(answer, lead_id) for lead_id in ids[:40]]
        handed = [threads.submit(give, turn) for turn in range(4)]
        for one in answered:
            one.result()
    assert 0 < sum(one.result() for one in handed) <= 15
    for lead_id in ids[:40]:
        assert team.http.get(f"/v1/leads/{lead_id}").json()["state"] == "refused"

"""A handover on a running service: who gets what, once, under capacity, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Any

import pytest
from sqlalchemy import Connection, update

from service.database import Database
from service.handover import running
from service.handover.days import Today
from service.tables import leads as rows
from service.tables import scores
from tests.service.conftest import NOON, Service, listed_version, wait_until
from tests.service.handover.conftest import given, hand_over, lead, leads, seller, state_of, tell


def test_the_best_leads_go_first_and_the_rest_stays(team: Service) -> None:
    seller(team, "Ann", 10)
    for number in range(5):
        lead(team, str(number), worth=[5, 300, 20, 400, 60][number])
    handed = hand_over(team)
    ranked = [r["id"] for r in team.http.get("/v1/leads").json()["results"]]
    assert list(given(handed)) == ranked[:2], "ten calls a week are two on each of five days"
    assert handed["left_out"]["no_capacity"] == 3
    assert {state_of(team, i) for i in ranked[:2]} == {"handed_over"}
    assert {state_of(team, i) for i in ranked[2:]} == {"new"}


def test_a_second_run_on_the_same_day_hands_over_nothing(team: Service) -> None:
    seller(team, "Ann", 10)
    leads(team, 20)
    assert hand_over(team)["handed"] == 2
    again = hand_over(team)
    assert (again["handed"], again["left_out"]["no_capacity"]) == (0, 18)


def test_a_week_hands_over_its_calls_day_by_day_and_no_more(team: Service) -> None:
    seller(team, "Ann", 7)
    leads(team, 40)
    found = []
    for _ in range(8):
        found.append(hand_over(team)["handed"])
        team.clock.wait(days=1)
    assert found == [2, 2, 1, 1, 1, 0, 0, 0], "and on the next Monday none: seven are still unanswered"


def test_who_answers_at_once_gets_the_calls_of_the_week_and_no_more(team: Service) -> None:
    seller(team, "Ann", 5)
    leads(team, 20)
    found = []
    for day in range(2, 7):
        got = list(given(hand_over(team)))
        for one in got:
            tell(team, "feedback", one, f"2026-03-0{day}T13:00:00Z", feedback="accepted")
        found.append(len(got))
        team.clock.wait(days=1)
    assert found == [1] * 5


def test_answered_leads_make_room_in_the_next_week(team: Service) -> None:
    seller(team, "Ann", 5)
    leads(team, 20)
    first = list(given(hand_over(team)))
    for one in first:
        tell(team, "feedback", one, "2026-03-02T13:00:00Z", feedback="accepted")
    team.clock.wait(hours=2)
    assert hand_over(team)["handed"] == 0, "the call of this day was made"
    team.clock.wait(days=7)
    assert hand_over(team)["handed"] == 1


def test_an_unanswered_lead_of_last_week_takes_room(team: Service) -> None:
    seller(team, "Ann", 1)
    leads(team, 3)
    assert hand_over(team)["handed"] == 1
    team.clock.wait(days=7)
    assert hand_over(team)["handed"] == 0
    tell(team, "feedback", "L000", "2026-03-09T11:00:00Z", feedback="refused")
    assert list(given(hand_over(team))) == ["L001"]


def test_not_now_comes_back_when_its_time_is_there_and_not_before(team: Service) -> None:
    seller(team, "Ann", 50)
    lead(team, "a")
    hand_over(team)
    tell(team, "feedback", "a", "2026-03-02T13:00:00Z", feedback="not_now", until="2026-03-11T00:00:00Z")
    team.clock.wait(days=8)
    assert hand_over(team)["left_out"]["not_now"] == 1
    team.clock.wait(days=1)
    assert given(hand_over(team)) == {"a": "Ann"}


def test_not_now_without_a_date_comes_back_after_thirty_days(team: Service) -> None:
    seller(team, "Ann", 50)
    lead(team, "a")
    tell(team, "feedback", "a", "2026-03-02T11:00:00Z", feedback="not_now")
    team.clock.wait(days=28)
    assert hand_over(team)["handed"] == 0
    team.clock.wait(days=2)
    assert hand_over(team)["handed"] == 1


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("feedback", {"feedback": "refused", "reason": "too small"}),
        ("feedback", {"feedback": "accepted"}),
        ("feedback", {"feedback": "lost"}),
        ("outcomes", {"outcome": "won", "value": 5}),
        ("outcomes", {"outcome": "lost"}),
    ],
)
def test_a_lead_that_was_answered_is_not_handed_over(team: Service, what: str, said: dict[str, Any]) -> None:
    seller(team, "Ann", 50)
    lead(team, "a")
    tell(team, what, "a", "2026-03-02T11:00:00Z", **said)
    assert hand_over(team)["handed"] == 0


def test_a_lead_that_objects_is_not_handed_over_and_counted(team: Service) -> None:
    seller(team, "Ann", 50)
    lead(team, "a")
    team.http.put("/v1/leads/a/do-not-score")
    handed = hand_over(team)
    assert (handed["handed"], handed["left_out"]["objected"]) == (0, 1)


def test_a_lead_that_is_taken_up_again_is_not_given_twice_on_one_day(team: Service) -> None:
    seller(team, "Ann", 50)
    lead(team, "a")
    assert hand_over(team)["handed"] == 1
    tell(team, "outcomes", "a", "2026-03-02T12:30:00Z", outcome="open")
    team.clock.wait(hours=2)
    assert (state_of(team, "a"), hand_over(team)["handed"]) == ("new", 0)
    team.clock.wait(days=1)
    assert hand_over(team)["handed"] == 1


def test_a_lead_of_which_the_future_speaks_waits_for_it(team: Service) -> None:
    seller(team, "Ann", 50)
    lead(team, "a")
    tell(team, "outcomes", "a", "2026-03-03T12:00:00Z", outcome="open")
    assert hand_over(team)["handed"] == 0, "its state would go on to say new, and it would be given every day"
    team.clock.wait(days=2)
    assert (hand_over(team)["handed"], hand_over(team)["handed"]) == (1, 0)


def test_without_leads_nothing_happens(team: Service) -> None:
    seller(team, "Ann", 25)
    wait_until(lambda: listed_version(team) == "1")
    handed = hand_over(team)
    assert (handed["handed"], set(handed["left_out"].values())) == (0, {0})


def test_before_anything_is_listed_nothing_happens(database: Database) -> None:
    with database.writing() as connection:
        handed = running.hand_over(connection, Today.of(NOON, UTC), "test")
    assert (handed.model, handed.given, handed.left_out) == (None, (), {})


def test_no_capacity_is_no_lead(team: Service) -> None:
    seller(team, "Ann", 0)
    leads(team, 3)
    handed = hand_over(team)
    assert (handed["handed"], handed["left_out"]["no_capacity"]) == (0, 3)


def test_a_dry_run_says_what_the_run_then_does_and_does_nothing(team: Service) -> None:
    seller(team, "Ann", 15)
    leads(team, 8)
    dry = hand_over(team, dry_run=True)
    assert {state_of(team, i) for i in given(dry)} == {"new"}
    assert team.http.get("/v1/handovers").json()["runs"] == []
    done = hand_over(team)
    assert (given(dry), dry["left_out"], dry["dry_run"]) == (given(done), done["left_out"], True)


def test_the_score_of_a_lead_that_was_handed_over_stays_bit_for_bit(team: Service) -> None:
    seller(team, "Ann", 50)
    lead(team, "a")
    before = team.http.get("/v1/leads/a").json()
    handed = hand_over(team)["results"][0]
    after = team.http.get("/v1/leads/a").json()
    for name in ("score", "probability", "expected_value", "grade", "readiness", "as_of", "points"):
        assert after[name] == before[name]
        assert name in ("as_of", "points") or handed[name] == before[name]
    assert after["timeline"][0] | {"by": "", "event_id": ""} == {
        "at": "2026-03-02T12:00:00Z",
        "what": "handover",
        "kind": "handed_over",
        "amount": None,
        "event_id": "",
        "by": "",
    }
    assert after["timeline"][0]["event_id"] == handed["event_id"]


def test_a_lead_that_was_moved_or_answered_meanwhile_is_left(team: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    seller(team, "Ann", 25)
    for one in ("moved", "answered", "free"):
        lead(team, one)
    lock = running.lock_stored

    def late(connection: Connection, ids: Iterable[str]) -> Any:
        """The CRM's word comes between the plan and the lock."""
        connection.execute(update(scores).where(scores.c.lead_id == "moved").values(desk="Bob"))
        connection.execute(update(rows).where(rows.c.id == "answered").values(state="refused", state_since=1))
        return lock(connection, ids)

    monkeypatch.setattr(running, "lock_stored", late)
    assert given(hand_over(team)) == {"free": "Ann"}


def test_a_lead_that_says_it_comes_in_days_from_now_waits_and_one_of_another_clock_does_not(team: Service) -> None:
    seller(team, "Ann", 50)
    lead(team, "later", created_at="2026-03-05T09:00:00Z")
    lead(team, "ahead", created_at="2026-03-02T20:00:00Z")
    assert given(hand_over(team)) == {"ahead": "Ann"}
    team.clock.wait(days=3)
    assert given(hand_over(team)) == {"later": "Ann"}

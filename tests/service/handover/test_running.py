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
from tests.service.conftest import NOON, Service
from tests.service.handover.conftest import MONDAY, given, hand_over, lead, leads, seller, state_of, tell


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


def test_an_owners_lead_goes_to_the_owner_alone(team: Service) -> None:
    seller(team, "Ann", 5)
    seller(team, "Bob", 50)
    for number in range(3):
        lead(team, f"ann{number}", worth=400, owner="Ann")
    lead(team, "free", worth=5)
    lead(team, "strangers", worth=500, owner="Zoe")
    handed = hand_over(team)
    assert given(handed) == {"ann0": "Ann", "free": "Bob"}
    assert handed["left_out"] | {"no_capacity": 0, "owner_is_no_seller": 0} == dict.fromkeys(handed["left_out"], 0)
    assert (handed["left_out"]["no_capacity"], handed["left_out"]["owner_is_no_seller"]) == (2, 1)


def test_a_territory_goes_to_its_sellers_and_others_to_sellers_without(team: Service) -> None:
    seller(team, "Ann", 25, "North")
    seller(team, "Bob", 25)
    for one, territory in (("n", "North"), ("s", "South"), ("none", None)):
        lead(team, one, territory=territory)
    assert given(hand_over(team)) == {"n": "Ann", "s": "Bob", "none": "Bob"}


def test_an_absent_seller_gets_nothing_and_that_is_said(team: Service) -> None:
    seller(team, "Ann", 25, away=(MONDAY, "2026-03-03"))
    seller(team, "Bob", 25)
    lead(team, "hers", owner="Ann")
    lead(team, "free")
    handed = hand_over(team)
    assert given(handed) == {"free": "Bob"}
    assert handed["left_out"]["owner_away"] == 1
    waits = next(r for r in team.http.get("/v1/nurture").json()["results"] if r["id"] == "hers")
    assert (waits["why"], waits["look_again"]) == ("owner_away", "2026-03-04")
    team.clock.wait(days=2)
    assert given(hand_over(team)) == {"hers": "Ann"}


def test_a_territory_whose_sellers_are_away_is_for_those_without_one(team: Service) -> None:
    seller(team, "Ann", 25, "North", away=(MONDAY, MONDAY))
    lead(team, "n", territory="North")
    assert hand_over(team)["left_out"]["no_seller"] == 1
    seller(team, "Bob", 25)
    assert given(hand_over(team)) == {"n": "Bob"}


def test_contacts_of_one_company_go_to_one_seller_and_count_once(team: Service) -> None:
    seller(team, "Ann", 5)
    seller(team, "Bob", 5)
    for one, worth in (("a1", 400), ("a2", 5), ("a3", 60)):
        lead(team, one, worth=worth, company="Acme")
    lead(team, "b1", worth=200, company="Bolt")
    lead(team, "c1", worth=100, company="Cog")
    handed = given(hand_over(team))
    assert handed == {"a1": "Ann", "a3": "Ann", "a2": "Ann", "b1": "Bob"}


def test_a_contact_that_comes_later_joins_its_company_where_there_is_no_room(team: Service) -> None:
    seller(team, "Ann", 5)
    seller(team, "Bob", 50)
    lead(team, "a1", worth=400, company="Acme", owner="Ann")
    assert given(hand_over(team)) == {"a1": "Ann"}
    lead(team, "a2", worth=5, company="Acme")
    lead(team, "a3", worth=5, company="Acme", owner="Bob")
    lead(team, "a4", worth=5, company="acme")
    assert given(hand_over(team)) == {"a2": "Ann", "a3": "Bob", "a4": "Bob"}


def test_a_company_in_work_comes_before_one_that_is_owned(team: Service) -> None:
    seller(team, "Ann", 50)
    seller(team, "Bob", 5)
    lead(team, "z", company="Acme", owner="Ann")
    assert given(hand_over(team)) == {"z": "Ann"}
    tell(team, "feedback", "z", "2026-03-02T13:00:00Z", feedback="accepted")
    lead(team, "b", worth=400, owner="Bob")
    lead(team, "a", worth=5, company="Acme", owner="Bob")
    lead(team, "c", worth=5, company="Acme")
    assert given(hand_over(team)) == {"b": "Bob", "c": "Ann"}


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


def test_few_leads_and_many_sellers_spread_out_and_ties_go_by_name(team: Service) -> None:
    for name in ("Cid", "Ann", "Bob"):
        seller(team, name, 25)
    leads(team, 4)
    assert given(hand_over(team)) == {"L000": "Ann", "L001": "Bob", "L002": "Cid", "L003": "Ann"}


def test_without_sellers_all_stay_and_that_is_said(team: Service) -> None:
    leads(team, 3)
    handed = hand_over(team)
    assert (handed["handed"], handed["left_out"]["no_seller"]) == (0, 3)


def test_without_leads_nothing_happens(team: Service) -> None:
    seller(team, "Ann", 25)
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


def test_the_lead_lies_on_the_sellers_desk_whatever_the_crm_forgets(team: Service) -> None:
    seller(team, "Ann", 50)
    lead(team, "a", territory="North")
    ann, north = team.as_role("sales", owner="Ann"), team.as_role("sales", territories=("North",))
    assert (ann.get("/v1/leads/a").status_code, north.get("/v1/leads/a").status_code) == (404, 200)
    hand_over(team)
    assert [r["id"] for r in ann.get("/v1/leads").json()["results"]] == ["a"]
    assert north.get("/v1/leads").json()["results"] == []
    lead(team, "a", worth=7, territory="North")
    lead(team, "a", worth=8, owner=None)
    assert [r["id"] for r in ann.get("/v1/leads").json()["results"]] == ["a"]
    assert ann.get("/v1/leads/a").json()["handed_to"] == "Ann"
    feedback = {"event_id": "e", "lead_id": "a", "at": "2026-03-02T13:00:00Z", "feedback": "accepted"}
    assert ann.post("/v1/feedback", json=feedback).status_code == 201
    assert north.get("/v1/leads/a").status_code == 404
    lead(team, "a", owner="Bob")
    assert ann.get("/v1/leads/a").status_code == 404, "the CRM's owner comes first"


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


def test_a_removed_sellers_leads_go_to_others_the_next_day(team: Service) -> None:
    seller(team, "Ann", 50)
    lead(team, "a")
    lead(team, "b", owner="Ann")
    assert set(given(hand_over(team)).values()) == {"Ann"}
    seller(team, "Bob", 50)
    assert team.http.delete("/v1/sellers/Ann").json() == {"name": "Ann", "given_back": 2}
    assert hand_over(team)["handed"] == 0
    team.clock.wait(days=1)
    assert given(hand_over(team)) == {"a": "Bob"}


def test_merged_leads_belong_to_the_seller_of_the_last_handover(team: Service) -> None:
    seller(team, "Ann", 50)
    lead(team, "a")
    assert given(hand_over(team)) == {"a": "Ann"}
    lead(team, "b")
    assert team.http.post("/v1/leads/b/merge", json={"duplicates": ["a"]}).json()["handed_to"] == "Ann"
    assert [r["lead_id"] for r in team.http.get("/v1/handovers").json()["results"]] == ["b"]
    assert hand_over(team)["handed"] == 0


def test_an_erased_lead_is_in_no_handover(team: Service) -> None:
    seller(team, "Ann", 50)
    lead(team, "a")
    key = {"Idempotency-Key": "k"}
    assert team.http.post("/v1/handovers", headers=key).json()["handed"] == 1
    assert team.http.post("/v1/handovers", headers=key).headers["Idempotent-Replayed"] == "true"
    team.http.delete("/v1/leads/a")
    assert team.http.get("/v1/handovers").json()["results"] == []
    assert team.http.post("/v1/handovers", headers=key).status_code == 410

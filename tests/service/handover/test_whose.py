"""Whose leads go to whom: owners, territories, companies, absences, and on whose desk a lead lies then."""

from __future__ import annotations

from tests.service.conftest import Service
from tests.service.handover.conftest import MONDAY, given, hand_over, lead, leads, seller, tell


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


def test_few_leads_and_many_sellers_spread_out_and_ties_go_by_name(team: Service) -> None:
    for name in ("Cid", "Ann", "Bob"):
        seller(team, name, 25)
    leads(team, 4)
    assert given(hand_over(team)) == {"L000": "Ann", "L001": "Bob", "L002": "Cid", "L003": "Ann"}


def test_without_sellers_all_stay_and_that_is_said(team: Service) -> None:
    leads(team, 3)
    handed = hand_over(team)
    assert (handed["handed"], handed["left_out"]["no_seller"]) == (0, 3)


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

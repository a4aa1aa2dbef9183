"""Why leads stay: one reason each, the same on the nurture list and in the counts of a handover, which add up."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.service.conftest import Service
from tests.service.handover.conftest import given, hand_over, lead, leads, seller, tell
from tests.service.samples import WEAK

ELEVEN = "2026-03-02T11:00:00Z"

REASONS = {
    "bobs": "owner_away",
    "zoes": "owner_is_no_seller",
    "weak": "browsing",
    "weak and held": "held_back",
    "weak and refused": "refused",
    "later": "later",
    "crm": "no_capacity",
    "north": "no_capacity",
    "fax": "no_seller_of_product",
    "fax of the north": "no_seller_of_product",
}


def stay(service: Service) -> dict[str, str]:
    """Why each lead stays."""
    return {r["id"]: r["why"] for r in service.http.get("/v1/nurture?limit=200").json()["results"]}


def of_every_kind(team: Service) -> None:
    """Leads that stay for every reason that there is."""
    seller(team, "Ann", 5, products=("CRM", "ERP"))
    seller(team, "Bob", 5, away=("2026-03-02", "2026-03-08"))
    leads(team, 3, owner="Ann")
    lead(team, "bobs", owner="Bob")
    lead(team, "zoes", owner="Zoe")
    lead(team, "north", territory="North", company="Acme")
    lead(team, "crm", product="CRM")
    lead(team, "fax", product="Fax")
    lead(team, "fax of the north", product="Fax", territory="North")
    lead(team, "ahead", created_at="2026-03-05T09:00:00Z")
    for one in ("weak", "weak and held", "weak and refused"):
        team.http.put(f"/v1/leads/{one}", json={"fields": WEAK, "created_at": "2025-01-01", "owner": "Ann"})
    for one in ("no", "not now", "called soon", "objects", "later"):
        lead(team, one, owner="Ann")
    tell(team, "feedback", "no", ELEVEN, feedback="refused", reason="no_need")
    tell(team, "feedback", "weak and refused", ELEVEN, feedback="refused", reason="no_need")
    tell(team, "feedback", "not now", ELEVEN, feedback="not_now", until="2026-04-01T00:00:00Z")
    tell(team, "outcomes", "called soon", "2026-03-03T11:00:00Z", outcome="open")
    held = {"place": "held", "reason": "a fair", "until": "2026-03-31"}
    assert team.http.put("/v1/leads/weak and held/override", json=held).is_success
    team.http.put("/v1/leads/objects/do-not-score")
    with team.database.writing() as connection:
        connection.exec_driver_sql("UPDATE scores SET readiness = 'later' WHERE lead_id = 'later'")


def test_the_counts_of_a_handover_are_those_of_the_list(team: Service) -> None:
    of_every_kind(team)
    dry, before = hand_over(team, dry_run=True), stay(team)
    assert {i: before[i] for i in REASONS} == REASONS
    assert (before["ahead"], before["called soon"], before["not now"]) == ("not_yet", "not_yet", "not_now")
    stays = Counter(why for i, why in before.items() if i not in given(dry))
    assert counted(dry) == stays
    done = hand_over(team)
    assert given(done) == given(dry) == {"L000": "Ann"}, "five calls a week are one a day"
    assert counted(done) == Counter(stay(team).values()) == stays
    assert done["left_out"]["objected"] == 1


def counted(handed: Any) -> Counter[str]:
    """What a handover says of the leads that stay and are on the list."""
    return Counter({why: n for why, n in handed["left_out"].items() if n and why != "objected"})


def test_what_is_not_yet_says_when(team: Service) -> None:
    seller(team, "Ann", 5)
    lead(team, "ahead", created_at="2026-03-05T09:00:00Z")
    lead(team, "again")
    assert set(given(hand_over(team))) == {"again"}
    tell(team, "outcomes", "again", "2026-03-02T12:30:00Z", outcome="open")
    team.clock.wait(hours=2)
    found = {r["id"]: (r["why"], r["look_again"]) for r in team.http.get("/v1/nurture").json()["results"]}
    assert found == {"ahead": ("not_yet", "2026-03-05T09:00:00Z"), "again": ("not_yet", "2026-03-03")}

"""A person's word against the score: first, or held back; the score itself stays."""

from __future__ import annotations

from typing import Any

import pytest

from service.access import Role
from tests.service.conftest import Service

from .conftest import given, hand_over, lead, leads, seller, state_of


def put(service: Service, lead_id: str, place: str, until: str = "2026-03-20", reason: str = "met at the fair") -> Any:
    body = {"place": place, "reason": reason, "until": until}
    answer = service.http.put(f"/v1/leads/{lead_id}/override", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def override_of(service: Service, lead_id: str) -> Any:
    return service.http.get(f"/v1/leads/{lead_id}").json()["override"]


def test_a_lead_that_somebody_puts_first_is_handed_over_before_better_ones(team: Service) -> None:
    seller(team, "Ann", 5)
    leads(team, 3)
    assert list(given(hand_over(team, dry_run=True))) == ["L000"], "there is room for one a day"
    put(team, "L002", "first")
    assert list(given(hand_over(team))) == ["L002"]
    assert [r["id"] for r in team.http.get("/v1/leads").json()["results"]] == ["L000", "L001", "L002"], "by score"


def test_a_lead_that_is_held_back_stays_until_its_day_and_is_counted(team: Service) -> None:
    seller(team, "Ann", 50)
    leads(team, 3)
    put(team, "L000", "held", until="2026-03-04")
    handed = hand_over(team)
    assert set(given(handed)) == {"L001", "L002"}
    assert handed["left_out"]["held_back"] == 1
    stays = {r["id"]: (r["why"], r["look_again"]) for r in team.http.get("/v1/nurture").json()["results"]}
    assert stays["L000"] == ("held_back", "2026-03-04T23:59:59Z")
    team.clock.wait(days=3)
    assert given(hand_over(team)) == {"L000": "Ann"}


def test_the_score_is_kept_beside_the_word_and_the_word_can_be_taken_back(team: Service) -> None:
    lead(team, "a")
    before = team.http.get("/v1/leads/a").json()
    assert before["override"] is None
    said = put(team, "a", "held")["override"]
    after = team.http.get("/v1/leads/a").json()
    assert (
        after["override"]
        == said
        == {
            "place": "held",
            "reason": "met at the fair",
            "until": "2026-03-20T23:59:59Z",
            "by": said["by"],
        }
    )
    assert {k: after[k] for k in ("score", "grade", "probability")} == {
        k: before[k] for k in ("score", "grade", "probability")
    }
    put(team, "a", "first")
    assert override_of(team, "a")["place"] == "first", "the last word counts"
    assert team.http.delete("/v1/leads/a/override").json() == {"id": "a", "override": None}
    assert override_of(team, "a") is None


def test_a_word_ends_with_its_day(team: Service) -> None:
    lead(team, "a")
    put(team, "a", "first", until="2026-03-03T12:00:00Z")
    team.clock.wait(hours=25)
    assert override_of(team, "a") is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"place": "last", "reason": "x", "until": "2026-03-20"}, "place"),
        ({"place": "first", "until": "2026-03-20"}, "reason"),
        ({"place": "first", "reason": "", "until": "2026-03-20"}, "reason"),
        ({"place": "first", "reason": "x"}, "until"),
        ({"place": "first", "reason": "x", "until": "2026-03-01"}, "until"),
        ({"place": "first", "reason": "x", "until": "2026-12-31"}, "until"),
        ({"place": "first", "reason": "x", "until": "2026-03-20", "grade": "A"}, "grade"),
    ],
)
def test_a_word_without_place_reason_or_day_is_refused_by_name(team: Service, body: Any, field: str) -> None:
    lead(team, "a")
    answer = team.http.put("/v1/leads/a/override", json=body)
    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert override_of(team, "a") is None


def test_nobody_speaks_of_a_lead_that_is_not_there_or_not_his(team: Service) -> None:
    lead(team, "hers", owner="Ann")
    word = {"place": "first", "reason": "x", "until": "2026-03-20"}
    bob = team.as_role(Role.SALES, owner="Bob")
    assert bob.put("/v1/leads/hers/override", json=word).status_code == 404
    assert team.http.put("/v1/leads/nobody/override", json=word).status_code == 404
    assert team.as_role(Role.SALES, owner="Ann").put("/v1/leads/hers/override", json=word).status_code == 200


def test_the_word_on_a_duplicate_moves_with_it_and_goes_with_the_lead(team: Service) -> None:
    lead(team, "a")
    lead(team, "b")
    put(team, "b", "first")
    team.http.post("/v1/leads/a/merge", json={"duplicates": ["b"]})
    assert override_of(team, "a")["place"] == "first"
    assert team.http.delete("/v1/leads/a").status_code == 204


def test_a_word_changes_no_state_and_tells_no_model(team: Service) -> None:
    lead(team, "a")
    put(team, "a", "held")
    assert state_of(team, "a") == "new"
    assert team.http.get("/v1/leads/a").json()["timeline"] == []

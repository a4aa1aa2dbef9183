"""The model behind the service: swapped between requests, kept where a new one is damaged, missed in words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from models import Shelf
from scoring import GradeCuts, LeadScorer, Scorecard
from service.asked import KeptLead
from service.champion import Serving
from service.database import Database
from service.leads import load_leads, put_lead
from service.ranked import Sort, page
from service.rescoring import bring_up_to_date
from tests.cards import small_card
from tests.service.conftest import NOON, Service, listed_version, publish, running, wait_until
from tests.service.samples import STRONG, WEAK

LEAD = {"id": "1", "fields": STRONG}


def damage(shelf: Shelf, version: str) -> None:
    file = shelf.folder / "models" / version / "scorecard.json"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def _has_answered(answers: list[Any], version: str) -> bool:
    return any(a.json()["model"]["version"] == version for a in answers[-8:])


def test_a_promotion_is_seen_while_requests_run_and_every_answer_fits_the_version_it_names(
    service: Service,
) -> None:
    cards: dict[str, Scorecard] = {"1": small_card()}
    expected = {"1": LeadScorer(cards["1"]).score(STRONG, as_of=int(NOON.timestamp())).probability}
    answers: list[Any] = []
    ends = threading.Event()

    def ask() -> None:
        while not ends.is_set():
            answers.append(service.http.post("/v1/score", json=LEAD))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for shift in (0.5, -0.7, 1.1):
        card = small_card(shift)
        score = LeadScorer(card).score(STRONG, as_of=int(NOON.timestamp())).probability
        version = publish(service.shelf, card)
        expected[version] = score
        wait_until(partial(_has_answered, answers, version))
    ends.set()
    for thread in threads:
        thread.join()
    assert {a.status_code for a in answers} == {200}
    bodies = [a.json() for a in answers]
    assert {b["model"]["version"] for b in bodies} == {"1", "2", "3", "4"}
    assert all(b["probability"] == expected[b["model"]["version"]] for b in bodies)


def test_a_batch_is_of_one_version_whatever_is_promoted_meanwhile(service: Service) -> None:
    leads = [{"id": str(i), "fields": STRONG} for i in range(500)]
    for shift in (0.1, 0.2, 0.3):
        publish(service.shelf, small_card(shift))
        results = service.http.post("/v1/score/batch", json={"leads": leads}).json()["results"]
        assert len({r["model"]["version"] for r in results}) == 1


def test_after_a_promotion_the_list_moves_over_whole(service: Service) -> None:
    many = [KeptLead(f"{i:04}", STRONG if i % 2 else WEAK) for i in range(1500)]
    load_leads(service.database, service.champion.current(), many, now=NOON)
    seen = set()
    publish(service.shelf, small_card(0.5))
    while (version := listed_version(service)) != "2":
        body = service.http.get("/v1/leads?limit=200").json()
        seen.add(version)
        assert {r["model"]["version"] for r in body["results"]} == {body["model"]["version"]}
        assert len(body["results"]) == 200
    after: dict[str, str] | None = {}
    met: list[str] = []
    while after is not None:
        body = service.http.get("/v1/leads", params={"limit": "200"} | after).json()
        assert {r["model"]["version"] for r in body["results"]} == {"2"}
        met += [r["id"] for r in body["results"]]
        after = body["paging"]["next"]
    assert sorted(met) == [lead.id for lead in many]
    assert seen <= {"1"}


def test_a_list_that_was_begun_is_walked_to_its_end_with_its_version(service: Service) -> None:
    load_leads(service.database, service.champion.current(), [KeptLead(str(i), STRONG) for i in range(30)], now=NOON)
    body = service.http.get("/v1/leads?limit=20").json()
    publish(service.shelf, small_card(0.5))
    wait_until(lambda: listed_version(service) == "2")
    rest = service.http.get("/v1/leads", params={"limit": 20} | body["paging"]["next"]).json()
    assert (rest["model"]["version"], len(rest["results"])) == ("1", 10)


def test_points_are_those_of_the_version_that_scored(service: Service) -> None:
    service.http.put("/v1/leads/1", json={"fields": STRONG})
    publish(service.shelf, small_card(0.5))
    wait_until(lambda: listed_version(service) == "2")
    found = service.http.get("/v1/leads/1").json()
    assert found["model"]["version"] == "2"
    assert found["base_points"] + sum(p["points"] for p in found["points"]) == pytest.approx(found["total_points"])


def test_a_lead_sent_during_the_change_is_listed_after_it(service: Service) -> None:
    many = [KeptLead(f"{i:04}", WEAK) for i in range(1500)]
    load_leads(service.database, service.champion.current(), many, now=NOON)
    publish(service.shelf, small_card(0.5))
    for number in range(40):
        service.http.put(f"/v1/leads/{number:04}", json={"fields": STRONG})
    wait_until(lambda: listed_version(service) == "2")
    best = service.http.get("/v1/leads?limit=41").json()["results"]
    assert [r["id"] for r in best[:40]] == [f"{i:04}" for i in range(40)]


def test_a_lead_replaced_by_a_worker_that_is_behind_is_scored_again_by_the_one_that_is_not(database: Database) -> None:
    old, new = (Serving(version, small_card(), GradeCuts()) for version in "12")
    put_lead(database, new, KeptLead("7", WEAK), NOON)
    put_lead(database, old, KeptLead("7", STRONG), NOON)
    assert bring_up_to_date(database, new, lambda: NOON, lambda: True)
    with database.reading() as connection:
        (row,) = page(connection, Sort.SCORE, None, 10).rows
    assert (row.model, row.score) == ("2", new.rate(STRONG, int(NOON.timestamp())).scored.score)


def test_scoring_again_ends_where_the_champion_changed_meanwhile(database: Database) -> None:
    old, new = (Serving(version, small_card(), GradeCuts()) for version in "12")
    put_lead(database, old, KeptLead("7", STRONG), NOON)
    assert not bring_up_to_date(database, new, lambda: NOON, lambda: False)
    with database.reading() as connection:
        assert page(connection, Sort.SCORE, None, 10).model == "1"


def test_new_cuts_grade_the_kept_leads_again(service: Service) -> None:
    service.http.put("/v1/leads/1", json={"fields": WEAK})
    (service.shelf.folder / "grades.json").write_text('{"a": 1, "b": 1, "c": 1, "version": 2}')
    wait_until(lambda: service.http.get("/v1/leads?grade=A").json()["results"])


@pytest.fixture
def still(database_url: str, shelf: Shelf) -> Iterator[Service]:
    """A service that looks at the shelf only when a test tells it to."""
    with running(database_url, shelf, watch_seconds=3600) as found:
        yield found


def test_a_damaged_new_champion_leaves_the_old_one_serving_and_says_so(still: Service) -> None:
    publish(still.shelf, small_card(0.5))
    damage(still.shelf, "2")
    still.champion.refresh()
    ready = still.http.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert "model 2 is damaged" in ready.json()["reason"]
    assert still.http.post("/v1/score", json=LEAD).json()["model"]["version"] == "1"


def test_a_champion_that_comes_back_from_a_backup_serves_again(still: Service) -> None:
    publish(still.shelf, small_card(0.5))
    damage(still.shelf, "2")
    still.champion.refresh()
    damage(still.shelf, "2")  # the same bit again
    still.champion.refresh()
    assert still.http.get("/readyz").json() == {
        "status": "ready",
        "reason": None,
        "model": {"name": "leadrank", "version": "2"},
    }


@pytest.mark.parametrize("name", ["champion.json", "grades.json"])
def test_a_damaged_file_of_the_shelf_leaves_the_champion_serving(still: Service, name: str) -> None:
    (still.shelf.folder / name).write_bytes(b"\x00 no longer JSON")
    still.champion.refresh()
    assert still.http.get("/readyz").json()["status"] == "degraded"
    assert still.http.post("/v1/score", json=LEAD).status_code == 200


def test_a_kept_lead_whose_model_is_damaged_is_no_fault_of_the_service(database_url: str, shelf: Shelf) -> None:
    with running(database_url, shelf) as first:
        first.http.put("/v1/leads/1", json={"fields": STRONG})
    publish(shelf, small_card(0.5))
    damage(shelf, "1")
    with running(database_url, shelf) as second:
        wait_until(lambda: listed_version(second) == "2")
        assert second.http.get("/v1/leads/1").json()["model"]["version"] == "2"


def test_without_a_model_the_service_starts_and_says_what_is_missing(database_url: str, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "empty")
    with running(database_url, shelf) as service:
        for answer in (
            service.http.post("/v1/score", json=LEAD),
            service.http.post("/v1/score/batch", json={"leads": [LEAD]}),
            service.http.put("/v1/leads/1", json={"fields": STRONG}),
            service.http.get("/v1/schema"),
            service.http.get("/readyz"),
        ):
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["retry-after"] == "10"
            assert "leadrank train" in answer.json()["detail"]
        assert service.http.get("/livez").json() == {"status": "alive"}
        assert service.http.get("/v1/leads").json()["results"] == []
        publish(shelf, small_card())
        wait_until(lambda: service.http.post("/v1/score", json=LEAD).status_code == 200)
        assert service.http.get("/readyz").json()["status"] == "ready"

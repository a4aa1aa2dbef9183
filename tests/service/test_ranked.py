"""The ranked list: a total order, walked page by page without loss or repetition while leads come in."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest
from sqlalchemy import text

from service.asked import KeptLead
from service.leads import load_leads
from service.ranked import Grade, Place, Sort, query
from tests.service.conftest import NOON, Service
from tests.service.samples import STRONG, WEAK, fields


def load(service: Service, count: int, prefix: str = "lead", seed: int = 5) -> None:
    dice = random.Random(seed)
    many = [KeptLead(f"{prefix} {i:04}", fields(dice)) for i in range(count)]
    load_leads(service.database, service.champion.current(), many, now=NOON)


def get(service: Service, **given: Any) -> dict[str, Any]:
    answer = service.http.get("/v1/leads", params=given)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def walk(service: Service, **given: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = get(service, **given, **after)
        found += page["results"]
        if page["paging"]["next"] is None:
            return found
        after = page["paging"]["next"]


def test_the_list_is_empty_before_a_lead_is_stored(service: Service) -> None:
    assert get(service)["results"] == []


@pytest.mark.parametrize("sort", list(Sort))
def test_the_best_lead_comes_first_and_ties_are_in_the_order_of_ids(service: Service, sort: Sort) -> None:
    load(service, 300)
    listed = get(service, limit=200, sort=sort)["results"]
    assert listed == sorted(listed, key=lambda r: (-r["probability"], r["id"]))
    assert len({r["probability"] for r in listed}) < len(listed), "the sample must have ties"


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("limit", [7, 100])
def test_pages_join_to_the_whole_list(service: Service, sort: Sort, limit: int) -> None:
    load(service, 150)
    whole = get(service, limit=200, sort=sort)["results"]
    assert walk(service, limit=limit, sort=sort) == whole
    assert len(whole) == 150


@pytest.mark.parametrize("grade", list(Grade))
def test_a_grade_is_listed_alone(service: Service, grade: Grade) -> None:
    load(service, 300)
    everything = walk(service, limit=200)
    assert walk(service, limit=9, grade=grade) == [r for r in everything if r["grade"] == grade]


def test_leads_that_all_tie_are_paged_without_loss(service: Service) -> None:
    same = [KeptLead(f"{i:03}", STRONG) for i in range(60)]
    load_leads(service.database, service.champion.current(), same, now=NOON)
    assert [r["id"] for r in walk(service, limit=7)] == [lead.id for lead in same]


def test_a_walk_meets_every_old_lead_once_while_new_ones_come_in(service: Service) -> None:
    load(service, 120)
    before = {r["id"] for r in walk(service, limit=200)}
    met: list[str] = []
    after: dict[str, str] = {}
    new = 0
    while True:
        page = get(service, limit=10, **after)
        met += [r["id"] for r in page["results"]]
        for body in (STRONG, WEAK, STRONG | {"Employees": 20}):
            service.http.put(f"/v1/leads/new {new:03}", json={"fields": body})
            new += 1
        if page["paging"]["next"] is None or new > 200:
            break
        after = page["paging"]["next"]
    assert len(met) == len(set(met))
    assert before <= set(met)


def test_a_cursor_is_bound_to_its_sort_and_grade(service: Service) -> None:
    load(service, 30)
    after = get(service, limit=5)["paging"]["next"]
    for other in ({"sort": "-score"}, {"grade": "A"}):
        answer = service.http.get("/v1/leads", params={"limit": 5, **after, **other})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "after"


@pytest.mark.parametrize("part", range(6))
def test_a_cursor_that_was_tampered_with_is_refused_or_harmless(service: Service, part: int) -> None:
    load(service, 10)
    hostile: list[Any] = [None, [], {}, True, "x\0", float("nan"), float("inf"), 2**63, -(2**70), "\ud800"]
    for value in hostile:
        parts: list[Any] = ["1", "-expected_value", None, -0.5, 10, "lead 0001"]
        parts[part] = value
        cursor = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")
        assert service.http.get("/v1/leads", params={"after": cursor}).status_code in (200, 422)


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("grade", [None, Grade.B])
@pytest.mark.parametrize("deep", [False, True])
def test_a_page_is_answered_from_an_index_without_sorting(
    service: Service, sort: Sort, grade: Grade | None, deep: bool
) -> None:
    load(service, 100)
    after = Place("1", sort, grade, -0.2, 1_000_000, "lead 0500") if deep else None
    found = query("1", sort, grade, after).limit(50)
    plan = explain(service, found)
    assert "ix_scores_" in plan
    assert "SORT" not in plan.upper().replace(f"SORT={sort}", "")
    assert "TEMP B-TREE" not in plan


def explain(service: Service, found: Any) -> str:
    dialect = service.database.engine.dialect
    sql = str(found.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    with service.database.writing() as connection:
        if service.database.is_sqlite:
            return "\n".join(row[3] for row in connection.execute(text("EXPLAIN QUERY PLAN " + sql)))
        connection.execute(text("SET LOCAL enable_seqscan = off"))  # a small table is read whole
        connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        connection.execute(text("SET LOCAL enable_sort = off"))  # or sorted, which is soon done too
        return "\n".join(row[0] for row in connection.execute(text("EXPLAIN " + sql)))

"""Bulk load: everything by the rules of the API, once, and onwards from where it was cut."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from service.database import Database
from service.loading import CHUNK, PARTS, Load, remove
from service.moments import Clock
from tests.service.conftest import NOON, Service
from tests.service.life.conftest import living
from tests.service.samples import STRONG, WEAK

__all__ = ["living"]

COUNT = 2 * CHUNK + 100


def parts(count: int = COUNT) -> dict[str, Iterator[dict[str, Any]]]:
    ids = [f"L{i:05}" for i in range(count)]
    return {
        "leads": ({"id": i, "created_at": "2026-02-01", "fields": STRONG if i[-1] == "7" else WEAK} for i in ids),
        "activities": ({"event_id": f"a{i}", "lead_id": i, "kind": "demo", "at": "2026-02-20"} for i in ids[::2]),
        "outcomes": (
            {"event_id": f"o{i}", "lead_id": i, "outcome": "won", "occurred_at": "2026-02-25", "value": 5}
            for i in ids[::10]
        ),
    }


def clock() -> Any:
    return NOON


def load(service: Service, folder: Path, given: Any = None, now: Clock = clock) -> dict[str, dict[str, int]]:
    work = Load(service.database, service.champion.current(), now, folder / "mark.json")
    found = work.run(given or parts(), lambda _part, _done: None)
    return {part: {k: v for k, v in account.count.items() if v} for part, account in found.items()}


def test_leads_with_all_that_happened_to_them_are_scored_and_listed(living: Service, tmp_path: Path) -> None:
    found = load(living, tmp_path)
    assert found == {
        "activities": {"accepted": COUNT // 2},
        "outcomes": {"accepted": COUNT // 10},
        "leads": {"created": COUNT},
    }
    won = living.http.get("/v1/leads/L00010").json()
    assert (won["state"], won["wins"], [t["kind"] for t in won["timeline"]]) == ("won", 1, ["won", "demo"])
    listed = living.http.get("/v1/leads?limit=1").json()["results"][0]
    assert listed["id"] not in ("L00010", "L00020")


def test_a_repeated_load_changes_nothing(living: Service, tmp_path: Path) -> None:
    load(living, tmp_path)
    before = living.http.get("/v1/leads?limit=200").json()
    assert load(living, tmp_path)["activities"] == {"repeated": COUNT // 2}
    assert living.http.get("/v1/leads?limit=200").json() == before


def test_a_load_that_was_cut_goes_on_where_it_was(living: Service, tmp_path: Path) -> None:
    def cut(rows: Iterator[Any]) -> Iterator[Any]:
        yield from islice(rows, CHUNK + 10)
        raise KeyboardInterrupt

    given = parts()
    with pytest.raises(KeyboardInterrupt):
        load(living, tmp_path, given | {"leads": cut(given["leads"])})
    found = load(living, tmp_path)
    assert found["leads"] == {"done before": CHUNK, "created": COUNT - CHUNK}
    assert found["activities"] == {"done before": COUNT // 2}
    assert load(living, tmp_path)["leads"] == {"replaced": COUNT}, "a load that ended begins anew"


def test_a_row_that_breaks_a_rule_is_named_and_holds_up_nobody(living: Service, tmp_path: Path) -> None:
    bad = [{"id": "1", "fields": {}}, {"id": "", "fields": {}}, {"id": "3", "fields": {"x": float("nan")}}]
    given = {"leads": iter(bad), "activities": iter(()), "outcomes": iter(())}
    work = Load(living.database, living.champion.current(), clock, tmp_path / "mark.json")
    account = work.run(given, lambda _part, _done: None)["leads"]
    assert (account.count["created"], account.count["refused"]) == (1, 2)
    assert [fault.split(":")[0] for fault in account.faults] == ["row 2", "row 3"]


def test_a_look_says_what_would_happen_and_does_nothing(living: Service, tmp_path: Path) -> None:
    living.http.put("/v1/leads/L00001", json={"fields": WEAK})
    work = Load(living.database, living.champion.current(), clock, tmp_path / "mark.json")
    found = work.look(parts(), lambda _part, _done: None)
    assert found["leads"].count == {"new": COUNT - 1, "known": 1}
    assert [r["id"] for r in living.http.get("/v1/leads").json()["results"]] == ["L00001"]


def test_erased_leads_stay_erased(living: Service, tmp_path: Path) -> None:
    living.http.delete("/v1/leads/L00002")
    found = load(living, tmp_path)
    assert found["leads"] == {"created": COUNT - 1, "erased": 1}
    assert found["activities"]["erased"] == 1


def test_removed_leads_may_come_in_again(living: Service, tmp_path: Path) -> None:
    load(living, tmp_path)
    database: Database = living.database
    remove(database, [f"L{i:05}" for i in range(COUNT)])
    assert living.http.get("/v1/leads").json()["results"] == []
    assert load(living, tmp_path)["leads"] == {"created": COUNT}


def test_parts_are_loaded_so_that_a_lead_is_scored_once() -> None:
    assert PARTS[-1] == "leads"

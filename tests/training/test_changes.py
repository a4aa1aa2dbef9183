"""Fields that change: the value of the moment, from `changes.*` and from `snapshots.*`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scoring.columns import Coded, Column
from scoring.errors import WrongUsage
from scoring.files import read_table
from scoring.values import DAY
from training.changes import Changes, read_changes, read_snapshots
from training.history import read_history
from training.mapping import Mapping

from .worlds import moment, numbers, texts, write_csv

PLACE = {"L1": 0, "L2": 1, "L3": 2}
CHANGES = [
    {"lead_id": "L2", "at": "2024-03-10T12:00:00", "field": "plan", "value": "team"},
    {"lead_id": "L1", "at": "2024-03-05T00:00:00", "field": "plan", "value": "team"},
    {"lead_id": "L1", "at": "2024-03-01T00:00:00", "field": "plan", "value": "free"},
    {"lead_id": "L1", "at": "2024-03-02T00:00:00", "field": "staff", "value": "12"},
    {"lead_id": "L9", "at": "2024-03-02T00:00:00", "field": "plan", "value": "gone"},
    {"lead_id": "L3", "at": "sometime", "field": "plan", "value": "gone"},
]


def plan_of(folder: Path) -> Changes:
    return read_changes(read_table(write_csv(folder / "changes.csv", CHANGES)), PLACE, Mapping())["plan"]


def seen(changes: Changes, today: Column, *looks: tuple[int, str]) -> list[object]:
    lead, as_of = np.array([i for i, _ in looks]), np.array([moment(t) for _, t in looks])
    found = changes.as_of(today, lead, as_of)
    return [None if i < 0 else found.values[i] for i in found.index.tolist()]


TODAY = texts(["firm", "firm", "firm"])


def test_a_value_holds_from_its_moment_until_the_next(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    looks = ["2024-03-01T00:00:00", "2024-03-04T23:59:59", "2024-03-05T00:00:00", "2025-01-01T00:00:00"]
    assert seen(plan, TODAY, *((0, t) for t in looks)) == ["free", "free", "team", "team"]


def test_where_nothing_is_known_so_early_the_value_is_today_s(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    assert (
        seen(plan, TODAY, (0, "2024-02-29T00:00:00"), (1, "2024-03-10T11:59:59"), (2, "2024-06-01T00:00:00"))
        == ["firm"] * 3
    )


def test_changes_of_unknown_leads_and_without_a_moment_are_left_out(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    assert plan.lead.tolist() == [0, 0, 1]
    assert "gone" not in {plan.values.values[i] for i in plan.values.index.tolist()}


def test_each_field_has_its_own_changes(tmp_path: Path) -> None:
    found = read_changes(read_table(write_csv(tmp_path / "changes.csv", CHANGES)), PLACE, Mapping())
    assert sorted(found) == ["plan", "staff"]
    assert seen(found["staff"], numbers([7, 7, 7]), (0, "2024-03-03T00:00:00"), (1, "2024-03-03T00:00:00")) == ["12", 7]


def test_a_value_that_was_emptied_is_missing() -> None:
    changes = Changes(np.array([0]), np.array([5 * DAY]), Coded([], np.array([-1], dtype=np.int32)))
    assert seen(changes, TODAY, (0, "2024-01-01T00:00:00")) == [None]


def test_leads_in_new_places_keep_their_changes(tmp_path: Path) -> None:
    moved = plan_of(tmp_path).take(np.array([2, -1, 0]))
    assert moved.lead.tolist() == [2, 2]
    assert seen(moved, TODAY, (2, "2024-03-04T00:00:00"), (0, "2024-04-01T00:00:00")) == ["free", "firm"]


def test_a_snapshot_says_all_fields_of_its_moment(tmp_path: Path) -> None:
    rows = [
        {"lead_id": "L1", "at": "2024-03-01T08:00:00", "plan": "free", "staff": 10},
        {"lead_id": "L1", "at": "2024-03-08T08:00:00", "plan": "team", "staff": 12},
    ]
    found = read_snapshots(read_table(write_csv(tmp_path / "snapshots.csv", rows)), PLACE, Mapping())
    assert sorted(found) == ["plan", "staff"]
    assert seen(found["plan"], TODAY, (0, "2024-03-07T00:00:00"), (0, "2024-03-09T00:00:00")) == ["free", "team"]


def test_before_its_first_snapshot_a_lead_is_as_in_it_and_not_as_today(tmp_path: Path) -> None:
    rows = [
        {"Who": "L1", "When": "2024-03-08T08:00:00", "plan": "team", "at": "desk"},
        {"Who": "L1", "When": "2024-03-01T08:00:00", "plan": "free", "at": "door"},
    ]
    mapping = Mapping(snapshots={"lead_id": "Who", "at": "When"})
    found = read_snapshots(read_table(write_csv(tmp_path / "snapshots.csv", rows)), PLACE, mapping)
    looks = [(0, "2024-02-01T00:00:00"), (0, "2024-03-09T00:00:00"), (1, "2024-02-01T00:00:00")]
    assert seen(found["plan"], TODAY, *looks) == ["free", "team", "firm"]
    assert seen(found["at"], TODAY, *looks) == ["door", "desk", "firm"]


def test_a_file_without_snapshots_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "snapshots.csv").write_text("lead_id,at,plan\n")
    assert read_snapshots(read_table(tmp_path / "snapshots.csv"), PLACE, Mapping()) == {}


@pytest.mark.parametrize("column", ["lead_id", "at", "field", "value"])
def test_a_column_that_is_not_there_is_named(tmp_path: Path, column: str) -> None:
    rows = [{k: v for k, v in row.items() if k != column} for row in CHANGES]
    with pytest.raises(WrongUsage, match=column):
        read_changes(read_table(write_csv(tmp_path / "changes.csv", rows)), PLACE, Mapping())


def test_snapshots_and_changes_of_one_field_are_one_story(tmp_path: Path) -> None:
    write_csv(tmp_path / "leads.csv", [{"lead_id": "L1", "created_at": "2024-03-01", "plan": "firm"}])
    write_csv(tmp_path / "outcomes.csv", [{"lead_id": "L1", "outcome": "won", "at": "2024-06-01"}])
    write_csv(tmp_path / "snapshots.csv", [{"lead_id": "L1", "at": "2024-03-02T00:00:00", "plan": "free"}])
    rows = [{"lead_id": "L1", "at": "2024-03-09T00:00:00", "field": "plan", "value": "team"}]
    write_csv(tmp_path / "changes.csv", rows)
    found = read_history(tmp_path, Mapping())
    assert found.changes is not None
    looks = [(0, f"2024-03-{day}T00:00:00") for day in ("01", "05", "12")]
    assert seen(found.changes["plan"], found.columns["plan"], *looks) == ["free", "free", "team"]

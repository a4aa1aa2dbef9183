"""Activities read into lives, and what may be counted from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from scoring.errors import WrongUsage
from scoring.files import read_table
from scoring.lives import Lives
from scoring.snapshot import WINDOWS, Measure
from scoring.values import DAY
from training.activities import KIND_LEADS, MAX_KINDS, derivable, leads_in, read_activities
from training.mapping import Mapping

from .worlds import moment, write_csv

PLACE = {"L1": 0, "L2": 1}
ROWS = [
    {"lead_id": "L2", "at": "2024-03-02T10:00:00", "kind": "Demo", "amount": ""},
    {"lead_id": "L1", "at": "2024-03-03T10:00:00", "kind": " demo ", "amount": "1"},
    {"lead_id": "L1", "at": "2024-03-01T10:00:00", "kind": "VISIT", "amount": "2.5"},
    {"lead_id": "L1", "at": "2024-03-02T10:00:00", "kind": "", "amount": "many"},
    {"lead_id": "L9", "at": "2024-03-09T10:00:00", "kind": "visit", "amount": "2"},
    {"lead_id": "L2", "at": "never", "kind": "visit", "amount": "2"},
]


def read(
    folder: Path, rows: Sequence[dict[str, str]], mapping: Mapping | None = None
) -> tuple[Lives, int | None, list[str]]:
    notes: list[str] = []
    table = read_table(write_csv(folder / "activities.csv", rows))
    lives, last = read_activities(table, PLACE, mapping or Mapping(), notes)
    return lives, last, notes


def test_kinds_are_compared_as_levels_are_and_a_blank_one_is_other(tmp_path: Path) -> None:
    lives, _, _ = read(tmp_path, ROWS)
    assert [lives.kinds[k] for k in lives.kind.tolist()] == ["visit", "other", "demo", "demo"]


def test_activities_stand_by_lead_and_time_with_their_amounts(tmp_path: Path) -> None:
    lives, _, _ = read(tmp_path, ROWS)
    assert lives.lead.tolist() == [0, 0, 0, 1]
    assert (np.diff(lives.at[:3]) > 0).all()
    assert lives.cents.tolist() == [25_000, 0, 10_000, 0]


def test_who_and_when_must_be_known_and_it_is_said_how_many_are_not(tmp_path: Path) -> None:
    lives, last, notes = read(tmp_path, ROWS)
    assert len(lives.at) == 4
    assert notes == ["2 activities have no lead in the history or no date: left out"]
    assert last == moment("2024-03-09T10:00:00")


def test_without_a_column_of_kinds_or_amounts_all_are_activities(tmp_path: Path) -> None:
    lives, _, _ = read(tmp_path, [{"lead_id": r["lead_id"], "at": r["at"]} for r in ROWS])
    assert {lives.kinds[k] for k in lives.kind.tolist()} == {"activity"}
    assert not lives.cents.any()


def test_the_mapping_s_names_win_and_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    rows = [{"who": "L1", "day": "2024-03-01", "what": "Call", "worth": "3"}]
    names = {"lead_id": "who", "at": "day", "kind": "what", "amount": "worth"}
    lives, _, _ = read(tmp_path, rows, Mapping(activity=names))
    assert (lives.kinds[lives.kind[0]], lives.cents[0]) == ("call", 30_000)
    assert lives.at[0] == moment("2024-03-01T23:59:59")
    assert leads_in(read_table(tmp_path / "activities.csv"), Mapping(activity=names)) == ["L1"]
    with pytest.raises(WrongUsage, match="how"):
        read(tmp_path, rows, Mapping(activity={**names, "kind": "how"}))


def made(kinds: dict[str, int], *, day: int = 0, amount: float = float("nan")) -> Lives:
    """So many leads with an activity of each kind."""
    lead = np.concatenate([np.arange(n) for n in kinds.values()])
    kind = np.repeat(np.arange(len(kinds)), list(kinds.values())).astype(np.int32)
    at = np.full(len(lead), day * DAY)
    return Lives.of(lead, at, kind, np.full(len(lead), amount), tuple(kinds))


def kinds_of(lives: Lives, known_by: int = DAY) -> list[str]:
    found = [d.kind for d in derivable(lives, known_by, aged=False) if d.measure is Measure.SINCE]
    return found[1:]


def test_a_kind_counts_by_itself_once_enough_leads_have_it() -> None:
    assert kinds_of(made({"demo": KIND_LEADS, "rare": KIND_LEADS - 1, "visit": KIND_LEADS + 5})) == ["visit", "demo"]


def test_only_the_most_usual_kinds_count_by_themselves() -> None:
    kinds = {f"k{i:02}": KIND_LEADS + i for i in range(MAX_KINDS + 3)}
    assert kinds_of(made(kinds)) == sorted(kinds, reverse=True)[:MAX_KINDS]


def test_what_happens_later_than_is_known_makes_no_field() -> None:
    lives = made({"demo": 50}).plus(made({"secret": 90}, day=10, amount=5.0))
    assert kinds_of(lives) == ["demo"]
    assert kinds_of(lives, 11 * DAY) == ["secret", "demo"]
    assert derivable(lives, DAY, aged=True) == derivable(made({"demo": 50}), DAY, aged=True)


def test_amounts_are_added_where_there_are_some() -> None:
    def sums(lives: Lives) -> list[int]:
        found = derivable(lives, DAY, aged=False)
        return [d.days for d in found if d.measure is Measure.SUM and d.kind == "order"]

    assert sums(made({"order": 50}, amount=9.0)) == list(WINDOWS)
    assert sums(made({"order": 50})) == []


def test_without_activities_age_alone_is_counted() -> None:
    assert [d.measure for d in derivable(None, DAY, aged=True)] == [Measure.AGE]
    assert derivable(None, DAY, aged=False) == ()

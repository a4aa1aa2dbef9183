"""Whatever a folder says of what happened to its leads, `leadrank train` ends in a valid model or in one line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from models.shelf import Shelf
from tests.front_door import leadrank

from .test_degenerate import champion, digest, home, is_a_valid_model
from .worlds import SOURCES, write_csv

__all__ = ["champion", "home"]

pytestmark = pytest.mark.usefixtures("no_pictures")

LEADS = 160
START = datetime(2024, 1, 1, tzinfo=UTC)

Rows = list[dict[str, object]]


def day(days: float) -> str:
    return (START + timedelta(days=days)).isoformat()


def crm(folder: Path, **parts: Rows) -> Path:
    """A folder with leads over a year, a third of whom buy, and these parts."""
    dice = np.random.default_rng(4)
    born = [2.4 * i for i in range(LEADS)]
    leads: Rows = [
        {"lead_id": f"L{i}", "created_at": day(born[i]), "source": SOURCES[i % 4], "staff": int(dice.integers(1, 90))}
        for i in range(LEADS)
    ]
    outcomes: Rows = [
        {"lead_id": f"L{i}", "outcome": ("won", "lost")[int(dice.random() < 0.6)], "at": day(born[i] + 20), "value": 7}
        for i in range(LEADS)
    ]
    for name, rows in ({"leads": leads, "outcomes": outcomes} | parts).items():
        write_csv(folder / f"{name}.csv", rows)
    return folder


def activities(change: Callable[[int], dict[str, object]]) -> Rows:
    """Three activities a lead, each with what is changed."""
    usual = (
        {"lead_id": f"L{i // 3}", "kind": "visit", "at": day(0.8 * i + i % 3), "amount": 1} for i in range(3 * LEADS)
    )
    return [row | change(i) for i, row in enumerate(usual)]


ODD = {
    "unreadable dates": activities(lambda i: {"at": ("soon", "", "2024-13-45")[i % 3]}),
    "dates of all centuries": activities(lambda i: {"at": ("0001-01-01", "9999-12-31", "1970-01-01")[i % 3]}),
    "a future": activities(lambda i: {"at": "2031-01-01"}),
    "amounts that are none": activities(lambda i: {"amount": ("inf", "nan", "1e308", "-1e308", "much", "")[i % 6]}),
    "a kind for every activity": activities(lambda i: {"kind": f"kind {i} \N{GRINNING FACE}"}),
    "kinds without a name": activities(lambda i: {"kind": ("", "  ", "N/A")[i % 3]}),
    "a kind that is a field": activities(lambda i: {"kind": ("source", "days since creation", "any activity")[i % 3]}),
    "leads that are not there": activities(lambda i: {"lead_id": f"X{i}"}),
    "one lead that did it all": activities(lambda i: {"lead_id": "L7"}),
}


@pytest.mark.parametrize("rows", [*ODD.values()], ids=[*ODD])
def test_odd_activities_end_in_a_valid_model(rows: Rows, home: Path, champion: str, tmp_path: Path) -> None:
    before = Shelf(home / "shelf").versions()
    is_a_valid_model(home, leadrank("train", crm(tmp_path, activities=rows), "--horizon", "60"), before)


def test_odd_changes_and_snapshots_end_in_a_valid_model(home: Path, champion: str, tmp_path: Path) -> None:
    before = Shelf(home / "shelf").versions()
    changes: Rows = [
        {
            "lead_id": f"L{i % 200}",
            "at": ("soon", day(3 * i))[i % 2],
            "field": ("staff", "nowhere", "")[i % 3],
            "value": "x",
        }
        for i in range(300)
    ]
    snapshots: Rows = [{"lead_id": f"L{i}", "at": day(2 * i), "source": "", "colour": "red"} for i in range(100)]
    folder = crm(tmp_path, changes=changes, snapshots=snapshots)
    is_a_valid_model(home, leadrank("train", folder, "--horizon", "60"), before)


@pytest.mark.parametrize(
    ("part", "row", "said"),
    [
        ("activities", {"lead_id": "L1", "kind": "visit"}, "no column 'at'"),
        ("activities", {"who": "L1", "at": "2024-01-01"}, "no column 'lead_id'"),
        ("changes", {"lead_id": "L1", "at": "2024-01-01", "value": 3}, "field"),
        ("snapshots", {"at": "2024-01-01", "source": "x"}, "lead_id"),
    ],
)
def test_a_part_without_what_it_needs_is_named_and_the_champion_serves_on(
    part: str, row: dict[str, object], said: str, home: Path, champion: str, tmp_path: Path
) -> None:
    before = digest(home / "shelf")
    ended = leadrank("train", crm(tmp_path, **{part: [row]}))
    assert (ended.code, ended.is_one_line) == (2, True)
    assert said in ended.err
    assert digest(home / "shelf") == before

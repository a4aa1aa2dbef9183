"""`leadrank retrain` as a person and a scheduler meet it: what it says, how it ends, and that nothing else changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models import Shelf
from models.files import held_at_once
from tests.cards import small_card
from tests.front_door import leadrank
from tests.training.worlds import lead_rows, write_csv

START = datetime(2024, 1, 1, tzinfo=UTC)
MAPPING = (
    '[lead]\nid = "lead_id"\ncreated_at = "created"\n'
    '[outcome]\ncolumn = "outcome"\nwon = "won"\nlost = "lost"\nclosed_at = "at"\n'
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation whose champion knows nothing of the leads that it keeps; its lab book cannot be opened."""
    (tmp_path / "no-folder").touch()
    monkeypatch.setenv("LEADRANK_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("LEADRANK_MLFLOW_URI", f"sqlite:///{tmp_path}/no-folder/mlflow.db")
    monkeypatch.delenv("LEADRANK_DATABASE_URL", raising=False)
    shelf = Shelf(tmp_path / "var" / "shelf")
    shelf.promote(shelf.add(small_card(), about={}, at=START).version, by="test", at=START)
    return tmp_path


def history(folder: Path) -> Path:
    """Leads of two years, a third of which bought within a month; the others were lost."""
    folder.mkdir()
    rows = lead_rows(900, seed=5)
    born = [START + timedelta(days=0.8 * i) for i in range(len(rows))]
    leads = [
        {name: value for name, value in row.items() if name != "outcome"} | {"created": at.isoformat()}
        for row, at in zip(rows, born, strict=True)
    ]
    became = [
        {"lead_id": row["lead_id"], "outcome": row["outcome"], "at": (at + timedelta(days=20)).isoformat()}
        for row, at in zip(rows, born, strict=True)
    ]
    write_csv(folder / "leads.csv", leads)
    write_csv(folder / "outcomes.csv", became)
    (folder / "leadrank.toml").write_text(MAPPING)
    return folder


def test_it_says_what_it_learned_from_what_the_gate_decided_and_what_comes_next(home: Path) -> None:
    assert leadrank("load", history(home / "crm")).code == 0
    ended = leadrank("retrain")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0].startswith("Learned from 900 leads, ")
    assert any(line.startswith("Purchases: ") and line.endswith("0 by sales alone.") for line in lines)
    assert any(line.startswith("Model 2 is the champion now (before: 1): ") for line in lines)
    kept = Path(next(line for line in lines if line.startswith("History: "))[9:])
    assert (kept / "leadrank.toml").is_file()
    assert lines[-1].startswith("Next: leadrank rescore")
    assert Shelf(home / "var" / "shelf").champion() == "2"


def test_without_leads_it_is_refused_and_the_champion_serves_on(home: Path) -> None:
    ended = leadrank("retrain", "--json")
    assert (ended.code, ended.is_one_line) == (3, True)
    shelf = Shelf(home / "var" / "shelf")
    assert (shelf.champion(), shelf.versions()) == ("1", ["1"])
    note = json.loads((shelf.folder / "retraining.json").read_text())
    assert (note["ended"], note["model"]) == ("refused", None)


def test_while_another_is_at_work_it_is_refused(home: Path) -> None:
    (home / "var" / "retrain").mkdir()
    with held_at_once(home / "var" / "retrain" / ".lock"):
        ended = leadrank("retrain")
    assert (ended.code, ended.is_one_line) == (3, True)
    assert "another retraining is at work" in ended.err

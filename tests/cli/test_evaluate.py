"""`leadrank evaluate`: a published model on any labelled history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.shelf import Shelf
from tests.front_door import leadrank
from tests.training.worlds import lead_rows, write_csv

from .conftest import OUTCOME


def test_the_champion_is_judged_by_the_names_it_was_trained_with(home: Path) -> None:
    ended = leadrank("evaluate", "champion", home / "later.csv", "--json")
    said = json.loads(ended.out)
    assert said["model"] == Shelf(home / "shelf").champion()
    assert (said["rows"], said["buyers"]) == (300, sum(r["outcome"] == "won" for r in lead_rows(300, seed=8)))
    assert 0.6 < said["metrics"]["auc"] < 0.9


def test_a_version_is_judged_in_words(home: Path) -> None:
    lines = leadrank("evaluate", "1", home / "later.csv").out.splitlines()
    assert lines[0].startswith("Model 1 on 300 leads, ")
    assert lines[1].startswith("  AUC 0.")


def test_another_history_may_have_other_names(home: Path, tmp_path: Path) -> None:
    names = {"lead_id": "nr", "outcome": "became"}
    path = write_csv(
        tmp_path / "other.csv", [{names.get(k, k): v for k, v in r.items()} for r in lead_rows(300, seed=8)]
    )
    by_flags = leadrank("evaluate", "champion", path, "--id", "nr", "--target", "became", "--json")
    (tmp_path / "other.toml").write_text(
        '[lead]\nid = "nr"\n[outcome]\ncolumn = "became"\nwon = "won"\nlost = "lost"\n'
    )
    by_file = leadrank("evaluate", "champion", path, "--json")
    same = leadrank("evaluate", "champion", home / "later.csv", "--json")
    assert json.loads(by_flags.out) == json.loads(by_file.out) == json.loads(same.out)


def test_it_changes_nothing_on_the_shelf(home: Path) -> None:
    before = sorted((p, p.stat().st_mtime_ns) for p in (home / "shelf").rglob("*"))
    assert leadrank("evaluate", "champion", home / "later.csv").code == 0
    assert sorted((p, p.stat().st_mtime_ns) for p in (home / "shelf").rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("99", "later.csv"), 3, "there is no model '99' on the shelf"),
        (("champion", "nowhere.csv"), 2, "no such file: nowhere.csv"),
        (("champion", "later.csv", "--target", "stage"), 2, "no column 'stage'"),
        (("champion", "fresh.csv"), 2, "no column 'outcome'"),
        (("champion", "later.csv", "--config", "none.toml"), 2, "no such file: none.toml"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_one_line(home: Path, words: tuple[str, ...], code: int, said: str) -> None:
    model, file, *rest = words
    ended = leadrank("evaluate", model, home / file, *rest)
    assert ended.code == code
    assert ended.is_one_line
    assert said in ended.err


def test_a_history_with_one_kind_of_lead_is_refused(home: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "won.csv", [{**r, "outcome": "won"} for r in lead_rows(100)])
    ended = leadrank("evaluate", "champion", path)
    assert (ended.code, ended.is_one_line) == (3, True)


def test_an_empty_shelf_says_to_train(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADRANK_HOME", str(tmp_path))
    ended = leadrank("evaluate", "champion", home / "later.csv", *OUTCOME)
    assert (ended.code, ended.err) == (3, "leadrank: no model yet; run leadrank train\n")

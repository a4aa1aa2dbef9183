"""`leadrank sample`: a simulated CRM history on the disk, the same for the same seed and day."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.front_door import leadrank

DAY = ("--until", "2024-06-30")


def digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def test_it_writes_a_history_and_says_what_to_do_next(tmp_path: Path) -> None:
    ended = leadrank("sample", tmp_path / "crm", "--leads", 300, *DAY)
    assert ended.code == 0
    assert ended.out.startswith("300 leads, ")
    assert ended.out.endswith(f"Next: leadrank train {tmp_path / 'crm'}\n")
    names = {p.name for p in (tmp_path / "crm").iterdir()}
    assert {"leads.csv", "activities.csv", "outcomes.csv", "leadrank.toml", "truth"} <= names


def test_the_same_seed_and_day_give_the_same_files(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        leadrank("sample", tmp_path / name, "--leads", 200, "--seed", seed, *DAY)
    assert digest(tmp_path / "a") == digest(tmp_path / "b") != digest(tmp_path / "c")


def test_one_lead_is_enough_to_sample(tmp_path: Path) -> None:
    assert leadrank("sample", tmp_path / "one", "--leads", 1, *DAY).code == 0


@pytest.mark.slow
def test_what_it_writes_can_be_trained_on_and_judged(home: Path, tmp_path: Path) -> None:
    crm = tmp_path / "crm"
    leadrank("sample", crm, "--leads", 1200, *DAY)
    trained = leadrank("train", crm, "--no-promote", "--json")
    assert trained.code == 0, trained.err
    said = json.loads(trained.out)
    judged = leadrank("evaluate", said["model"], crm, "--json")
    assert json.loads(judged.out)["rows"] == said["mature"]["rows"]
    assert json.loads(judged.out)["looks_like_training_leads"]
    assert leadrank("score", crm, "--out", tmp_path / "ranked.csv", "--model", said["model"]).code == 0


@pytest.mark.parametrize("words", [("--leads", "0"), ("--leads", "many"), ("--until", "soon"), ("--seed", "x")])
def test_words_that_do_not_fit_are_wrong_usage(tmp_path: Path, words: tuple[str, ...]) -> None:
    ended = leadrank("sample", tmp_path / "crm", *words)
    assert ended.code == 2
    assert not (tmp_path / "crm").exists()


def test_a_file_in_the_way_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "crm").write_text("mine")
    ended = leadrank("sample", tmp_path / "crm", "--leads", 50, *DAY)
    assert (ended.code, ended.is_one_line) == (2, True)
    assert (tmp_path / "crm").read_text() == "mine"

"""`leadrank train`: what it says, what it publishes, and who serves afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.shelf import Shelf
from tests.front_door import leadrank
from tests.training.worlds import lead_rows, write_csv

from .conftest import OUTCOME

PROMISED = {
    *(
        "model",
        "rows",
        "buyers",
        "split",
        "metrics",
        "yardstick",
        "baselines",
        "excluded_fields",
        "gate",
        "promoted",
        "report",
    ),
}


def test_it_says_what_it_learned_and_what_to_do_next(home: Path, tmp_path: Path) -> None:
    ended = leadrank("train", write_csv(tmp_path / "a.csv", lead_rows(400)), *OUTCOME, "--no-promote")
    assert ended.code == 0
    assert ended.err == ""
    lines = ended.out.splitlines()
    assert lines[0].startswith("Learned from 400 leads, ")
    assert any(line.startswith("AUC 0.") for line in lines)
    assert any("the yardstick" in line for line in lines)
    assert Path(next(line for line in lines if line.startswith("Report: "))[8:]).is_file()
    assert any(line.startswith("Next: leadrank ") for line in lines)


def test_as_json_it_prints_one_object_with_all_that_is_promised(home: Path) -> None:
    ended = leadrank("train", home / "history.csv", *OUTCOME, "--no-promote", "--json")
    said = json.loads(ended.out)
    assert set(said) >= PROMISED
    assert said["gate"]["decision"] in ("promote", "keep", "needs_word")
    assert Path(said["report"]).read_bytes().startswith(b"<!DOCTYPE html>")
    assert said["promoted"] is False
    assert said["rows"] == 400


def test_a_model_that_may_serve_serves_and_says_who_did_before(home: Path) -> None:
    before = Shelf(home / "shelf").champion()
    ended = leadrank("train", home / "history.csv", *OUTCOME)
    version = Shelf(home / "shelf").champion()
    assert version != before
    assert f"Model {version} is the champion now (before: {before}): " in ended.out
    assert f"not told apart from model {before} on the same leads" in ended.out


def test_told_not_to_promote_the_old_champion_serves_on(home: Path) -> None:
    before = Shelf(home / "shelf").champion()
    ended = leadrank("train", home / "history.csv", *OUTCOME, "--no-promote")
    assert Shelf(home / "shelf").champion() == before
    assert f"model {before} serves on" in ended.out


def test_a_lab_book_that_cannot_be_opened_is_said_and_stops_nothing(home: Path) -> None:
    ended = leadrank("train", home / "history.csv", *OUTCOME, "--no-promote")
    assert ended.code == 0
    assert "MLflow did not answer" in ended.out


def test_names_come_from_the_file_beside_and_flags_win(home: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "crm.csv", lead_rows(300))
    (tmp_path / "crm.toml").write_text(
        '[outcome]\ncolumn = "outcome"\nwon = "lost"\nlost = "won"\n[fields]\nignore = ["staff"]\n'
    )
    turned = json.loads(leadrank("train", path, "--no-promote", "--json").out)
    right = json.loads(leadrank("train", path, "--won", "won", "--lost", "lost", "--no-promote", "--json").out)
    assert turned["buyers"] == 300 - right["buyers"]
    assert "staff" in {out["field"] for out in right["excluded_fields"]}


def test_a_folder_brings_its_own_mapping(home: Path, tmp_path: Path) -> None:
    rows = lead_rows(300)
    write_csv(tmp_path / "leads.csv", [{k: v for k, v in row.items() if k != "outcome"} for row in rows])
    write_csv(tmp_path / "deals.csv", [{"lead": row["lead_id"], "became": row["outcome"]} for row in rows])
    (tmp_path / "leadrank.toml").write_text(
        '[outcome]\nfile = "deals"\nlead_id = "lead"\ncolumn = "became"\nwon = "won"\nlost = "lost"\n'
    )
    assert json.loads(leadrank("train", tmp_path, "--no-promote", "--json").out)["rows"] == 300


@pytest.mark.parametrize("words", [(), ("a.csv", "--wonn", "x"), ("a.csv", "--horizon", "many")])
def test_words_that_the_command_does_not_know_are_wrong_usage(words: tuple[str, ...]) -> None:
    ended = leadrank("train", *words)
    assert ended.code == 2
    assert "Traceback" not in ended.err


def test_the_program_itself_refuses_with_exit_code_3_and_one_line(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("id,n,outcome\na,1,won\nb,2,lost\n")
    ended = subprocess.run(
        [Path(sys.executable).parent / "leadrank", "train", "leads.csv", *OUTCOME],
        cwd=tmp_path,
        env={**os.environ, "LEADRANK_HOME": str(tmp_path / "var")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == "leadrank: only 2 leads with a known outcome; at least 50 are needed\n"
    assert not (tmp_path / "var").exists()

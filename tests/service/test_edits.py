"""Edits asked for on a page: one at a time, by a process of its own, and never a word lost about how one ended."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from models import Published, Shelf
from models.changes import Changes, changes_of
from models.edit_note import last_edit, note_edit
from models.files import held_at_once
from models.retraining import Ended
from scoring.editing import Setting
from service import edits
from service.edits import Edits
from service.problems import Problem, Unfit
from service.settings import Settings
from tests.cards import small_card
from tests.service.conftest import NOON, Watch, publish, wait_until

CHANGES = Changes("user:ana", "a law", veto=("E-mail",), points=(Setting("Lead source", 2, 3.0),))


class Begun:
    """Stands in for the process: what it was told, and an end when the test says so."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bytes]] = []
        self.end = Event()
        self.code = 0

    def __call__(self, _settings: Settings, version: str, asked: Path) -> Any:
        self.told.append((version, asked.read_bytes()))
        return self

    def wait(self) -> int:
        assert self.end.wait(30)
        return self.code


def settings_of(folder: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{folder / 'leadrank.db'}", shelf=folder / "shelf")


def on_shelf(folder: Path) -> Published:
    shelf = Shelf(folder / "shelf")
    publish(shelf, small_card())
    return shelf.open("1")


def test_the_process_is_told_what_was_asked_for_and_the_note_says_that_it_is_at_work(tmp_path: Path) -> None:
    begun = Begun()
    asked = Edits(settings_of(tmp_path), Watch(), begin=begun)
    asked.ask(on_shelf(tmp_path), CHANGES)
    (version, data), note = begun.told[0], asked.last()
    assert (version, changes_of(data)) == ("1", CHANGES)
    assert note is not None
    assert (note.state, note.by, note.parent) == ("at_work", "user:ana", "1")
    note_edit(tmp_path / "shelf", NOON, "1", "user:ana", Ended.PROMOTED, model="2")
    begun.end.set()


def test_a_second_edit_is_refused_by_name_whichever_worker_is_asked(tmp_path: Path) -> None:
    begun, parent = Begun(), on_shelf(tmp_path)
    workers = [Edits(settings_of(tmp_path), Watch(), begin=begun) for _ in range(2)]
    workers[0].ask(parent, CHANGES)
    for worker in workers:
        with pytest.raises(Problem) as refused:
            worker.ask(parent, CHANGES)
        assert (refused.value.kind, int(refused.value.status)) == ("edit-at-work", 409)
    assert len(begun.told) == 1
    begun.end.set()


def test_a_process_that_died_without_a_word_is_said_so_and_another_may_begin(tmp_path: Path) -> None:
    begun, parent = Begun(), on_shelf(tmp_path)
    asked = Edits(settings_of(tmp_path), Watch(), begin=begun)
    asked.ask(parent, CHANGES)
    begun.code = -9
    begun.end.set()
    wait_until(lambda: (note := asked.last()) is not None and note.state == "failed")
    asked.ask(parent, CHANGES)
    assert len(begun.told) == 2


def test_an_edit_that_outlived_its_service_is_at_work_while_it_holds_its_lock(tmp_path: Path) -> None:
    on_shelf(tmp_path)
    clock, folder = Watch(), tmp_path / "edits"
    asked = Edits(settings_of(tmp_path), clock)
    note_edit(tmp_path / "shelf", NOON, "1", "ann", None)
    folder.mkdir()
    clock.wait(minutes=10)
    with held_at_once(folder / ".lock"):
        note = asked.last()
        assert note is not None
        assert note.state == "at_work"
    note = asked.last()
    assert note is not None
    assert (note.state, note.why) == ("failed", "it was broken off: ask for it again")


def test_an_edit_that_cannot_be_made_begins_nothing(tmp_path: Path) -> None:
    begun = Begun()
    asked = Edits(settings_of(tmp_path), Watch(), begin=begun)
    with pytest.raises(Unfit, match="Shoe size: the model has no such field"):
        asked.ask(on_shelf(tmp_path), Changes("ann", "x", veto=("Shoe size",)))
    assert (begun.told, asked.last()) == ([], None)


def test_a_process_that_cannot_begin_is_said_so(tmp_path: Path) -> None:
    def none(_settings: Settings, _version: str, _asked: Path) -> subprocess.Popen[bytes]:
        raise OSError(12, "no memory")

    asked = Edits(settings_of(tmp_path), Watch(), begin=none)
    asked.ask(on_shelf(tmp_path), CHANGES)
    note = asked.last()
    assert note is not None
    assert (note.state, note.why) == ("failed", "its process cannot begin")


def test_the_words_are_those_of_the_command() -> None:
    words = edits.command("3", Path("asked.json"))
    assert (
        list(words[-7:])
        == [sys.executable, "-m", "cli.main", "models", "edit", "3", "--from", "asked.json", "--json"][-7:]
    )


@pytest.mark.slow
def test_the_process_publishes_a_model_that_waits_for_a_word_where_nothing_can_judge_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADRANK_MLFLOW_URI", f"sqlite:///{tmp_path}/no-folder/mlflow.db")
    parent = on_shelf(tmp_path)
    asked = Edits(settings_of(tmp_path), lambda: datetime.now(UTC))
    asked.ask(parent, CHANGES)
    wait_until(lambda: (note := last_edit(tmp_path / "shelf")) is not None and note.state != "at_work", seconds=90)
    note = asked.last()
    assert note is not None
    assert (note.state, note.model) == ("needs_word", "2"), note
    made = Shelf(tmp_path / "shelf").open("2")
    assert made.about["edited"]["by"] == "user:ana"
    assert Shelf(tmp_path / "shelf").champion() == "1"

"""Retraining: a new history, a judged model, a note; and whatever fails, the champion serves on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.files import held_at_once
from models.moved import moved
from models.registry import Registry
from models.remembered import Remembered, remembered_by
from models.retraining import Ended, Note, last_note, told_of
from models.shelf import Shelf
from scoring.errors import Refused
from scoring.scorecard import SCALE
from tests.cards import small_card
from training.retraining import KEPT, Retrained, retrain

from .worlds import lead_rows, write_csv

AT = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
MAPPING = '[lead]\nid = "lead_id"\n[outcome]\ncolumn = "outcome"\nwon = ["won"]\nlost = ["lost"]\n'


class Source:
    """Writes histories as the service would. turned: the outcomes the other way round, so that nothing fits."""

    def __init__(self, rows: int = 400) -> None:
        self.rows = rows
        self.fault: Exception | None = None
        self.told: list[Remembered] = []
        self.seed = 3

    def __call__(self, folder: Path, champion: Remembered) -> Mapping[str, object]:
        self.told.append(champion)
        folder.mkdir()
        if self.fault is not None:
            raise self.fault
        write_csv(folder / "leads.csv", lead_rows(self.rows, seed=self.seed))
        (folder / "leadrank.toml").write_text(MAPPING + '[fields]\nignore = ["staff"]\n')
        return {"leads": self.rows}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


def again(source: Source, shelf: Shelf, day: int = 0) -> Retrained:
    """A retraining on a day. Its lab book cannot be opened, and nothing here needs it."""
    home = shelf.folder.parent
    (home / "no-folder").touch()
    book = Registry(f"sqlite:///{home}/no-folder/mlflow.db", home / "artifacts")
    at = AT + timedelta(days=day)
    return retrain(source, home / "retrain", shelf, book, at=at, progress=lambda _text, _done, _total: None)


def test_a_model_is_learned_promoted_and_noted_down(shelf: Shelf) -> None:
    source = Source()
    found = again(source, shelf)
    assert (shelf.champion(), found.run.published.promoted) == ("1", True)
    assert last_note(shelf.folder) == Note(
        "2026-03-02T03:30:00Z", Ended.PROMOTED, "1", "; ".join(found.run.trained.gate.reasons)
    )
    told = told_of(shelf.open("1").about)
    assert (told["before"], told["rows"], told["rows_since"]) == (None, 400, None)
    assert told["exported"] == {"leads": 400}
    assert told["labels"] == shelf.open("1").about["labels"]
    assert source.told == [Remembered()]


def test_it_says_what_changed_and_passes_on_what_the_champion_was_told(shelf: Shelf) -> None:
    source = Source()
    again(source, shelf)
    source.rows = 480
    found = again(source, shelf, day=1)
    assert (found.told["before"], found.told["rows_since"]) == ("1", 80)
    champion = source.told[1]
    assert (champion.version, champion.rows, champion.mapping["ignore"]) == ("1", 400, ["staff"])
    assert not champion.strict


def test_the_names_of_people_s_own_files_are_remembered_and_not_the_export_s(shelf: Shelf) -> None:
    mapping = {"id": "Lead No", "created_at": "Born", "horizon_days": 90, "ignore": ["staff"]}
    shelf.promote(shelf.add(small_card(), about={"mapping": mapping}, at=AT).version, by="test", at=AT)
    again(Source(), shelf)
    assert shelf.champion() == "2"
    assert shelf.open("2").about["mapping"] == mapping


def test_the_histories_of_the_last_runs_stay_and_no_others(shelf: Shelf) -> None:
    folder = shelf.folder.parent / "retrain"
    (folder / ".20260101T000000-00.abcd.part").mkdir(parents=True)
    for day in range(KEPT + 1):
        again(Source(), shelf, day)
    kept = sorted(p.name for p in folder.iterdir() if p.is_dir())
    assert kept == [f"202603{day:02}T033000-00" for day in range(3, 3 + KEPT)]
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("fault", "ended", "why"),
    [
        (Refused("no lead is kept", "send some"), Ended.REFUSED, "no lead is kept; send some"),
        (KeyError("x"), Ended.FAILED, "KeyError"),
    ],
)
def test_where_writing_fails_the_champion_serves_on_and_it_is_noted(
    shelf: Shelf, fault: Exception, ended: Ended, why: str
) -> None:
    source = Source()
    again(source, shelf)
    source.fault = fault
    with pytest.raises(type(fault)):
        again(source, shelf, day=1)
    assert (shelf.champion(), shelf.versions()) == ("1", ["1"])
    assert last_note(shelf.folder) == Note("2026-03-03T03:30:00Z", ended, None, why)


def test_where_there_is_too_little_to_learn_from_the_champion_serves_on(shelf: Shelf) -> None:
    source = Source()
    again(source, shelf)
    source.rows = 20
    with pytest.raises(Refused, match="only 20 leads"):
        again(source, shelf, day=1)
    assert shelf.versions() == ["1"]
    note = last_note(shelf.folder)
    assert note is not None
    assert note.ended is Ended.REFUSED


def test_what_the_gate_keeps_back_is_published_and_does_not_serve(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    again(Source(), shelf)
    monkeypatch.setattr("training.gate.WIDEST", 0.0)
    found = again(Source(), shelf, day=1)
    assert found.run.trained.gate.decision == "keep"
    assert (shelf.champion(), shelf.versions()) == ("1", ["1", "2"])
    note = last_note(shelf.folder)
    assert note is not None
    assert (note.ended, note.model) == (Ended.KEPT_OLD, "2")


def test_two_do_not_run_at_once(shelf: Shelf) -> None:
    source, folder = Source(), shelf.folder.parent / "retrain"
    folder.mkdir()
    with held_at_once(folder / ".lock") as held:
        assert held
        with pytest.raises(Refused, match="another retraining is at work"):
            again(source, shelf)
    assert (source.told, last_note(shelf.folder)) == ([], None)


def test_a_note_that_cannot_be_read_is_none(shelf: Shelf) -> None:
    shelf.folder.mkdir()
    (shelf.folder / "retraining.json").write_text("{")
    assert last_note(shelf.folder) is None
    assert told_of({"retraining": "odd"}) == {}
    assert remembered_by(shelf) == Remembered()


def test_what_moved_most_comes_first_and_what_hardly_moved_is_not_told() -> None:
    old = small_card()
    table = list(old.mains[0].table)
    table[2] -= SCALE
    new = replace(old, mains=(replace(old.mains[0], table=tuple(table)), *old.mains[1:]))
    (found,) = moved(old, new)
    assert (found.field, found.level) == ("Lead source", old.fields[0].labels[0])
    assert found.after - found.before == pytest.approx(-14.4, abs=0.1)
    assert str(found).startswith("Lead source: Referral: ")
    assert moved(old, old) == []

"""A retraining a day: at its time, by one worker, as a process of its own, and never twice."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from models.retraining import Ended, last_note
from scoring import WrongUsage
from service import schedule
from service.schedule import Schedule, due
from service.settings import Settings
from tests.service.conftest import NOON, Watch, wait_until

AT = time(12, 0)


class Begun:
    """Stands in for the process: counts how often it was begun; `code` once it has ended."""

    def __init__(self) -> None:
        self.times = 0
        self.code: int | None = None
        self.told: list[str] = []

    def __call__(self, _settings: Settings) -> Any:
        self.times += 1
        return self

    def poll(self) -> int | None:
        return self.code

    def terminate(self) -> None:
        self.told.append("terminate")

    def wait(self, _seconds: float | None = None) -> int:
        if self.told == ["terminate"] and self.code is None:
            self.told.append("waited")
            raise subprocess.TimeoutExpired("retrain", 1)
        return 0

    def kill(self) -> None:
        self.told.append("kill")


def settings_of(folder: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{folder / 'leadrank.db'}", shelf=folder / "shelf", retrain_at=AT)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 3, 2, 11, 59, 59, tzinfo=UTC), None),
        (datetime(2026, 3, 2, 12, 0, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 3, 2, 12, 59, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 3, 2, 13, 0, tzinfo=UTC), None),
    ],
)
def test_it_is_due_at_its_time_and_within_the_hour(now: datetime, day: date | None) -> None:
    assert due(AT, now) == day


def test_one_of_many_workers_begins_it_and_each_day_once(tmp_path: Path) -> None:
    clock, begun = Watch(), Begun()
    workers = [Schedule(settings_of(tmp_path), AT, clock, begin=begun) for _ in range(4)]
    clock.wait(hours=-1)
    for worker in workers:
        worker.look()
    assert begun.times == 0
    clock.wait(hours=1)
    for worker in workers * 2:
        worker.look()
    assert begun.times == 1
    begun.code = 0
    for worker in workers:
        worker.look()
    assert begun.times == 1, "it has ended, and the day is done"
    clock.wait(days=1)
    for worker in workers:
        worker.look()
    assert begun.times == 2


def test_how_it_ended_is_said_without_a_word_of_what_it_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    begun, clock = Begun(), Watch()
    worker = Schedule(settings_of(tmp_path), AT, clock, begin=begun)
    worker.look()
    begun.code = 3
    with caplog.at_level(logging.INFO, "leadrank"):
        worker.look()
    assert [r.levelname for r in caplog.records] == ["WARNING"]
    assert "exit code 3" in caplog.text


def test_when_the_service_stops_a_run_at_work_stops_too(tmp_path: Path) -> None:
    begun = Begun()
    worker = Schedule(settings_of(tmp_path), AT, Watch(), begin=begun)
    worker.start()
    wait_until(lambda: begun.times)
    worker.stop()
    assert begun.told == ["terminate", "waited", "kill"]


@pytest.mark.slow
def test_the_process_is_the_command_for_this_installation(tmp_path: Path) -> None:
    """It finds no lead to learn from, notes that down, and the service has loaded nothing of it."""
    child = schedule.begin(settings_of(tmp_path))
    assert child.wait(60) == 3
    note = last_note(tmp_path / "shelf")
    assert note is not None
    assert (note.ended, note.why.split(";")[0]) == (Ended.REFUSED, "no lead is kept that may be learned from")
    assert schedule.command()[-4:] == [sys.executable, "-m", "cli.main", "retrain", "--json"][-4:]


@pytest.mark.parametrize("text", ["3:30", "24:00", "03:60", "03:30:00", "soon", "٠٣:٣٠"])
def test_a_time_that_is_none_is_wrong_usage(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("LEADRANK_RETRAIN_AT", text)
    with pytest.raises(WrongUsage, match="LEADRANK_RETRAIN_AT is no time from 00:00 to 23:59"):
        Settings.of_environment()


def test_without_the_setting_nothing_is_scheduled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEADRANK_RETRAIN_AT", raising=False)
    assert Settings.of_environment().retrain_at is None
    monkeypatch.setenv("LEADRANK_RETRAIN_AT", "03:30")
    assert Settings.of_environment().retrain_at == time(3, 30)
    assert NOON.tzinfo is UTC

"""A retraining a day, at the time of LEADRANK_RETRAIN_AT: a process of its own, so that the service loads nothing of
training, begun by one of all workers."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from models.files import held_at_once, make_folder, read_plain, replace_durably
from models.retraining import FOLDER

from .moments import Clock
from .settings import Settings

log = logging.getLogger("leadrank")

LATE = timedelta(hours=1)
"""A service that starts later than this after the time waits for the next day: by then people work with it."""

LOOK_SECONDS = 20.0
PATIENCE = 10.0
"""Seconds that a retraining gets to end once the service stops."""

Begin = Callable[[Settings], subprocess.Popen[bytes]]


def due(at: time, now: datetime) -> date | None:
    """The day whose retraining is to begin now, None where it is not the time. at, now: in UTC.

    >>> due(time(23, 30), datetime(2026, 3, 2, 0, 10, tzinfo=UTC))
    datetime.date(2026, 3, 1)
    """
    for day in (now.date(), now.date() - timedelta(days=1)):
        if timedelta() <= now - datetime.combine(day, at, UTC) < LATE:
            return day
    return None


def begin(settings: Settings) -> subprocess.Popen[bytes]:
    """Start `leadrank retrain` for this installation; it gives way to those who serve, and says nothing here."""
    place = {"LEADRANK_HOME": str(settings.shelf.parent), "LEADRANK_DATABASE_URL": settings.database_url}
    return subprocess.Popen(
        command(), env={**os.environ, **place}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def command() -> Sequence[str]:
    """The words that retrain by this very interpreter, at a low priority where the system knows one."""
    gives_way = [nice, "-n", "10"] if (nice := shutil.which("nice")) else []
    return [*gives_way, sys.executable, "-m", "cli.main", "retrain", "--json"]


class Schedule:
    """Works from `start` to `stop`, like the caretaker. Each worker has one; one of them begins the day's run."""

    def __init__(self, settings: Settings, at: time, clock: Clock, *, begin: Begin = begin) -> None:
        self._settings, self._at, self._clock, self._begin = settings, at, clock, begin
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch the clock."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._repeat, name="leadrank-schedule", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and a run that is at work with it: what it had not published is as if it had not been begun."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        if self._child is not None:
            self._child.terminate()
            try:
                self._child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
            self._child = None

    def look(self) -> None:
        """Begin the day's run where it is the time and no worker has; say how one ended."""
        if self._child is not None:
            code = self._child.poll()
            if code is None:
                return
            self._child = None
            said = log.info if code == 0 else log.warning
            said("the scheduled retraining ended with exit code %d; retraining.json on the shelf says how", code)
        day = due(self._at, self._clock())
        if day is not None and self._claim(day):
            self._child = self._begin(self._settings)

    def _repeat(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
            except OSError as fault:
                log.warning("the scheduled retraining cannot begin: %s", fault.strerror)
            self._stopping.wait(LOOK_SECONDS)

    def _claim(self, day: date) -> bool:
        """Whether this worker is the first to begin this day's run: the note of it lies beside the shelf."""
        folder = self._settings.shelf.parent / FOLDER
        make_folder(folder)
        note = folder / "scheduled"
        with held_at_once(folder / ".schedule.lock") as held:
            if not held or _said(note) >= day.isoformat():
                return False
            replace_durably(note, day.isoformat().encode())
            return True


def _said(note: Path) -> str:
    try:
        return read_plain(note).decode()
    except (OSError, UnicodeDecodeError):
        return ""

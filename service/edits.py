"""Edits that people ask for on a page: one at a time, each made and judged by a process of its own.

That is `leadrank models edit`; the service loads nothing of training.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from models.changes import Changes, edited_by
from models.edit_note import AT_WORK, FOLDER, LOCK, EditNote, last_edit, note_edit
from models.files import held_at_once, make_folder, replace_durably
from models.published import Published
from models.retraining import Ended
from scoring.editing import BadEdit

from .moments import Clock
from .problems import Fault, Problem, Unfit, shown
from .settings import Settings

log = logging.getLogger("leadrank")

ASKED = "asked.json"
"""What is to be changed, for the process that does it."""

STARTS_WITHIN = timedelta(minutes=2)
"""How long a process may take before it holds its lock; an edit that nobody holds after that was broken off."""

BROKEN_OFF = "it was broken off: ask for it again"

Begin = Callable[[Settings, str, Path], subprocess.Popen[bytes]]


def begin(settings: Settings, version: str, asked: Path) -> subprocess.Popen[bytes]:
    """Start `leadrank models edit` for this installation; it gives way to those who serve, and says nothing here."""
    place = {"LEADRANK_HOME": str(settings.shelf.parent), "LEADRANK_DATABASE_URL": settings.database_url}
    return subprocess.Popen(
        command(version, asked), env={**os.environ, **place}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def command(version: str, asked: Path) -> Sequence[str]:
    """The words that edit by this very interpreter, at a low priority where the system knows one."""
    gives_way = [nice, "-n", "10"] if (nice := shutil.which("nice")) else []
    words = ["models", "edit", version, "--from", str(asked), "--json"]
    return [*gives_way, sys.executable, "-m", "cli.main", *words]


class Edits:
    """Asks for an edit, and says how the last one stands; all workers share what lies beside the shelf."""

    def __init__(self, settings: Settings, clock: Clock, *, begin: Begin = begin) -> None:
        self._settings, self._clock, self._begin = settings, clock, begin
        self._shelf, self._folder = settings.shelf, settings.shelf.parent / FOLDER

    def ask(self, parent: Published, changes: Changes) -> None:
        """Begin an edit. Raises Unfit for one that cannot be made, and Problem while another is at work."""
        try:
            edited_by(parent, changes)
        except BadEdit as fault:
            raise Unfit(Fault(shown(fault.field), fault.rule)) from None
        make_folder(self._folder)
        self._folder.chmod(0o700)
        with held_at_once(self._folder / ".asking.lock") as held:
            last = self.last()
            if not held or (last is not None and last.state == AT_WORK):
                raise Problem(
                    HTTPStatus.CONFLICT, "edit-at-work", "Another edit is being judged. Wait until it has ended."
                )
            replace_durably(self._folder / ASKED, changes.to_json())
            at = self._clock()
            note_edit(self._shelf, at, parent.version, changes.by, None)
            self._start(parent, changes, at)

    def last(self) -> EditNote | None:
        """How the last edit stands; one that nobody works at any more was broken off."""
        note = last_edit(self._shelf)
        if note is None or note.state != AT_WORK or self._is_at_work(note):
            return note
        return replace(note, state=Ended.FAILED.value, why=BROKEN_OFF)

    def _is_at_work(self, note: EditNote) -> bool:
        if abs(self._clock() - datetime.fromisoformat(note.at)) < STARTS_WITHIN:
            return True
        if not self._folder.is_dir():
            return False
        with held_at_once(self._folder / LOCK) as free:
            return not free

    def _start(self, parent: Published, changes: Changes, at: datetime) -> None:
        try:
            child = self._begin(self._settings, parent.version, self._folder / ASKED)
        except OSError as fault:
            log.warning("the edit cannot begin: %s", fault.strerror)
            note_edit(self._shelf, at, parent.version, changes.by, Ended.FAILED, why="its process cannot begin")
            return
        watch = threading.Thread(target=self._see_off, args=(child, parent, changes, at), daemon=True)
        watch.start()

    def _see_off(self, child: subprocess.Popen[bytes], parent: Published, changes: Changes, at: datetime) -> None:
        """Wait for the process; where it died without a word, say so."""
        code = child.wait()
        note = last_edit(self._shelf)
        if note is None or note.state == AT_WORK:
            log.warning("the edit ended with exit code %d and said nothing", code)
            note_edit(self._shelf, at, parent.version, changes.by, Ended.FAILED, why=BROKEN_OFF)

"""One edit at a time, noted on the shelf: at work, and how it ended."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from models.changes import Changes
from models.edit_note import LOCK, note_edit
from models.files import held_at_once, make_folder
from models.registry import Registry
from models.retraining import Ended
from models.shelf import Published, Shelf
from scoring.errors import LeadrankError, Refused

from .edit_leads import Source
from .edits import EditRun, edit

ENDED = {"keep": Ended.KEPT_OLD, "needs_word": Ended.NEEDS_WORD}


def run_edit(
    parent: Published,
    changes: Changes,
    shelf: Shelf,
    registry: Registry,
    sources: Sequence[Source],
    *,
    folder: Path,
    at: datetime,
    promote: bool = True,
) -> EditRun:
    """Edit, judge and publish, with a note on the shelf of how it stands; whatever fails, the champion serves on.

    Raises Refused where another edit is at work, and BadEdit for what cannot be done. folder: holds the lock.
    """
    make_folder(folder)
    folder.chmod(0o700)
    with held_at_once(folder / LOCK) as held:
        if not held:
            raise Refused("another edit is being judged", "wait until it has ended; the champion serves on")
        _sweep(folder)
        note_edit(shelf.folder, at, parent.version, changes.by, None)
        try:
            found = edit(parent, changes, shelf, registry, sources, at=at, promote=promote)
        except LeadrankError as fault:
            note_edit(shelf.folder, at, parent.version, changes.by, Ended.REFUSED, why=str(fault))
            raise
        except Exception as fault:
            note_edit(shelf.folder, at, parent.version, changes.by, Ended.FAILED, why=type(fault).__name__)
            raise
        _note_end(shelf, found, parent, changes, at)
        return found


def _sweep(folder: Path) -> None:
    """Remove what killed edits left: leads may be in it. Nobody else works here."""
    for left in folder.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)


def _note_end(shelf: Shelf, found: EditRun, parent: Published, changes: Changes, at: datetime) -> None:
    """Where the gate let it pass and it does not serve, somebody wanted it so, or changed the champion meanwhile."""
    gate = found.tried.gate
    ended = Ended.PROMOTED if found.published.promoted else ENDED.get(gate.decision, Ended.NEEDS_WORD)
    version, why = found.published.published.version, "; ".join(gate.reasons)
    note_edit(shelf.folder, at, parent.version, changes.by, ended, model=version, why=why)

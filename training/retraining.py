"""Retraining: the service's own history out, a model learned from it, promoted if the gate lets it, noted down."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from models.files import held_at_once, make_folder
from models.moved import moved
from models.registry import Registry
from models.remembered import Remembered, remembered_by
from models.retraining import LOCK, TOLD_IN, Ended, note_down
from models.shelf import Shelf
from scoring import LeadrankError, Refused

from .boosting import Progress
from .folder import config_of
from .mapping import read_mapping
from .run import Run, run
from .train import Trained

KEPT = 3
"""Histories of earlier runs that stay, this one's among them: enough to look at what changed, and no archive."""

BY = "leadrank retrain"

Write = Callable[[Path, Remembered], Mapping[str, object]]
"""Writes the service's history into a new folder, with what the champion was told; its account."""


@dataclass(frozen=True)
class Retrained:
    """A run and what changed since the champion before it, as the model's description keeps it."""

    run: Run
    told: Mapping[str, Any]


def retrain(
    write: Write, folder: Path, shelf: Shelf, registry: Registry, *, at: datetime, progress: Progress
) -> Retrained:
    """Write a history into `folder`, learn from it, promote if better; whatever fails, the champion serves on.

    Raises Refused where another retraining is at work, and what writing and training raise; how it ended is noted on
    the shelf in any case.
    """
    make_folder(folder)
    folder.chmod(0o700)
    with held_at_once(folder / LOCK) as held:
        if not held:
            raise Refused("another retraining is at work", "wait until it has ended; the champion serves on")
        try:
            found = _retrain(write, folder, shelf, registry, at, progress)
        except LeadrankError as fault:
            note_down(shelf.folder, at, Ended.REFUSED, model=None, why=str(fault))
            raise
        except Exception as fault:
            note_down(shelf.folder, at, Ended.FAILED, model=None, why=type(fault).__name__)
            raise
        gate, done = found.run.trained.gate, found.run.published
        ended = (
            Ended.PROMOTED if done.promoted else Ended.NEEDS_WORD if gate.decision == "needs_word" else Ended.KEPT_OLD
        )
        note_down(shelf.folder, at, ended, model=done.published.version, why="; ".join(gate.reasons))
        return found


def _retrain(
    write: Write, folder: Path, shelf: Shelf, registry: Registry, at: datetime, progress: Progress
) -> Retrained:
    before = remembered_by(shelf)
    history = _place(folder, at)
    account = write(history, before)
    _prune(folder)
    told: dict[str, Any] = {}

    def tell(trained: Trained) -> Mapping[str, object]:
        told.update(_told(trained, before, shelf), at=at.isoformat(), history=history.name, exported=account)
        # The names are the champion's, not the export's: people score and judge their own files with them.
        return {TOLD_IN: told, **({"mapping": dict(before.mapping)} if before.mapping else {})}

    mapping = read_mapping(config_of(history))
    done = run(history, mapping, shelf, registry, at=at, by=BY, strict=before.strict, tell=tell, progress=progress)
    return Retrained(done, told)


def _told(trained: Trained, before: Remembered, shelf: Shelf) -> dict[str, Any]:
    """What changed since the champion: leads and buyers, whose words the labels are, and the points that moved most.

    left_out: the fields that a person left out. points_dropped: those that a person had set; new data speaks.
    """
    found: dict[str, Any] = {
        "before": before.version,
        "rows": trained.rows,
        "buyers": trained.buyers,
        "rows_since": None if before.rows is None else trained.rows - before.rows,
        "buyers_since": None if before.buyers is None else trained.buyers - before.buyers,
        "labels": dict(trained.words),
        "left_out": list(before.left_out),
        "points_dropped": [dict(one) for one in before.hand_set],
        "moved": [],
    }
    if before.version is not None:
        found["moved"] = [asdict(one) for one in moved(shelf.open(before.version).card, trained.card)]
    return found


def _place(folder: Path, at: datetime) -> Path:
    """A folder that is not there yet, named by the moment; so that the latest comes last by name."""
    name = f"{at:%Y%m%dT%H%M%S}"
    taken = [p.name for p in folder.glob(f"{name}-*")]
    return folder / f"{name}-{len(taken):02d}"


def _prune(folder: Path) -> None:
    """Remove all but the latest histories, and what killed runs left; nobody else works here."""
    found = sorted(p for p in folder.iterdir() if p.is_dir())
    drafts = [p for p in found if p.name.startswith(".")]
    for old in [*drafts, *[p for p in found if p not in drafts][:-KEPT]]:
        shutil.rmtree(old)

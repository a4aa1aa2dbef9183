"""How the last retraining ended, kept on the shelf for whoever shows it; a published model's description tells more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from .files import make_folder, read_plain, replace_durably
from .sealed import json_bytes, moment_text

NAME = "retraining.json"
FOLDER, LOCK = "retrain", ".lock"
"""Where in LEADRANK_HOME the histories of the last runs lie, and what a run holds there while it is at work."""

TOLD_IN = "retraining"
"""Where a published model's description keeps what its retraining found: a part of `about`."""


class Ended(StrEnum):
    """How a retraining ended. Refused: for what the data is. Failed: by a fault of the program or the machine."""

    PROMOTED = "promoted"
    KEPT_OLD = "kept_old"
    NEEDS_WORD = "needs_word"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Note:
    """at: when it began, ISO 8601 in UTC. model: the version that it published, if any. why: in words."""

    at: str
    ended: Ended
    model: str | None
    why: str


def note_down(shelf: Path, at: datetime, ended: Ended, *, model: str | None, why: str) -> None:
    """Keep how a retraining ended; it takes the place of the note before it."""
    make_folder(shelf)
    replace_durably(shelf / NAME, json_bytes(asdict(Note(moment_text(at), ended, model, why))))


def last_note(shelf: Path) -> Note | None:
    """How the last retraining ended; None where there was none, or its note cannot be read."""
    try:
        found = json.loads(read_plain(shelf / NAME))
        return Note(str(found["at"]), Ended(found["ended"]), found["model"], str(found["why"]))
    except (OSError, ValueError, LookupError, TypeError):
        return None


def told_of(about: Mapping[str, object]) -> Mapping[str, object]:
    """What a published model's description says of its retraining; empty for one that was trained by hand."""
    found = about.get(TOLD_IN)
    return found if isinstance(found, Mapping) else {}

"""How the last edit by hand stands: at work, or how it ended; kept on the shelf for whoever shows it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from .files import make_folder, read_plain, replace_durably
from .retraining import Ended
from .sealed import json_bytes, moment_text

NAME = "edit.json"
FOLDER, LOCK = "edits", ".lock"
"""Where in LEADRANK_HOME an edit works, and what it holds there meanwhile."""

AT_WORK = "at_work"


@dataclass(frozen=True, slots=True)
class EditNote:
    """at: when it began, ISO 8601 in UTC. state: `at_work`, or how it ended. model: the version that came of it."""

    at: str
    parent: str
    by: str
    state: str
    model: str | None = None
    why: str = ""


def note_edit(
    shelf: Path, at: datetime, parent: str, by: str, ended: Ended | None, *, model: str | None = None, why: str = ""
) -> None:
    """Keep how an edit stands; ended: None while it is at work. It takes the place of the note before it."""
    make_folder(shelf)
    note = EditNote(moment_text(at), parent, by, AT_WORK if ended is None else ended.value, model, why)
    replace_durably(shelf / NAME, json_bytes(asdict(note)))


def last_edit(shelf: Path) -> EditNote | None:
    """How the last edit stands; None where there was none, or its note cannot be read."""
    try:
        found = json.loads(read_plain(shelf / NAME))
        return EditNote(**{name: found[name] for name in EditNote.__dataclass_fields__})
    except (OSError, ValueError, LookupError, TypeError):
        return None

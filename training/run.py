"""One training run from files to the shelf: read, learn, judge, publish, promote where the gate says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from models.changes import HISTORY, VETOED
from models.registry import Registry
from models.remembered import remembered_by
from models.shelf import Shelf

from .boosting import Progress
from .history import read_history
from .mapping import Mapping as Names
from .publish import Publication, publish
from .rivals import champions_on
from .train import Trained, train

Tell = Callable[[Trained], Mapping[str, object]]
"""What a published model's description says beside the run itself."""


@dataclass(frozen=True)
class Run:
    """What was learned, and what became of it."""

    trained: Trained
    published: Publication


def run(
    history: Path,
    mapping: Names,
    shelf: Shelf,
    registry: Registry,
    *,
    at: datetime,
    by: str,
    strict: bool = False,
    promote: bool = True,
    tell: Tell = lambda _trained: {},
    progress: Progress = lambda _text, _done, _total: None,
) -> Run:
    """Learn from a history as known at `at`, judged against the champions of the shelf. Raises Refused, WrongUsage.

    What a person left out of the serving champion stays out.
    """
    read = read_history(history, mapping, now=int(at.timestamp()))
    told = remembered_by(shelf)
    rivals = champions_on(shelf)
    trained = train(read, mapping, strict=strict, rivals=rivals, vetoed=told.left_out, progress=progress)
    progress("publishing", 0, 1)
    published = publish(
        trained,
        mapping.with_flags(created_at=read.created_column),
        shelf,
        registry,
        id_column=read.id_column,
        at=at,
        by=by,
        promote=promote,
        more={VETOED: list(told.vetoed), HISTORY: str(history.resolve()), **tell(trained)},
    )
    return Run(trained, published)

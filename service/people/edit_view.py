"""An edit by hand to read: who changed what and why, and figures before and after on the same leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import Published
from models.changes import BESIDE, EDITED
from models.retraining import Ended
from service.moments import micros_at

from .words import day

FIGURES = (
    ("AUC", "auc", ".3f"),
    ("Log loss (less is better)", "log_loss", ".4f"),
    ("Buyers in the best 20 %", "buyers_in_top_20pct", ".1%"),
)
"""A figure's name, the metric's, and how it is written."""


ENDED: Mapping[str, str] = {
    Ended.PROMOTED: "it serves",
    Ended.KEPT_OLD: "the model before it serves on",
    Ended.NEEDS_WORD: "it waits for somebody's word",
    Ended.REFUSED: "it was refused",
    Ended.FAILED: "it failed",
}
"""How a retraining or an edit ended, in words."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure before and after. low, high: of the difference's 95 % interval."""

    name: str
    before: str
    after: str
    difference: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Touched:
    """One thing that was changed. level: empty where the whole field was."""

    field: str
    level: str
    words: str


@dataclass(frozen=True, slots=True)
class EditShown:
    """An edited model. source, leads, buyers: what it was judged on; figures: none where nothing could judge it."""

    version: str
    parent: str
    by: str
    on: str
    why: str
    what: Sequence[Touched]
    source: str = ""
    leads: int = 0
    buyers: int = 0
    figures: Sequence[Figure] = ()
    regraded: Sequence[tuple[str, int]] = ()

    @property
    def changed(self) -> int:
        """How many leads change their grade."""
        return sum(count for _, count in self.regraded)


def edit_of(published: Published) -> EditShown | None:
    """The edit that a model came from; None for one that was trained."""
    said, found = published.about.get(EDITED), published.about.get(BESIDE)
    if not isinstance(said, Mapping):
        return None
    signed = (published.version, said["parent"], said["by"], day_of(said["at"]), said["why"], [*_touched(said)])
    if not isinstance(found, Mapping):
        return EditShown(*signed)
    figures = [_figure(found, *one) for one in FIGURES]
    regraded = list(found["regraded"].items())
    return EditShown(*signed, found["source"], found["leads"], found["buyers"], figures, regraded)


def _touched(said: Mapping[str, Any]) -> Iterator[Touched]:
    """Everything that an edit changed."""
    yield from (Touched(name, "", "left out") for name in said.get("veto", ()))
    yield from (Touched(name, "", "let in again, from the next training on") for name in said.get("allow", ()))
    for one in said.get("points", ()):
        before, after = (_written(one[end], "+.1f") for end in ("before", "after"))
        yield Touched(one["field"], str(one["level"]), f"{before} to {after} points")


def _figure(found: Mapping[str, Any], name: str, metric: str, form: str) -> Figure:
    apart = found["differences"][metric]
    ends = (_written(apart[end], f"+{form}") for end in ("value", "low", "high"))
    return Figure(name, *(_written(found[side][metric], form) for side in ("before", "after")), *ends)


def _written(value: float, form: str) -> str:
    said = f"{value:{form}}"
    if not said.strip("+-0.%"):
        said = said.lstrip("+-")  # a zero has no sign
    return said.replace("%", " %").replace("-", "\u2212")


def day_of(moment: str) -> str:
    """The day of a moment in ISO 8601, as pages write it.

    >>> day_of("2026-03-02T09:00:00Z")
    '2 March 2026'
    """
    return day(micros_at(datetime.fromisoformat(moment)))

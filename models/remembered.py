"""What the champion was told when it was trained, for whoever writes or trains the next history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scoring import LeadrankError
from scoring.snapshot import Measure

from .changes import hand_set_in, vetoed_in
from .shelf import Shelf


@dataclass(frozen=True, slots=True)
class Remembered:
    """version: None where no model serves. mapping: as its description keeps it. counted: fields from activities.

    rows, buyers: what it learned from. strict: it was trained without fields under suspicion. vetoed: fields left out
    by a person's word. hand_set: points that a person set.
    """

    version: str | None = None
    mapping: Mapping[str, Any] = field(default_factory=dict)
    counted: frozenset[str] = frozenset()
    rows: int | None = None
    buyers: int | None = None
    strict: bool = False
    vetoed: Sequence[Mapping[str, Any]] = ()
    hand_set: Sequence[Mapping[str, Any]] = ()

    @property
    def left_out(self) -> dict[str, str]:
        """The fields that a person left out, and the reason in words."""
        return {str(one["field"]): f"left out by {one.get('by')}: {one.get('why')}" for one in self.vetoed}


def remembered_by(shelf: Shelf) -> Remembered:
    """What the serving champion remembers; nothing where none opens."""
    try:
        published, _ = shelf.open_champion()
    except LeadrankError:
        return Remembered()
    about = published.about
    mapping = about.get("mapping")
    return Remembered(
        published.version,
        mapping if isinstance(mapping, Mapping) else {},
        frozenset(d.field for d in published.card.derived if d.measure is not Measure.AGE),
        about.get("rows"),
        about.get("buyers"),
        about.get("strict") is True,
        vetoed_in(about),
        hand_set_in(about),
    )

"""The currency that amounts are in."""

from __future__ import annotations

from collections.abc import Mapping

from models import Shelf
from scoring import LeadrankError

from .champion import Champion


class Currency:
    """The currency of the settings, else the one that the champion was told of when it was trained."""

    def __init__(self, said: str | None, shelf: Shelf, champion: Champion) -> None:
        self._said, self._shelf, self._champion = said, shelf, champion
        self._told: dict[str, str | None] = {}

    def __call__(self) -> str | None:
        """Its three letters; None where nobody has said."""
        serving = self._champion.serving
        if self._said or serving is None:
            return self._said
        if serving.version not in self._told:
            self._told = {serving.version: _told_to(self._shelf, serving.version)}
        return self._told[serving.version]


def _told_to(shelf: Shelf, version: str) -> str | None:
    try:
        mapping = shelf.open(version).about.get("mapping")
    except (LeadrankError, OSError):
        return None
    found = mapping.get("currency") if isinstance(mapping, Mapping) else None
    return found if isinstance(found, str) else None

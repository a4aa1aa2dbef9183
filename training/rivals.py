"""Earlier champions to compare a candidate with: as each was when it was judged, before it saw its test leads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from models.shelf import Published, Shelf
from scoring import LeadrankError, Scorecard, from_json, to_json
from scoring.values import read_moment

JUDGED = "judged.json"
"""The attachment of a published model that holds the card it was judged by."""

MOST = 5
"""Earlier champions that are compared with, the latest ones: many small steps down must not end far below."""


@dataclass(frozen=True)
class Rival:
    """An earlier champion. card: learned from what was known at `cut`, seconds since 1970; None without dates."""

    version: str
    card: Scorecard
    cut: int | None

    def is_fair(self, cut: int | None) -> bool:
        """Whether it knew nothing of leads that a candidate with this cut is judged on."""
        return self.cut == cut or (self.cut is not None and cut is not None and self.cut <= cut)


def champions_on(shelf: Shelf) -> list[Rival]:
    """The latest champions, the present one first; those that do not open or keep no judged card are left out."""
    try:
        versions = [change.version for change in reversed(shelf.history())]
    except LeadrankError:
        return []
    found: list[Rival] = []
    for version in dict.fromkeys(versions):
        rival = rival_of(shelf, version)
        if rival is not None:
            found.append(rival)
        if len(found) == MOST:
            break
    return found


def rival_of(shelf: Shelf, version: str) -> Rival | None:
    """A published model as it was judged; None where it does not open or keeps no judged card."""
    try:
        published = shelf.open(version)
        card = from_json((published.folder / JUDGED).read_bytes())
    except (LeadrankError, OSError, ValueError):
        return None
    return Rival(version, card, _cut_of(published))


def as_attachment(judged: Scorecard) -> dict[str, bytes]:
    """The judged card as a file of the published model."""
    return {JUDGED: to_json(judged)}


def unfair_in_words(rivals: Iterable[Rival], cut: int | None) -> tuple[str, ...]:
    """Who is not compared with, and why."""
    names = [rival.version for rival in rivals if not rival.is_fair(cut)]
    return (
        (f"not compared with model {', '.join(names)}: learned from leads that this one is judged on",) if names else ()
    )


def _cut_of(published: Published) -> int | None:
    cut = (published.about.get("split") or {}).get("cut")
    return None if cut is None else read_moment(cut)

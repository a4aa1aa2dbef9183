"""What is on the shelf, a line for every version: damaged ones are named, not hidden, and hold up nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scoring import LeadrankError

from .published import Published
from .shelf import Shelf


@dataclass(frozen=True, slots=True)
class Line:
    """One version. role: champion, challenger or empty. fault: why it does not open. report: the path of its page."""

    version: str
    role: str
    created_at: str | None = None
    rows: int | None = None
    buyers: int | None = None
    auc: float | None = None
    decision: str | None = None
    report: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """All versions, the oldest first, and what is wrong with the pointer, if anything is."""

    lines: tuple[Line, ...]
    champion: str | None
    challenger: str | None
    fault: str | None


def listing_of(shelf: Shelf) -> Listing:
    """Open every version and say what it is."""
    champion, fault = _answer(shelf.champion)
    challenger, _ = _answer(shelf.challenger)
    roles = {champion: "champion", challenger: "challenger"}
    lines = tuple(_line(shelf, version, roles.get(version, "")) for version in shelf.versions())
    return Listing(lines, champion, challenger, fault)


def _answer(ask: Callable[[], str | None]) -> tuple[str | None, str | None]:
    try:
        return ask(), None
    except LeadrankError as fault:
        return None, str(fault)


def _line(shelf: Shelf, version: str, role: str) -> Line:
    try:
        return _opened(shelf.open(version), role)
    except LeadrankError as fault:
        return Line(version, role, fault=fault.what)


def _opened(published: Published, role: str) -> Line:
    about = published.about
    metrics, gate = _part(about, "metrics"), _part(about, "gate")
    return Line(
        published.version,
        role,
        created_at=published.created_at,
        rows=about.get("rows"),
        buyers=about.get("buyers"),
        auc=metrics.get("auc"),
        decision=gate.get("decision"),
        report=None if published.report is None else str(published.report),
    )


def _part(about: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = about.get(name)
    return found if isinstance(found, Mapping) else {}

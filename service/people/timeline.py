"""A lead's timeline as people read it: what was taken back is left out, and the same thing of one day is told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from service.life.state import Said

WHO = {"activity": None, "feedback": "sales", "outcome": "CRM", "handover": "marketing"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. at: ISO 8601; who: None for what the lead did itself."""

    at: str
    what: str
    who: str | None
    reason: str | None
    amount: float | None
    times: int


def told(timeline: Sequence[dict[str, Any]]) -> list[Entry]:
    """The lines of `story_of`'s timeline, the newest first."""
    taken_back = {(e["what"], e.get("withdraws")) for e in timeline if e["kind"] == Said.WITHDRAWN}
    standing = [e for e in timeline if e["kind"] != Said.WITHDRAWN and (e["what"], e["event_id"]) not in taken_back]
    return [_entry(list(same)) for _, same in groupby(standing, key=_same)]


def _same(entry: dict[str, Any]) -> tuple[Any, ...]:
    return entry["at"][:10], entry["what"], entry["kind"], entry.get("reason"), entry["amount"]


def _entry(same: Sequence[dict[str, Any]]) -> Entry:
    first = same[0]
    return Entry(first["at"], first["kind"], WHO[first["what"]], first.get("reason"), first["amount"], len(same))

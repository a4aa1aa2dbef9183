"""What to say to a lead: what fits about it, what it did lately, and what is worth asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

FITS, DID, ASK = 3, 4, 4
"""How many of each a seller reads before a call."""

NOT_TOLD = frozenset({"activities", "created_at"})
"""What a score may lack without a lead having kept it to itself."""

LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a lead did lately: how often, and on which day last (`2026-03-02`)."""

    kind: str
    times: int
    last: str


@dataclass(frozen=True, slots=True)
class Talk:
    """fits: terms that speak for the lead and that it has a value of; ask: fields that it did not tell."""

    fits: Sequence[Mapping[str, Any]]
    did: Sequence[Deed]
    ask: Sequence[str]


def talk_of(lead: Mapping[str, Any], timeline: Sequence[Mapping[str, Any]], now: datetime) -> Talk:
    """What to say to a lead. lead: as the API answers it, with its points; timeline: as `story_of` tells it.

    What is counted from activities is told as what it did, and not once more as what fits.
    """
    told = lead["fields"]
    fits = [p for p in lead["points"] if p["points"] >= 1 and all(told.get(f) not in (None, "") for f in p["fields"])]
    missing = [w.partition(":")[2] for w in lead["warnings"] if w.startswith("missing:")]
    return Talk(fits[:FITS], _did(timeline, now), [name for name in missing if name not in NOT_TOLD][:ASK])


def _did(timeline: Sequence[Mapping[str, Any]], now: datetime) -> list[Deed]:
    """What it did within the last 30 days, the latest first."""
    since, days = (now - LATELY).strftime("%Y-%m-%d"), dict[str, list[str]]()
    for entry in timeline:
        if entry["what"] == "activity" and entry["at"][:10] >= since:
            days.setdefault(entry["kind"], []).append(entry["at"][:10])
    return sorted((Deed(kind, len(at), max(at)) for kind, at in days.items()), key=lambda d: d.last, reverse=True)[:DID]

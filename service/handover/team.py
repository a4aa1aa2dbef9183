"""What the team says of its days."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Team:
    """Its time zone, and within how many hours it answers a lead."""

    zone: ZoneInfo
    answer_within: int

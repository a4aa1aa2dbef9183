"""What the team says of its days."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Team:
    """Its time zone, and within how many hours it answers a lead."""

    zone: ZoneInfo
    answer_within: int

    @classmethod
    def of(cls, settings: Settings) -> Team:
        """As the settings have it."""
        return cls(settings.zone, settings.answer_within)

"""What the team says of its days and its money."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Team:
    """Its time zone, within how many hours it answers a lead, and the currency of its deals, where that was said."""

    zone: ZoneInfo
    answer_within: int
    currency: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> Team:
        """As the settings have it."""
        return cls(settings.zone, settings.answer_within, settings.currency)

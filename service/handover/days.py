"""The days of a handover: which day it is, which week, and how many working days of it are left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from service.moments import micros_at

WORKING_DAYS = 5
"""Monday to Friday; holidays are absences of the seller."""


@dataclass(frozen=True, slots=True)
class Today:
    """A moment and the day that it is where the team works. micros: since 1970."""

    day: date
    micros: int

    @classmethod
    def of(cls, now: datetime, zone: tzinfo) -> Today:
        """The day of an aware datetime.

        >>> from datetime import UTC, timezone
        >>> Today.of(datetime(2026, 3, 1, 21, tzinfo=UTC), timezone(timedelta(hours=10))).day
        datetime.date(2026, 3, 2)
        """
        return cls(now.astimezone(zone).date(), micros_at(now))

    @property
    def monday(self) -> date:
        """The first day of the week."""
        return self.day - timedelta(days=self.day.weekday())

    @property
    def week(self) -> list[date]:
        """The working days of the week."""
        return [self.monday + timedelta(days=n) for n in range(WORKING_DAYS)]


@dataclass(frozen=True, slots=True)
class Absence:
    """From the first day to the last, both included."""

    first: date
    last: date

    def covers(self, day: date) -> bool:
        """Whether it lasts on that day."""
        return self.first <= day <= self.last


def day_of(text: object) -> date | None:
    """The day of a text such as `2026-03-02`, None where it is none."""
    if type(text) is not str or len(text) != 10:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 <= found.year < 2200 else None

"""Months in which leads came in: which ones an address asks for, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from service.moments import micros_at

USUAL = 12
"""Months that are shown where no other ones are asked for, this one included. What a campaign brought two years ago
says little of what to do now; fewer would hold too few leads that have had their time to buy."""

OFFERED = 60
"""Months that can be chosen; what lies before is chosen as the beginning."""

BEGINNING = "start"
"""How an address asks for all months."""

FIRST_YEAR = 1900


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A month of the calendar, in UTC.

    >>> str(Month(2026, 1) - 1), Month(2026, 12).words, Month(2026, 3) - 11
    ('2025-12', 'December 2026', Month(year=2025, month=4))
    """

    year: int
    month: int

    def __str__(self) -> str:
        """As it stands in an address and in files: `2026-03`."""
        return f"{self.year:04}-{self.month:02}"

    def __sub__(self, months: int) -> Month:
        """So many months before."""
        year, month = divmod(self.year * 12 + self.month - 1 - months, 12)
        return Month(year, month + 1)

    @property
    def words(self) -> str:
        """`March 2026`."""
        return f"{date(self.year, self.month, 1):%B} {self.year}"

    @property
    def begins(self) -> int:
        """Its first moment, microseconds since 1970."""
        return micros_at(datetime(self.year, self.month, 1, tzinfo=UTC))

    @property
    def ends(self) -> int:
        """The first moment after it."""
        return (self - -1).begins


def month_of(micros: int) -> Month:
    """The month of a moment, microseconds since 1970."""
    moment = datetime.fromtimestamp(micros // 1_000_000, UTC)
    return Month(moment.year, moment.month)


def month_named(text: str | None) -> Month | None:
    """The month of a text such as `2026-03`, None where it is none."""
    found = re.fullmatch("(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])", text or "", re.ASCII)
    return Month(int(found[0][:4]), int(found[0][5:])) if found else None


@dataclass(frozen=True, slots=True)
class Period:
    """From the first month to the last, both included. first: None for the beginning."""

    first: Month | None
    last: Month

    @property
    def since(self) -> int:
        """Its first moment, microseconds since 1970."""
        return (self.first or Month(FIRST_YEAR, 1)).begins

    @property
    def words(self) -> str:
        """`from April 2025 until March 2026`."""
        if self.first == self.last:
            return f"in {self.last.words}"
        return f"from {self.first.words} until {self.last.words}" if self.first else f"until {self.last.words}"

    def among(self, months: Iterable[Month]) -> list[Month]:
        """These months and its own first and last, in order of time."""
        return sorted({*months, self.last, self.first or self.last})


def period_of(first: str | None, last: str | None, now: int) -> Period:
    """The months that an address asks for, whichever of them comes first; what names none is as if it was left out.

    now: microseconds since 1970.
    """
    until = month_named(last) or month_of(now)
    if first == BEGINNING:
        return Period(None, until)
    since = month_named(first) or until - (USUAL - 1)
    return Period(min(since, until), max(since, until))


def offered(earliest: int | None, now: int) -> list[Month]:
    """The months to choose from, in order of time. earliest: when the first lead came, None where there is none."""
    this = month_of(now)
    begun = this if earliest is None else month_of(earliest)
    return [this - n for n in reversed(range(OFFERED)) if n == 0 or this - n >= begun]

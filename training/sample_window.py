"""The time of the simulated history: whole seconds since 1970, UTC."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from training.sample_dice import Floats, Ints

DAY, HOUR = 86_400, 3_600  # seconds
FIRST_YEAR = 1970  # of the count of seconds
DAYS_PER_YEAR = 365.2425


@dataclass(frozen=True)
class Window:
    """The time in which leads come in, in seconds since 1970; nothing after `until` may be seen."""

    start: int
    until: int

    @property
    def first_year(self) -> int:
        """The calendar year of the start (off by one only within a day of New Year)."""
        return FIRST_YEAR + int(self.start / DAY / DAYS_PER_YEAR)

    def share(self, at: Ints) -> Floats:
        """Return how far into the window each moment lies, 0 to 1."""
        return np.asarray((at - self.start) / (self.until - self.start), dtype=np.float64)


def window_before(until: datetime, months: int) -> Window:
    """Return the window of whole hours that begins `months` months before `until`; refuse a naive `until`."""
    if until.tzinfo is None:
        raise ValueError(f"until must carry a time zone, got {until.isoformat()}; add tzinfo=UTC")
    if months < 1:
        raise ValueError(f"months must be at least 1, got {months}")
    end = pd.Timestamp(until).tz_convert("UTC")
    start = (end - pd.DateOffset(months=months)).floor("h")
    return Window(start=int(start.timestamp()), until=math.floor(end.timestamp()))


def moments(seconds: Floats | Ints) -> pd.Series:
    """Return seconds since 1970 as UTC stamps; NaN becomes no stamp."""
    return pd.Series(pd.to_datetime(np.floor(seconds), unit="s", utc=True)).astype("datetime64[s, UTC]")

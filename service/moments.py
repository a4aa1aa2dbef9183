"""Moments: ISO 8601 on the wire, whole seconds for scoring, microseconds for order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from scoring.values import NotReadable, read_moment

Clock = Callable[[], datetime]
"""Tells the time, UTC-aware."""

SECOND = 1_000_000
"""Microseconds."""

FIRST = int(datetime(1900, 1, 1, tzinfo=UTC).timestamp())
LAST = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp())
"""What counts as a moment of business, seconds since 1970: beyond it lies a typing error."""

RULE = "a moment between the years 1900 and 2200 in ISO 8601, such as 2026-01-31T09:30:00Z"


def now_utc() -> datetime:
    """The clock on the wall."""
    return datetime.now(UTC)


def micros_of(text: object) -> int | None:
    """Microseconds since 1970 of a text, None where it is no moment. Naive is UTC, a date its day's end."""
    if type(text) is not str or len(text) > 40:
        return None
    try:
        seconds = read_moment(text)
    except (NotReadable, OverflowError):
        return None
    if not FIRST <= seconds < LAST:
        return None
    return seconds * SECOND + _fraction_of(text)


def _fraction_of(text: str) -> int:
    try:
        return datetime.fromisoformat(text.strip()).microsecond
    except ValueError:
        return 0


def micros_at(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime."""
    return int(moment.timestamp()) * SECOND + moment.microsecond


@lru_cache(maxsize=256)
def text_of_seconds(seconds: int) -> str:
    """`2026-01-31T09:30:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"


def text_of_micros(micros: int | None) -> str | None:
    """The same of microseconds, with as much of the fraction as there is."""
    if micros is None:
        return None
    seconds, fraction = divmod(micros, SECOND)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=fraction).isoformat().replace("+00:00", "Z")

"""Numbers as people write them on the page; what is not known is `–`."""

from __future__ import annotations

import math

UNKNOWN = "–"


def percent(share: float | None, digits: int = 0) -> str:
    """A share as `41 %`.

    >>> percent(0.412), percent(0.004), percent(None), percent(0.0), percent(0.05)
    ('41 %', '0.4 %', '–', '0 %', '5 %')
    """
    if share is None or not math.isfinite(share):
        return UNKNOWN
    if digits == 0 and abs(share) < 0.0995 and abs(100 * share - round(100 * share)) > 1e-9:
        digits = 1
    return f"{100 * share:.{digits}f} %"


def number(value: float | None, digits: int = 3) -> str:
    """A figure with a fixed number of decimals."""
    return UNKNOWN if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def whole(value: float | None) -> str:
    """A count, thousands separated."""
    return UNKNOWN if value is None or not math.isfinite(value) else f"{value:,.0f}"


def more(count: int, what: str) -> str:
    """What is listed and not drawn.

    >>> more(1, "pair"), more(3, "field")
    ('1 more pair, which moves leads less', '3 more fields, which move leads less')
    """
    return f"1 more {what}, which moves leads less" if count == 1 else f"{count} more {what}s, which move leads less"


def signed(value: float, digits: int = 0) -> str:
    """Points: `+12`, `−3`, `0`.

    >>> signed(12.3), signed(-0.2), signed(-3.0, 1)
    ('+12', '0', '−3.0')
    """
    said = f"{value:+.{digits}f}"
    if float(said) == 0:
        return f"{0:.{digits}f}"
    return said.replace("-", "−")


def times(value: float | None) -> str:
    """A ratio as `11 times`."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return f"{value:.0f} times" if value >= 9.95 else f"{value:.1f} times"


def money(value: float | None, currency: str | None) -> str:
    """An amount with its currency, where that is known."""
    return whole(value) if currency is None or whole(value) == UNKNOWN else f"{whole(value)} {currency}"

"""Numbers and moments as people say them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from service.moments import micros_of

from .sessions import USER

DISPLAY = ("name", "phone", "email", "link")
"""What the CRM may send to be shown of a lead."""

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def percent(share: float) -> str:
    """A chance as people say it: `34 %`, `under 1 %`, `over 99 %`."""
    if share < 0.01:
        return "under 1 %"
    return "over 99 %" if share > 0.99 else f"{share:.0%}".replace("%", " %")


def portion(share: float) -> str:
    """A share of things that were counted: of none 0 %, and of all 100 %."""
    return {0.0: "0 %", 1.0: "100 %"}.get(share) or percent(share)


def figure(value: float) -> str:
    """A number to three figures: `1,240`, `99`, `under 1`."""
    whole = float(f"{value:.3g}")
    return f"{whole:,.0f}" if whole >= 1 else "under 1"


def amount(value: float | None, *, currency: str | None = None) -> str:
    """Money as people say it, to three figures: `1,240 EUR`, `99`; nothing where it is not known."""
    if value is None:
        return ""
    return f"{figure(value)} {currency}" if currency else figure(value)


def exactly(value: float, *, currency: str | None = None) -> str:
    """Money that was paid, to the cent: `12,345.67 EUR`, `12,500`."""
    told = f"{value:,.2f}".removesuffix(".00")
    return f"{told} {currency}" if currency else told


def signed(points: float) -> str:
    """Points with a typographer's sign; whole, because a tenth of a point says nothing."""
    whole = round(points)
    return "±0" if whole == 0 else f"{whole:+d}".replace("-", "\u2212")


def number(value: int) -> str:
    """`12,345`."""
    return f"{value:,}"


def day(at: int | str | None) -> str:
    """`2 March 2026` of microseconds since 1970, in UTC, or of an ISO 8601 text; nothing where it is not known.

    >>> day(1_772_409_600_000_000), day("2026-03-02T09:30:00Z"), day("2026-03-02"), day(None)
    ('2 March 2026', '2 March 2026', '2 March 2026', '')
    """
    if at is None:
        return ""
    found = date.fromisoformat(at[:10]) if isinstance(at, str) else datetime.fromtimestamp(at / 1e6, UTC)
    return f"{found.day} {found:%B %Y}"


def is_day(text: str) -> bool:
    """True for a day as browsers send it: `2026-03-02`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def told(value: object) -> str:
    """A field's value as the page says it: yes and no, days written out, all else as the CRM sent it.

    >>> [told(v) for v in (None, True, 0, "VP", "2026-01-15", "2026-01-15T09:30:00Z", "2026-01-15 B")]
    ['', 'yes', '0', 'VP', '15 January 2026', '15 January 2026', '2026-01-15 B']
    """
    if value is None or isinstance(value, bool):
        return {None: "", True: "yes", False: "no"}[value]
    text = str(value)
    return day(text) if is_day(text[:10]) and micros_of(text) is not None else text


def span(seconds: float) -> str:
    """How long something took: `under a minute`, `25 minutes`, `3 hours`, `1 day`.

    >>> [span(s) for s in (0, 60, 119, 3_600, 90_000, 200_000)]
    ['under a minute', '1 minute', '1 minute', '1 hour', '1 day', '2 days']
    """
    for size, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        count = int(seconds // size)
        if count >= 1:
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return "under a minute"


def display_of(sent: Mapping[str, str]) -> dict[str, str | None]:
    """All that may be shown of a lead; None for what the CRM did not send."""
    return {name: sent.get(name) for name in DISPLAY}


def person(name: str) -> str:
    """A caller as people call him: a user by name, a key by its id.

    >>> person("user:mary"), person("key_1")
    ('mary', 'key_1')
    """
    return name.removeprefix(USER)


def spaced(name: str) -> str:
    """A program's name as words: `email_opened` becomes `email opened`."""
    return name.replace("_", " ")

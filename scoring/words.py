"""Reasons in words: what a bin, a level or a pair is called, and the observed fact behind it."""

from __future__ import annotations

from .fields import FIRST, MISSING, OTHER, Field, Kind, Warn
from .scorecard import Scorecard
from .snapshot import NEVER_DAYS

FACT_SUPPORT = 100
"""Leads that a level must have had before its observed share is quoted: +-10 points of percent at 95 %."""


def number_text(value: float) -> str:
    """A bin border as people write it: at most six digits, thousands separated."""
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:,.6g}"


def code_text(field: Field, code: int) -> str:
    """What one code of a field is called: `referral`, `50 to 199`, `not given`, `30 to 89 days ago`."""
    code &= Warn.MASK
    if code == MISSING:
        return "not given"
    if field.kind is Kind.NUMBER:
        return _bin_text(field, code)
    if field.kind is Kind.DATE:
        return f"{_bin_text(field, code)} days ago" if field.edges else "given"
    if code < FIRST[field.kind]:
        return "other"
    return field.labels[code - FIRST[field.kind]]


def _bin_text(field: Field, code: int) -> str:
    edges = field.edges
    if not edges:
        return "given"
    whole = all(float(e).is_integer() for e in edges)
    last = edges[-1] == NEVER_DAYS and field.name.startswith("days since ")
    if code == 1:
        if whole and field.lowest == edges[0] - 1:
            return number_text(field.lowest)
        if last and len(edges) == 1:
            return "at some time"
        return f"{number_text(edges[0] - 1)} or less" if whole else f"under {number_text(edges[0])}"
    low = edges[code - 2]
    if last and code == len(edges) + 1:
        return "never"
    if code == len(edges) + 1 - last:  # what happened at all happened less than NEVER_DAYS ago
        return f"{number_text(low)} or more"
    high = edges[code - 1] - 1 if whole else edges[code - 1]
    return number_text(low) if low == high else f"{number_text(low)} to {number_text(high)}"


def main_text(field: Field, code: int) -> str:
    """`Lead source: referral`."""
    return f"{field.name}: {code_text(field, code)}"


def pair_text(a: Field, code_a: int, b: Field, code_b: int) -> str:
    """`Industry: retail with Company size: 50 to 199`."""
    return f"{main_text(a, code_a)} with {main_text(b, code_b)}"


def text_text(field: Field, codes: tuple[int, ...], table: tuple[int, ...]) -> str:
    """`Job title: vp, sales`: the three known words that weigh most."""
    words = [c for c in codes if FIRST[Kind.TEXT] <= c <= Warn.MASK]
    if not words:
        missing = codes[0] & Warn.MASK == MISSING
        return f"{field.name}: {'not given' if missing else 'no known word'}"
    strongest = sorted(words, key=lambda c: (-abs(table[c]), c))[:3]
    return f"{field.name}: {', '.join(field.labels[c - FIRST[Kind.TEXT]] for c in strongest)}"


def fact_text(card: Scorecard, field: Field, code: int, points: float) -> str | None:
    """`41 % of 1,204 such leads bought; 12 % of all`, where enough did and the share agrees with the sign."""
    code &= Warn.MASK
    if code >= len(field.counts) or field.counts[code] < FACT_SUPPORT or code == OTHER == FIRST[field.kind] - 1:
        return None
    share = field.buyers[code] / field.counts[code]
    if (share - card.buyers_share) * points <= 0:
        return None
    return f"{share:.0%} of {field.counts[code]:,} such leads bought; {card.buyers_share:.0%} of all".replace("%", " %")

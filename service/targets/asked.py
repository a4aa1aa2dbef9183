"""What is asked of targets, checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from service.asked import object_of
from service.handover.days import day_of
from service.problems import Fault, Unfit

from .goals import Goal

KEYS = frozenset({"revenue", "purchases", "since", "until"})
MOST_REVENUE = 1e15
MOST_PURCHASES = 1_000_000_000
LONGEST_DAYS = 5 * 366
"""A target lies at most so far away, and counts from at most so long ago: beyond it lies a typing error."""

UNIT_RULE = "one of revenue and purchases"
REVENUE_RULE = "a number above 0 and below 1e15, in the currency of the deals"
PURCHASES_RULE = f"a whole number from 1 to {MOST_PURCHASES:,}"
SINCE_RULE = "a day such as 2026-01-01, today or within the five years before; left out, it is today"
UNTIL_RULE = "a day such as 2026-03-31, today or within the five years to come"

FORM = ("amount", "unit", "since", "until")
"""What the page's form sends."""


def asked_goal(raw: object, today: date) -> Goal:
    """The target of one PUT; raises Unfit. today: where the team works."""
    faults: list[Fault] = []
    body = object_of(raw, KEYS, "body", faults)
    if body is None:
        raise Unfit(*faults)
    revenue, purchases = _revenue(body.get("revenue"), faults), _purchases(body.get("purchases"), faults)
    if not faults and (revenue is None) is (purchases is None):
        faults.append(Fault("revenue", UNIT_RULE))
    since = today if body.get("since") is None else day_of(body["since"])
    until, span = day_of(body.get("until")), timedelta(days=LONGEST_DAYS)
    if since is None or not today - span <= since <= today:
        faults.append(Fault("since", SINCE_RULE))
    if until is None or not today <= until <= today + span:
        faults.append(Fault("until", UNTIL_RULE))
    if faults:
        raise Unfit(*faults)
    assert since is not None
    assert until is not None
    return Goal(revenue, purchases, since, until)


def told_goal(form: Mapping[str, str], today: date) -> Goal:
    """The target of a form; raises Unfit. An amount may have blanks and commas between its thousands."""
    unit, text = form.get("unit", "revenue"), form.get("amount", "")
    if unit not in ("revenue", "purchases"):
        raise Unfit(Fault("unit", "revenue or purchases"))
    try:
        plain = "".join(text.replace(",", "").split())
        amount: object = int(plain) if unit == "purchases" else float(plain)
    except ValueError:
        rule = PURCHASES_RULE if unit == "purchases" else REVENUE_RULE
        raise Unfit(Fault("amount", f"{rule}, such as 500000")) from None
    days = {name: form[name] for name in ("since", "until") if name in form}
    return asked_goal({unit: amount, **days}, today)


def _revenue(raw: object, faults: list[Fault]) -> float | None:
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 < raw < MOST_REVENUE:
        faults.append(Fault("revenue", REVENUE_RULE))
        return None
    return float(raw)


def _purchases(raw: object, faults: list[Fault]) -> int | None:
    if raw is None:
        return None
    if type(raw) is not int or not 1 <= raw <= MOST_PURCHASES:
        faults.append(Fault("purchases", PURCHASES_RULE))
        return None
    return raw

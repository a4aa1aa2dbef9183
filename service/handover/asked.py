"""What is asked of sellers and handovers, checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from starlette.datastructures import QueryParams

from scoring import WrongUsage
from service.access.grants import LONGEST, TERRITORY
from service.asked import is_short, object_of
from service.problems import Fault, Unfit, shown
from service.ranked import Place, Sort, place_of
from service.settings import Limits
from service.tables import PRODUCT, TEXT

from .days import Absence, day_of
from .sellers import MOST_CALLS, MOST_PRODUCTS, MOST_TERRITORIES, Seller

SELLER_KEYS = frozenset({"name", "capacity_per_week", "territories", "products", "away"})
AWAY_KEYS = frozenset({"from", "until"})
NAME_RULE = f"1 to {LONGEST} printable characters without blanks around them, not beginning with {TERRITORY}"
DAY_RULE = "a day such as 2026-03-02"
LARGEST_SEQ = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class DayQuery:
    """A page of what was handed over on a day; None is today. after: the `seq` of the last one before."""

    day: date | None
    limit: int
    after: int


@dataclass(frozen=True, slots=True)
class NurtureQuery:
    """A page of the nurture list."""

    limit: int
    after: Place | None


def asked_seller(raw: object, name: str) -> Seller:
    """The seller of one PUT; raises Unfit."""
    faults: list[Fault] = []
    body = object_of(raw, SELLER_KEYS, "body", faults)
    if body is None:
        raise Unfit(*faults)
    if not is_seller_name(name):
        faults.append(Fault("name", NAME_RULE))
    if body.get("name", name) != name:
        faults.append(Fault("name", "the same name as in the address, or none"))
    capacity = body.get("capacity_per_week")
    if type(capacity) is not int or not 0 <= capacity <= MOST_CALLS:
        faults.append(Fault("capacity_per_week", f"a whole number from 0 to {MOST_CALLS:,}: new calls a week"))
    territories = _texts("territories", body.get("territories", []), MOST_TERRITORIES, TEXT, faults)
    products = _texts("products", body.get("products", []), MOST_PRODUCTS, PRODUCT, faults)
    away = _away(body.get("away"), faults)
    if faults:
        raise Unfit(*faults)
    assert isinstance(capacity, int)
    return Seller(name, capacity, territories, away, products)


def told_seller(
    name: str, capacity: int, territories: Sequence[str], away: str | None, products: Sequence[str] = ()
) -> Seller:
    """The seller of a command line, where an absence is `FROM..UNTIL`; raises WrongUsage."""
    raw: dict[str, object] = {"capacity_per_week": capacity, "territories": list(territories)}
    raw["products"] = list(products)
    if away is not None:
        first, between, last = away.partition("..")
        if not between:
            raise WrongUsage("--away is no span of days", "give FROM..UNTIL, such as 2026-08-03..2026-08-14")
        raw["away"] = {"from": first, "until": last}
    try:
        return asked_seller(raw, name)
    except Unfit as fault:
        raise WrongUsage(fault.detail, "see `leadrank sellers set --help`") from None


def is_seller_name(name: object) -> bool:
    """Whether somebody can be called so."""
    fits = isinstance(name, str) and 1 <= len(name) <= LONGEST and name.isprintable() and name == name.strip()
    return fits and isinstance(name, str) and not name.startswith(TERRITORY)


def asks_dry_run(raw: object) -> bool:
    """Whether a POST asks what would be handed over; raises Unfit."""
    faults: list[Fault] = []
    found = (object_of(raw, frozenset({"dry_run"}), "body", faults) or {}).get("dry_run", False)
    if not isinstance(found, bool):
        faults.append(Fault("dry_run", "true or false"))
    if faults:
        raise Unfit(*faults)
    return bool(found)


def day_query(given: QueryParams, limits: Limits) -> DayQuery:
    """The page of one day that a query string asks for; raises Unfit."""
    faults = _names(given, ("day", "limit", "after"))
    limit, after, day = _limit(given, limits, faults), given.get("after", "0"), given.get("day")
    if day is not None and day_of(day) is None:
        faults.append(Fault("day", DAY_RULE))
    if not (re.fullmatch("[0-9]{1,19}", after) and int(after) <= LARGEST_SEQ):
        faults.append(Fault("after", "`paging.next.after` of the page before"))
    if faults:
        raise Unfit(*faults)
    return DayQuery(day_of(day), limit, int(after))


def nurture_query(given: QueryParams, limits: Limits) -> NurtureQuery:
    """The page of the nurture list that a query string asks for; raises Unfit."""
    faults = _names(given, ("limit", "after"))
    limit, after = _limit(given, limits, faults), given.get("after")
    if faults:
        raise Unfit(*faults)
    return NurtureQuery(limit, None if after is None else place_of(after, Sort.EXPECTED_VALUE, None))


def _texts(what: str, raw: object, most: int, longest: int, faults: list[Fault]) -> tuple[str, ...]:
    if not isinstance(raw, list) or len(raw) > most:
        faults.append(Fault(what, f"a list of at most {most} {what}, as the CRM names them"))
        return ()
    rule = f"a text of 1 to {longest:,} characters without NUL"
    fits = [is_short(one) and len(one) <= longest for one in raw]
    faults += [Fault(f"{what}[{i}]", rule) for i, one in enumerate(fits) if not one]
    return () if faults else tuple(dict.fromkeys(raw))


def _away(raw: object, faults: list[Fault]) -> Absence | None:
    if raw is None:
        return None
    body = object_of(raw, AWAY_KEYS, "away", faults) or {}
    first, last = day_of(body.get("from")), day_of(body.get("until"))
    faults += [Fault(f"away.{key}", DAY_RULE) for key, day in (("from", first), ("until", last)) if day is None]
    if first is None or last is None:
        return None
    if last < first:
        faults.append(Fault("away.until", "not before away.from; both days are included"))
    return Absence(first, last)


def _names(given: QueryParams, known: Sequence[str]) -> list[Fault]:
    names = [name for name, _ in given.multi_items()]
    rule = f"given once, and one of {', '.join(known)}"
    return [Fault(shown(n), rule) for n in dict.fromkeys(names) if n not in known or names.count(n) > 1]


def _limit(given: QueryParams, limits: Limits, faults: list[Fault]) -> int:
    limit = given.get("limit", str(limits.default_page))
    if re.fullmatch("[0-9]{1,6}", limit) and 1 <= int(limit) <= limits.page_leads:
        return int(limit)
    faults.append(Fault("limit", f"a whole number from 1 to {limits.page_leads}"))
    return limits.default_page

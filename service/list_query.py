"""What is asked of a ranked list, checked: sort, grade, limit and the place to go on from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from starlette.datastructures import QueryParams

from .problems import Fault, Unfit, shown
from .ranked import Grade, Place, Sort, place_of
from .settings import Limits

KEYS = ("sort", "grade", "limit", "after")

Choice = TypeVar("Choice", Sort, Grade)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """One page of one list."""

    sort: Sort
    grade: Grade | None
    limit: int
    after: Place | None


def list_query(given: QueryParams, limits: Limits) -> ListQuery:
    """The page that a query string asks for; raises Unfit."""
    _check_names(given)
    sort = _choice(Sort, "sort", given) or Sort.EXPECTED_VALUE
    grade = _choice(Grade, "grade", given)
    after = given.get("after")
    return ListQuery(
        sort,
        grade,
        _limit(given.get("limit"), limits),
        place_of(after, sort, grade) if after is not None else None,
    )


def _check_names(given: QueryParams) -> None:
    names = [name for name, _ in given.multi_items()]
    rule = f"given once, and one of {', '.join(KEYS)}"
    faults = [Fault(shown(n), rule) for n in dict.fromkeys(names) if n not in KEYS or names.count(n) > 1]
    if faults:
        raise Unfit(*faults)


def _choice(choices: type[Choice], name: str, given: QueryParams) -> Choice | None:
    value = given.get(name)
    if value is None:
        return None
    try:
        return choices(value)
    except ValueError:
        raise Unfit(Fault(name, f"one of {', '.join(choices)}")) from None


def _limit(value: str | None, limits: Limits) -> int:
    if value is None:
        return limits.default_page
    if value.isascii() and value.isdigit() and len(value) <= 6 and 1 <= int(value) <= limits.page_leads:
        return int(value)
    raise Unfit(Fault("limit", f"a whole number from 1 to {limits.page_leads}"))

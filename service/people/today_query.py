"""What is asked of today's list: words, filters, order and page; and the address that asks it again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from service.life.state import Standing
from service.ranked import Grade

from .looked_for import LONGEST
from .origins import MARKS

PATH = "/today"

_SPOT = re.compile(r"at-[0-9a-f]{12}")
"""How a row of the list is marked."""


class Order(StrEnum):
    """What comes first: what is worth most, what waits longest, or the first in the alphabet."""

    WORTH = "worth"
    WAITS = "waits"
    NAME = "name"


class Todo(StrEnum):
    """What is to be done with a lead: answer it, go on with it, or ask it again."""

    WAITS = "waits"
    ACCEPTED = "accepted"
    AGAIN = "again"


TODO_OF = {Standing.HANDED_OVER: Todo.WAITS, Standing.ACCEPTED: Todo.ACCEPTED, Standing.NOT_NOW: Todo.AGAIN}

Choice = TypeVar("Choice", Grade, Todo, Order)


@dataclass(frozen=True, slots=True)
class TodayQuery:
    """One page of today's list. origins: by key what a lead's campaign or source must be."""

    words: str = ""
    grade: Grade | None = None
    todo: Todo | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    order: Order = Order.WORTH
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        """Whether something else than words keeps leads away."""
        return bool(self.grade or self.todo or self.origins)

    def address(self, path: str = PATH) -> str:
        """The address that asks just this."""
        given = {"q": self.words, "grade": self.grade, "todo": self.todo, **self.origins}
        given |= {"sort": self.order if self.order is not Order.WORTH else None}
        given |= {"page": str(self.page) if self.page > 1 else None}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{path}?{query}" if query else path

    def at_page(self, page: int) -> TodayQuery:
        """The same list, another page of it."""
        return replace(self, page=page)


def today_query(given: Mapping[str, str]) -> TodayQuery:
    """What a query string asks for; what nobody knows is left out, since a person wants to see a page."""
    page = given.get("page", "")
    return TodayQuery(
        given.get("q", "").strip()[:LONGEST],
        _choice(Grade, given.get("grade")),
        _choice(Todo, given.get("todo")),
        {key: given[key][:LONGEST] for key in MARKS if given.get(key)},
        _choice(Order, given.get("sort")) or Order.WORTH,
        int(page) if page.isascii() and page.isdigit() and 1 <= len(page) <= 4 and int(page) else 1,
    )


def page_of(sent: str) -> str:
    """The list that a form says it stands on, made anew of what is known of it, so that a form leads nowhere else."""
    return today_query(dict(parse_qsl(sent.partition("#")[0].partition("?")[2]))).address()


def way_back(sent: str, said: str) -> str:
    """The address to go back to after a word: the same list, at the row that a form named. said: the word's id."""
    address, spot = page_of(sent), sent.partition("#")[2]
    address += ("&" if "?" in address else "?") + urlencode({"said": said})
    return f"{address}#{spot}" if _SPOT.fullmatch(spot) else address


def _choice(choices: type[Choice], value: str | None) -> Choice | None:
    return next((choice for choice in choices if choice == value), None)

"""Which columns an exported history has: the fields that leads were sent with, and names of our own beside them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

MOST_FIELDS = 2_000
MOST_NAMES = 500_000
"""Fields of one table, and characters of all their names as UTF-8: a header is read in one piece of a million bytes."""


@dataclass(frozen=True, slots=True)
class Columns:
    """fields: in the order of their names. ignored: those whose values are left out. left_out: how many fields."""

    fields: tuple[str, ...]
    ignored: frozenset[str]
    has_company: bool
    undated: int
    left_out: int

    def own(self, name: str) -> str:
        """A name for a column of our own that is none of the fields'.

        >>> Columns(("at",), frozenset(), False, 0, 0).own("at")
        'at_'
        """
        while name in self.fields:
            name += "_"
        return name


def columns_of(rows: Iterable[Row[Any]], ignore: Collection[str]) -> Columns:
    """The columns for leads of these rows (fields, company, created_at).

    ignore: fields that are not learned from. They stay columns without values, so that the word stands for ever.
    """
    seen, companies, undated = Counter[str](), 0, 0
    for row in rows:
        seen.update(json.loads(row.fields).keys())
        companies += row.company is not None
        undated += row.created_at is None
    kept, room = [], MOST_NAMES
    for name in sorted(seen, key=lambda n: (-seen[n], n))[:MOST_FIELDS]:
        room -= len(name.encode())
        if room >= 0:
            kept.append(name)
    return Columns(
        tuple(sorted({*kept, *ignore})), frozenset(ignore), companies > 0, undated, len(seen.keys() - {*kept, *ignore})
    )

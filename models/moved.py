"""What a newer card says otherwise than an older one: levels and bins whose points moved most."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from scoring import Field, Kind, Scorecard
from scoring.fields import FIRST
from scoring.scorecard import points_of
from scoring.words import code_text

MOST = 8
"""As many as are read."""

LEAST = 1.0
"""Points by which something must have moved to be told: less is what any refit does."""

SELDOM = 0.01
"""The share of leads below which a level moves by chance."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A level or a bin of a field, and its points in the older and in the newer card."""

    field: str
    level: str
    before: float
    after: float

    def __str__(self) -> str:
        return f"{self.field}: {self.level}: {self.before:+.1f} -> {self.after:+.1f} points"


def moved(old: Scorecard, new: Scorecard, most: int = MOST) -> list[Moved]:
    """The levels that both cards know, those that moved most first. Of texts and pairs nothing is told."""
    tables = {old.fields[main.field].name: (old.fields[main.field], main.table) for main in old.mains}
    found: list[Moved] = []
    for main in new.mains:
        field = new.fields[main.field]
        was, table = tables.get(field.name, (None, ()))
        if was is None or was.kind is not field.kind:
            continue
        for then, now in _same(was, field):
            place = Moved(field.name, code_text(field, now), points_of(table[then]), points_of(main.table[now]))
            if abs(place.after - place.before) >= LEAST:
                found.append(place)
    return sorted(found, key=lambda m: (-abs(m.after - m.before), m.field, m.level))[:most]


def _same(old: Field, new: Field) -> Iterator[tuple[int, int]]:
    """Codes of the older and the newer field that mean the same, seldom ones left out."""
    first, least = FIRST[new.kind], SELDOM * sum(new.counts)
    if new.kind in (Kind.NUMBER, Kind.DATE):
        for i, edge in enumerate(new.edges):
            if new.counts and new.counts[first + i + 1] >= least:
                yield first + bisect_right(old.edges, edge), first + i + 1
    elif new.kind is not Kind.TEXT:
        places = {level: FIRST[old.kind] + i for i, level in enumerate(old.levels)}
        for i, level in enumerate(new.levels):
            if level in places and new.counts and new.counts[first + i] >= least:
                yield places[level], first + i

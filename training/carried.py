"""Points set by hand, carried from a published card to the card that it was judged by, whose bins are others."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scoring.editing import Setting, code_of
from scoring.fields import FIRST, Field, Kind
from scoring.scorecard import Head, Main, Pair, Scorecard

Cells = tuple[int, ...]


@dataclass(frozen=True)
class Carried:
    """The same card with bins split where it has to be, the points by its codes, and what it cannot take."""

    card: Scorecard
    points: tuple[Setting, ...]
    lost: tuple[str, ...]


def carried(points: Sequence[Setting], published: Scorecard, judged: Scorecard) -> Carried:
    """What the judged card must be told so that it says of the same leads what the published one was told."""
    fields = {field.name: field for field in published.fields}
    places = {field.name: i for i, field in enumerate(judged.fields)}
    tabled = {judged.fields[main.field].name for main in judged.mains}
    card, lost = judged, []
    for one in points:
        if one.field in tabled:
            for border in _borders(fields[one.field], code_of(fields[one.field], one.level)):
                card = with_border(card, places[one.field], border)
    found: list[Setting] = []
    for one in points:
        mine = fields[one.field]
        codes = _codes(mine, code_of(mine, one.level), card.fields[places[one.field]]) if one.field in tabled else []
        found += [Setting(one.field, code, one.points) for code in codes]
        lost += [] if codes else [f"{one.field}: {one.level}"]
    return Carried(card, tuple(found), tuple(lost))


def with_border(card: Scorecard, place: int, border: float) -> Scorecard:
    """The same function with one more bin border in a number or a date."""
    field = card.fields[place]
    if border in field.edges:
        return card
    at = bisect_left(field.edges, border)
    code = at + 1
    split = replace(
        field,
        edges=(*field.edges[:at], border, *field.edges[at:]),
        counts=_halved(field.counts, code),
        buyers=_halved(field.buyers, code),
    )
    return replace(
        card,
        fields=tuple(split if i == place else f for i, f in enumerate(card.fields)),
        mains=_mains(card.mains, place, code),
        pairs=tuple(_pair(pair, place, code) for pair in card.pairs),
        short=_head(card.short, place, code),
        value=_head(card.value, place, code),
    )


def _borders(field: Field, code: int) -> list[float]:
    """Where the bin of a code begins and ends; nothing for levels, and for what is missing."""
    if field.kind not in (Kind.NUMBER, Kind.DATE) or code < FIRST[field.kind]:
        return []
    return list(field.edges[max(code - 2, 0) : code])


def _codes(mine: Field, code: int, theirs: Field) -> list[int]:
    """Every code of their field that lies within my field's code."""
    if mine.kind is not theirs.kind:
        return []
    if code < FIRST[mine.kind]:
        return [code]
    if mine.kind in (Kind.NUMBER, Kind.DATE):
        first = 1 if code == 1 else bisect_right(theirs.edges, mine.edges[code - 2]) + 1
        last = len(theirs.edges) + 1 if code > len(mine.edges) else bisect_left(theirs.edges, mine.edges[code - 1]) + 1
        return list(range(first, last + 1))
    level = mine.levels[code - FIRST[mine.kind]]
    return [FIRST[mine.kind] + theirs.levels.index(level)] if level in theirs.levels else []


def _twice(cells: Cells, code: int) -> Cells:
    return (*cells[: code + 1], *cells[code:])


def _halved(counts: Cells, code: int) -> Cells:
    """Nobody knows how many leads lie on either side: half each."""
    if not counts:
        return counts
    return (*counts[:code], counts[code] // 2, counts[code] - counts[code] // 2, *counts[code + 1 :])


def _mains(mains: Sequence[Main], place: int, code: int) -> tuple[Main, ...]:
    return tuple(Main(m.field, _twice(m.table, code)) if m.field == place else m for m in mains)


def _pair(pair: Pair, place: int, code: int) -> Pair:
    rows = _twice(pair.rows, code) if pair.a == place else pair.rows
    columns = _twice(pair.columns, code) if pair.b == place else pair.columns
    return replace(pair, rows=rows, columns=columns)


def _head(head: Head | None, place: int, code: int) -> Head | None:
    return None if head is None else replace(head, mains=_mains(head.mains, place, code))

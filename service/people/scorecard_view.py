"""A scorecard to read: fields with their levels and points, the strongest first, and pairs in words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from scoring.editing import editable_codes
from scoring.fields import Field
from scoring.scorecard import Main, Pair, Scorecard, points_of
from scoring.words import code_text, pair_text

HALF = 50.0
"""How wide the widest bar to one side is, in units of the picture."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level or bin. x, width: of its bar. leads, bought: in training; None where the card does not count them."""

    code: int
    text: str
    points: float
    x: float
    width: float
    leads: int | None
    bought: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One field. place: in the card. low, high: its least and most points. out: left out by a person's word."""

    place: int
    name: str
    kind: str
    levels: tuple[Level, ...]
    low: float
    high: float
    out: bool


@dataclass(frozen=True, slots=True)
class Together:
    """What two fields say together beyond what each says alone: where most, and where least."""

    for_words: str
    for_points: float
    against_words: str
    against_points: float


def fields_of(card: Scorecard, out: Collection[str]) -> list[Shown]:
    """All fields with a table, those that spread leads most first."""
    widest = max((abs(value) for main in card.mains for value in main.table), default=0) or 1
    found = [(_spread(card.fields[m.field], m), _shown(card.fields[m.field], m, widest, out)) for m in card.mains]
    return [shown for _, shown in sorted(found, key=lambda one: (-one[0], one[1].place))]


def pairs_of(card: Scorecard) -> list[Together]:
    """All pairs, those that say most first."""
    pairs = sorted(card.pairs, key=lambda pair: -max(map(abs, pair.table), default=0))
    return [_together(card, pair) for pair in pairs]


def _shown(field: Field, main: Main, widest: int, out: Collection[str]) -> Shown:
    levels = tuple(_level(field, code, main.table[code], widest) for code in editable_codes(field))
    points = [level.points for level in levels]
    return Shown(main.field, field.name, field.kind.value, levels, min(points), max(points), field.name in out)


def _level(field: Field, code: int, value: int, widest: int) -> Level:
    width = round(HALF * abs(value) / widest, 1)
    counted = bool(field.counts)
    return Level(
        code,
        code_text(field, code),
        points_of(value),
        HALF if value >= 0 else HALF - width,
        width,
        field.counts[code] if counted else None,
        field.buyers[code] if counted else None,
    )


def _spread(field: Field, main: Main) -> float:
    """The mean square of the field's points over training leads."""
    counts = field.counts or (1,) * field.size
    return sum(n * value * value for n, value in zip(counts, main.table, strict=True)) / max(sum(counts), 1)


def _together(card: Scorecard, pair: Pair) -> Together:
    cells = range(len(pair.table))
    best, worst = max(cells, key=lambda i: pair.table[i]), min(cells, key=lambda i: pair.table[i])
    return Together(
        _cell_text(card, pair, best),
        points_of(pair.table[best]),
        _cell_text(card, pair, worst),
        points_of(pair.table[worst]),
    )


def _cell_text(card: Scorecard, pair: Pair, cell: int) -> str:
    """The first of the levels that share a cell, and that others do."""
    row, column = divmod(cell, pair.width)
    rows = [code for code, found in enumerate(pair.rows) if found == row] or [0]
    columns = [code for code, found in enumerate(pair.columns) if found == column] or [0]
    more = " and the like" if len(rows) > 1 or len(columns) > 1 else ""
    return pair_text(card.fields[pair.a], rows[0], card.fields[pair.b], columns[0]) + more

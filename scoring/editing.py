"""A scorecard edited by a person: fields left out, points set by hand. What comes out is a valid, centred card."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .errors import WrongUsage
from .fields import FIRST, Field, Kind
from .scorecard import LARGEST, POINTS, Head, Main, Scorecard, points_of
from .values import level_key
from .words import code_text

MOST_POINTS = 100.0
"""Points that a level may have by hand: a thousand times the odds. More is a slip of the pen."""


class BadEdit(WrongUsage):
    """An edit that cannot be made. field: where; rule: what is broken."""

    def __init__(self, field: str, rule: str, way_out: str = "") -> None:
        super().__init__(f"{field}: {rule}", way_out)
        self.field, self.rule = field, rule


@dataclass(frozen=True, slots=True)
class Setting:
    """Points of one level or bin, as a person wants them. level: in words as `level_text` has them, or a code."""

    field: str
    level: str | int
    points: float


@dataclass(frozen=True, slots=True)
class HandSet:
    """What was set: points of a level before and after."""

    field: str
    level: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Edited:
    """The new card, and what was set by hand in it."""

    card: Scorecard
    points: tuple[HandSet, ...]


def edited(
    card: Scorecard,
    *,
    veto: Collection[str] = (),
    points: Sequence[Setting] = (),
    monotone: Mapping[str, str] | None = None,
) -> Edited:
    """The card without some fields and with these points; the average lead keeps its log-odds. Raises BadEdit.

    A level that is set has the points that were asked for; the other levels of its field are moved alike, so that the
    average lead has 0 points of the field as before. monotone: fields that may only rise (`up`) or fall (`down`).
    """
    places = {field.name: i for i, field in enumerate(card.fields)}
    for name in (*veto, *(one.field for one in points)):
        if name not in places:
            raise BadEdit(name, "the model has no such field", f"it has {', '.join(places)}")
    wanted = _wanted(card, places, points, veto)
    tables = {main.field: main.table for main in card.mains}
    for place, steps in wanted.items():
        tables[place] = _with_steps(card.fields[place], tables[place], steps)
        _refuse_turns(card.fields[place], tables[place], (monotone or {}).get(card.fields[place].name))
    mains = tuple(Main(main.field, tables[main.field]) for main in card.mains)
    made = without_fields(replace(card, mains=mains), veto)
    return Edited(made, _told(card, tables, wanted))


def setting_of(text: str, card: Scorecard) -> Setting:
    """The setting that `FIELD: LEVEL = POINTS` means, as reasons are written. Raises BadEdit.

    Names of fields may hold colons: the longest name that the text begins with is meant.
    """
    said, _, number = text.rpartition("=")
    known = [field.name for field in card.fields if said.startswith(f"{field.name}:")]
    name = max(known, key=len, default=said.partition(":")[0])
    level = said[len(name) + 1 :].strip()
    try:
        return Setting(name.strip(), level, float(number))
    except ValueError:
        rule = "it is not FIELD: LEVEL = POINTS"
        raise BadEdit(text[:100], rule, 'write it as reasons are: "Lead source: Referral = 14"') from None


def editable_codes(field: Field) -> list[int]:
    """The codes whose points can be set: all but a text's base, which every text has."""
    return [code for code in range(field.size) if field.kind is not Kind.TEXT or code != FIRST[Kind.TEXT] - 1]


def code_of(field: Field, level: str | int) -> int:
    """The code of a level in words, or of a code itself. Raises BadEdit."""
    codes = editable_codes(field)
    if isinstance(level, int):
        found = [level] if level in codes else []
    else:
        key = level_key(level)
        found = [code for code in codes if level_key(code_text(field, code)) == key]
        found = [code for code in found if code >= FIRST[field.kind]] or found
    if len(found) != 1:
        known = [code_text(field, code) for code in codes]
        more = f" and {len(known) - 12} more" if len(known) > 12 else ""
        raise BadEdit(field.name, f"it has no level {str(level)[:100]!r}", f"it has {'; '.join(known[:12])}{more}")
    return found[0]


def without_fields(card: Scorecard, names: Collection[str]) -> Scorecard:
    """The card whose log-odds, readiness and value do not depend on these fields; names that it has not are passed."""
    out = {i for i, field in enumerate(card.fields) if field.name in names}
    if not out:
        return card
    return replace(
        card,
        mains=tuple(Main(m.field, (0,) * len(m.table)) if m.field in out else m for m in card.mains),
        pairs=tuple(pair for pair in card.pairs if not {pair.a, pair.b} & out),
        short=_head_without(card.short, card.fields, out),
        value=_head_without(card.value, card.fields, out),
    )


def _head_without(head: Head | None, fields: Sequence[Field], out: set[int]) -> Head | None:
    """The head without its tables of some fields; what they say of the average lead goes into its base."""
    if head is None:
        return None
    base = head.base
    for main in head.mains:
        counts = fields[main.field].counts
        if main.field in out and sum(counts) > 0:
            base += round(sum(n * t for n, t in zip(counts, main.table, strict=True)) / sum(counts))
    base = min(max(base, -LARGEST), LARGEST)
    return replace(head, base=base, mains=tuple(main for main in head.mains if main.field not in out))


def _wanted(
    card: Scorecard, places: Mapping[str, int], points: Sequence[Setting], veto: Collection[str]
) -> dict[int, dict[int, int]]:
    """By field and code the table's integers that are asked for."""
    has_table = {main.field for main in card.mains}
    found: dict[int, dict[int, int]] = {}
    for one in points:
        field = card.fields[places[one.field]]
        if one.field in veto:
            raise BadEdit(one.field, "it is left out and has points set at once", "say one of the two")
        if places[one.field] not in has_table:
            raise BadEdit(one.field, "the model has no points for it that could be set")
        if not (math.isfinite(one.points) and abs(one.points) <= MOST_POINTS):
            raise BadEdit(one.field, f"points are numbers from -{MOST_POINTS:.0f} to {MOST_POINTS:.0f}")
        code, steps = code_of(field, one.level), found.setdefault(places[one.field], {})
        if code in steps:
            raise BadEdit(one.field, f"{code_text(field, code)!r} is set twice", "say its points once")
        steps[code] = round(one.points / POINTS)
    return found


def _with_steps(field: Field, table: tuple[int, ...], steps: Mapping[int, int]) -> tuple[int, ...]:
    """The table with some entries set, and the others moved alike, so that its mean by training counts stays."""
    if not sum(field.counts):
        raise BadEdit(
            field.name, "the model keeps no counts of it, so that its points cannot be centred", "train again"
        )
    makes_up = range(FIRST[Kind.TEXT]) if field.kind is Kind.TEXT else range(field.size)
    rest = [code for code in makes_up if code not in steps and field.counts[code]]
    moved = sum(field.counts[code] * (value - table[code]) for code, value in steps.items())
    weight = sum(field.counts[code] for code in rest)
    if moved and not weight:
        raise BadEdit(field.name, "every level that leads have is set: none is left to make up for it", "set fewer")
    shift = (weight - 2 * moved) // (2 * weight) if moved else 0
    found = list(table)
    for code in rest:
        found[code] += shift
    for code, value in steps.items():
        found[code] = value
    most = max(abs(points_of(found[code])) for code in (*rest, *steps))
    if most > MOST_POINTS and shift:
        raise BadEdit(
            field.name,
            f"its other levels would have {most:,.0f} points to make up for it, more than {MOST_POINTS:.0f}",
            "most leads have the level that was set; set the others instead",
        )
    return tuple(found)


def _refuse_turns(field: Field, table: tuple[int, ...], way: str | None) -> None:
    """BadEdit where the bins of a field that may only rise or fall do otherwise; missing stands apart."""
    bins = table[FIRST[Kind.NUMBER] :]
    if (way == "up" and any(a > b for a, b in pairwise(bins))) or (
        way == "down" and any(a < b for a, b in pairwise(bins))
    ):
        rule = f"its points may only go {way} with its value (monotone), and would not"
        raise BadEdit(field.name, rule, "set the neighbouring bins too")


def _told(
    card: Scorecard, tables: Mapping[int, tuple[int, ...]], wanted: Mapping[int, Mapping[int, int]]
) -> tuple[HandSet, ...]:
    before = {main.field: main.table for main in card.mains}
    return tuple(
        HandSet(
            card.fields[place].name,
            code_text(card.fields[place], code),
            points_of(before[place][code]),
            points_of(tables[place][code]),
        )
        for place, steps in wanted.items()
        for code in steps
    )

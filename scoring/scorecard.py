"""The scorecard: a learned model as plain, frozen data, with an exact JSON form."""

from __future__ import annotations

import hashlib
import json
import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from .fields import Field, Kind, Warn
from .snapshot import Derived, Measure

FORMAT = 2
"""The JSON format's number; older formats are read for ever, because stored scores must stay recomputable."""

SCALE = 1 << 20
"""Tables hold integers of 2^-20 log-odds: sums are exact in any order, on any engine."""

POINTS = 10 / math.log(2) / SCALE
"""Points of one integer step: +10 points doubles the odds of buying."""

REFERENCE_STEPS = 1000
"""How finely the reference leads' log-odds are kept: a score is a whole percent, a grade cut a per mille."""


LARGEST = 1 << 40
"""No table's integer is larger, a million log-odds: then every sum of a card fits 64 bits."""

STEEPEST = 1 << 22
"""No head's slope is larger, 4: times the largest log-odds that it takes it fits 64 bits."""

MOST_TERMS = 1 << 12
"""Tables that a card may have."""


class BadScorecard(ValueError):
    """The data is not a scorecard, or not one that this version can read."""


@dataclass(frozen=True, slots=True)
class Main:
    """One field's table: table[code] in 2^-20 log-odds. For a text: [missing, base, one a word], added up."""

    field: int
    table: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two fields' table, row-major: table[rows[code of a] * width + columns[code of b]]."""

    a: int
    b: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    table: tuple[int, ...]

    @property
    def width(self) -> int:
        """How many columns the table has."""
        return max(self.columns) + 1


@dataclass(frozen=True, slots=True)
class Head:
    """A second quantity of a lead, in 2^-20: base + slope x the lead's log-odds + one table a field.

    slope: in 2^-20; the product is taken down to a whole number. average: the mean of what the head says over the
    training leads, as a probability or an amount of money.
    """

    base: int
    slope: int
    mains: tuple[Main, ...]
    average: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """What one published model knows.

    base: calibrated log-odds of the average lead, in 2^-20. reference: 1,000 ascending log-odds of reference leads;
    entry k is the smallest that (k+1) per mille of them do not exceed. horizon_days is null without dates.
    derived: the fields that are counted from a lead's life. short: log-odds of buying within short_horizon_days.
    value: the natural logarithm of the deal value that is expected of a buyer.
    """

    base: int
    fields: tuple[Field, ...]
    mains: tuple[Main, ...]
    pairs: tuple[Pair, ...]
    reference: tuple[int, ...]
    missing_words: tuple[str, ...]
    horizon_days: int | None
    buyers_share: float
    derived: tuple[Derived, ...] = ()
    short_horizon_days: int | None = None
    short: Head | None = None
    value: Head | None = None
    format: int = FORMAT

    def score_of(self, log_odds: int) -> int:
        """0 to 100: floor(100 x share of reference leads with lower log-odds)."""
        return self.per_mille_of(log_odds) * 100 // REFERENCE_STEPS

    def per_mille_of(self, log_odds: int) -> int:
        """floor(1000 x share of reference leads with lower log-odds)."""
        return bisect_left(self.reference, log_odds)


def probability_of(log_odds: int) -> float:
    """The probability of buying: one function of the integer, for every path."""
    x = log_odds / SCALE
    if x >= 0:
        return 1 / (1 + math.exp(-min(x, 700.0)))
    odds = math.exp(max(x, -700.0))
    return odds / (1 + odds)


def points_of(table_value: int) -> float:
    """Points of a table's integer."""
    return table_value * POINTS


def reference_from(log_odds: Sequence[int]) -> tuple[int, ...]:
    """The 1,000 steps that `Scorecard.reference` keeps of the reference leads' log-odds."""
    ordered = sorted(log_odds)
    n = len(ordered)
    return tuple(ordered[-(-k * n // REFERENCE_STEPS) - 1] for k in range(1, REFERENCE_STEPS + 1))


def to_json(card: Scorecard) -> bytes:
    """The canonical JSON of a card: same card, same bytes."""
    text = json.dumps(asdict(card), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def from_json(data: bytes) -> Scorecard:
    """The card of a JSON form; `from_json(to_json(card)) == card`. Raises BadScorecard."""
    try:
        raw = json.loads(data)
        found = raw.get("format")
        if type(found) is not int or not 1 <= found <= FORMAT:
            raise BadScorecard(f"format {str(found)[:20]!r} is not known here: this version reads up to {FORMAT}")
        return _checked(_card(raw))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as fault:
        if isinstance(fault, BadScorecard):
            raise
        raise BadScorecard(f"not a scorecard: {type(fault).__name__}") from fault


def _card(raw: dict[str, Any]) -> Scorecard:
    parts: dict[str, Any] = {
        "fields": tuple(_field(f) for f in raw["fields"]),
        "mains": tuple(Main(**_with_tuples(m, "table")) for m in raw["mains"]),
        "pairs": tuple(Pair(**_with_tuples(p, "rows", "columns", "table")) for p in raw["pairs"]),
    }
    if raw["format"] > 1 or "derived" in raw:
        parts["derived"] = tuple(Derived(**d | {"measure": Measure(d["measure"])}) for d in raw["derived"])
        parts |= {name: None if raw[name] is None else _head(raw[name]) for name in ("short", "value")}
        parts["short_horizon_days"] = raw["short_horizon_days"]
    return Scorecard(**_with_tuples(raw, "reference", "missing_words") | parts)


def _head(raw: dict[str, Any]) -> Head:
    mains = tuple(Main(**_with_tuples(m, "table")) for m in _with_tuples(raw, "mains")["mains"])
    return Head(**raw | {"mains": mains})


def _field(raw: dict[str, Any]) -> Field:
    return Field(**_with_tuples(raw, "edges", "levels", "labels", "counts", "buyers") | {"kind": Kind(raw["kind"])})


def _with_tuples(raw: dict[str, Any], *names: str) -> dict[str, Any]:
    if not all(type(raw[name]) is list for name in names):
        raise TypeError("a list")
    return raw | {name: tuple(raw[name]) for name in names}


def _checked(card: Scorecard) -> Scorecard:
    """The card itself, where each part is of its type and fits the others: what passes here can score any lead."""
    names = {field.name for field in card.fields}
    if len(names) < len(card.fields) or not all(map(_is_sound_field, card.fields)):
        raise BadScorecard("not a scorecard: a field is damaged")
    if not _are_sound_terms(card):
        raise BadScorecard("not a scorecard: a table does not fit its field")
    if not (_is_sound_head(card.short, card) and _is_sound_head(card.value, card) and _are_sound_derived(card)):
        raise BadScorecard("not a scorecard: its short horizon, value or derived fields are damaged")
    if not _is_sound_rest(card):
        raise BadScorecard("not a scorecard: its base, reference, words, horizon or share of buyers is damaged")
    return card


def _is_sound_field(field: Field) -> bool:
    binned = field.kind in (Kind.NUMBER, Kind.DATE)
    levels = {Kind.FLAG: 2, Kind.EMAIL: 2}.get(field.kind, 0 if binned else len(field.levels))
    mail = field.kind is not Kind.EMAIL or sorted(field.levels) == ["company mail", "free mail"]
    borders = _are_numbers(field.edges) and all(a < b for a, b in pairwise(field.edges)) and (binned or not field.edges)
    lowest = field.lowest is None or _are_numbers([field.lowest])
    counted = len(field.counts) == len(field.buyers) and len(field.counts) in (0, field.size)
    return (
        _are_texts([field.name, field.decimal, *field.levels, *field.labels])
        and len(field.levels) == len(field.labels) == levels
        and field.decimal in (".", ",")
        and field.size <= Warn.MASK
        and _are_whole([*field.counts, *field.buyers], 0, LARGEST)
        and (mail and borders and lowest and counted)
    )


def _are_sound_terms(card: Scorecard) -> bool:
    ends = [end for p in card.pairs for end in (p.a, p.b)]
    if not _are_whole(ends, 0, len(card.fields) - 1) or len(card.mains) + len(card.pairs) > MOST_TERMS:
        return False
    whole = all(_are_whole(p.table, -LARGEST, LARGEST) for p in card.pairs)
    return whole and _are_sound_mains(card.mains, card) and all(_is_sound_pair(p, card.fields) for p in card.pairs)


def _are_sound_mains(mains: Sequence[Main], card: Scorecard) -> bool:
    return (
        _are_whole([m.field for m in mains], 0, len(card.fields) - 1)
        and len({m.field for m in mains}) == len(mains)
        and all(len(m.table) == card.fields[m.field].size for m in mains)
        and all(_are_whole(m.table, -LARGEST, LARGEST) for m in mains)
    )


def _is_sound_head(head: Head | None, card: Scorecard) -> bool:
    return head is None or (
        _are_whole([head.base], -LARGEST, LARGEST)
        and _are_whole([head.slope], -STEEPEST, STEEPEST)
        and _are_numbers([head.average])
        and _are_sound_mains(head.mains, card)
        and all(card.fields[m.field].kind is not Kind.TEXT for m in head.mains)
    )


def _are_sound_derived(card: Scorecard) -> bool:
    numbers = {f.name for f in card.fields if f.kind is Kind.NUMBER}
    return len({d.field for d in card.derived}) == len(card.derived) and all(
        d.field in numbers and _are_texts([d.field, d.kind]) and _are_whole([d.days], 0, LARGEST) for d in card.derived
    )


def _is_sound_pair(pair: Pair, fields: Sequence[Field]) -> bool:
    a, b = fields[pair.a], fields[pair.b]
    return (
        Kind.TEXT not in (a.kind, b.kind)
        and (len(pair.rows), len(pair.columns)) == (a.size, b.size)
        and _are_whole([*pair.rows, *pair.columns], 0, Warn.MASK)
        and len(pair.table) == (max(pair.rows) + 1) * pair.width
    )


def _is_sound_rest(card: Scorecard) -> bool:
    return (
        _are_whole([card.base], -LARGEST, LARGEST)
        and len(card.reference) == REFERENCE_STEPS
        and _are_whole(card.reference, -(LARGEST << 13), LARGEST << 13)
        and all(a <= b for a, b in pairwise(card.reference))
        and _are_texts(card.missing_words)
        and all(d is None or _are_whole([d], 1, LARGEST) for d in (card.horizon_days, card.short_horizon_days))
        and _are_numbers([card.buyers_share])
        and 0 <= card.buyers_share <= 1
    )


def _are_whole(values: Iterable[object], low: int, high: int) -> bool:
    return all(type(v) is int and low <= v <= high for v in values)


def _are_numbers(values: Iterable[object]) -> bool:
    return all(isinstance(v, int | float) and type(v) is not bool and abs(v) < math.inf for v in values)


def _are_texts(values: Sequence[object]) -> bool:
    """Texts without lone surrogates, which no file can hold: those raise UnicodeEncodeError."""
    return all(isinstance(v, str) and v.encode() is not None for v in values)


def digest_of(data: bytes) -> str:
    """SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(data).hexdigest()

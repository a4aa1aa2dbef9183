"""Random scorecards, and random leads for them: levels, unseen levels, gaps, numbers in every spelling, and odd things."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from scoring import Field, Head, Kind, Main, Pair, Scorecard
from scoring.columns import Coded, Column, Numbers
from scoring.fields import FIRST
from scoring.scorecard import reference_from
from scoring.snapshot import Derived, Measure
from scoring.values import MISSING_WORDS

quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

AS_OF = int(datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp())

WORDS = ("retail", "5", "größe", "public sector", "vp", "naïve", "x-ray", "12", "日本", "true", "2026-01-31")

ODD: tuple[object, ...] = (
    *(None, "", " ", "Select", "n/a", float("nan"), float("inf"), float("-inf"), True, False),
    *(0, -0.0, 5, 5.0, "5", "5.0", 2**53 + 1, 10**400, 1e300, "1e999", "12 000", "1.234,5", "1,234.5", "1,5", "45%"),
    *("😀", "\u202eliater", "e\u0301", "ﬁne", "x\x00y", "=cmd", "a@gmail.com", "b@corp.io", "@", "yes", "OFF", "٣"),
    *([], ["retail"], {"a": 1}, "2026-02-30", "31.05.2026", "20260101", date(1, 1, 1), datetime(9999, 12, 31)),
)

log_odds_values = st.one_of(
    st.integers(-(1 << 22), 1 << 22), st.sampled_from([0, 0, 1, -1, 1 << 20, -(1 << 20), 1 << 40, -(1 << 40)])
)


def _counted(draw: st.DrawFn, size: int) -> dict[str, tuple[int, ...]]:
    if draw(st.booleans()):
        return {}
    counts = draw(st.lists(st.integers(0, 500), min_size=size, max_size=size))
    return {"counts": tuple(counts), "buyers": tuple(draw(st.integers(0, n)) for n in counts)}


@st.composite
def fields(draw: st.DrawFn, name: str, kind: Kind | None = None) -> Field:
    """A field of any kind, or of the one asked for."""
    kind = kind or draw(st.sampled_from(list(Kind)))
    if kind in (Kind.NUMBER, Kind.DATE):
        values = st.integers(-40, 400).map(float) if kind is Kind.DATE else st.floats(-1e6, 1e6) | st.integers(-9, 99)
        edges = tuple(sorted({float(v) for v in draw(st.lists(values, max_size=6))}))
        decimal = draw(st.sampled_from(".,"))
        return Field(name, kind, edges=edges, decimal=decimal, **_counted(draw, len(edges) + 2))
    levels = tuple(draw(st.lists(st.sampled_from(WORDS), unique=True, max_size=6)))
    if kind is Kind.FLAG:
        levels = ("no", "yes")
    if kind is Kind.EMAIL:
        levels = ("free mail", "company mail")
    labels = levels if kind is Kind.TEXT else tuple(level.title() for level in levels)
    return Field(name, kind, levels=levels, labels=labels, **_counted(draw, FIRST[kind] + len(levels)))


def _table(draw: st.DrawFn, size: int) -> tuple[int, ...]:
    return tuple(draw(st.lists(log_odds_values, min_size=size, max_size=size)))


@st.composite
def _pairs(draw: st.DrawFn, found: Sequence[Field], a: int, b: int) -> Pair:
    rows, columns = (
        tuple(draw(st.lists(st.integers(0, 3), min_size=found[i].size, max_size=found[i].size))) for i in (a, b)
    )
    return Pair(a, b, rows, columns, _table(draw, (max(rows) + 1) * (max(columns) + 1)))


@st.composite
def cards(draw: st.DrawFn, pairs: bool = True) -> Scorecard:
    """A card of one to six fields of any kinds, a table for most of them, and up to three pairs."""
    found = tuple(draw(fields(f"Field {i}")) for i in range(draw(st.integers(1, 6))))
    with_table = draw(st.lists(st.sampled_from(range(len(found))), unique=True, max_size=len(found)))
    plain = [i for i, f in enumerate(found) if f.kind is not Kind.TEXT]
    both = [(a, b) for a in plain for b in plain if a != b]
    chosen = draw(st.lists(st.sampled_from(both), max_size=3)) if both and pairs else []
    return Scorecard(
        base=draw(log_odds_values),
        fields=found,
        mains=tuple(Main(i, _table(draw, found[i].size)) for i in with_table),
        pairs=tuple(draw(_pairs(found, a, b)) for a, b in chosen),
        reference=reference_from(draw(st.lists(st.integers(-(1 << 23), 1 << 23), min_size=1, max_size=30))),
        missing_words=tuple(sorted(MISSING_WORDS)),
        horizon_days=draw(st.none() | st.integers(1, 365)),
        buyers_share=draw(st.floats(0, 1)),
        derived=_derived(draw, found),
        short_horizon_days=draw(st.none() | st.integers(1, 60)),
        short=draw(st.none() | heads(found, st.floats(0, 1))),
        value=draw(st.none() | heads(found, st.floats(0, 1e6))),
    )


def _derived(draw: st.DrawFn, found: Sequence[Field]) -> tuple[Derived, ...]:
    """Some of the number fields as derived ones."""
    names = [f.name for f in found if f.kind is Kind.NUMBER]
    chosen = [name for name in names if draw(st.booleans())]
    return tuple(Derived(name, draw(st.sampled_from(list(Measure))), "visit", 7) for name in chosen)


@st.composite
def heads(draw: st.DrawFn, found: Sequence[Field], average: st.SearchStrategy[float]) -> Head:
    """A second quantity with tables for some of the fields but texts."""
    plain = [i for i, f in enumerate(found) if f.kind is not Kind.TEXT]
    chosen = draw(st.lists(st.sampled_from(plain), unique=True)) if plain else []
    mains = tuple(Main(i, _table(draw, found[i].size)) for i in chosen)
    return Head(draw(log_odds_values), draw(st.integers(-(1 << 22), 1 << 22)), mains, draw(average))


def values(field: Field) -> st.SearchStrategy[object]:
    """What people and programs write into a field: mostly sensible things, now and then an odd one."""
    odd = st.sampled_from(ODD) | st.text(max_size=12)
    if field.kind is Kind.NUMBER:
        near = [e + d for e in field.edges for d in (-1, 0, 1e-9, 1)] or [0.0]
        numbers = st.sampled_from(near) | st.floats() | st.integers(-(10**20), 10**20)
        return odd | numbers | numbers.map(str)
    if field.kind is Kind.DATE:
        moments = st.integers(-500, 500).map(lambda days: datetime.fromtimestamp(AS_OF, UTC) - timedelta(days=days))
        return odd | moments | moments.map(lambda m: m.isoformat()) | moments.map(lambda m: m.date().isoformat())
    known = st.sampled_from([*field.labels, *field.levels, *WORDS])
    joined = st.lists(known, max_size=4).map(" ".join)
    return odd | known | known.map(str.upper) | known.map(lambda text: f" {text} ") | joined


@st.composite
def leads(draw: st.DrawFn, card: Scorecard, least: int = 1, most: int = 8) -> list[dict[str, object]]:
    """Some leads that all have the same names: most fields of the card, and perhaps one that it does not know."""
    names = [f.name for f in card.fields if draw(st.integers(0, 9)) > 0]
    stray = [*draw(st.lists(st.sampled_from(["Stray", "rank"]), max_size=1))]
    by_name = {f.name: values(f) for f in card.fields}
    rows = draw(st.integers(least, most))
    return [{n: draw(by_name[n]) for n in names} | dict.fromkeys(stray, "x") for _ in range(rows)]


def as_columns(found: Sequence[dict[str, object]]) -> dict[str, Column]:
    """The same leads as a table: floats alone as numbers, all else as values and their places."""
    return {name: _column([lead[name] for lead in found]) for name in found[0]}


def _column(column: Sequence[object]) -> Column:
    if all(type(v) is float for v in column):
        return Numbers(np.array(column, dtype=np.float64))
    given = [v for v in column if v is not None]
    places = iter(range(len(given)))
    return Coded(given, np.array([-1 if v is None else next(places) for v in column], dtype=np.int32))

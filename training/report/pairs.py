"""Pairs of fields as small heat maps: what a combination adds beyond what its two levels add by themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scoring.fields import FIRST, Field, Kind
from scoring.scorecard import POINTS, Pair, Scorecard
from scoring.words import code_text

from .bins import range_name
from .figures import more, signed
from .markup import Html, el, join, named, table

SHOWN_PAIRS = 12
FAINT = 0.5
"""Points of spread below which a pair is told in a line and not drawn."""

SHOWN_ROWS, SHOWN_COLUMNS = 10, 8
"""Rows and columns of a heat map, those with most leads; a wider one is cut off on the page."""

SHADES = 4
FULL = 10.0
"""Points of the darkest shade: the odds doubled or halved."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One side of a heat map. names: of its rows or columns. leads: in training, at least 1 where none are counted."""

    names: tuple[str, ...]
    leads: tuple[int, ...]


def axis_of(field: Field, places: Sequence[int]) -> Axis:
    """places: the row (or column) of every code."""
    groups: list[list[int]] = [[] for _ in range(max(places) + 1)]
    for code, place in enumerate(places):
        groups[place].append(code)
    counts = field.counts or (1,) * len(places)
    return Axis(
        tuple(_group_name(field, codes) for codes in groups),
        tuple(sum(counts[code] for code in codes) for codes in groups),
    )


def _group_name(field: Field, codes: Sequence[int]) -> str:
    seen = [c for c in codes if not field.counts or field.counts[c]] or list(codes)
    rest = [c for c in seen if c >= FIRST[field.kind]]
    blank = [code_text(field, c) for c in seen if c < FIRST[field.kind]]
    if rest and field.kind in (Kind.NUMBER, Kind.DATE):
        return ", ".join([range_name(field, *_with_unseen(codes, min(rest), max(rest))), *blank])
    texts = [code_text(field, c) for c in sorted(rest, key=lambda c: (-(field.counts[c] if field.counts else 0), c))]
    return ", ".join((texts + blank)[:3]) + (f" and {len(texts + blank) - 3} more" if len(texts + blank) > 3 else "")


def _with_unseen(codes: Sequence[int], first: int, last: int) -> tuple[int, int]:
    """The bins from first to last and those beside them in the group that no lead had: what holds there holds on."""
    while first - 1 in codes and first - 1 >= 1:
        first -= 1
    while last + 1 in codes:
        last += 1
    return first, last


@dataclass(frozen=True, slots=True)
class Heat:
    """A pair in words. points: row by row. spread: the standard deviation of its points, were the two independent."""

    a: Field
    b: Field
    rows: Axis
    columns: Axis
    points: tuple[tuple[float, ...], ...]
    spread: float


def heats_of(card: Scorecard) -> list[Heat]:
    """All pairs, those with the largest spread first."""
    return sorted((_heat(card, pair) for pair in card.pairs), key=lambda h: (-h.spread, h.a.name, h.b.name))


def _heat(card: Scorecard, pair: Pair) -> Heat:
    a, b = card.fields[pair.a], card.fields[pair.b]
    rows, columns = axis_of(a, pair.rows), axis_of(b, pair.columns)
    width = pair.width
    points = tuple(
        tuple(v * POINTS for v in pair.table[i * width : (i + 1) * width]) for i in range(len(pair.table) // width)
    )
    weight = [[n * m for m in columns.leads] for n in rows.leads]
    total = max(1, sum(map(sum, weight)))
    square = sum(w * p * p for ws, ps in zip(weight, points, strict=True) for w, p in zip(ws, ps, strict=True))
    return Heat(a, b, rows, columns, points, math.sqrt(square / total))


def pairs(card: Scorecard) -> Html:
    """The section on pairs."""
    heats = heats_of(card)
    shown = [heat for heat in heats[:SHOWN_PAIRS] if heat.spread >= FAINT]
    if not heats:
        return el(
            "section",
            el("h2", "What it knows: pairs of fields"),
            el("p", "No pair of fields says more together than its two fields do by themselves."),
            id="pairs",
        )
    return el(
        "section",
        el("h2", "What it knows: pairs of fields"),
        el(
            "p",
            "What a combination adds on top of the points of its two levels. Blue raises, orange lowers, pale is "
            "nothing to speak of; the darkest shade is 10 points or more. A pair is worth a question where one dark "
            "cell stands alone: ask whether sales knows why.",
        ),
        el("div", *map(_picture, shown), cls="cards heats"),
        _rest(heats[len(shown) :]),
        id="pairs",
    )


def _picture(heat: Heat) -> Html:
    down, across = _most(heat.rows, SHOWN_ROWS), _most(heat.columns, SHOWN_COLUMNS)
    body = [
        el(
            "tr",
            el("th", named(heat.rows.names[i], 26), scope="row"),
            *(el("td", signed(heat.points[i][j]), cls=_shade(heat.points[i][j])) for j in across),
        )
        for i in down
    ]
    across_names = (el("th", el("span", named(heat.columns.names[j], 22)), scope="col") for j in across)
    top = el("tr", el("th"), *across_names)
    hidden = len(heat.rows.names) - len(down) + len(heat.columns.names) - len(across)
    return el(
        "div",
        el("h3", named(heat.a.name, 40), " with ", named(heat.b.name, 40)),
        el(
            "p",
            *("rows: ", named(heat.a.name, 24), ", columns: ", named(heat.b.name, 24)),
            f"; moves a lead by {heat.spread:.1f} points, typically",
            cls="small",
        ),
        el("div", el("table", el("thead", top), el("tbody", *body), cls="heat"), cls="wide"),
        el("p", f"Rows and columns with fewer leads that are not shown: {hidden}.", cls="small") if hidden else None,
        cls="card",
    )


def _most(axis: Axis, most: int) -> list[int]:
    """The rows or columns with most leads, in their order."""
    seen = [i for i, leads in enumerate(axis.leads) if leads] or list(range(len(axis.leads)))
    return sorted(sorted(seen, key=lambda i: (-axis.leads[i], i))[:most])


def _shade(value: float) -> str:
    step = min(SHADES, round(abs(value) / FULL * SHADES))
    return f"{'p' if value > 0 else 'n'}{step}" if step else "p0"


def _rest(heats: Sequence[Heat]) -> Html | None:
    if not heats:
        return None
    rows = [
        (el("span", named(h.a.name, 40), " with ", named(h.b.name, 40)), f"{h.spread:.1f}", _strongest(h))
        for h in heats
    ]
    return join(
        (
            el("h3", more(len(heats), "pair")),
            table(("Pair", "Typically", "Strongest combination"), rows, cls="words"),
        )
    )


def _strongest(heat: Heat) -> Html:
    cells = [(i, j) for i in _most(heat.rows, SHOWN_ROWS) for j in _most(heat.columns, SHOWN_COLUMNS)]
    i, j = max(cells, key=lambda c: abs(heat.points[c[0]][c[1]]))
    return el(
        "span",
        named(heat.rows.names[i], 36),
        " with ",
        named(heat.columns.names[j], 36),
        f" ({signed(heat.points[i][j], 1)})",
    )

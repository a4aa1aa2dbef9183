"""The scorecard itself as pictures: points by level and bin, pairs as heat maps."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray

from scoring.fields import FIRST, Field, Kind
from scoring.scorecard import Main, Pair, Scorecard, points_of
from scoring.words import main_text

from .charts import Plane, heat_map, swing

FIELDS_SHOWN = 40
PAIRS_SHOWN = 24
LEVELS_SHOWN = 14
WORDS_SHOWN = 20
NAME = 28
"""Characters of a level's name in a picture; the whole name is its title."""


def card_in_pictures(card: Scorecard) -> str:
    """Every field by its spread, the widest first, then the pairs."""
    spread = {m.field: _spread(card, m) for m in card.mains}
    order = sorted(card.mains, key=lambda m: (-spread[m.field], m.field))
    shown = "".join(_field(card, m) for m in order[:FIELDS_SHOWN])
    rest = order[FIELDS_SHOWN:]
    more = ""
    if rest:
        rows = "".join(f"<li>{escape(card.fields[m.field].name)}: {spread[m.field]:.1f} points</li>" for m in rest)
        more = f"<details><summary>{len(rest)} more fields, by their spread</summary><ul>{rows}</ul></details>"
    return f'<div class="cards">{shown}</div>{more}{_pairs(card)}'


def _weights(field: Field, size: int) -> NDArray[np.float64]:
    counts = np.zeros(size)
    counts[: len(field.counts)] = field.counts[:size]
    return counts


def _spread(card: Scorecard, main: Main) -> float:
    """The standard deviation of a field's points over the leads."""
    field = card.fields[main.field]
    points = np.array([points_of(v) for v in main.table])
    weight = _weights(field, len(points))
    if field.kind is Kind.TEXT or not weight.sum():
        return float(points.std())
    mean = np.average(points, weights=weight)
    return float(np.sqrt(np.average((points - mean) ** 2, weights=weight)))


def _field(card: Scorecard, main: Main) -> str:
    field = card.fields[main.field]
    ordered = field.kind in (Kind.NUMBER, Kind.DATE) and len(main.table) > 4
    body = _curve(field, main) if ordered else _levels(field, main)
    return (
        f'<section class="field"><h4 title="{escape(field.name)}">{escape(_short(field.name, 48))}</h4>{body}</section>'
    )


def _curve(field: Field, main: Main) -> str:
    """Points by bin as steps, leads as grey bars behind; missing as a word beside."""
    points = [points_of(v) for v in main.table[1:]]
    leads = _weights(field, len(main.table))[1:]
    high, low = max(*points, 1.0), min(*points, -1.0)
    plane = Plane(len(points), high, "bins of equal numbers of leads", "points", field.name, low=low, unit="")
    most = max(float(leads.max()), 1.0)
    for i, count in enumerate(leads.tolist()):
        if count:
            plane.marks.append(_backdrop(plane, i, count / most))
    plane.line([(0, 0), (len(points), 0)], "zero")
    plane.line([xy for i, p in enumerate(points) for xy in ((i, p), (i + 1, p))], "ours")
    places = sorted({0, len(points) // 3, 2 * len(points) // 3, len(points) - 1})
    ticks = [(i + 0.5, _short(_words(field, i + 1), 14)) for i in places]
    missing = f'<p class="small">not known: {points_of(main.table[0]):+.1f} points</p>' if main.table[0] else ""
    return plane.svg(ticks) + missing


def _backdrop(plane: Plane, i: int, share: float) -> str:
    foot, left = plane.y(plane.low), plane.x(i)
    height = 0.3 * share * (foot - plane.y(plane.y_end))
    box = f'x="{left:.1f}" y="{foot - height:.1f}" width="{max(0.5, plane.x(i + 1) - left - 0.5):.1f}"'
    return f'<rect class="leads" {box} height="{height:.1f}"/>'


def _levels(field: Field, main: Main) -> str:
    """A row for each level: its name, its points as a bar, how many leads have it."""
    if field.kind is Kind.TEXT:
        return _word_rows(field, main)
    points, leads = [points_of(v) for v in main.table], _weights(field, len(main.table))
    codes = [c for c in range(len(points)) if leads[c] or points[c]]
    codes = sorted(codes, key=lambda c: (-leads[c], c))[:LEVELS_SHOWN]
    most = max((abs(p) for p in points), default=1.0)
    rows = [(_words(field, c), points[c], f"{leads[c]:,.0f}") for c in sorted(codes, key=lambda c: -points[c])]
    hidden = len([c for c in range(len(points)) if leads[c]]) - len(codes)
    more = f'<p class="small">and {hidden} rarer levels</p>' if hidden > 0 else ""
    return _rows(rows, most) + more


def _word_rows(field: Field, main: Main) -> str:
    first = FIRST[Kind.TEXT]
    points = [points_of(v) for v in main.table[first:]]
    order = sorted(range(len(points)), key=lambda i: (-abs(points[i]), i))[:WORDS_SHOWN]
    most = max((abs(p) for p in points), default=1.0)
    leads = _weights(field, len(main.table))[first:]
    return _rows(
        [(field.labels[i], points[i], f"{leads[i]:,.0f}") for i in sorted(order, key=lambda i: -points[i])], most
    )


def _rows(rows: list[tuple[str, float, str]], most: float) -> str:
    cells = "".join(
        f'<tr><th scope="row" title="{escape(name)}">{escape(_short(name, NAME))}</th><td>{swing(p, most)}</td>'
        f'<td class="n">{p:+.1f}</td><td class="n quiet">{leads}</td></tr>'
        for name, p, leads in rows
    )
    names = (("level", ""), ("", ""), ("points", "n"), ("leads", "n"))
    head = "".join(f'<th scope="col" class="{style}">{name}</th>' for name, style in names)
    return f'<table class="levels"><thead><tr>{head}</tr></thead><tbody>{cells}</tbody></table>'


def _pairs(card: Scorecard) -> str:
    if not card.pairs:
        return "<p>This model has no pairs: every field speaks for itself.</p>"
    widest = sorted(card.pairs, key=lambda p: (-float(np.std(p.table)), p.a, p.b))
    shown = "".join(_pair(card, p) for p in widest[:PAIRS_SHOWN])
    more = f"<p>and {len(widest) - PAIRS_SHOWN} pairs of smaller spread.</p>" if len(widest) > PAIRS_SHOWN else ""
    return (
        f"<h3>Pairs: what two fields say together beyond each by itself</h3>"
        f"<p>Blue speaks for a lead, orange against it; the fuller, the more points.</p>"
        f'<div class="cards">{shown}</div>{more}'
    )


def _pair(card: Scorecard, pair: Pair) -> str:
    a, b = card.fields[pair.a], card.fields[pair.b]
    table = np.array([points_of(v) for v in pair.table]).reshape(-1, pair.width)
    rows, columns = _groups(a, pair.rows, table.shape[0]), _groups(b, pair.columns, table.shape[1])
    name = f"{_short(a.name, 40)} and {_short(b.name, 40)}"
    picture = heat_map(rows, columns, table.tolist(), float(np.abs(table).max()))
    return f'<section class="field"><h4>{escape(name)}</h4>{picture}</section>'


def _groups(field: Field, groups: tuple[int, ...], count: int) -> list[str]:
    """A name for each merged row: its first code's words, and how many more there are."""
    found = []
    for k in range(count):
        codes = [c for c, group in enumerate(groups) if group == k]
        more = f" +{len(codes) - 1}" if len(codes) > 1 else ""
        found.append(_short(_words(field, codes[0]), 16 - len(more)) + more if codes else "")
    return found


def _words(field: Field, code: int) -> str:
    """A code in words without the field's name."""
    text = main_text(field, code)
    return text.removeprefix(f"{field.name}: ")


def _short(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}\N{HORIZONTAL ELLIPSIS}"

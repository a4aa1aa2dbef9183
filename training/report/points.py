"""The scorecard as pictures: what every level or bin of every field adds, the fields that move leads most first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scoring.fields import FIRST, MISSING, OTHER, Field, Kind
from scoring.scorecard import POINTS, Main, Scorecard
from scoring.words import code_text

from .bins import merged, range_name, seen_of
from .figures import more, percent, signed, whole
from .markup import Html, el, join, named, table

SHOWN_FIELDS = 40
FLAT = 0.05
"""Points of spread below which a field has nothing to show."""

NONE_SEEN = "(none\u00a0seen)"
"""What is said of bins that no training lead had; no line ends inside."""

SHOWN_LEVELS = 12
SHOWN_BINS = 14
LISTED_LEVELS = 60
"""Levels of one field beyond those in its picture that are listed; the page would grow without an end."""

WIDEST = 40.0
"""Points beyond which a bar is cut off: sixteen times the odds."""


@dataclass(frozen=True, slots=True)
class Level:
    """One line of a field's picture. points: added. leads: that had it in training; share: of them that bought.

    far: of bins beyond all that training saw the points of the last one, `points` being those of the next one.
    """

    name: str
    points: float
    leads: int
    share: float | None
    code: int
    far: float | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One field's table in words. spread: the standard deviation of its points over the training leads."""

    field: Field
    levels: tuple[Level, ...]
    spread: float


def terms_of(card: Scorecard) -> list[Term]:
    """All fields, those with the largest spread first."""
    found = [_term(card.fields[main.field], main) for main in card.mains]
    return sorted(found, key=lambda term: (-term.spread, term.field.name))


def _term(field: Field, main: Main) -> Term:
    counts = field.counts or (0,) * len(main.table)
    levels = tuple(
        Level(_level_name(field, code), value * POINTS, counts[code], _share(field, code), code)
        for code, value in enumerate(main.table)
    )
    return Term(field, levels, _spread(field, levels))


def _level_name(field: Field, code: int) -> str:
    if field.kind is Kind.TEXT and code == OTHER:
        return "any text"
    return code_text(field, code)


def _share(field: Field, code: int) -> float | None:
    return field.buyers[code] / field.counts[code] if code < len(field.counts) and field.counts[code] else None


def _spread(field: Field, levels: Sequence[Level]) -> float:
    """Words of a text come together in one lead: their variances add up. Without counts all levels weigh alike."""
    if field.kind is Kind.TEXT:
        total = max(1, sum(level.leads for level in levels[: FIRST[Kind.TEXT]]))
        return math.sqrt(sum(lv.points**2 * (p := min(1.0, lv.leads / total)) * (1 - p) for lv in levels))
    weights = [level.leads for level in levels] if any(level.leads for level in levels) else [1] * len(levels)
    mean = sum(w * lv.points for w, lv in zip(weights, levels, strict=True)) / sum(weights)
    return math.sqrt(sum(w * (lv.points - mean) ** 2 for w, lv in zip(weights, levels, strict=True)) / sum(weights))


def points(card: Scorecard) -> Html:
    """The section on single fields."""
    terms = terms_of(card)
    shown = [term for term in terms[:SHOWN_FIELDS] if term.spread >= FLAT]
    rest = terms[len(shown) :]
    lines = [lv for term in shown for lv in _picked(term)]
    widest = min(WIDEST, max((abs(lv.points) for lv in lines if lv.far is None), default=1.0)) or 1.0
    return el(
        "section",
        el("h2", "What it knows: points by field"),
        el(
            "p",
            "A lead starts at the base and every field adds its points: +10 doubles the odds of buying, −10 halves "
            "them, 0 is the average lead. The fields that move leads most come first, and "
            "neighbouring bins of like points stand together. Look for points that contradict "
            "what sales knows, and for levels with few leads: their points are pulled towards 0 and still the "
            "least sure. "
            f"A bar that reaches the edge of its box is {widest:.0f} points or more.",
            f" Pale lines {NONE_SEEN} lie beyond all leads it learned from: leads there would get these points, from "
            "the next one to the last, but none has shown them to be right."
            if any(lv.far is not None for lv in lines)
            else None,
        ),
        el("div", *(_picture(k, term, widest) for k, term in enumerate(shown, 1)), cls="cards")
        if shown
        else el("p", "It uses no field."),
        _rest(rest),
        id="points",
    )


def _picture(place: int, term: Term, widest: float) -> Html:
    picked = _picked(term)
    ordered = term.field.kind in (Kind.NUMBER, Kind.DATE)
    others = [lv for lv in term.levels if lv not in picked and lv.leads and not ordered]
    rows = [(named(lv.name, 36), _bar(lv, widest), _points_said(lv), whole(lv.leads)) for lv in picked]
    return el(
        "div",
        el("h3", f"{place}. ", named(term.field.name, 60)),
        el("p", f"moves a lead by {term.spread:.1f} points, typically", cls="small"),
        table(("", "", "points", "leads"), rows, cls="points"),
        _more(others) if others else None,
        cls="card",
    )


def _picked(term: Term) -> list[Level]:
    """The lines of the picture: bins in their order, levels from the best to the worst, `not given` last."""
    seen = [lv for lv in term.levels if lv.leads] or list(term.levels)
    if term.field.kind in (Kind.NUMBER, Kind.DATE):
        most = _binned(term.field, [lv for lv in term.levels if lv.code != MISSING])
    else:
        most = [lv for lv in seen if lv.code >= FIRST[term.field.kind]]
        most = sorted(most, key=lambda lv: (-lv.leads * lv.points**2, lv.code))[:SHOWN_LEVELS]
        most = sorted(most, key=lambda lv: (-lv.points, lv.code))
    tail = [lv for lv in seen if lv not in most and lv.code < FIRST[term.field.kind]]
    return most + tail[::-1]


def _binned(field: Field, levels: Sequence[Level]) -> list[Level]:
    """Bins in their order; neighbours of like points stand together where there are many, all beyond what was seen."""
    if not field.counts:
        return _runs(field, levels)
    start, end = seen_of([lv.leads for lv in levels])
    below, seen, above = levels[:start], [lv for lv in levels[start:end] if lv.leads], levels[end:]
    return [*_unseen(field, below[::-1]), *_runs(field, seen), *_unseen(field, above)]


def _runs(field: Field, levels: Sequence[Level]) -> list[Level]:
    runs = merged([lv.points for lv in levels], [lv.leads for lv in levels], SHOWN_BINS)
    return [_together(field, levels[first : last + 1]) for first, last in runs]


def _unseen(field: Field, outwards: Sequence[Level]) -> list[Level]:
    """One line for all bins beyond what was seen, the next one first."""
    if not outwards:
        return []
    first, last = sorted((outwards[0].code, outwards[-1].code))
    name = f"{range_name(field, first, last)} {NONE_SEEN}"
    return [Level(name, outwards[0].points, 0, None, first, far=outwards[-1].points)]


def _together(field: Field, levels: Sequence[Level]) -> Level:
    if len(levels) == 1:
        return levels[0]
    leads = sum(lv.leads for lv in levels)
    mean = sum(lv.points * max(lv.leads, 1) for lv in levels) / sum(max(lv.leads, 1) for lv in levels)
    return Level(range_name(field, levels[0].code, levels[-1].code), mean, leads, None, levels[0].code)


def _more(levels: Sequence[Level]) -> Html:
    listed = sorted(levels, key=lambda lv: (-lv.leads, lv.code))
    rows = [
        (named(lv.name, 36), signed(lv.points, _digits(lv.points)), whole(lv.leads), percent(lv.share))
        for lv in listed[:LISTED_LEVELS]
    ]
    unlisted = len(listed) - LISTED_LEVELS
    return el(
        "details",
        el("summary", f"{len(levels)} more, each moving fewer leads or moving them less"),
        table(("", "points", "leads", "bought"), rows),
        el("p", f"And {whole(unlisted)} more with fewer leads.", cls="small") if unlisted > 0 else None,
    )


def _bar(level: Level, widest: float) -> Html:
    """Of what none was seen pale, from 0 to the points of the next bin and paler on to those of the last."""
    values = (level.points,) if level.far is None else (level.far, level.points)
    boxes = (_box(value, widest, pale=level.far is not None) for value in values)
    middle = el("rect", x=-0.4, y=0, width=0.8, height=10, cls="middle")
    return el("svg", *boxes, middle, viewBox="-50 0 100 10", preserveAspectRatio="none", cls="bar", aria_hidden="true")


def _box(value: float, widest: float, *, pale: bool) -> Html:
    width, way = min(1.0, abs(value) / widest) * 50, "up" if value >= 0 else "down"
    return el("rect", x=min(0.0, math.copysign(width, value)), y=1, width=width, height=8, cls=way + " pale" * pale)


def _points_said(level: Level) -> str:
    near = signed(level.points, _digits(level.points))
    far = near if level.far is None else signed(level.far, _digits(level.far))
    return near if far == near else f"{near} to {far}"


def _digits(value: float) -> int:
    return 0 if abs(value) >= 1 or value == 0 else 1


def _rest(terms: Sequence[Term]) -> Html | None:
    if not terms:
        return None
    rows = []
    for term in terms:
        seen = [lv for lv in term.levels if lv.leads] or list(term.levels)
        best, worst = max(seen, key=lambda lv: lv.points), min(seen, key=lambda lv: lv.points)
        rows.append((named(term.field.name, 60), f"{term.spread:.1f}", _end(best), _end(worst)))
    return join(
        (
            el("h3", more(len(terms), "field")),
            table(("Field", "Typically", "Best", "Worst"), rows, cls="words"),
        )
    )


def _end(level: Level) -> Html:
    return el("span", named(level.name, 36), f" ({signed(level.points, 1)})")

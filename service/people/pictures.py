"""Pictures as numbers for SVG: how points add up to a score, how a score went, and how far a target is reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.targets.planning import Plan

WIDTH, BAR, STEP = 600.0, 18.0, 30.0
SHOWN = 10
"""Terms that have a bar of their own; what is left has one together."""

LEAST = 1e-9
"""Points: less than can be seen, and enough to divide by."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it begins, how wide it is, where it stands, what it says."""

    x: float
    width: float
    y: float
    words: str
    points: float
    kind: str


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Bars from the average lead to this one: each begins where the one before it ends, the first at the average."""

    bars: Sequence[Bar]
    height: float


def waterfall(terms: Sequence[dict[str, Any]]) -> Waterfall:
    """The bars of a lead's terms, strongest first; the last is their sum: how far this lead is from the average."""
    steps = [(term["text"], term["points"]) for term in terms[:SHOWN]]
    if rest := terms[SHOWN:]:
        steps.append((f"{len(rest)} smaller ones together", sum(term["points"] for term in rest)))
    places = [0.0]
    for _, points in steps:
        places.append(places[-1] + points)
    low, high = min(places), max(places)
    scale = WIDTH / max(high - low, LEAST)

    def bar(start: float, end: float, place: int, words: str, kind: str) -> Bar:
        left, right = sorted(((start - low) * scale, (end - low) * scale))
        return Bar(round(left, 1), max(1.5, round(right - left, 1)), place * STEP, words, end - start, kind)

    bars = [
        bar(start, end, place, words, "for" if end > start else "against")
        for place, ((words, _), start, end) in enumerate(zip(steps, places, places[1:], strict=False))
    ]
    bars.append(bar(0.0, places[-1], len(bars), "in all, against the average lead", "whole"))
    return Waterfall(bars, len(bars) * STEP)


def course(scores: Sequence[int | None]) -> str | None:
    """The points of a line through earlier scores (0 to 100), the oldest first; None for fewer than two."""
    known = [s for s in scores if s is not None]
    if len(known) < 2:
        return None
    step = WIDTH / (len(known) - 1)
    return " ".join(f"{i * step:.1f},{100 - s}" for i, s in enumerate(known))


@dataclass(frozen=True, slots=True)
class GoalBar:
    """One bar as far as the target goes, or farther: what is reached, what is expected, from where to where that may
    end, and where the target stands. All in the picture's own units."""

    reached: float
    expected: float
    low: float
    high: float
    goal: float


def goal_bar(plan: Plan) -> GoalBar:
    """The bar of a plan."""
    reached, expected = plan.reached, plan.expected
    scale = WIDTH / (max(plan.goal, reached + expected.high) or 1.0)
    ends = (reached, expected.about, reached + expected.low, reached + expected.high, plan.goal)
    return GoalBar(*(round(end * scale, 1) for end in ends))

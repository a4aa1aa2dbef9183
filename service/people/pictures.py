"""Pictures as numbers for SVG: how points add up to a score, how a score went, and how far a target is reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import floor
from typing import Any

from service.targets.planning import Plan

WIDTH = 600.0
SHOWN = 10
"""Terms that have a bar of their own; what is left has one together."""

LEAST = 1e-9
"""Points: less than can be seen, and enough to divide by."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it begins, how wide it is, what it says, and its whole points."""

    x: float
    width: float
    words: str
    points: int
    kind: str


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Bars from the average lead to this one: each begins where the one before it ends, the first at the average.

    whole: how far this lead is from the average. average: where that stands, on the bars' scale. base, total: whole
    points of the average lead and of this one; base and bars add up to total, as they are shown.
    """

    bars: list[Bar]
    whole: Bar
    average: float
    base: int
    total: int


def waterfall(terms: Sequence[dict[str, Any]], base: float) -> Waterfall:
    """The bars of a lead's terms, strongest first. base: points of the average lead."""
    steps = [(term["text"], term["points"]) for term in terms[:SHOWN]]
    if rest := terms[SHOWN:]:
        steps.append((f"{len(rest)} smaller ones together", sum(term["points"] for term in rest)))
    places = [0.0]
    for _, points in steps:
        places.append(places[-1] + points)
    low, high = min(places), max(places)
    scale = WIDTH / max(high - low, LEAST)
    base_shown, *shown = wholes([base, *(points for _, points in steps)])

    def bar(start: float, end: float, words: str, points: int, kind: str) -> Bar:
        left, right = sorted(((start - low) * scale, (end - low) * scale))
        return Bar(round(left, 1), max(1.5, round(right - left, 1)), words, points, kind)

    bars = [
        bar(start, end, words, points, "for" if end > start else "against")
        for (words, _), points, start, end in zip(steps, shown, places, places[1:], strict=False)
    ]
    whole = bar(0.0, places[-1], "in all, beside the average lead", sum(shown), "whole")
    return Waterfall(bars, whole, round(-low * scale, 1), base_shown, base_shown + sum(shown))


def wholes(parts: Sequence[float]) -> list[int]:
    """Whole numbers beside the parts that add up to their rounded sum: those with the largest remainders go up.

    >>> wholes([1.4, 1.4, 1.4]), wholes([-2.5, 0.7])
    ([2, 1, 1], [-3, 1])
    """
    found = [floor(part) for part in parts]
    up = round(sum(parts)) - sum(found)
    for place in sorted(range(len(parts)), key=lambda i: found[i] - parts[i])[:up]:
        found[place] += 1
    return found


@dataclass(frozen=True, slots=True)
class Course:
    """How a score went: the points of a line, and the scores that it begins and ends with."""

    line: str
    first: Mapping[str, Any]
    last: Mapping[str, Any]


def course(history: Sequence[Mapping[str, Any]]) -> Course | None:
    """The last score of every day, 0 to 100. history: the newest first; None for fewer than two days."""
    by_day = {date.fromisoformat(h["as_of"][:10]): h for h in reversed(history) if h["score"] is not None}
    if len(by_day) < 2:
        return None
    first, last = min(by_day), max(by_day)
    scale = WIDTH / (last - first).days
    line = " ".join(f"{(day - first).days * scale:.1f},{100 - h['score']}" for day, h in sorted(by_day.items()))
    return Course(line, by_day[first], by_day[last])


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

"""The line of calibration: what happened against what was promised, both in log-odds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scoring.ratios import Z95
from scoring.scorecard import SCALE

from .promises import Cell

STEPS = 25
SETTLED = 1e-9
FARTHEST = 50.0
"""Log-odds and slopes beyond which the line is none: who bought is told without error, or not at all."""


@dataclass(frozen=True, slots=True)
class Line:
    """True log-odds = intercept + slope x promised ones. As promised: slope 1 and intercept 0.

    low, high: the slope's 95 % interval. intercept: with the slope held at 1, above 0 where more bought.
    """

    slope: float
    low: float
    high: float
    intercept: float


Point = tuple[float, int, int]
"""Log-odds, leads, buyers."""


def line_through(cells: Sequence[Cell]) -> Line | None:
    """The line of a logistic regression (Cox 1958) over cells, each at its mean log-odds; None where there is none."""
    points = [(cell.log_odds / SCALE, cell.kept.leads, cell.kept.bought) for cell in cells]
    shift = _fit(points, both=False)
    found = _fit(points, both=True)
    if shift is None or found is None:
        return None
    _, slope, error = found
    return Line(slope, slope - Z95 * error, slope + Z95 * error, shift[0])


def _fit(points: Sequence[Point], *, both: bool) -> tuple[float, float, float] | None:
    """Intercept, slope (1 unless `both`) and the slope's standard error, by Newton's method."""
    a, b, error = 0.0, 1.0, 0.0
    for _ in range(STEPS):
        step = _step(points, a, b, both)
        if step is None:
            return None
        da, db, error = step
        a, b = a + da, b + db
        if abs(a) > FARTHEST or abs(b) > FARTHEST:
            return None
        if abs(da) + abs(db) < SETTLED:
            return a, b, error
    return None


def _step(points: Sequence[Point], a: float, b: float, both: bool) -> tuple[float, float, float] | None:
    ga = gb = haa = hab = hbb = 0.0
    for x, leads, bought in points:
        p = 1 / (1 + math.exp(-max(-FARTHEST, min(FARTHEST, a + b * x))))
        miss, weight = bought - leads * p, leads * p * (1 - p)
        ga, gb = ga + miss, gb + x * miss
        haa, hab, hbb = haa + weight, hab + x * weight, hbb + x * x * weight
    if haa <= 0:
        return None
    if not both:
        return ga / haa, 0.0, 0.0
    determinant = haa * hbb - hab * hab
    if determinant <= 1e-12 * haa * hbb:
        return None
    da, db = (hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant
    return da, db, math.sqrt(haa / determinant)

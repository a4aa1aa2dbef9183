"""How true promises are: observed/expected, and intercept and slope of the calibration line, each with its interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .ratios import Z95, Ends, Kept, kept_of, ratio_interval

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

STEPS = 50
SETTLED = 1e-10
IN_WORDS = {
    "observed_expected": "observed/expected",
    "calibration_intercept": "calibration intercept",
    "calibration_slope": "calibration slope",
}

FARTHEST = 50.0
"""Log-odds and slopes beyond which there is no line: who bought is told without error, or not at all."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Promises held against what happened, by the names of Van Calster et al. (2019); None where there is none to tell.

    observed_expected: buyers over promised buyers, 1 is right. intercept: with the slope held at 1, 0 is right, below 0
    fewer bought. slope: of the logistic regression of outcomes on promised log-odds (Cox 1958), 1 is right, below 1
    the promises are too bold. *_ci: 95 % intervals.
    """

    observed_expected: float | None
    observed_expected_ci: Ends | None
    intercept: float | None
    intercept_ci: Ends | None
    slope: float | None
    slope_ci: Ends | None

    @property
    def kept(self) -> Kept | None:
        """The verdict that every sentence on these promises follows."""
        return None if self.observed_expected_ci is None else kept_of(self.observed_expected_ci)

    def as_dict(self) -> dict[str, object]:
        """Plain data, intervals as lists."""
        found: dict[str, object] = {}
        for name, value, ends in self._figures():
            found |= {name: value, f"{name}_ci": None if ends is None else list(ends)}
        return found

    def __str__(self) -> str:
        known = [(IN_WORDS[name], value, ends) for name, value, ends in self._figures() if ends is not None]
        return ", ".join(f"{name} {value:.2f} ({ends[0]:.2f} to {ends[1]:.2f})" for name, value, ends in known)

    def _figures(self) -> Iterator[tuple[str, float | None, Ends | None]]:
        yield "observed_expected", self.observed_expected, self.observed_expected_ci
        yield "calibration_intercept", self.intercept, self.intercept_ci
        yield "calibration_slope", self.slope, self.slope_ci


def calibration_of(bought: Flags, probability: Floats) -> Calibration:
    """Promises of leads that the model had not seen. bought, probability: shape (n,)."""
    order = np.lexsort((bought, probability))  # sums come out alike for any order of the leads
    y, p = bought[order].astype(np.float64), np.clip(probability[order], 1e-15, 1 - 1e-15)
    expected = float(p.sum())
    ratio, ends = None, None
    if len(p):
        ratio = float(y.sum()) / expected
        ends = ratio_interval(int(y.sum()), expected, float((p * p).sum()))
    x = np.log(p / (1 - p))
    shift, line = _intercept(x, y), _slope(x, y)
    return Calibration(ratio, ends, *_around(shift), *_around(line))


def _around(found: tuple[float, float] | None) -> tuple[float, Ends] | tuple[None, None]:
    """A value and its 95 % interval, of the value and its standard error."""
    if found is None:
        return None, None
    value, error = found
    return value, (value - Z95 * error, value + Z95 * error)


def _intercept(x: Floats, y: Floats) -> tuple[float, float] | None:
    """What to add to all log-odds, and its standard error, by Newton's method."""
    if not 0 < y.sum() < len(y):
        return None
    shift = 0.0
    for _ in range(STEPS):
        chance = _chance(x + shift)
        weight = float((chance * (1 - chance)).sum())
        step = float((y - chance).sum()) / max(weight, 1e-12)
        shift += float(np.clip(step, -2, 2))
        if abs(step) < SETTLED:
            return shift, weight**-0.5
    return None


def _slope(x: Floats, y: Floats) -> tuple[float, float] | None:
    """The slope beside an intercept of its own, and its standard error, by Newton's method with steps that help."""
    if not 0 < y.sum() < len(y) or np.ptp(x) < 1e-9 or _parted(x, y):
        return None
    z = x - x.mean()
    at = np.array([np.log(y.mean() / (1 - y.mean())), 0.0])
    loss = _loss(at, z, y)
    for _ in range(STEPS):
        chance = _chance(at[0] + at[1] * z)
        missed, curve = y - chance, chance * (1 - chance)
        bend = np.array([[curve.sum(), (curve * z).sum()], [(curve * z).sum(), (curve * z * z).sum()]])
        if np.linalg.det(bend) <= 1e-12 * bend[0, 0] * bend[1, 1]:
            return None
        step, size = np.linalg.solve(bend, np.array([missed.sum(), (missed * z).sum()])), 1.0
        while (there := _loss(at + size * step, z, y)) > loss and size > 1e-6:
            size /= 2
        at = at + size * step
        if abs(at[1]) > FARTHEST:
            return None
        if loss - there < SETTLED * len(y):
            return float(at[1]), float(np.linalg.inv(bend)[1, 1]) ** 0.5
        loss = there
    return None


def _parted(x: Floats, y: Floats) -> bool:
    """Whether one value parts buyers from the others: then the slope runs away."""
    buyers, others = x[y == 1], x[y == 0]
    return bool(buyers.min() >= others.max() or others.min() >= buyers.max())


def _chance(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -700, 700))))


def _loss(at: Floats, z: Floats, y: Floats) -> float:
    line = at[0] + at[1] * z
    return float((np.logaddexp(0, line) - y * line).sum())

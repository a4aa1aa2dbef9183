"""Calibration, affine in log-odds: the slope from predictions of leads that were not seen, the base from the recent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from scoring.measure import log_loss

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

MAX_STEPS = 50

STEEPEST = 3.0
"""A slope beyond this comes from too few leads, not from a model that was too timid."""


CHOICES = 3.0
"""What was chosen on the held-out leads beside the slope: shape, penalty, and the share of boosting."""

Part = tuple[Floats, Flags, Floats]
"""Log-odds of held-out leads, who of them bought, and how many leads each row stands for. Shapes (n,)."""

Likely = tuple[Floats, Flags | Floats, Floats]
"""The same, or with what chance each of them buys."""


def slope_of(parts: Sequence[Likely]) -> float:
    """The slope that makes held-out log-odds calibrated (Platt 1999), each part with an intercept of its own.

    The parts' own intercepts keep a market that turned from being read as a model too bold. A slope below 0 says that
    nothing was learned: then 0.
    """
    scores = np.concatenate([z - np.average(z, weights=w) for z, _, w in parts])
    bought, weight = (np.concatenate([part[i] for part in parts]) for i in (1, 2))
    spread = float(scores.std())
    if spread < 1e-9:
        return 0.0
    part = np.repeat(np.arange(len(parts)), [len(z) for z, _, _ in parts])
    return float(np.clip(_slope(scores / spread, part, bought, weight, STEEPEST * spread) / spread, 0.0, STEEPEST))


def _slope(scores: Floats, part: Places, bought: Flags | Floats, weight: Floats, most: float) -> float:
    """The slope of a logistic regression with an intercept for each part, by Newton's method; about `most` at most.

    It is not followed beyond: where a score parts buyers from the others it would run away.
    """
    count = int(part[-1]) + 1
    theta = np.zeros(1 + count)
    theta[1:] = logit(np.clip(np.bincount(part, weight * bought) / np.bincount(part, weight), 1e-9, 1 - 1e-9))
    loss = _loss(theta, scores, part, bought, weight)
    for _ in range(MAX_STEPS):
        chance = expit(theta[0] * scores + theta[1 + part])
        missed, curve = weight * (chance - bought), weight * chance * (1 - chance)
        slope = np.append((missed * scores).sum(), np.bincount(part, missed))
        bend = np.diag(np.append((curve * scores**2).sum(), np.bincount(part, curve)) + 1e-9 * weight.sum())
        bend[0, 1:] = bend[1:, 0] = np.bincount(part, curve * scores)
        step, size = np.linalg.solve(bend, slope), 1.0
        while (there := _loss(theta - size * step, scores, part, bought, weight)) > loss and size > 1e-6:
            size /= 2
        theta = theta - size * step
        if loss - there < 1e-12 * weight.sum() or theta[0] > most:
            break
        loss = there
    return float(theta[0])


def _loss(theta: Floats, scores: Floats, part: Places, bought: Flags | Floats, weight: Floats) -> float:
    z = theta[0] * scores + theta[1 + part]
    return float((weight * (np.logaddexp(0, z) - bought * z)).sum())


def shrinkage(parts: list[Part], slope: float) -> float:
    """What is left of a slope of predictions that were picked among several because they did best on these leads.

    (chi2 - CHOICES) / chi2, chi2 twice what the slope gains in log-likelihood (van Houwelingen and le Cessie 1990).
    """
    gain = sum(float(part[2].sum()) * (_loss_at(part, 0.0) - _loss_at(part, slope)) for part in parts)
    return max(0.0, 1 - CHOICES / (2 * gain)) if gain > 0 else 0.0


def intercept_for(log_odds: Floats, bought: Flags | Floats, weight: Floats) -> float:
    """What to add to log-odds so that as many are promised as bought, half a lead at least (Newton's method)."""
    shift, target = 0.0, float(np.clip((weight * bought).sum(), 0.5, max(weight.sum() - 0.5, 0.5)))
    for _ in range(100):
        p = expit(log_odds + shift)
        step = (target - (weight * p).sum()) / max(float((weight * p * (1 - p)).sum()), 1e-12)
        shift += float(np.clip(step, -2, 2))
        if abs(step) < 1e-12:
            break
    return shift


def calibrated_loss(part: Part) -> float:
    """The log loss after the best affine map: what a ranking and its shape are worth, whatever its level."""
    return _loss_at(part, slope_of([part]))


def _loss_at(part: Part, slope: float) -> float:
    """The log loss with this slope and the best intercept."""
    log_odds, bought, weight = part
    mapped = slope * log_odds
    return log_loss(bought, expit(mapped + intercept_for(mapped, bought, weight)), weight)

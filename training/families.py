"""The families compete: additive boosting, penalised logistic regression, and their blend in log-odds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .additive import Additive, blend, log_odds_of, purified
from .boosting import Progress, fit_boosted
from .calibration import Part, calibrated_loss, intercept_for, slope_of
from .design import Design
from .folds import MIN_HELD_BUYERS, Fold, enough, even, forward_folds, random_folds
from .logistic import PENALTIES, fit_logistic, fit_penalties
from .monotone import held_to

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Moments = NDArray[np.int64]

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of boosting in the blend that compete."""

FORWARD_BAGS = 2
"""Bags of boosting on a forward fold, which is fitted only to be judged."""

FORWARD_ROWS = 40_000
"""Rows of a forward fold's seen and held-out leads, an even sample of more: which family wins shows on so many."""


FLATTEST = 0.25
"""The least that the slope on later leads counts, as a share of that on leads of the same time."""


@dataclass(frozen=True)
class Chosen:
    """The winner. folds: `forward` or `random`; losses: calibrated log loss on held-out leads by family.

    each: the same of every fold, in order of time where they are forward, with rows seen and held out and buyers there.
    """

    weight: float
    penalty: float
    folds: str
    losses: dict[str, float]
    each: tuple[dict[str, float], ...] = ()

    @property
    def name(self) -> str:
        """The family in a word."""
        return {0.0: "logistic", 1.0: "boosted"}.get(self.weight, "blend")

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        return {
            "family": self.name,
            "boosted_share": self.weight,
            "penalty": self.penalty,
            "folds": self.folds,
            "held_out_log_loss_recalibrated": self.losses,
            "each_fold": list(self.each),
        }


@dataclass(frozen=True)
class Fitted:
    """A purified, calibrated additive model of all leads, who won, and the fitted estimators."""

    model: Additive
    chosen: Chosen
    estimators: list[object]


@dataclass(frozen=True)
class _Held:
    """Held-out leads of one fold: boosted log-odds, those of the regression by penalty, who bought, their weights.

    seen: the rows that were fitted on.
    """

    seen: int
    boosted: Floats
    logistic: dict[float, Floats]
    bought: Flags
    weight: Floats

    def mix(self, share: float, penalty: float) -> Part:
        """The blend with this share of boosting."""
        return share * self.boosted + (1 - share) * self.logistic[penalty], self.bought, self.weight


def fit_families(
    design: Design,
    bought: Flags,
    *,
    as_of: Moments | None,
    horizon_days: int | None,
    level: Floats,
    seed: int,
    chosen: Chosen | None = None,
    progress: Progress | None = None,
) -> Fitted:
    """Choose on held-out leads, forward in time where dates are known; fit on all; calibrate. Shapes (n,).

    level: weights of the leads whose share of buyers the base is set to, all where too few of them tell. chosen: a
    choice made before, that this fit is to keep. The leads must stand in canonical order.
    """
    folds = random_folds(bought, seed, design.group)
    boosted = fit_boosted(design, bought, seed=seed, folds=folds, progress=progress)
    weight = design.weights
    forward = forward_folds(bought, as_of, horizon_days or 0, weight) if as_of is not None else []
    penalties = PENALTIES if chosen is None else (chosen.penalty,)
    later = [_hold_out(design, bought, fold, seed, penalties) for fold in forward]
    if later:
        chosen = chosen or _choose(later, "forward")
        penalties = (chosen.penalty,)
    beside = [_beside(design, bought, fold, boosted.out_of_fold, penalties) for fold in folds]
    chosen = chosen or _choose(beside, "random")
    model = blend(boosted.additive(), fit_logistic(design, bought, chosen.penalty), chosen.weight)
    pure = held_to(purified(model, design), design)
    slope = _slope(beside, later, chosen)
    scores = slope * log_odds_of(pure, design)
    level = level if enough(bought, MIN_HELD_BUYERS, level) else weight
    calibrated = pure.scaled(slope, intercept_for(scores, bought, level))
    return Fitted(calibrated, chosen, list(boosted.estimators))


def _slope(beside: list[_Held], later: list[_Held], chosen: Chosen) -> float:
    """The slope from leads of the same time and, where dates are known, from later ones, in the geometric mean.

    Later leads show what drift costs, but by models of fewer leads, which are bolder than the one that is calibrated;
    leads of the same time show no drift. Windows in which the market turned may say 0: they flatten and never wipe out.
    """
    now = slope_of([p.mix(chosen.weight, chosen.penalty) for p in beside])
    if not later:
        return now
    then = slope_of([p.mix(chosen.weight, chosen.penalty) for p in later])
    return float(np.sqrt(now * max(then, FLATTEST * now)))


def _hold_out(design: Design, bought: Flags, fold: Fold, seed: int, penalties: tuple[float, ...]) -> _Held:
    """Both families fitted on the fold's seen leads alone."""
    seen, held = (even(rows, FORWARD_ROWS) for rows in fold)
    part, known = design.take(seen), bought[seen]
    later = design.take(held)
    bags = random_folds(known, seed, part.group)[:FORWARD_BAGS]
    boosted = fit_boosted(part, known, seed=seed, folds=bags).log_odds(later)
    return _Held(len(seen), boosted, _by_penalty(part, known, later, penalties), bought[held], later.weights)


def _beside(design: Design, bought: Flags, fold: Fold, out_of_fold: Floats, penalties: tuple[float, ...]) -> _Held:
    """The regression fitted beside a bag of boosting on the same leads. The held-out ones stopped that bag early."""
    seen, held = fold
    later = design.take(held)
    regressions = _by_penalty(design.take(seen), bought[seen], later, penalties)
    return _Held(len(seen), out_of_fold[held], regressions, bought[held], later.weights)


def _by_penalty(part: Design, bought: Flags, later: Design, penalties: tuple[float, ...]) -> dict[float, Floats]:
    fits = fit_penalties(part, bought, penalties)
    return {penalty: log_odds_of(model, later) for penalty, model in fits.items()}


def _choose(held: list[_Held], folds: str) -> Chosen:
    """The penalty that is best in the even blend, then the best share; of equal shares the smaller.

    Losses are after the best affine map on the held-out leads themselves: they compare shapes and promise nothing.
    """

    def loss(weight: float, penalty: float) -> float:
        return float(np.mean([calibrated_loss(part.mix(weight, penalty)) for part in held]))

    penalty = min(PENALTIES, key=lambda p: (loss(0.5, p), p))
    losses = {weight: loss(weight, penalty) for weight in WEIGHTS}
    weight = min(WEIGHTS, key=lambda w: (round(losses[w], 6), w))
    share = min(WEIGHTS[1:-1], key=lambda w: losses[w])
    shown = {"logistic": 0.0, "blend": share, "boosted": 1.0}
    each = tuple(
        {"seen": part.seen, "held_out": len(part.bought), "buyers": int(part.bought.sum())}
        | {name: calibrated_loss(part.mix(weight, penalty)) for name, weight in shown.items()}
        for part in held
    )
    return Chosen(weight, penalty, folds, {name: losses[w] for name, w in shown.items()}, each)

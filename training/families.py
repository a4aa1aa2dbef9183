"""The families compete: additive boosting, penalised logistic regression, and their blend in log-odds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .additive import Additive, blend, log_odds_of, purified
from .boosting import Progress, fit_boosted
from .calibration import Part, calibrated_loss, intercept_for, shrinkage, slope_of
from .design import Design
from .folds import MIN_HELD_BUYERS, Fold, enough, even, forward_folds, random_folds
from .logistic import PENALTIES, Setting, Shape, fit_logistic, fit_penalties
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
    shape: Shape = Shape.CURVE

    @property
    def setting(self) -> Setting:
        """How the regression is fitted."""
        return self.shape, self.penalty

    @property
    def name(self) -> str:
        """The family in a word."""
        return {0.0: "logistic", 1.0: "boosted"}.get(self.weight, "blend")

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        return {
            "family": self.name,
            "boosted_share": self.weight,
            "numbers_as": self.shape.value,
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
    """Held-out leads of one fold: boosted log-odds, those of the regression by setting, who bought, their weights.

    seen: the rows that were fitted on.
    """

    seen: int
    boosted: Floats
    logistic: dict[Setting, Floats]
    bought: Flags
    weight: Floats

    def mix(self, share: float, setting: Setting) -> Part:
        """The blend with this share of boosting."""
        return share * self.boosted + (1 - share) * self.logistic[setting], self.bought, self.weight


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
    settings = _settings(design, chosen)
    later = [_hold_out(design, bought, fold, seed, settings) for fold in forward]
    if later:
        chosen = chosen or _choose(later, "forward")
        settings = _settings(design, chosen)
    beside = [_beside(design, bought, fold, boosted.out_of_fold, settings) for fold in folds]
    chosen = chosen or _choose(beside, "random")
    model = blend(boosted.additive(), fit_logistic(design, bought, chosen.setting), chosen.weight)
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
    parts = [p.mix(chosen.weight, chosen.setting) for p in beside]
    now = slope_of(parts)
    now *= shrinkage(parts, now)
    if not later:
        return now
    then = slope_of([p.mix(chosen.weight, chosen.setting) for p in later])
    return float(np.sqrt(now * max(then, FLATTEST * now)))


Settings = dict[Shape, tuple[float, ...]]
"""The penalties that compete, by shape."""


def _settings(design: Design, chosen: Chosen | None) -> Settings:
    if chosen is not None:
        return {chosen.shape: (chosen.penalty,)}
    return dict.fromkeys(Shape if design.seen else (Shape.CURVE,), PENALTIES)


def _hold_out(design: Design, bought: Flags, fold: Fold, seed: int, settings: Settings) -> _Held:
    """Both families fitted on the fold's seen leads alone."""
    seen, held = (even(rows, FORWARD_ROWS) for rows in fold)
    part, known = design.take(seen), bought[seen]
    later = design.take(held)
    bags = random_folds(known, seed, part.group)[:FORWARD_BAGS]
    boosted = fit_boosted(part, known, seed=seed, folds=bags).log_odds(later)
    return _Held(len(seen), boosted, _regressions(part, known, later, settings), bought[held], later.weights)


def _beside(design: Design, bought: Flags, fold: Fold, out_of_fold: Floats, settings: Settings) -> _Held:
    """The regression fitted beside a bag of boosting on the same leads. The held-out ones stopped that bag early."""
    seen, held = fold
    later = design.take(held)
    regressions = _regressions(design.take(seen), bought[seen], later, settings)
    return _Held(len(seen), out_of_fold[held], regressions, bought[held], later.weights)


def _regressions(part: Design, bought: Flags, later: Design, settings: Settings) -> dict[Setting, Floats]:
    return {
        (shape, penalty): log_odds_of(model, later)
        for shape, penalties in settings.items()
        for penalty, model in fit_penalties(part, bought, penalties, shape=shape).items()
    }


def _by_shape(settings: Iterable[Setting]) -> list[list[Setting]]:
    return [mine for shape in Shape if (mine := [s for s in settings if s[0] is shape])]


def _choose(held: list[_Held], folds: str) -> Chosen:
    """The penalties that are best alone and in the even blend, for each shape; of these the best share.

    Of equals the plainest. Losses are after the best affine map on the held-out leads themselves: they compare families
    and promise nothing.
    """

    @cache
    def loss(weight: float, setting: Setting) -> float:
        return float(np.mean([calibrated_loss(part.mix(weight, setting)) for part in held]))

    best = [min(of, key=lambda s: (loss(w, s), s)) for of in _by_shape(held[0].logistic) for w in (0.0, 0.5)]
    weight, setting = min(((w, s) for s in best for w in WEIGHTS), key=lambda ws: (round(loss(*ws), 6), *ws))
    share = min(WEIGHTS[1:-1], key=lambda w: loss(w, setting))
    shown = {"logistic": 0.0, "blend": share, "boosted": 1.0}
    each = tuple(
        {"seen": part.seen, "held_out": len(part.bought), "buyers": int(part.bought.sum())}
        | {name: calibrated_loss(part.mix(w, setting)) for name, w in shown.items()}
        for part in held
    )
    losses = {name: loss(w, setting) for name, w in shown.items()}
    return Chosen(weight, setting[1], folds, losses, each, setting[0])

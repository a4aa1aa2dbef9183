"""How good a ranking is: AUC with its interval, log loss, Brier score, calibration error, buyers in the top share."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from .calibrated import Calibration, calibration_of
from .ratios import Z95

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CALIBRATION_BINS = 10


@dataclass(frozen=True, slots=True)
class Metrics:
    """What a model shows on test leads; shares are from 0 to 1. value_in_top_20pct: null without values."""

    auc: float
    auc_ci: tuple[float, float]
    log_loss: float
    brier: float
    calibration_error: float
    buyers_in_top_10pct: float
    buyers_in_top_20pct: float
    calibration: Calibration
    value_in_top_20pct: float | None = None

    def as_dict(self) -> dict[str, object]:
        """Plain data, intervals as lists, the calibration's figures among the others."""
        plain = {name: value for name, value in asdict(self).items() if name != "calibration"}
        return {**plain, "auc_ci": list(self.auc_ci), **self.calibration.as_dict()}


def measure(bought: Flags, probability: Floats, rank_by: Floats | None = None) -> Metrics:
    """All metrics at once. rank_by: what the order is taken from (log-odds), probability if left out. Shapes (n,)."""
    order = probability if rank_by is None else rank_by
    area, error = auc_with_error(bought, order)
    return Metrics(
        auc=area,
        auc_ci=_interval(area, error),
        log_loss=log_loss(bought, probability),
        brier=float(np.mean((probability - bought) ** 2)),
        calibration_error=calibration_error(bought, probability),
        buyers_in_top_10pct=share_in_top(bought, order, 0.1),
        buyers_in_top_20pct=share_in_top(bought, order, 0.2),
        calibration=calibration_of(bought, probability),
    )


def _interval(area: float, error: float) -> tuple[float, float]:
    """95 % of an area under the curve, symmetric in its log-odds: of few buyers it covers better (Pepe 2003)."""
    if not 0 < area < 1:
        return max(0.0, area - Z95 * error), min(1.0, area + Z95 * error)
    middle, width = np.log(area / (1 - area)), Z95 * error / (area * (1 - area))
    low, high = (float(1 / (1 + np.exp(-end))) for end in (middle - width, middle + width))
    return low, high


def auc_with_error(bought: Flags, score: Floats) -> tuple[float, float]:
    """The area under the ROC curve and its standard error (DeLong et al. 1988, in the form of Sun and Xu 2014)."""
    buyers, others = score[bought], score[~bought]
    m, n = len(buyers), len(others)
    if not m or not n:
        return float("nan"), float("nan")
    everyone = _midranks(np.concatenate((buyers, others)))
    above = (everyone[:m] - _midranks(buyers)) / n
    below = 1 - (everyone[m:] - _midranks(others)) / m
    area = float(above.mean())
    variance = (above.var(ddof=1) / m if m > 1 else 0.0) + (below.var(ddof=1) / n if n > 1 else 0.0)
    return area, float(np.sqrt(variance))


def _midranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    upto = np.cumsum(counts)
    return np.asarray((upto - (counts - 1) / 2)[inverse], dtype=np.float64)


def log_loss(bought: Flags, probability: Floats, weight: Floats | None = None) -> float:
    """The mean negative log-likelihood in nats; probabilities are kept 1e-15 away from 0 and 1."""
    p = np.clip(probability, 1e-15, 1 - 1e-15)
    return float(-np.average(np.where(bought, np.log(p), np.log1p(-p)), weights=weight))


def calibration_error(bought: Flags, probability: Floats, bins: int = CALIBRATION_BINS) -> float:
    """Mean distance of promised and happened over bins of equal numbers of leads (adaptive ECE).

    Leads of one probability count with their mean, so that the order of the rows makes no difference.
    """
    _, place, leads = np.unique(probability, return_inverse=True, return_counts=True)
    gaps = np.repeat(np.bincount(place, weights=probability - bought) / leads, leads)
    parts = np.array_split(gaps, min(bins, len(gaps)))
    return float(sum(abs(part.sum()) for part in parts) / max(1, len(gaps)))


def share_in_top(bought: Flags, score: Floats, share: float, worth: Floats | None = None) -> float:
    """The share of buyers (or of their worth) among the best `share` of leads; ties count as drawn by lot."""
    weight = bought.astype(np.float64) if worth is None else np.where(bought, worth, 0.0)
    places = share * len(score)
    found, inverse = np.unique(-score, return_inverse=True)
    leads = np.bincount(inverse, minlength=len(found))
    gained = np.bincount(inverse, weights=weight, minlength=len(found))
    before = np.concatenate(([0], np.cumsum(leads)[:-1]))
    taken = np.clip((places - before) / leads, 0, 1)
    return float((gained * taken).sum() / max(weight.sum(), 1e-300))


def auc(bought: Flags, score: Floats) -> float:
    """The area under the ROC curve alone."""
    return auc_with_error(bought, score)[0]

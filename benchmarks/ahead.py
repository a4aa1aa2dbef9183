"""Who is ahead, and by more than chance: metrics of one fold, a paired bootstrap over its leads, mean ranks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from scoring.measure import auc, log_loss, share_in_top

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

DRAWS = 400
METRICS = ("auc", "log_loss", "top_10", "top_20")
BETTER = {"auc": 1.0, "log_loss": -1.0, "top_10": 1.0, "top_20": 1.0}
"""1 where more is better."""


def metrics_of(bought: Flags, probability: Floats) -> dict[str, float]:
    """AUC, log loss, and the share of buyers among the first 10 and 20 % of leads."""
    kept = np.clip(probability, 1e-6, 1 - 1e-6)
    return {
        "auc": auc(bought, probability),
        "log_loss": log_loss(bought, kept),
        "top_10": share_in_top(bought, probability, 0.1),
        "top_20": share_in_top(bought, probability, 0.2),
    }


def lead_over(folds: list[tuple[Flags, Floats, Floats]], metric: str, seed: int = 1) -> tuple[float, float, float]:
    """How far the first is ahead of the second in the mean of the folds (minus: behind), with a 95 % interval.

    Leads are drawn with replacement within each fold, the same for both (paired bootstrap: Efron 1979).
    """
    dice = np.random.default_rng(seed)
    point = np.mean([_gap(b, x, y, metric) for b, x, y in folds])
    draws = []
    for _ in range(DRAWS):
        gaps = []
        for bought, first, second in folds:
            rows = dice.integers(0, len(bought), len(bought))
            if 0 < bought[rows].sum() < len(rows):
                gaps.append(_gap(bought[rows], first[rows], second[rows], metric))
        draws.append(np.mean(gaps))
    low, high = np.quantile(draws, (0.025, 0.975))
    return float(point), float(low), float(high)


def _gap(bought: Flags, first: Floats, second: Floats, metric: str) -> float:
    found = [metrics_of(bought, p)[metric] for p in (first, second)]
    return BETTER[metric] * (found[0] - found[1])


def mean_ranks(table: dict[str, dict[str, float]], metric: str) -> dict[str, float]:
    """Each peer's mean rank over the sets where all are, 1 the best. table: set -> peer -> value."""
    peers = sorted({p for row in table.values() for p in row})
    whole = [row for row in table.values() if set(row) == set(peers)]
    if not whole:
        return {}
    ranks = [rankdata([-BETTER[metric] * round(row[p], 6) for p in peers]) for row in whole]
    return dict(zip(peers, np.mean(ranks, axis=0).tolist(), strict=True))

"""`python -m benchmarks.intervals`: how often reported 95 % intervals hold the truth, on leads of known chances.

The truth of a ranking is its figure on a million leads; tests of different sizes are drawn anew and judged as leads
that were held back are.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from scoring.measure import auc, calibration_error, measure, share_in_top
from training.intervals import calibration_noise, paired

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TRUTH_LEADS = 1_000_000
TESTS = 400
SIZES = ((200, -2.0), (500, -3.5), (2000, -3.0), (5000, -1.0))
"""Leads of a test, and the log-odds of the average lead."""

SKILL = ((1.0, 0.7), (2.2, 0.7))
"""Spread of the log-odds, and how much of them a second, poorer score sees."""


def drawn(
    dice: np.random.Generator, leads: int, middle: float, spread: float, share: float
) -> tuple[Flags, Floats, Floats]:
    """Who buys, the true log-odds, and a poorer score's."""
    seen, hidden = dice.normal(size=(2, leads))
    log_odds = middle + spread * (share * seen + np.sqrt(1 - share**2) * hidden)
    return dice.random(leads) < expit(log_odds), log_odds, middle + spread * share * seen


def covered(leads: int, middle: float, spread: float, share: float, tests: int) -> dict[str, float]:
    """The share of tests whose interval held the truth, by figure; and buyers in a test."""
    dice = np.random.default_rng(leads)
    bought, better, poorer = drawn(dice, TRUTH_LEADS, middle, spread, share)
    truth = {
        "auc": auc(bought, better),
        "auc gap": auc(bought, better) - auc(bought, poorer),
        "top 20 % gap": share_in_top(bought, better, 0.2) - share_in_top(bought, poorer, 0.2),
    }
    hits, buyers = dict.fromkeys([*truth, "calibration"], 0), 0
    for _ in range(tests):
        bought, better, poorer = drawn(dice, leads, middle, spread, share)
        buyers += int(bought.sum())
        low, high = measure(bought, expit(better), better).auc_ci
        gap = paired(bought, better, poorer, rounds=300)
        auc_gap, top_gap = gap["auc"], gap["buyers_in_top_20pct"]
        hits["auc"] += low <= truth["auc"] <= high
        hits["auc gap"] += auc_gap.low <= truth["auc gap"] <= auc_gap.high
        hits["top 20 % gap"] += top_gap.low <= truth["top 20 % gap"] <= top_gap.high
        hits["calibration"] += calibration_error(bought, expit(better)) <= calibration_noise(expit(better), rounds=200)
    return {"buyers": buyers / tests, **{name: n / tests for name, n in hits.items()}}


def main() -> None:
    """Print a line a size."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tests", type=int, default=TESTS, help="tests of each size")
    tests = options.parse_args().tests
    print(f"of {tests} tests each, the share whose 95 % interval held the truth")
    print(f"  {'leads':>6} {'buyers':>7} {'AUC':>7} {'AUC gap':>8} {'top 20 % gap':>13} {'calibration':>12}")
    for leads, middle in SIZES:
        for spread, share in SKILL:
            found = covered(leads, middle, spread, share, tests)
            print(
                f"  {leads:6,} {found['buyers']:7.0f} {found['auc']:7.1%} {found['auc gap']:8.1%} "
                f"{found['top 20 % gap']:13.1%} {found['calibration']:12.1%}",
                flush=True,
            )


if __name__ == "__main__":
    main()

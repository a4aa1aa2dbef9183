"""`python -m benchmarks.large`: a card learned from a million leads of twenty fields.

The leads are made: ten numbers and ten categories whose effects and pairs are known to the maker alone.
"""

from __future__ import annotations

import argparse
import os
import resource
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from numpy.typing import NDArray

from scoring.batch import TableScorer
from scoring.columns import Coded, Column, Numbers
from scoring.measure import auc
from training.learn import learn

FIELDS = 10
"""Numbers, and as many categories."""

Floats = NDArray[np.float64]


def made(rows: int, seed: int) -> tuple[dict[str, Column], NDArray[np.bool_], Floats]:
    """Leads, who bought, and the log-odds by which it was drawn."""
    dice = np.random.default_rng(seed)
    values = dice.normal(size=(FIELDS, rows))
    codes = dice.integers(0, 12, size=(FIELDS, rows))
    effects = np.random.default_rng(1).normal(scale=0.35, size=(FIELDS, 12))
    log_odds = -3.0 + sum(effects[i][codes[i]] for i in range(FIELDS))
    log_odds += 0.5 * values[0] + 0.4 * np.sin(2 * values[1]) + 0.3 * (values[2] > 1) + 0.4 * values[3] * (codes[0] > 6)
    levels = [f"level {c}" for c in range(12)]
    columns: dict[str, Column] = {f"number {i}": Numbers(values[i]) for i in range(FIELDS)}
    columns |= {f"kind {i}": Coded(levels, codes[i].astype(np.int32)) for i in range(FIELDS)}
    return columns, dice.random(rows) < 1 / (1 + np.exp(-log_odds)), log_odds


def main() -> None:
    """Print seconds, peak memory, and how near the card comes to the truth on leads that it has not seen."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    rows = options.parse_args().rows
    columns, bought, _ = made(rows, seed=2)
    start = time.perf_counter()
    card = learn(columns, bought, as_of=None, kinds={}, horizon_days=None, seed=7).card
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    later, outcome, truth = made(100_000, seed=3)
    found = TableScorer(card).log_odds(later, len(outcome)).astype(float)
    print(f"{rows:,} leads of {2 * FIELDS} fields: {seconds:.0f} s to learn, {peak:,.0f} MiB at the most")
    print(f"AUC on 100,000 others {auc(outcome, found):.4f}; of the truth itself {auc(outcome, truth):.4f}")


if __name__ == "__main__":
    main()

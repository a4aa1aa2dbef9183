"""`python -m benchmarks.drift`: false alarms a year without drift, and drift that is seen, beside the rule of 0.1.

Twenty fields of many shapes; what is learned from is drawn once a seed, then 52 windows. One process, some minutes.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.watching.drift import ALARMING, Bins, drift_of, stability_index

WEEKS, SEEDS = 52, 200
WINDOWS = (100, 200, 1_000)
LEARNED = (2_000, 20_000)
"""Leads of the last year that the model learned from: of a small company, and of a larger one."""

FIXED = 0.1
"""The usual rule: from this stability index on, a field has moved (Siddiqi 2006), whatever the window."""

SHIFTS = (0.25, 0.5)
"""Of one field, in standard deviations."""

Floats = NDArray[np.float64]


def populations() -> list[Floats]:
    """Twenty fields' shares by bin: numbers in tenths, skewed sources with rare levels, flags, many levels, sparse."""
    tenths = np.full(10, 0.1)
    source = np.array([0.02, 0.01, 0.42, 0.25, 0.15, 0.08, 0.04, 0.02, 0.007, 0.003])
    many = 1 / np.arange(1, 31)
    flag, sparse = np.array([0.0, 0.93, 0.07]), np.array([0.9, 0.05, 0.03, 0.015, 0.005])
    kinds = [tenths] * 8 + [source] * 4 + [many] * 2 + [flag] * 3 + [sparse] * 3
    return [shares / shares.sum() for shares in kinds]


@dataclass
class Seen:
    """False alarms, of this rule and of the fixed one."""

    ours: int = 0
    fixed: int = 0


def false_alarms(learned: int, window: int, seeds: int) -> Seen:
    """Alarms of so many years without drift, all fields together."""
    fields, seen = populations(), Seen()
    for seed in range(seeds):
        dice = np.random.default_rng([seed, window, learned])
        for shares in fields:
            before = dice.multinomial(learned, shares)
            for after in dice.multinomial(window, shares, size=WEEKS):
                _look(seen, before, after, len(fields))
    return seen


def _look(seen: Seen, before: NDArray[np.int64], after: NDArray[np.int64], fields: int) -> None:
    old, new = before.tolist(), after.tolist()
    seen.ours += drift_of("x", Bins(old), Bins(new), fields=fields).found in ALARMING
    seen.fixed += stability_index(old, new) >= FIXED


def detection(learned: int, window: int, shift: float, seeds: int) -> Seen:
    """In how many of the seeds a shifted normal field, in tenths of what was learned from, is an alarm."""
    seen, fields = Seen(), len(populations())
    for seed in range(seeds):
        dice = np.random.default_rng([seed, window, learned, int(100 * shift)])
        first = dice.normal(size=learned)
        edges = np.quantile(first, np.arange(0.1, 1, 0.1))
        before = np.bincount(np.searchsorted(edges, first), minlength=10)
        after = np.bincount(np.searchsorted(edges, dice.normal(shift, size=window)), minlength=10)
        _look(seen, before, after, fields)
    return seen


def main(arguments: Sequence[str]) -> None:
    """Print the table of docs/models.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    seeds = parser.parse_args(arguments).seeds
    began = time.perf_counter()
    print(f"{len(populations())} fields, {WEEKS} weeks, {seeds} seeds")
    shifts = " | ".join(f"{shift} SD seen | fixed" for shift in SHIFTS)
    print(f"| learned from | leads a window | false alarms a year | fixed {FIXED} | {shifts} |")
    print("|---" * (4 + 2 * len(SHIFTS)) + "|")
    for learned in LEARNED:
        for window in WINDOWS:
            none = false_alarms(learned, window, seeds)
            found = [detection(learned, window, shift, seeds) for shift in SHIFTS]
            cells = [f"{s.ours / seeds:.0%} | {s.fixed / seeds:.0%}" for s in found]
            rates = f"{none.ours / seeds:.2f} | {none.fixed / seeds:,.1f}"
            print(f"| {learned:,} | {window:,} | {rates} | {' | '.join(cells)} |", flush=True)
    print(f"{time.perf_counter() - began:.0f} seconds")


if __name__ == "__main__":
    main(sys.argv[1:])

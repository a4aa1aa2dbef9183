"""What chance does: intervals of shares, sums of unequal chances, and the tail of chi-square. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scoring.ratios import Z95

EXACT_STEPS = 200_000
"""Leads times buyers up to which a sum of chances is counted out, within hundredths of a second; beyond, normal."""


def wilson(bought: int, leads: int, z: float = Z95) -> tuple[float, float]:
    """The interval of a share (Wilson 1927). Raises ZeroDivisionError of no leads.

    >>> [round(end, 3) for end in wilson(3, 10)]
    [0.108, 0.603]
    """
    share, square = bought / leads, z * z
    middle = (share + square / (2 * leads)) / (1 + square / leads)
    half = z / (1 + square / leads) * math.sqrt(share * (1 - share) / leads + square / (4 * leads * leads))
    return max(0.0, middle - half), min(1.0, middle + half)


def unlikely(bought: int, groups: Sequence[tuple[int, float]]) -> float:
    """The two-sided chance of a number of buyers so far from what is promised, were every promise true.

    groups: how many leads of which chance. Twice the smaller tail of the sum of unequal coins (Poisson-binomial),
    counted out where that is quick, else by the normal distribution with half a buyer's continuity.

    >>> round(unlikely(0, [(5, 0.5)]), 4)
    0.0625
    """
    leads = sum(n for n, _ in groups)
    if leads * (bought + 1) <= EXACT_STEPS:
        below, here = _tails(bought, groups)
        return min(1.0, 2 * min(below + here, 1 - below))
    mean = sum(n * p for n, p in groups)
    spread = math.sqrt(sum(n * p * (1 - p) for n, p in groups))
    off = max(0.0, abs(bought - mean) - 0.5)
    return math.erfc(off / spread / math.sqrt(2)) if spread else float(off == 0)


def _tails(bought: int, groups: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """The chance of fewer buyers than these, and of just so many."""
    chance = [1.0] + [0.0] * bought
    for n, p in groups:
        for _ in range(n):
            for k in range(bought, 0, -1):
                chance[k] = chance[k] * (1 - p) + chance[k - 1] * p
            chance[0] *= 1 - p
    return math.fsum(chance[:bought]), chance[bought]


def surges(before: int, learned: int, after: int, new: int, alpha: float) -> bool:
    """Whether `after` of `new` leads are more than chance allows where `before` of `learned` were; exact for few leads.

    The share before is taken at the upper end of its interval at three standard errors: what was not seen may be there.

    >>> surges(0, 2000, 3, 100, 1e-4), surges(0, 2000, 8, 100, 1e-4)
    (False, True)
    """
    share = wilson(before, learned, 3.0)[1]
    if share >= 1 or after == 0:
        return False
    logs = (math.log(share), math.log1p(-share), math.lgamma(new + 1))
    tail = math.fsum(
        math.exp(logs[2] - math.lgamma(k + 1) - math.lgamma(new - k + 1) + k * logs[0] + (new - k) * logs[1])
        for k in range(after, new + 1)
    )
    return tail < alpha


def chi_square_tail(x: float, freedom: int) -> float:
    """The chance that chi-square is above x (Abramowitz and Stegun 26.4.4 and 26.4.5).

    >>> round(chi_square_tail(3.841459, 1), 6), round(chi_square_tail(16.918978, 9), 6)
    (0.05, 0.05)
    """
    if x <= 0:
        return 1.0
    half = x / 2
    odd = freedom % 2
    tail = math.erfc(math.sqrt(half)) if odd else 0.0
    power = 0.5 if odd else 0.0
    while power < freedom / 2:
        tail += math.exp(power * math.log(half) - half - math.lgamma(power + 1))
        power += 1
    return min(1.0, tail)

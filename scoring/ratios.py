"""What happened against what was promised, with its interval. Standard library only."""

from __future__ import annotations

import math
from enum import StrEnum

Z95 = 1.959963984540054
"""Half width of a 95 % interval in standard errors."""

Ends = tuple[float, float]


class Kept(StrEnum):
    """Whether as many bought as were promised: fewer and more are beyond the 95 % interval of observed/expected."""

    AS_PROMISED = "as promised"
    FEWER = "fewer"
    MORE = "more"


def ratio_interval(bought: int, promised: float, squares: float, z: float = Z95) -> tuple[float, float]:
    """The interval of happened/promised: every ratio by which all chances may be multiplied without being unlikely.

    promised: the sum of the chances, above 0; squares: that of their squares. Of equal chances it is Wilson's (1927).

    >>> [round(end, 3) for end in ratio_interval(3, 5.0, 2.5)]
    [0.216, 1.206]
    """
    square = z * z
    a, b = promised * promised + square * squares, promised * (2 * bought + square)
    root = math.sqrt(max(0.0, b * b - 4 * a * bought * bought))
    return max(0.0, (b - root) / (2 * a)), (b + root) / (2 * a)


def kept_of(ends: Ends) -> Kept:
    """What an interval of observed/expected says.

    >>> kept_of((0.7, 0.9)).value, kept_of((0.9, 1.2)).value
    ('fewer', 'as promised')
    """
    low, high = ends
    return Kept.FEWER if high < 1 else Kept.MORE if low > 1 else Kept.AS_PROMISED

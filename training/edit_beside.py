"""An edited model beside its parent on the same leads: figures before and after, and how many leads change grade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.batch import Scores, per_mille_of
from scoring.grades import GradeCuts
from scoring.measure import Metrics
from scoring.scorecard import REFERENCE_STEPS, SCALE, Scorecard

from .intervals import Interval, paired

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Ranked:
    """A card, its scores of the test leads, and its figures there."""

    card: Scorecard
    scores: Scores
    metrics: Metrics


@dataclass(frozen=True)
class Beside:
    """before, after: the parent and the edit. differences: after less before, with 95 % intervals.

    regraded: leads by the grade before and the grade after, as `A to B`, of those whose grade changes.
    """

    source: str
    leads: int
    buyers: int
    before: Metrics
    after: Metrics
    differences: Mapping[str, Interval]
    regraded: Mapping[str, int]

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        return {
            "source": self.source,
            "leads": self.leads,
            "buyers": self.buyers,
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
            "differences": {name: interval.as_dict() for name, interval in self.differences.items()},
            "grades_changed": sum(self.regraded.values()),
            "regraded": dict(self.regraded),
        }


def beside_of(before: Ranked, after: Ranked, bought: Flags, cuts: GradeCuts, source: str) -> Beside:
    """Both on the same test leads. bought: shape (n,)."""
    then, now = (_grades(one, cuts) for one in (before, after))
    moved = Counter(f"{a} to {b}" for a, b in zip(then.tolist(), now.tolist(), strict=True) if a != b)
    return Beside(
        source,
        len(bought),
        int(bought.sum()),
        before.metrics,
        after.metrics,
        paired(bought, after.scores.log_odds / SCALE, before.scores.log_odds / SCALE),
        dict(sorted(moved.items())),
    )


def _grades(one: Ranked, cuts: GradeCuts) -> NDArray[np.str_]:
    names = np.array([cuts.grade_of(place) for place in range(REFERENCE_STEPS + 1)])
    return np.asarray(names[per_mille_of(one.card, one.scores.log_odds)])

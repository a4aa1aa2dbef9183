"""An edited card made to keep its parent's promises: calibrated on leads by what the parent said of them.

No outcome is looked at, so that test leads stay test leads: where the parent's probabilities are right, their mean
over the leads that the edited card takes for alike is right too (Platt 1999, the parent's chances for labels).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from scoring.scorecard import SCALE, Main, Pair, Scorecard, reference_from

from .calibration import intercept_for, slope_of
from .fitting import Fitting
from .learn import REFERENCE_LEADS, of_last_year
from .snapshots import Snapshots

FEWEST = 200
"""Leads from which on a card is calibrated: of fewer the affine map would be noise."""


def recalibrated(card: Scorecard, parent: Scorecard, fitting: Fitting, looks: Snapshots, *, slope: bool) -> Scorecard:
    """The card with its base, and where `slope` its tables, calibrated by the parent, and its references counted anew.

    looks: at leads of which the parent knew. Of too few the card stays as it is.
    """
    if len(np.unique(looks.lead)) < FEWEST:
        return card
    mine, theirs = (fitting.score(one, looks).log_odds / SCALE for one in (card, parent))
    chance = expit(theirs)
    times = slope_of([(mine, chance, looks.weight)]) if slope else 1.0
    found = scaled(card, times, intercept_for(times * mine, chance, looks.weight))
    return _with_references(found, fitting, looks)


def scaled(card: Scorecard, slope: float, intercept: float) -> Scorecard:
    """The card whose log-odds are intercept + slope x those of this one, up to rounding."""
    if slope == 1.0:
        return replace(card, base=card.base + round(intercept * SCALE))
    return replace(
        card,
        base=round(slope * card.base + intercept * SCALE),
        mains=tuple(Main(m.field, _times(m.table, slope)) for m in card.mains),
        pairs=tuple(Pair(p.a, p.b, p.rows, p.columns, _times(p.table, slope)) for p in card.pairs),
    )


def _times(table: tuple[int, ...], slope: float) -> tuple[int, ...]:
    return tuple(round(slope * value) for value in table)


def _with_references(card: Scorecard, fitting: Fitting, looks: Snapshots) -> Scorecard:
    """Reference leads as training takes them: as they came in, those of the last year."""
    first: NDArray[np.intp] = np.flatnonzero(looks.age == 0)
    if looks.as_of is not None and len(first):
        first = first[of_last_year(looks.as_of[first])]
    if len(first) < REFERENCE_LEADS:
        return card
    return replace(card, reference=reference_from(fitting.score(card, looks.take(first)).log_odds.tolist()))

"""An earlier score among the fields: a number that says what the other fields together say of the outcome.

It was made from them, by a model that may have learned from the very outcomes it is asked about.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from scoring.fields import Kind
from scoring.measure import auc
from training.additive import log_odds_of
from training.design import Design
from training.folds import even
from training.logistic import Shape, fit_penalties

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

ROWS = 8_000
"""Leads that it is measured on, an even sample of more."""

PENALTY = 0.03
CODES = 10
"""Different values that a score has at least."""

TELLING = 0.6
"""The AUC that the others, and the number by itself, have at least."""

MOST = 6
"""Numbers that are tried, those that tell most by themselves."""


def echoes(design: Design, bought: Flags, alone: Floats) -> dict[int, float]:
    """The rank correlation (Spearman 1904) of numbers with what all other fields say. alone: AUCs, shape (fields,).

    Leads must stand in canonical order.
    """
    rows = even(np.arange(design.rows), ROWS)
    part, known = design.take(rows), bought[rows]
    numbers = [i for i, f in enumerate(part.fields) if f.kind is Kind.NUMBER]
    tried = [i for i in numbers if alone[i] >= TELLING and len(np.unique(part.codes[:, i])) >= CODES]
    found = {}
    for i in sorted(tried, key=lambda i: (-alone[i], i))[:MOST]:
        said = _said_by_others(part, known, i)
        if auc(known, said) >= TELLING:
            found[i] = _correlation(rankdata(part.codes[:, i]), rankdata(said))
    return found


def _said_by_others(design: Design, bought: Flags, i: int) -> Floats:
    """The log-odds by all fields but one, which stands at missing for all leads."""
    codes = design.codes.copy()
    codes[:, i] = 0
    others = Design(design.fields, codes, design.words)
    return log_odds_of(fit_penalties(others, bought, (PENALTY,), shape=Shape.CURVE)[PENALTY], others)


def _correlation(a: Floats, b: Floats) -> float:
    spread = float(a.std() * b.std())
    return float(np.mean((a - a.mean()) * (b - b.mean()))) / spread if spread else 0.0

"""Penalised logistic regression on the same codes, smooth along ordered bins, read off as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import SplineTransformer
from threadpoolctl import threadpool_limits

from scoring.fields import FIRST, Kind

from .additive import Additive
from .design import Design
from .ridge import Coded, fit_path

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

KNOTS = 6
"""Knots of an ordered field's cubic spline, over its bins: about one a sixth of the leads."""

LEVEL_SPREAD = 0.5
"""The scale of every 0/1 column, the spread of an even flag. Scaling a rare level by its own spread would all but lift
its penalty, and rare levels need it most."""

PENALTIES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0)
"""Inverse ridge penalties that compete."""

MAX_ROWS = 100_000
COMPETING_ROWS = 15_000
"""Leads that a logistic fit takes of more, as the model and in the competition: its weights settle early."""

ORDERED = (Kind.NUMBER, Kind.DATE)


class Shape(StrEnum):
    """How a number speaks: along a curve over its bins, or in proportion to its value, beyond all that was seen too."""

    CURVE = "curve"
    LINE = "line"


@dataclass(frozen=True)
class Basis:
    """For each field a matrix (codes, columns): what a code contributes to the regression's columns; and words.

    lines: the centres of the fields that speak in proportion to their value.
    """

    tables: Mapping[int, Floats]
    words: Mapping[int, Floats]
    lines: Mapping[int, Floats]

    def coded(self, design: Design) -> Coded:
        """A design's leads as the regression sees them."""
        blocks = [(design.codes[:, i].astype(np.intp), table) for i, table in self.tables.items()]
        words = [design.words[i] * scale for i, scale in self.words.items()]
        return Coded(blocks, np.concatenate([np.zeros((design.rows, 0)), *words], axis=1))

    def additive(self, weights: Floats, intercept: float) -> Additive:
        """The fitted regression as tables."""
        mains, words, at = {}, {}, 0
        for i, table in self.tables.items():
            mains[i] = table @ weights[at : at + table.shape[1]]
            at += table.shape[1]
        for i, scale in self.words.items():
            given = mains.pop(i)
            words[i] = np.concatenate((given, scale * weights[at : at + len(scale)]))
            at += len(scale)
        lines = {i: _slope(mains[i], centres) for i, centres in self.lines.items()}
        return Additive(intercept, mains, {}, words, lines)


def basis_of(design: Design, shape: Shape = Shape.CURVE) -> Basis:
    """Levels and words as 0/1 columns of one scale, ordered bins as splines or lines scaled by their spread."""
    tables = {}
    lines = {i: seen.centres for i, seen in design.seen.items()} if shape is Shape.LINE else {}
    for i, field in enumerate(design.fields):
        counts = design.counts(i)[: FIRST[Kind.TEXT]] if field.kind is Kind.TEXT else design.counts(i)
        if i in lines:
            raw = _line(lines[i], counts)
        elif field.kind in ORDERED:
            raw = _ordered(len(counts), counts)
        else:
            raw = np.eye(len(counts))
        tables[i] = _scaled(raw, counts)
    words = {i: np.full(matrix.shape[1], 1 / LEVEL_SPREAD) for i, matrix in design.words.items()}
    return Basis(tables, words, lines)


def _slope(table: Floats, centres: Floats) -> float:
    """Log-odds a unit of a straight table."""
    run = float(centres[-1]) - float(centres[1])
    return float(table[-1] - table[1]) / run if np.isfinite(run) and run > 0 else 0.0


def _line(centres: Floats, counts: Floats) -> Floats:
    """Missing's own column, and the value itself, with missing as the mean."""
    values = centres / (float(np.abs(centres).max()) or 1.0)
    values[1:] -= counts[1:] @ values[1:] / max(counts[1:].sum(), 1.0)
    return np.column_stack((np.arange(len(centres)) == 0, values))


def _ordered(size: int, counts: Floats) -> Floats:
    """Missing's own column; a spline along the bins, by the share of leads below."""
    bins = counts[1:]
    place = (np.cumsum(bins) - bins / 2) / max(bins.sum(), 1.0)
    knots = max(2, min(KNOTS, size - 2))
    spline = SplineTransformer(n_knots=knots, degree=min(3, knots), extrapolation="constant", include_bias=False)
    smooth = spline.fit(np.linspace(0, 1, 50)[:, None]).transform(place[:, None])
    raw = np.zeros((size, 1 + smooth.shape[1] + 1))
    raw[0, 0] = 1
    raw[1:, 1:-1] = smooth
    raw[1:, -1] = place
    return raw


def _scaled(raw: Floats, counts: Floats) -> Floats:
    """Each column with mean 0; 0/1 columns on one scale, others with a spread of 1; constants dropped."""
    weight = counts / counts.sum()
    mean = weight @ raw
    spread = np.sqrt(np.maximum(weight @ (raw - mean) ** 2, 0))
    keep = spread > 1e-9
    level = ((raw == 0) | (raw == 1)).all(axis=0)
    scale = np.where(level, LEVEL_SPREAD, np.maximum(spread, 1 / np.sqrt(max(counts.sum(), 1.0))))
    return np.asarray((raw[:, keep] - mean[keep]) / scale[keep])


Setting = tuple[Shape, float]
"""A shape and an inverse ridge penalty."""


def fit_logistic(design: Design, bought: Flags, setting: Setting) -> Additive:
    """Fit on the design's leads, or an even sample of very many; shapes (n,)."""
    return fit_penalties(design, bought, (setting[1],), shape=setting[0], most=MAX_ROWS)[setting[1]]


def fit_penalties(
    design: Design,
    bought: Flags,
    penalties: tuple[float, ...] = PENALTIES,
    *,
    shape: Shape,
    most: int = COMPETING_ROWS,
) -> dict[float, Additive]:
    """One regression a penalty, on at most `most` leads."""
    if design.rows > most:
        rows = np.linspace(0, design.rows - 1, most).astype(np.intp)
        design, bought = design.take(rows), bought[rows]
    basis = basis_of(design, shape)
    with threadpool_limits(1):  # one thread: sums of a matrix product depend on how many there are
        fits = fit_path(basis.coded(design), bought, design.weights, penalties)
    return {c: basis.additive(weights, intercept) for c, (weights, intercept) in fits.items()}

"""Bins beyond all that was seen, for numbers that speak in proportion to their value.

A market that turns takes numbers where no lead of the training data was. A bin there has no leads to learn from; a line
says what they would add if it went on. The folds on which lines compete with curves let them go on for as far as leads
stand; here they go on for as far again as the numbers seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import floor, isfinite, log10

import numpy as np
from numpy.typing import NDArray

from scoring.fields import MISSING, Field

from .additive import Additive, PairTable
from .design import Design, Seen

Floats = NDArray[np.float64]
Axis = NDArray[np.intp]
Borders = tuple[float, ...]

REACH = 1.0
"""How far a line goes on, as a share of the range of the numbers seen."""

STEPS = 12
"""Bins from the last number seen to there, at either end."""

FEWEST_BINS = 5
"""A number that was seen with fewer different values says little of where it leads."""

LEAST = 0.02
"""Log-odds that a line adds within REACH to be worth bins of its own."""


def extended(model: Additive, design: Design) -> tuple[Additive, Design]:
    """The model and the design with bins below and above what was seen, along each line of the model."""
    for i, slope in sorted(model.lines.items()):
        seen = design.seen[i]
        step = (seen.highest - seen.lowest) / STEPS * REACH
        if len(seen.centres) <= FEWEST_BINS or not isfinite(step) or step <= 0 or abs(slope) * step * STEPS < LEAST:
            continue
        low, high = borders_beyond(design.fields[i], seen, step)
        model, design = _with_bins(model, design, i, low, high)
    return model, design


def borders_beyond(field: Field, seen: Seen, step: float) -> tuple[Borders, Borders]:
    """Borders of bins below and above the numbers seen; whole where these are whole, none below 0 where none is."""
    whole = all(float(v).is_integer() for v in (*field.edges, seen.lowest, seen.highest))
    digits = 0 if whole else 1 - floor(log10(step))
    places = (np.arange(STEPS) + 0.5) * step
    low = sorted({round(float(v), digits) for v in seen.lowest - places})
    high = sorted({round(float(v), digits) for v in seen.highest + places})
    floor_ = 0.0 if seen.lowest >= 0 else -np.inf
    first = field.edges[0] if field.edges else seen.highest
    last = field.edges[-1] if field.edges else seen.lowest
    return (
        tuple(v for v in low if floor_ < v <= seen.lowest and v < first),
        tuple(v for v in high if v > seen.highest and v > last),
    )


def _with_bins(model: Additive, design: Design, i: int, low: Borders, high: Borders) -> tuple[Additive, Design]:
    """Tables, codes and schema with these bins, each as far along the line as its near border."""
    field, seen, slope = design.fields[i], design.seen[i], model.lines[i]
    table = model.mains[i]
    below = table[MISSING + 1] + slope * (np.array(low) - seen.lowest)
    above = table[-1] + slope * (np.array(high) - seen.highest)
    mains = {**model.mains, i: np.concatenate((table[:1], below, table[1:], above))}
    pairs = dict(model.pairs)
    for (a, b), pair in model.pairs.items():
        rows = _stretched(pair.rows, len(low), len(high)) if a == i else pair.rows
        columns = _stretched(pair.columns, len(low), len(high)) if b == i else pair.columns
        pairs[a, b] = PairTable(rows, columns, pair.values)
    fields = list(design.fields)
    fields[i] = replace(
        field,
        edges=(*low, *field.edges, *high),
        counts=_stretched_counts(field.counts, low, high),
        buyers=_stretched_counts(field.buyers, low, high),
    )
    codes = design.codes.copy()
    codes[:, i] += np.where(codes[:, i] == MISSING, 0, len(low)).astype(codes.dtype)
    centres = np.concatenate((seen.centres[:1], low, seen.centres[1:], high))
    known: Mapping[int, Seen] = {**design.seen, i: replace(seen, centres=centres)}
    return replace(model, mains=mains, pairs=pairs), replace(design, fields=tuple(fields), codes=codes, seen=known)


def _stretched(axis: Axis, low: int, high: int) -> Axis:
    """A pair's groups of codes, the ends repeated."""
    return np.concatenate((axis[:1], np.repeat(axis[1:2], low), axis[1:], np.repeat(axis[-1:], high)))


def _stretched_counts(counts: tuple[int, ...], low: Borders, high: Borders) -> tuple[int, ...]:
    return (*counts[:1], *(0 for _ in low), *counts[1:], *(0 for _ in high)) if counts else counts

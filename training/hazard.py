"""Labels of the young by a time-to-purchase model, where the mature are too few or too unlike to stand for them."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import PoissonRegressor
from threadpoolctl import threadpool_limits

from scoring.columns import Column
from scoring.infer import infer
from scoring.values import DAY, MISSING_WORDS

from .censoring import Labels
from .design import Design, canonical_order, design_of, marginal_gain
from .logistic import Basis, basis_of
from .rows import Rows

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Moments = NDArray[np.int64]

PERIODS = 12
"""Periods of the horizon, each with about as many purchases: with six, the last was long, its rate fell within it, and
too much was promised."""

FOLLOWED = 50
"""Looks that must have been followed to a period's end for it to be learned from."""

BINS = 8
PENALTY = 0.01
"""Few purchases: few bins, and a ridge that leaves a field of 0/1 about half of what it shows by itself."""

LOOSE = 10.0
"""The scale of the periods' columns: their penalty is a hundredth of a field's."""

MOST_ROWS = 20_000
"""Periods of looks that a fit takes of more, those that ended so first: the others say little each."""

MOST_COUNTED = 10
"""Fields counted from activities that are used, those that explain most by themselves."""

SHORTEST = 1e-3
"""The least share of a period that a look counts for in it: who bought at once was there."""

STEEPEST = 5.0
"""The logarithm of a rate above which nobody is left anyway."""


def completed(rows: Rows, labels: Labels, kinds: MappingType[str, str]) -> Rows:
    """The rows with each unknown look twice: as a buyer by its chance of buying yet, as a non-buyer by the rest.

    The chance is that of a model of the rate of buying by time since the look, with the fields as factors, given that
    the lead has neither bought nor been lost so far; to be lost competes with buying. Beyond the longest follow-up the
    last period's rate is taken to go on. `rows` holds all looks.
    """
    edges = period_edges(labels)
    design = _design(rows, kinds)
    chance = _chance_of_buying(design, labels, edges)[~labels.known]
    unknown = np.flatnonzero(~labels.known)
    order = np.concatenate((np.flatnonzero(labels.known), unknown, unknown))
    weight = rows.weights[order].copy()
    first, second = len(order) - 2 * len(unknown), len(order) - len(unknown)
    weight[first:second] *= chance
    weight[second:] *= 1 - chance
    bought = labels.bought[order].copy()
    bought[first:second] = True
    return replace(rows.take(order), bought=bought, weight=weight)


def period_edges(labels: Labels) -> Moments:
    """The ends of the periods in seconds, from 0 to the longest follow-up, each with about as many purchases."""
    longest = int(np.sort(labels.room)[-min(FOLLOWED, len(labels.room))])
    times = labels.took[labels.bought & (labels.took <= longest)]
    shares = np.linspace(0, 1, PERIODS + 1)[1:-1]
    inner = np.quantile(times, shares, method="higher").tolist() if len(times) else []
    edges = np.unique(np.array([0, *inner, longest], dtype=np.int64))
    return edges if len(edges) > 1 else np.array([0, labels.horizon_days * DAY], dtype=np.int64)


def _design(rows: Rows, kinds: MappingType[str, str]) -> Design:
    leads, as_of = (rows.table, rows.as_of) if rows.leads is None else (rows.leads, rows.leads_as_of)
    counted: dict[str, Column] = {d.field: rows.table[d.field] for d in rows.derived}
    given = {name: column for name, column in leads.items() if name not in counted}
    fields = infer(given, missing_words=MISSING_WORDS, kinds=kinds, max_bins=BINS, as_of=as_of).fields
    fields += infer(counted, missing_words=frozenset(), kinds=dict.fromkeys(counted, "number"), max_bins=BINS).fields
    design = design_of(fields, rows.table, MISSING_WORDS, rows=rows.rows, as_of=rows.as_of)
    design = replace(design, weight=rows.weights)
    if len(counted) <= MOST_COUNTED or not rows.bought.any():
        return design
    gains = {i: marginal_gain(design, i, rows.bought) for i, f in enumerate(design.fields) if f.name in counted}
    weak = set(sorted(gains, key=lambda i: (-gains[i], i))[MOST_COUNTED:])
    kept = [i for i in range(len(design.fields)) if i not in weak]
    words = {new: design.words[old] for new, old in enumerate(kept) if old in design.words}
    return replace(design, fields=tuple(design.fields[i] for i in kept), codes=design.codes[:, kept], words=words)


def _chance_of_buying(design: Design, labels: Labels, edges: Moments) -> Floats:
    """The chance of each look to buy between its end of follow-up and the horizon, and not to be lost before.

    In an order that does not hang on the file's: sums of floating-point numbers do.
    """
    order = canonical_order(design, *_bits(labels, design.weights))
    found = np.empty(design.rows)
    found[order] = _chances(design.take(order), labels.take(order), edges)
    return found


def _bits(labels: Labels, weight: Floats) -> list[NDArray[np.int64]]:
    parts = (labels.known, labels.bought, labels.age, labels.took, labels.room)
    return [weight.view(np.int64), *(part.astype(np.int64) for part in parts)]


def _chances(design: Design, labels: Labels, edges: Moments) -> Floats:
    basis = basis_of(design)
    lost = labels.known & ~labels.bought & (labels.took < labels.horizon_days * DAY)
    buying, losing = (_rates(design, basis, labels, edges, ends_so) for ends_so in (labels.bought, lost))
    chance, left = np.zeros(design.rows), np.ones(design.rows)
    for p, (start, end) in enumerate(pairwise(edges.tolist())):
        upto = labels.horizon_days * DAY if end == edges[-1] else end
        rate = buying[:, p] + losing[:, p]
        stay = np.exp(-rate * np.clip(upto - np.maximum(labels.room, start), 0, None) / (end - start))
        chance += left * (1 - stay) * buying[:, p] / np.maximum(rate, 1e-300)
        left *= stay
    return chance


def _rates(design: Design, basis: Basis, labels: Labels, edges: Moments, ends_so: Flags) -> Floats:
    """The rate a period at which each look ends so, constant within a period (Friedman 1982); shape (n, periods).

    The periods' levels, of looks at creation and of later ones, all but escape the penalty: shrunk to one level they
    would promise too little late.
    """
    starts, ends = edges[:-1], edges[1:]
    followed = np.minimum(labels.took, labels.room)[:, None]
    here = ends_so[:, None] & (followed <= ends) & ((followed > starts) | (starts == 0) & (followed == 0))
    spent = np.clip(followed - starts, 0, ends - starts) / (ends - starts)
    look, period = np.nonzero((spent > 0) | here)
    event, spent = here[look, period], np.maximum(spent[look, period], SHORTEST)
    level = period + np.where(labels.age[look] > 0, len(ends), 0)
    if not event.any():
        return np.zeros((design.rows, len(ends)))
    order, times = _sample(event, level)
    look, event, spent, level = look[order], event[order], spent[order], level[order]
    levels = LOOSE * (level[:, None] == np.arange(2 * len(ends)))
    matrix = np.concatenate((basis.coded(design.take(look)).matrix(), levels), axis=1)
    weight = design.weights[look] * spent * times
    with threadpool_limits(1):  # one thread: sums of a matrix product depend on how many there are
        fit = PoissonRegressor(alpha=1 / (PENALTY * weight.sum()), solver="newton-cholesky", max_iter=100)
        fit.fit(matrix, event / spent, weight)
    fields, found = np.split(fit.coef_, [matrix.shape[1] - levels.shape[1]])
    mine = LOOSE * found.reshape(2, len(ends))[np.minimum(labels.age, 1)]
    return np.asarray(np.exp(np.minimum(basis.coded(design).times(fields)[:, None] + fit.intercept_ + mine, STEEPEST)))


def _sample(event: Flags, level: NDArray[np.int64]) -> tuple[NDArray[np.intp], Floats]:
    """Which rows to fit on, evenly over the levels, and how many each stands for."""
    order = np.argsort(level, kind="stable")
    parts = [order[event[order]], order[~event[order]]]
    ended = min(len(parts[0]), MOST_ROWS // 2)
    sizes = (ended, min(len(parts[1]), MOST_ROWS - ended))
    taken = [part[np.linspace(0, len(part) - 1, n).astype(np.intp)] for part, n in zip(parts, sizes, strict=True)]
    times = [np.full(len(some), len(part) / max(len(some), 1)) for some, part in zip(taken, parts, strict=True)]
    return np.concatenate(taken), np.concatenate(times)

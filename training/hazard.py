"""Labels of the young by a time-to-purchase model, where too few have lived through the horizon to weigh for them."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from scoring.columns import Column
from scoring.fields import Field, Kind
from scoring.infer import infer
from scoring.values import DAY, MISSING_WORDS

from .additive import log_odds_of
from .censoring import Labels
from .design import Design, design_of
from .logistic import fit_penalties
from .rows import Rows

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Moments = NDArray[np.int64]

PERIODS = 6
"""Periods of the horizon, each with about as many purchases."""

FOLLOWED = 50
"""Looks that must have been followed to a period's end for it to be learned from."""

BINS = 8
PENALTY = 0.01
"""Few purchases: few bins, and a ridge that leaves a field of 0/1 about half of what it shows by itself."""


def completed(rows: Rows, labels: Labels, kinds: MappingType[str, str]) -> Rows:
    """The rows with each unknown look twice: as a buyer by its chance of buying yet, as a non-buyer by the rest.

    The chance is that of a discrete-time hazard model (Allison 1982), additive in the fields, given that the lead has
    not bought so far. Beyond the longest follow-up the last period's rate is taken to go on. `rows` holds all looks.
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
    return replace(design, weight=rows.weights)


def _chance_of_buying(design: Design, labels: Labels, edges: Moments) -> Floats:
    """The chance of each look to buy between its end of follow-up and the horizon."""
    starts, ends = edges[:-1], edges[1:]
    look, period = np.nonzero((labels.room[:, None] >= ends) & (labels.took[:, None] > starts))
    event = labels.bought[look] & (labels.took[look] <= ends[period])
    model = fit_penalties(_with_period(design.take(look), period, len(ends)), event, (PENALTY,))[PENALTY]
    horizon = labels.horizon_days * DAY
    log_left = np.zeros(design.rows)
    for p, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        hazard = expit(log_odds_of(model, _with_period(design, np.full(design.rows, p), len(ends))))
        upto = horizon if p == len(ends) - 1 else end
        share = np.clip(upto - np.maximum(labels.room, start), 0, None) / (end - start)
        log_left += share * np.log1p(-np.clip(hazard, 0, 1 - 1e-9))
    return np.asarray(-np.expm1(log_left))


def _with_period(design: Design, period: NDArray[np.intp], periods: int) -> Design:
    """The design with the period as one more field."""
    names = tuple(str(p) for p in range(periods))
    field = Field("period", Kind.CATEGORY, levels=names, labels=names)
    codes = np.column_stack((design.codes, period.astype(np.int32) + 2))
    return replace(design, fields=(*design.fields, field), codes=codes)

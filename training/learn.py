"""From leads with known outcomes to a calibrated scorecard: schema, codes, families, tables, compile."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace
from math import fsum

import numpy as np
from numpy.typing import NDArray

from scoring.batch import TableScorer
from scoring.columns import Column
from scoring.errors import Refused
from scoring.infer import MAX_BINS, Inferred, LeftOut, infer
from scoring.scorecard import Scorecard, reference_from
from scoring.snapshot import Derived
from scoring.values import DAY, MISSING_WORDS

from .additive import Additive, compiled
from .beyond import extended
from .boosting import Progress
from .design import Design, canonical_order, design_of, marginal_gain, with_counts
from .families import Chosen, fit_families
from .monotone import refuse_unordered
from .rows import Rows

Flags = NDArray[np.bool_]
Moments = NDArray[np.int64]

MAX_FIELDS = 200
"""Fields a card may have; of more, those that explain most by themselves are kept."""

DERIVED_BINS = 24
DERIVED_A_KIND = 3
ALIKE = 0.95
"""Fields counted from one kind of activity are kept where their codes correlate less than this."""

MANY_LEADS = 20_000
BUYERS_A_BIN = 5
FEWEST_BINS = 12
"""Of fewer buyers a bin's points say more about chance than about leads; six sets lost nothing against 12 a bin."""

REFERENCE_LEADS = 100
REFERENCE_DAYS = 365
"""Reference leads are those of the last year of training data."""


@dataclass(frozen=True)
class Learned:
    """A card, the schema and the codes that it came from, which family won, and the fitted estimators."""

    card: Scorecard
    inferred: Inferred
    design: Design
    bought: Flags
    chosen: Chosen
    estimators: list[object]


def learn(
    columns: MappingType[str, Column],
    bought: Flags,
    *,
    as_of: Moments | None,
    kinds: MappingType[str, str],
    horizon_days: int | None,
    seed: int,
    chosen: Chosen | None = None,
    progress: Progress | None = None,
) -> Learned:
    """Learn a card from n leads, one row each. bought: shape (n,). as_of: each lead's moment, or None."""
    rows = Rows(columns, bought, as_of)
    return learn_rows(rows, kinds=kinds, horizon_days=horizon_days, seed=seed, chosen=chosen, progress=progress)


def learn_rows(
    rows: Rows,
    *,
    kinds: MappingType[str, str],
    horizon_days: int | None,
    seed: int,
    monotone: MappingType[str, str] | None = None,
    chosen: Chosen | None = None,
    progress: Progress | None = None,
) -> Learned:
    """Learn a card from rows of known outcome. monotone: names of number fields, `up` or `down`.

    Refused: no usable field. WrongUsage: a monotone field that is no number.
    """
    inferred = _inferred(rows, kinds)
    refuse_unordered(inferred.fields, monotone or {})
    design = design_of(inferred.fields, rows.table, MISSING_WORDS, rows=rows.rows, as_of=rows.as_of)
    design = replace(design, weight=rows.weight, group=rows.group, monotone=monotone or {})
    design, inferred = _telling(design, inferred, rows)
    design, inferred = _strongest(design, inferred, rows.bought)
    if not design.fields:
        why = "; ".join(f"{out.name}: {out.reason}" for out in inferred.left_out[:3])
        raise Refused(f"no field to learn from ({why})", "give columns that say something of a lead")
    order = _order(design, rows)
    design, bought = with_counts(design.take(order), rows.bought[order]), rows.bought[order]
    moments = None if rows.as_of is None else rows.as_of[order]
    level = design.weights * (True if moments is None else of_last_year(moments))
    fitted = fit_families(
        design,
        bought,
        as_of=moments,
        horizon_days=horizon_days,
        level=level if rows.level is None else rows.level[order],
        seed=seed,
        chosen=chosen,
        progress=progress,
    )
    model, design = extended(fitted.model, design)
    card = _card(model, design, rows, horizon_days)
    return Learned(card, inferred, design, bought, fitted.chosen, fitted.estimators)


def telling(rows: Rows, *, kinds: MappingType[str, str]) -> tuple[Derived, ...]:
    """Of what is derived, what is worth counting for more rows like these."""
    inferred = _inferred(rows, kinds)
    design = design_of(inferred.fields, rows.table, MISSING_WORDS, rows=rows.rows, as_of=rows.as_of)
    design, _ = _telling(replace(design, weight=rows.weight, group=rows.group), inferred, rows)
    names = {f.name for f in design.fields}
    return tuple(d for d in rows.derived if d.field in names)


def _inferred(rows: Rows, kinds: MappingType[str, str]) -> Inferred:
    """The schema: of what leads bring, from one row a lead; of what is derived, from all rows."""
    leads, as_of = (rows.table, rows.as_of) if rows.leads is None else (rows.leads, rows.leads_as_of)
    names = {d.field for d in rows.derived}
    given = {name: column for name, column in leads.items() if name not in names}
    bins = _bins_for(len(given), rows)
    found = infer(given, missing_words=MISSING_WORDS, kinds=kinds, max_bins=bins, as_of=as_of)
    counted = {d.field: rows.table[d.field] for d in rows.derived if d.field not in given}
    derived = infer(
        counted, missing_words=frozenset(), kinds=dict.fromkeys(counted, "number"), max_bins=min(bins, DERIVED_BINS)
    )
    return Inferred((*found.fields, *derived.fields), found.left_out, found.missing_words)


def _order(design: Design, rows: Rows) -> NDArray[np.intp]:
    keys = [rows.bought.astype(np.int64), *(k for k in (rows.as_of, rows.group) if k is not None)]
    weight = [] if rows.weight is None else [rows.weight.view(np.int64)]
    return canonical_order(design, *weight, *keys)


def of_last_year(as_of: Moments) -> Flags:
    """The leads of the last year, or all where these are too few: one mistyped year must not stand for a year."""
    recent = np.asarray(as_of >= as_of.max() - REFERENCE_DAYS * DAY)
    return recent if recent.sum() >= REFERENCE_LEADS else np.ones_like(recent)


def _bins_for(columns: int, rows: Rows) -> int:
    """More bins where many leads fill them, fewer where there are many fields: a pair's table has their square."""
    leads, buyers = rows.weights.sum(), rows.weights @ rows.bought
    most = 2 * MAX_BINS if columns <= 25 and leads >= MANY_LEADS else MAX_BINS
    rarer = int(min(buyers, leads - buyers))
    return min(most if columns <= 40 else MAX_BINS // 2, max(FEWEST_BINS, rarer // BUYERS_A_BIN))


def _telling(design: Design, inferred: Inferred, rows: Rows) -> tuple[Design, Inferred]:
    """Without the derived fields that say nothing by themselves or much the same as another of their kind."""
    kind_of = {d.field: d.kind for d in rows.derived}
    gains = {i: marginal_gain(design, i, rows.bought) for i, f in enumerate(design.fields) if f.name in kind_of}
    kept: dict[str, list[int]] = {}
    for i in sorted((i for i in gains if gains[i] > 0), key=lambda i: (-gains[i], i)):
        mine = kept.setdefault(kind_of[design.fields[i].name], [])
        if len(mine) < DERIVED_A_KIND and all(_likeness(design, i, j) < ALIKE for j in mine):
            mine.append(i)
    chosen = {i for found in kept.values() for i in found}
    return _only(design, inferred, [i for i in range(len(design.fields)) if i not in gains or i in chosen], ())


def _likeness(design: Design, i: int, j: int) -> float:
    """The correlation of two fields' codes."""
    found = np.corrcoef(design.codes[:, i], design.codes[:, j])[0, 1]
    return float(found) if np.isfinite(found) else 0.0


def _only(design: Design, inferred: Inferred, keep: list[int], out: tuple[LeftOut, ...]) -> tuple[Design, Inferred]:
    fields = tuple(design.fields[i] for i in keep)
    words = {new: design.words[old] for new, old in enumerate(keep) if old in design.words}
    seen = {new: design.seen[old] for new, old in enumerate(keep) if old in design.seen}
    kept = Inferred(fields, (*inferred.left_out, *out), inferred.missing_words)
    return replace(design, fields=fields, codes=design.codes[:, keep], words=words, seen=seen), kept


def _strongest(design: Design, inferred: Inferred, bought: Flags) -> tuple[Design, Inferred]:
    """At most MAX_FIELDS fields, those that explain most by themselves."""
    if len(design.fields) <= MAX_FIELDS:
        return design, inferred
    gains = [marginal_gain(design, i, bought) for i in range(len(design.fields))]
    keep = sorted(sorted(range(len(gains)), key=lambda i: (-gains[i], i))[:MAX_FIELDS])
    out = tuple(
        LeftOut(f.name, f"more than {MAX_FIELDS} fields, and this one says less by itself")
        for i, f in enumerate(design.fields)
        if i not in set(keep)
    )
    return _only(design, inferred, keep, out)


def _card(model: Additive, design: Design, rows: Rows, horizon_days: int | None) -> Scorecard:
    base, mains, pairs = compiled(model, design.fields)
    names = {f.name for f in design.fields}
    card = Scorecard(
        base=base,
        fields=design.fields,
        mains=mains,
        pairs=pairs,
        reference=(0,) * 1000,
        missing_words=tuple(sorted(MISSING_WORDS)),
        horizon_days=horizon_days,
        buyers_share=_buyers_share(rows),
        derived=tuple(d for d in rows.derived if d.field in names),
    )
    reference = rows.take(_reference(rows))
    table = {name: reference.table[name] for name in names}
    log_odds = TableScorer(card).log_odds(table, reference.rows, as_of=reference.as_of)
    return replace(card, reference=reference_from(log_odds.tolist()))


def _buyers_share(rows: Rows) -> float:
    """The same for any order of the rows: sums without rounding."""
    return fsum(rows.weights[rows.bought].tolist()) / fsum(rows.weights.tolist())


def _reference(rows: Rows) -> NDArray[np.intp]:
    """The first row of each lead, as it came in, of those of the last year; all rows where there are no dates."""
    if rows.as_of is None:
        return np.arange(rows.rows)
    if rows.lead is None:
        return np.flatnonzero(of_last_year(rows.as_of))
    order = np.lexsort((rows.as_of, rows.lead))
    lead = rows.lead[order]
    first = order[np.append(True, lead[1:] != lead[:-1])]
    return np.asarray(first[of_last_year(rows.as_of[first])])

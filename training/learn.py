"""From leads with known outcomes to a calibrated scorecard: schema, codes, families, tables, compile."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scoring.batch import TableScorer
from scoring.columns import Column
from scoring.errors import Refused
from scoring.infer import MAX_BINS, Inferred, LeftOut, infer
from scoring.scorecard import Scorecard, reference_from
from scoring.values import DAY, MISSING_WORDS

from .additive import Additive, compiled
from .boosting import Progress
from .design import Design, canonical_order, design_of, marginal_gain, with_counts
from .families import Chosen, fit_families

Flags = NDArray[np.bool_]
Moments = NDArray[np.int64]

MAX_FIELDS = 200
"""Fields a card may have; of more, those that explain most by themselves are kept."""

MANY_LEADS = 20_000
BUYERS_A_BIN = 12
FEWEST_BINS = 12
"""Of fewer buyers a bin's points say more about chance than about leads; measured: no loss on nine sets."""

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
    """Learn a card from n leads. bought: shape (n,). as_of: each lead's moment, or None. Refused: no usable field."""
    bins = _bins_for(len(columns), bought)
    inferred = infer(columns, missing_words=MISSING_WORDS, kinds=kinds, max_bins=bins, as_of=as_of)
    design = design_of(inferred.fields, columns, MISSING_WORDS, rows=len(bought), as_of=as_of)
    design, inferred = _strongest(design, inferred, bought)
    if not design.fields:
        why = "; ".join(f"{out.name}: {out.reason}" for out in inferred.left_out[:3])
        raise Refused(f"no field to learn from ({why})", "give columns that say something of a lead")
    order = canonical_order(design, bought.astype(np.int64))
    design, bought = with_counts(design.take(order), bought[order]), bought[order]
    moments = None if as_of is None else as_of[order]
    recent = np.ones(len(bought), dtype=bool) if moments is None else _of_last_year(moments)
    fitted = fit_families(
        design,
        bought,
        as_of=moments,
        horizon_days=horizon_days,
        recent=recent,
        seed=seed,
        chosen=chosen,
        progress=progress,
    )
    card = _card(fitted.model, design, bought, columns, as_of, horizon_days)
    return Learned(card, inferred, design, bought, fitted.chosen, fitted.estimators)


def _of_last_year(as_of: Moments) -> Flags:
    """The leads of the last year, or all where these are too few: one mistyped year must not stand for a year."""
    recent = np.asarray(as_of >= as_of.max() - REFERENCE_DAYS * DAY)
    return recent if recent.sum() >= REFERENCE_LEADS else np.ones_like(recent)


def _bins_for(columns: int, bought: Flags) -> int:
    """More bins where many leads fill them, fewer where there are many fields: a pair's table has their square."""
    most = 2 * MAX_BINS if columns <= 25 and len(bought) >= MANY_LEADS else MAX_BINS
    rarer = int(min(bought.sum(), (~bought).sum()))
    return min(most if columns <= 40 else MAX_BINS // 2, max(FEWEST_BINS, rarer // BUYERS_A_BIN))


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
    fields = tuple(design.fields[i] for i in keep)
    words = {new: design.words[old] for new, old in enumerate(keep) if old in design.words}
    kept = Inferred(fields, (*inferred.left_out, *out), inferred.missing_words)
    return Design(fields, design.codes[:, keep], words), kept


def _card(
    model: Additive,
    design: Design,
    bought: Flags,
    columns: MappingType[str, Column],
    as_of: Moments | None,
    horizon_days: int | None,
) -> Scorecard:
    base, mains, pairs = compiled(model, design.fields)
    card = Scorecard(
        base=base,
        fields=design.fields,
        mains=mains,
        pairs=pairs,
        reference=(0,) * 1000,
        missing_words=tuple(sorted(MISSING_WORDS)),
        horizon_days=horizon_days,
        buyers_share=float(bought.mean()),
    )
    table = {f.name: columns[f.name] for f in design.fields}
    log_odds = TableScorer(card).log_odds(table, len(bought), as_of=as_of)
    reference = log_odds if as_of is None else log_odds[_of_last_year(as_of)]
    return replace(card, reference=reference_from(reference.tolist()))

"""How the leads of the last year fell into a card's bins when they came in: what the service compares new ones with."""

from __future__ import annotations

import numpy as np

from scoring.columns import Column, Moments, encode, encode_words
from scoring.fields import Field, Kind, Warn
from scoring.scorecard import Scorecard
from scoring.snapshot import Measure
from scoring.values import DAY, MISSING_WORDS

from .fitting import Fitting
from .snapshots import at_creation

DAYS = 365
"""Leads of so many days before the history's end are counted, or all of a history without dates."""

MOST = 50_000
"""Leads that are counted: of more, the chance in the shares is no smaller than that of any new lead's window."""

_STRANGE = (Warn.UNSEEN, Warn.INVALID)


def arrivals_of(fitting: Fitting, card: Scorecard) -> dict[str, object]:
    """Leads by bin of every field: `{"leads": n, "fields": {name: {"counts": [...], "strange": n}}}`.

    counts: by code; of a text those without it, without a known word, and with one. strange: of these, those with a
    value that the card does not know or cannot read. Whether a lead bought, and whether that is known, is not asked.
    """
    history = fitting.history
    chosen = np.arange(history.rows)
    if history.created is not None and history.until is not None:
        chosen = np.flatnonzero(history.created > history.until - DAYS * DAY)
    if len(chosen) > MOST:
        chosen = np.sort(chosen[np.argsort(history.keys[chosen], kind="stable")[:MOST]])
    looks = at_creation(history, chosen)
    table = fitting.table(card, looks)
    ages = {d.field for d in card.derived if d.measure is Measure.AGE}
    fields = {
        field.name: _counted(table.get(field.name), field, looks.rows, looks.as_of)
        for field in card.fields
        if field.name not in ages
    }
    return {"leads": looks.rows, "fields": fields}


def _counted(column: Column | None, field: Field, rows: int, as_of: Moments | None) -> dict[str, object]:
    if field.kind is Kind.TEXT:
        found, place = encode_words(column, field, MISSING_WORDS, rows=rows)
        codes = np.array([c[0] + (len(c) > 1) for c in found], dtype=np.int64)[place]
        size = 3
    else:
        codes, size = encode(column, field, MISSING_WORDS, rows=rows, as_of=as_of).astype(np.int64), field.size
    counts = np.bincount(codes & Warn.MASK, minlength=size)
    return {"counts": counts.tolist(), "strange": int(np.isin(codes & ~Warn.MASK, _STRANGE).sum())}

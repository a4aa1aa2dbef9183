"""The gate on a history: what was known when its leads came in, and when they were closed."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column
from scoring.errors import Refused
from scoring.fields import Kind
from scoring.infer import Inferred, infer
from scoring.values import MISSING_WORDS
from training.design import canonical_order
from training.history import History
from training.mapping import Mapping
from training.snapshots import Snapshots, table_of
from training.split import Known, Split

from .dates import Written, written_after
from .filled import closed_against_open
from .gate import find_leaks, gate_design
from .verdicts import Leaks


def leaks_of(history: History, columns: dict[str, Column], parts: Split, mapping: Mapping, strict: bool) -> Leaks:
    """What the gate finds on leads that are not test leads, as they came in; the user's word on a field wins."""
    looks, bought = _as_they_came_in(parts.train)
    table = table_of(history, columns, looks, ())
    kinds = {n: k for n, k in mapping.kinds.items() if n in columns}
    inferred = infer(table, missing_words=MISSING_WORDS, kinds=kinds, as_of=looks.as_of)
    design = gate_design(inferred, table, rows=looks.rows, as_of=looks.as_of)
    order = canonical_order(design, bought.astype(np.int64))
    others = history.take(np.setdiff1d(np.arange(history.rows), parts.test.lead))
    seen = {name: others.columns[name] for name in columns}
    gaps = closed_against_open(seen, others.won | others.lost, others.created, MISSING_WORDS)
    written = _written(others, inferred, seen, mapping)
    found = find_leaks(design.take(order), bought[order], filled_gap=gaps, written=written)
    return Leaks.of(found, keep=mapping.keep, strict=strict)


def _as_they_came_in(known: Known) -> tuple[Snapshots, NDArray[np.bool_]]:
    """One look at each lead whose outcome is known, and who of them bought."""
    first = known.looks.age == 0
    if known.censored is not None:
        first &= known.censored.known
    return known.looks.take(first), known.bought[first]


def _written(history: History, inferred: Inferred, columns: dict[str, Column], mapping: Mapping) -> dict[str, Written]:
    """Of date columns that the history does not keep with their changes; nothing where it has no dates of its own."""
    if history.created is None or history.until is None:
        return {}
    dates = [f.name for f in inferred.fields if f.kind is Kind.DATE and f.name not in (history.changes or {})]
    zone = ZoneInfo(mapping.zone)
    created, until = history.created, history.until
    return written_after(columns, dates, created=created, ends=history.ends, until=until, zone=zone)


def columns_without(columns: dict[str, Column], leaks: Leaks) -> dict[str, Column]:
    """The columns that are not excluded. Refused where none is left."""
    rest = {name: column for name, column in columns.items() if name not in leaks.excluded_names}
    if columns and not rest:
        names = ", ".join(sorted(leaks.excluded_names))
        raise Refused(
            f"every field gives the outcome away ({names})", "give fields from before, or --keep those that are"
        )
    return rest

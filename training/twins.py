"""Leads that stand twice in a history."""

from __future__ import annotations

from collections import Counter

import numpy as np

from scoring.columns import Numbers
from scoring.errors import Refused
from scoring.values import as_text

from .lead_history import History


def without_twins(history: History) -> History:
    """Leads that stand twice and alike count once; two that differ under one id are refused."""
    seen = Counter(history.ids)
    if len(seen) == history.rows:
        return history
    keep: list[int] = []
    first: dict[str, tuple[object, ...]] = {}
    different: dict[str, int] = {}
    for i, lead in enumerate(history.ids):
        if seen[lead] == 1:
            keep.append(i)
        elif lead not in first:
            first[lead] = _row(history, i)
            keep.append(i)
        elif _row(history, i) != first[lead]:
            different.setdefault(lead, i)
    if different:
        raise Refused(
            f"{len(different)} ids in {history.id_column!r} stand on leads that differ (the first on lead "
            f"{min(different.values()) + 1} of the table)",
            "keep one row for each lead, or name another id column with --id",
        )
    kept = history.take(np.array(keep, dtype=np.intp))
    kept.notes.append(f"{history.rows - kept.rows} rows stand twice and alike: counted once")
    return kept


def _row(history: History, i: int) -> tuple[object, ...]:
    """All that is known of a lead, in a form that can be compared: NaN equals NaN."""
    cells = [
        repr(c.values[i]) if isinstance(c, Numbers) else ("" if c.index[i] < 0 else as_text(c.values[c.index[i]]))
        for c in history.columns.values()
    ]
    known = (history.won[i], history.lost[i], history.won_at[i], history.value[i])
    return (*cells, *map(repr, known), None if history.created is None else int(history.created[i]))

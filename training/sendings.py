"""A history as a CRM would have sent it: every lead, activity and outcome as the body of a request."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from scoring.columns import Coded, Column
from scoring.files import FileTable, read_table, texts_of
from scoring.values import as_text

from .activities import activity_columns
from .folder import named_part, part_of
from .history import read_history
from .lead_history import History
from .mapping import Mapping
from .outcomes import NEVER, Moments, Outcomes, read_outcomes

Body = dict[str, Any]
OWN = ("owner", "company")


@dataclass(frozen=True)
class Sendings:
    """The bodies of a history's leads, activities and outcomes, each part in the order of its file."""

    path: Path
    mapping: Mapping

    @cached_property
    def history(self) -> History:
        """The history as training reads it, for its ids, fields and dates."""
        return read_history(self.path, self.mapping)

    def leads(self) -> Iterator[Body]:
        """One body a lead; what is blank is left out."""
        history, source = self.history, read_table(self._leads_file())
        fields = {name: _values(column) for name, column in history.columns.items()}
        own = {key: _texts(source, getattr(self.mapping, key)) for key in OWN}
        shown = {key: _texts(source, column) for key, column in self.mapping.shown.items()}
        created = _moments(history.created, history.rows)
        for i, lead_id in enumerate(history.ids):
            body: Body = {"id": lead_id, "fields": {n: v for n, c in fields.items() if not _blank(v := c[i])}}
            if created[i] is not None:
                body |= {"created_at": created[i], "updated_at": created[i]}
            body |= {key: texts[i] for key, texts in own.items() if texts and texts[i]}
            display = {key: texts[i] for key, texts in shown.items() if texts and texts[i]}
            yield body | ({"display": display} if display else {})

    def activities(self) -> Iterator[Body]:
        """One body an activity; without an `event_id` of its own it gets one by what it says."""
        file = part_of(self.path, self.mapping, "activity", "activities") if self.path.is_dir() else None
        if file is None:
            return
        source = read_table(file)
        ids, at, kinds, amounts = activity_columns(source, self.mapping)
        given = _texts(source, "event_id")
        names, seen = _values(kinds), Counter[str]()
        for i, (lead_id, moment) in enumerate(zip(_values(ids), at.tolist(), strict=True)):
            if moment == NEVER:
                continue
            kind, amount = as_text(names[i]).strip() or "other", float(amounts[i])
            said = f"{as_text(lead_id)}|{kind}|{moment}|{amount}"
            body = {"event_id": given[i] if given else _event_id(said, seen), "lead_id": as_text(lead_id)}
            more = {} if np.isnan(amount) else {"amount": amount}
            yield body | {"kind": kind, "at": _text(moment)} | more

    def outcomes(self) -> Iterator[Body]:
        """One body a purchase or loss; those without a date cannot be told and are left out."""
        found, seen = self._outcomes(), Counter[str]()
        rows = zip(found.ids, found.won.tolist(), found.lost.tolist(), found.at.tolist(), found.value, strict=True)
        for lead_id, won, lost, moment, value in rows:
            if moment == NEVER or not (won or lost):
                continue
            said = f"{lead_id}|{won}|{moment}|{value}"
            body = {"event_id": _event_id(said, seen), "lead_id": lead_id, "outcome": "won" if won else "lost"}
            more = {"value": float(value)} if won and np.isfinite(value) and value >= 0 else {}
            yield body | {"occurred_at": _text(moment)} | more

    def _leads_file(self) -> Path:
        return named_part(self.path, self.mapping, "lead", "leads") if self.path.is_dir() else self.path

    def _outcomes(self) -> Outcomes:
        file = part_of(self.path, self.mapping, "outcome", "outcomes") if self.path.is_dir() else None
        if file is not None:
            return read_outcomes(read_table(file), self.mapping, [])
        history = self.history
        return Outcomes(history.ids, history.won, history.lost, history.ends, history.value)


def _values(column: Column) -> list[Any]:
    if isinstance(column, Coded):
        values = [*column.values, None]
        return [values[i] for i in column.index.tolist()]
    return [None if np.isnan(v) else v for v in column.values.tolist()]


def _blank(value: object) -> bool:
    return value is None or value == ""


def _texts(source: FileTable, name: str | None) -> list[str]:
    return texts_of(source.columns[name]) if name and name in source.columns else []


def _moments(created: Moments | None, rows: int) -> list[str | None]:
    if created is None:
        return [None] * rows
    return [_text(at) if 0 < at < NEVER else None for at in created.tolist()]


def _text(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def _event_id(said: str, seen: MappingType[str, int]) -> str:
    assert isinstance(seen, Counter)
    digest = hashlib.sha256(said.encode()).hexdigest()[:24]
    seen[digest] += 1
    return f"load:{digest}" if seen[digest] == 1 else f"load:{digest}:{seen[digest]}"

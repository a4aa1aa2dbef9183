"""What was sent of a lead, joined by when it was true and not by when it came in.

A whole lead (PUT) replaces all that is not newer; some fields (PATCH) replace these alone. So late and disordered
sends with an `updated_at` end alike in any order. A send without one is taken as it comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

OWN = ("created_at", "owner", "territory", "company", "display")
"""What is said of a lead beside its fields."""


@dataclass(slots=True)
class Content:
    """What is known of a lead. Times in microseconds since 1970.

    put_at: when the last whole lead was true. times: of own values, and of fields that were true no earlier than that.
    """

    fields: dict[str, object] = field(default_factory=dict)
    own: dict[str, object] = field(default_factory=dict)
    updated_at: int | None = None
    put_at: int | None = None
    times: dict[str, dict[str, int]] = field(default_factory=dict)

    def replace(self, fields: Mapping[str, object], own: Mapping[str, object], at: int | None) -> bool:
        """Take a whole lead; False where all of it is known as of later."""
        changed = self._take_own(own, at)
        if at is None:
            self.fields = dict(fields)
            self._keep_times("fields", {})
            return True
        self.updated_at = max(at, self.updated_at or at)
        if self.put_at is not None and at < self.put_at:
            return changed
        newer = {n: t for n, t in self.times.get("fields", {}).items() if t >= at}
        self.fields = {n: v for n, v in fields.items() if n not in newer} | {n: self.fields[n] for n in newer}
        self._keep_times("fields", newer)
        self.put_at = at
        return True

    def merge(self, fields: Mapping[str, object], own: Mapping[str, object], at: int | None) -> bool:
        """Take some fields; False where all of them are known as of later."""
        changed = self._take_own(own, at)
        times = self.times.get("fields", {})
        if at is None:
            self.fields |= fields
            self._keep_times("fields", {n: t for n, t in times.items() if n not in fields})
            return True
        self.updated_at = max(at, self.updated_at or at)
        if self.put_at is not None and at < self.put_at:
            return changed
        taken = {n: v for n, v in fields.items() if at >= times.get(n, at)}
        self.fields |= taken
        self._keep_times("fields", times | dict.fromkeys(taken, at))
        return changed or bool(taken) or not fields

    def _take_own(self, own: Mapping[str, object], at: int | None) -> bool:
        times = self.times.get("own", {})
        taken = {n: v for n, v in own.items() if at is None or at >= times.get(n, at)}
        self.own |= taken
        kept = {n: t for n, t in times.items() if n not in taken}
        self._keep_times("own", kept if at is None else kept | dict.fromkeys(taken, at))
        return bool(taken)

    def _keep_times(self, part: str, times: dict[str, int]) -> None:
        self.times = {k: v for k, v in (self.times | {part: times}).items() if v}

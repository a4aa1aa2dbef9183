"""What an export wrote, and what it left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PARTS = ("leads", "activities", "outcomes", "feedback", "handovers", "snapshots")
"""The tables of an exported history, each a CSV file of this name."""


@dataclass(frozen=True, slots=True)
class Account:
    """rows: by part. objecting: leads that are not to be scored. never_sent: of these only events have come so far.

    undated: leads that came without `created_at` and count from when they were first heard of. emptied: fields that
    are ignored, whose values stay here. fields_left_out: of the many that few leads have.
    """

    folder: Path
    rows: Mapping[str, int]
    objecting: int
    never_sent: int
    undated: int
    emptied: tuple[str, ...]
    fields_left_out: int

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        return {
            "folder": str(self.folder),
            **self.rows,
            "left_out": {"do_not_score": self.objecting, "never_sent": self.never_sent, "fields": self.fields_left_out},
            "undated": self.undated,
            "emptied_fields": list(self.emptied),
        }

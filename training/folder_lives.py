"""What a folder tells of its leads' lives, for scoring these."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from scoring.file_lives import FileLives
from scoring.files import read_table
from scoring.snapshot import Derived, Measure

from .activities import leads_in, read_activities
from .folder import part_of
from .mapping import Mapping
from .outcomes import NEVER, read_outcomes
from .purchases import KIND, as_lives


def lives_of(path: Path, mapping: Mapping, derived: Sequence[Derived]) -> FileLives:
    """The activities of a folder and, where they are counted, its purchases; the dates alone of what is no folder.

    derived: what is counted; nothing is read that is not looked at. WrongUsage where a column is missing.
    """
    kinds = {d.kind for d in derived if d.measure is not Measure.AGE}
    dated = FileLives(created_column=mapping.created_at, zone=ZoneInfo(mapping.zone))
    activities = part_of(path, mapping, "activity", "activities") if kinds and path.is_dir() else None
    outcomes = part_of(path, mapping, "outcome", "outcomes") if kinds & {KIND, ""} and path.is_dir() else None
    source = None if activities is None else read_table(activities)
    bought = None if outcomes is None else read_outcomes(read_table(outcomes), mapping, [])
    ids = [*(leads_in(source, mapping) if source else ()), *(bought.ids if bought else ())]
    place = {lead: i for i, lead in enumerate(dict.fromkeys(ids))}
    lives = None if source is None else read_activities(source, place, mapping, [])[0]
    if bought is not None:
        lead = np.array([place[i] for i in bought.ids], dtype=np.int64)
        purchases = as_lives(bought, lead, bought.won & (bought.at != NEVER))
        lives = purchases if lives is None else lives.plus(purchases)
    return FileLives(lives, place, dated.created_column, dated.zone)

"""`evaluate`: a published card on any labelled history."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scoring.batch import TableScorer
from scoring.errors import Refused
from scoring.measure import Metrics
from scoring.scorecard import Scorecard

from .history import History
from .labels import label
from .mapping import Mapping, read_mapping, remembered
from .snapshots import at_creation, table_of
from .train import judged_metrics


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a card shows on a history's leads with known outcomes."""

    rows: int
    buyers: int
    metrics: Metrics

    def as_dict(self) -> dict[str, object]:
        """Plain data for programs."""
        return {"rows": self.rows, "buyers": self.buyers, "metrics": self.metrics.as_dict()}


def mapping_of(about: MappingType[str, Any], config: Path | None) -> Mapping:
    """The names that a model was trained with, or those of a TOML file."""
    if config is not None:
        return read_mapping(config)
    return remembered(about)


def evaluate(card: Scorecard, history: History, mapping: Mapping) -> Evaluation:
    """Score every lead with a known outcome, as of its creation, and measure. Refused where none is known."""
    labels = label(history, card.horizon_days or mapping.horizon_days)
    rows = np.flatnonzero(labels.known)
    bought = labels.bought[rows]
    if bought.sum() in (0, len(rows)):
        raise Refused("leads that bought and leads that did not are both needed", "give a history with both")
    looks = at_creation(history, rows)
    names = {f.name for f in card.fields}
    columns = {name: column for name, column in history.columns.items() if name in names}
    table = table_of(history, columns, looks, card.derived)
    scores = TableScorer(card).score(table, len(rows), as_of=looks.as_of, reasons=0)
    return Evaluation(len(rows), int(bought.sum()), judged_metrics(card, scores, bought, history.value[rows]))

"""`evaluate`: a published card on any labelled history."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.batch import TableScorer, per_mille_of, probabilities_of
from scoring.errors import Refused
from scoring.grades import GradeCuts
from scoring.measure import Metrics
from scoring.scorecard import Scorecard

from .history import History
from .intervals import Plain, calibration_noise, plain_numbers
from .labels import label
from .mapping import Mapping, read_mapping, remembered
from .snapshots import at_creation, table_of
from .train import judged_metrics


@dataclass(frozen=True)
class Evaluation:
    """What a card shows on a history's leads with known outcomes. bought, log_odds (in 2^-20): of each, shape (n,).

    noise: the calibration error that a perfect model stays below in 95 of 100 tests as large.
    """

    rows: int
    buyers: int
    metrics: Metrics
    plain: Plain
    noise: float
    bought: NDArray[np.bool_]
    log_odds: NDArray[np.int64]

    def as_dict(self) -> dict[str, object]:
        """Plain data for programs."""
        figures = {"metrics": self.metrics.as_dict(), "plain": self.plain.as_dict()}
        return {"rows": self.rows, "buyers": self.buyers, **figures, "calibration_noise": self.noise}


def mapping_of(about: MappingType[str, Any], config: Path | None) -> Mapping:
    """The names that a model was trained with, or those of a TOML file."""
    if config is not None:
        return read_mapping(config)
    return remembered(about)


def evaluate(card: Scorecard, history: History, mapping: Mapping, *, horizon_days: int | None = None) -> Evaluation:
    """Score every lead with a known outcome, as of its creation, and measure. Refused where none is known.

    horizon_days: the card's own, unless given.
    """
    labels = label(history, horizon_days or card.horizon_days or mapping.horizon_days)
    rows = np.flatnonzero(labels.known)
    bought = labels.bought[rows]
    if bought.sum() in (0, len(rows)):
        raise Refused("leads that bought and leads that did not are both needed", "give a history with both")
    looks = at_creation(history, rows)
    names = {f.name for f in card.fields}
    columns = {name: column for name, column in history.columns.items() if name in names}
    table = table_of(history, columns, looks, card.derived)
    scores = TableScorer(card).score(table, len(rows), as_of=looks.as_of, reasons=0)
    cuts = GradeCuts()
    grades = np.array([cuts.grade_of(p) for p in per_mille_of(card, scores.log_odds).tolist()])
    return Evaluation(
        rows=len(rows),
        buyers=int(bought.sum()),
        metrics=judged_metrics(card, scores, bought, history.value[rows]),
        plain=plain_numbers(bought, grades),
        noise=calibration_noise(probabilities_of(scores.log_odds)),
        bought=bought,
        log_odds=scores.log_odds,
    )

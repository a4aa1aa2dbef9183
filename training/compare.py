"""Two published models on the same leads: who ranks better, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass

from scoring.scorecard import SCALE, Scorecard

from .evaluate import Evaluation, evaluate
from .history import History
from .intervals import Interval, paired
from .mapping import Mapping


@dataclass(frozen=True)
class Comparison:
    """Both on the same leads. differences: the first less the second, with 95 % intervals."""

    first: Evaluation
    second: Evaluation
    differences: MappingType[str, Interval]

    def as_dict(self) -> dict[str, object]:
        """Plain data for programs."""
        differences = {name: interval.as_dict() for name, interval in self.differences.items()}
        return {"first": self.first.as_dict(), "second": self.second.as_dict(), "differences": differences}

    def in_words(self, first: str, second: str) -> str:
        """Who ranks better, in a sentence. first, second: the versions."""
        area = self.differences["auc"]
        if area.low > 0 or area.high < 0:
            better, worse = (first, second) if area.low > 0 else (second, first)
            return f"Model {better} ranks these leads better than model {worse}: the difference is more than chance."
        return "By these leads the two cannot be told apart in how they rank."


def compare(first: Scorecard, second: Scorecard, history: History, mapping: Mapping) -> Comparison:
    """Judge both on the leads with a known outcome within the first one's horizon. Refused where none is known."""
    horizon = first.horizon_days or mapping.horizon_days
    one, two = (evaluate(card, history, mapping, horizon_days=horizon) for card in (first, second))
    return Comparison(one, two, paired(one.bought, one.log_odds / SCALE, two.log_odds / SCALE))

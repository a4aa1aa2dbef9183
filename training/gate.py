"""The gate: whether a newly trained model may serve."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.measure import Metrics


@dataclass(frozen=True, slots=True)
class Gate:
    """decision: `promote` or `keep`; reasons in words."""

    decision: str
    reasons: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        return {"decision": self.decision, "reasons": list(self.reasons)}


def judge(metrics: Metrics) -> Gate:
    """Promote what is better than chance on test leads beyond its 95 % interval."""
    low, high = metrics.auc_ci
    interval = f"AUC {metrics.auc:.3f} ({low:.3f} to {high:.3f}) on test leads"
    if not low > 0.5:
        return Gate("keep", (f"no better than chance: {interval}",))
    return Gate("promote", (f"better than chance: {interval}",))

"""The gate: whether a newly trained model may serve."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.measure import Metrics

from .baselines import Peers


@dataclass(frozen=True, slots=True)
class Gate:
    """decision: `promote`, `keep` or `needs_word`; reasons in words."""

    decision: str
    reasons: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        return {"decision": self.decision, "reasons": list(self.reasons)}


HANGS = 0.01
"""The AUC that may hang on suspects before a person must say a word, or that one field may be ahead by chance."""


def judge(
    metrics: Metrics, peers: Peers, without_suspects: Metrics | None = None, suspects: list[str] | None = None
) -> Gate:
    """Promote what beats chance beyond its 95 % interval, is not behind one field, and does not hang on suspects."""
    low, high = metrics.auc_ci
    interval = f"AUC {metrics.auc:.3f} ({low:.3f} to {high:.3f}) on test leads"
    if not low > 0.5:
        return Gate("keep", (f"no better than chance: {interval}",))
    if peers.best_field.auc > metrics.auc + HANGS:
        alone = f"{peers.best_field_name} alone reaches {peers.best_field.auc:.3f}"
        return Gate("keep", (f"behind its best single field: {interval}, {alone}",))
    if without_suspects is not None and metrics.auc - without_suspects.auc > HANGS:
        names = ", ".join(suspects or [])
        hangs = f"AUC {metrics.auc:.3f} with, {without_suspects.auc:.3f} without fields under suspicion ({names})"
        return Gate("needs_word", (f"{hangs}: say --keep or --ignore for each",))
    return Gate("promote", (f"better than chance: {interval}",))

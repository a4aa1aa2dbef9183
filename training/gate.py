"""The gate: whether a newly trained model may serve."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from scoring.measure import Metrics

from .baselines import Peers
from .calibration import slope_of
from .intervals import Interval, calibration_noise, paired

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

HANGS = 0.01
"""The AUC that may hang on suspects before a person must say a word."""

BEHIND = 0.005
"""The AUC by which a model may be behind a champion or a baseline before it counts."""

WIDEST = 0.4
"""The widest 95 % interval of an AUC that says anything: 0.3 to 0.7 is any model."""

BOLD, SHY = 0.6, 1.7
"""Slopes beyond which log-odds are out of scale: sixteen to one would be five to one, or a hundred to one."""

OFF = 2.0
"""How many times as many, or as few, may buy as were promised."""


@dataclass(frozen=True, slots=True)
class Gate:
    """decision: `promote`, `keep` or `needs_word`; reasons in words. against: the difference to the rival named."""

    decision: str
    reasons: tuple[str, ...]
    rival: str | None = None
    against: MappingType[str, Interval] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        found: dict[str, object] = {"decision": self.decision, "reasons": list(self.reasons)}
        if self.rival is not None:
            differences = {name: interval.as_dict() for name, interval in self.against.items()}
            found["compared"] = {"with": self.rival, "differences": differences}
        return found


@dataclass(frozen=True)
class Trial:
    """A candidate on its test leads. log_odds: shape (n,). rivals: earlier champions' log-odds there, by version.

    merit: what speaks for it where it cannot be told apart from the best of them.
    """

    metrics: Metrics
    bought: Flags
    log_odds: Floats
    peers: Peers
    rivals: MappingType[str, Floats] = field(default_factory=dict)
    merit: str = "fresher"


def judge(trial: Trial, without_suspects: Metrics | None = None, suspects: list[str] | None = None) -> Gate:
    """Promote what beats chance and the baselines, keeps its promises, and is not behind the best champion so far.

    Where more than a hundredth of AUC hangs on suspects, a person's word is asked first.
    """
    against = _best_rival(trial)
    fault = _no_signal(trial) or _behind_baselines(trial)
    fault = fault or (against and _behind(*against)) or _broken_promises(trial, against)
    if fault is not None:
        return _decided("keep", fault, against)
    if without_suspects is not None and trial.metrics.auc - without_suspects.auc > HANGS:
        names = ", ".join(suspects or [])
        hangs = f"AUC {trial.metrics.auc:.3f} with, {without_suspects.auc:.3f} without fields under suspicion ({names})"
        return _decided("needs_word", f"{hangs}: say --keep or --ignore for each", against)
    good = f"better than chance: {_auc(trial.metrics)}"
    return _decided("promote", good if against is None else f"{good}; {_not_behind(*against, trial.merit)}", against)


def _decided(decision: str, reason: str, against: tuple[str, dict[str, Interval]] | None) -> Gate:
    return Gate(decision, (reason,)) if against is None else Gate(decision, (reason,), *against)


def _auc(metrics: Metrics) -> str:
    low, high = metrics.auc_ci
    return f"AUC {metrics.auc:.3f} ({low:.3f} to {high:.3f}) on test leads"


def _best_rival(trial: Trial) -> tuple[str, dict[str, Interval]] | None:
    """The earlier champion that ranks these leads best, and the candidate's difference to it."""
    found = {name: paired(trial.bought, trial.log_odds, rival) for name, rival in trial.rivals.items()}
    return min(found.items(), key=lambda item: (item[1]["auc"].value, item[0])) if found else None


def _no_signal(trial: Trial) -> str | None:
    low, high = trial.metrics.auc_ci
    if np.ptp(trial.log_odds) == 0:
        return "it says the same of every lead"
    if high < 0.5:
        return f"it ranks leads the wrong way round: {_auc(trial.metrics)}"
    if not low > 0.5:
        return f"no better than chance: {_auc(trial.metrics)}"
    if high - low > WIDEST:
        buyers = int(min(trial.bought.sum(), (~trial.bought).sum()))
        return f"too few test leads to tell: {_auc(trial.metrics)}, by {buyers} of the rarer kind"
    return None


def _behind_baselines(trial: Trial) -> str | None:
    """Behind the best single field or logistic regression by more than noise and a hair."""
    alone = {f"its best single field ({trial.peers.best_field_name})": trial.peers.scores["best_field"]}
    for name, scores in (alone | {"logistic regression": trial.peers.scores["logistic"]}).items():
        found = paired(trial.bought, trial.log_odds, logit(np.clip(scores, 1e-12, 1 - 1e-12)))["auc"]
        if found.high < 0 and found.value < -BEHIND:
            return f"behind {name}: AUC {found}"
    return None


def _broken_promises(trial: Trial, against: tuple[str, dict[str, Interval]] | None) -> str | None:
    """Probabilities that are worse than the average for all, out of scale, or far too many or too few.

    A market that has turned breaks every model's promises: what is no worse than the champion's is let pass.
    """
    if against is not None and not against[1]["log_loss"].low > 0:
        return None
    chance, bought = expit(trial.log_odds), trial.bought
    if trial.metrics.calibration_error <= calibration_noise(chance):
        return None
    promised, happened = float(chance.sum()), int(bought.sum())
    sure = abs(promised - happened) > 3 * float(np.sqrt((chance * (1 - chance)).sum()))
    if sure and not 1 / OFF < happened / max(promised, 1e-9) < OFF:
        return f"it promised {promised:,.0f} buyers among the test leads where {happened:,} bought"
    slope = slope_of([(trial.log_odds, bought, np.ones(len(bought)))])
    if not BOLD < slope < SHY:
        way = "bold" if slope < 1 else "shy"
        return f"its probabilities are too {way}: log-odds times {slope:.2f} would fit the test leads"
    if trial.metrics.log_loss > trial.peers.base_rate.log_loss:
        return (
            f"its probabilities are worse than the average for every lead: log loss {trial.metrics.log_loss:.4f} "
            f"against {trial.peers.base_rate.log_loss:.4f}"
        )
    return None


def _behind(rival: str, found: MappingType[str, Interval]) -> str | None:
    """Worse than an earlier champion by more than noise, or by more than a hair whatever the noise."""
    area = found["auc"]
    behind = area.value < -BEHIND or area.high < 0
    return f"behind model {rival} on the same leads: AUC {area}" if behind else None


def _not_behind(rival: str, found: MappingType[str, Interval], merit: str) -> str:
    area = found["auc"]
    if area.low > 0:
        return f"better than model {rival} on the same leads: AUC {area}"
    return f"not told apart from model {rival} on the same leads, and {merit}: AUC {area}"

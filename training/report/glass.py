"""The price of glass: this model beside a full gradient boosting that nobody can read, on the same test leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logit

from scoring.measure import Metrics
from training.intervals import Interval, paired

from .figures import number, percent, signed
from .markup import Html, el, named, table

if TYPE_CHECKING:
    from training.train import Trained

REDRAWN = 20_000
"""Test leads, evenly taken by score, that are redrawn; with more the interval is narrowed by their number."""

DRAWS = 1_000_000
FEWEST, MOST = 60, 500
"""Redraws: so many leads in all, and no fewer and no more redraws than these."""


def glass(trained: Trained) -> Html:
    """The fifth section."""
    peers = trained.peers
    rows = [
        _row("This model, readable", trained.metrics),
        _row("Full gradient boosting, not readable (the yardstick)", peers.yardstick),
        _row("Logistic regression", peers.logistic),
        _row(el("span", "Best single field: ", named(peers.best_field_name)), peers.best_field),
        _row("Every lead the same", peers.base_rate),
    ]
    return el(
        "section",
        el("h2", "The price of glass"),
        el(
            "p",
            "This model is made so that every score can be read and checked. What that costs is measured against a "
            "model of the same fields that is free to combine them as it likes, judged on the same test leads.",
        ),
        table(("", "AUC", "interval", "log loss", "buyers in best 10 %", "buyers in best 20 %"), rows),
        _difference(trained),
        id="glass",
    )


def _row(name: str | Html, metrics: Metrics) -> tuple[str | Html, ...]:
    low, high = metrics.auc_ci
    return (
        name,
        number(metrics.auc),
        f"{number(low)} to {number(high)}",
        number(metrics.log_loss, 4),
        percent(metrics.buyers_in_top_10pct),
        percent(metrics.buyers_in_top_20pct),
    )


def _difference(trained: Trained) -> Html:
    found = trained.evidence
    other = found.peers.get("yardstick")
    if other is None or found.bought.all() or not found.bought.any():
        return el("p", "The two cannot be compared lead by lead.")
    rows = np.argsort(found.log_odds, kind="stable")[:: -(-len(other) // REDRAWN)]
    rounds = max(FEWEST, min(MOST, DRAWS // len(rows)))
    odds = logit(np.clip(other[rows], 1e-15, 1 - 1e-15))
    apart = paired(found.bought[rows], found.log_odds[rows], odds, rounds=rounds, seed=trained.seed)
    narrow, ours, theirs = float(np.sqrt(len(rows) / len(other))), trained.metrics, trained.peers.yardstick
    area = _around(ours.auc - theirs.auc, apart["auc"], narrow)
    top = _around(ours.buyers_in_top_20pct - theirs.buyers_in_top_20pct, apart["buyers_in_top_20pct"], narrow)
    interval = f"({signed(area.low, 4)} to {signed(area.high, 4)}, "
    return el(
        "p",
        el("b", _verdict(area)),
        f" This model's AUC less the yardstick's: {signed(area.value, 4)} {interval}"
        f"95 % of {rounds} redraws of the test leads); its share of buyers in the best 20 % less the yardstick's: "
        f"{signed(100 * top.value, 1)} points of percent ({signed(100 * top.low, 1)} to {signed(100 * top.high, 1)}).",
    )


def _around(value: float, drawn: Interval, narrow: float) -> Interval:
    """The interval of all test leads from that of a part of them. narrow: how much narrower it is."""
    return Interval(value, value + narrow * (drawn.low - drawn.value), value + narrow * (drawn.high - drawn.value))


def _verdict(area: Interval) -> str:
    if area.high < 0:
        return "Being readable costs accuracy here, beyond what chance explains."
    if area.low > 0:
        return "Being readable costs nothing here: this model is the better one, beyond what chance explains."
    return "No price is shown: chance may be all that is between the two."

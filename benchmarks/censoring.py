"""`python -m benchmarks.censoring`: what leads too young to know do to a model, on data whose truth is known."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr
from sklearn.metrics import roc_auc_score

from scoring.batch import probabilities_of
from scoring.columns import Coded, Numbers
from scoring.scorecard import Scorecard
from scoring.values import DAY
from training.fitting import Fitting
from training.history import History, config_of, read_history
from training.labels import label
from training.mapping import Mapping, read_mapping
from training.outcomes import NEVER
from training.simulate import simulate, write_sample
from training.snapshots import at_creation

from .follow_up import WAYS, fitted

Floats = NDArray[np.float64]

HORIZON = 90
LEADS = 4000
AFTER_MONTHS = 3
SITUATIONS = {"two years": 24, "one year": 12, "three months": 3}
"""Months of leads that a company has when it trains."""

MONTH = 30.4375
END = datetime(2026, 1, 1, tzinfo=UTC)
BINS = 10


@dataclass(frozen=True)
class World:
    """Leads with all of their future. truth: each lead's chance to buy within the horizon of its creation."""

    history: History
    truth: Floats
    cut: int


def plain(months: int, seed: int) -> World:
    """A world of four fields that say all there is to say; half of those that never buy are marked as lost in time."""
    dice = np.random.default_rng(seed)
    days = (months + AFTER_MONTHS) * MONTH
    rows = round(LEADS * (months + AFTER_MONTHS) / months)
    source, role = dice.integers(0, 5, rows), dice.integers(0, 6, rows)
    staff, visits = np.round(dice.lognormal(4, 1.2, rows)), dice.poisson(3, rows).astype(float)
    keen = np.array([1.0, 0.5, 0.0, -0.4, -1.0])[source]
    fit = np.array([0.8, 0.4, 0.0, 0.0, -0.3, -0.9])[role] + 0.3 * (np.log(staff + 1) - 4)
    ever = expit(-2.6 + keen + fit + 0.15 * (visits - 3))
    median = 40 * np.exp(-0.3 * keen)
    created = np.sort(int(END.timestamp()) - dice.integers(0, int(days * DAY), rows))
    buys, delay = dice.random(rows) < ever, np.exp(np.log(median) + dice.normal(0, 1, rows))
    given_up = ~buys & (dice.random(rows) < 0.5)
    lost_after = np.exp(np.log(45) + dice.normal(0, 0.8, rows))
    won_at = np.where(buys, created + (delay * DAY).astype(np.int64), NEVER)
    lost_at = np.where(given_up, created + (lost_after * DAY).astype(np.int64), NEVER)
    history = History(
        columns={
            "source": Coded([f"source {k}" for k in range(5)], source.astype(np.int32)),
            "role": Coded([f"role {k}" for k in range(6)], role.astype(np.int32)),
            "staff": Numbers(staff),
            "visits": Numbers(visits),
        },
        ids=[f"L{i}" for i in range(rows)],
        won=won_at != NEVER,
        lost=lost_at != NEVER,
        won_at=won_at,
        value=np.full(rows, np.nan),
        created=created,
        until=int(END.timestamp()),
        id_column="id",
        lost_at=lost_at,
    )
    return World(history, ever * ndtr(np.log(HORIZON / median)), int(END.timestamp() - AFTER_MONTHS * MONTH * DAY))


def sample(months: int, seed: int) -> World:
    """`leadrank sample`: companies, people, activities, seasons, a market that turns; much stays unseen."""
    rows = round(LEADS * (months + AFTER_MONTHS) / months)
    made = simulate(leads=rows, seed=seed, until=END, months=months + AFTER_MONTHS)
    with tempfile.TemporaryDirectory() as folder:
        write_sample(made, Path(folder))
        config = config_of(Path(folder))
        mapping = Mapping() if config is None else read_mapping(config)
        history = read_history(Path(folder), mapping)
    place = {lead: i for i, lead in enumerate(made.truth["lead_id"])}
    truth = made.truth.iloc[[place[lead] for lead in history.ids]]
    stamps = truth["bought_at"]
    seconds = stamps.astype("int64").to_numpy()
    won_at = np.where(stamps.notna(), seconds, NEVER)
    whole = replace(history, won_at=won_at, won=won_at != NEVER, value=np.full(history.rows, np.nan))
    cut = int(END.timestamp() - AFTER_MONTHS * MONTH * DAY)
    return World(whole, truth["probability_90d"].to_numpy(dtype=np.float64), cut)


WORLDS: dict[str, Callable[[int, int], World]] = {"plain": plain, "sample": sample}


def judged(world: World, card: Scorecard) -> dict[str, float]:
    """What a card promises the leads that come after the cut, as they come in, against the truth."""
    history, created = world.history, world.history.created
    assert created is not None
    new = np.flatnonzero(created > world.cut)
    fitting = Fitting(history, history.columns, label(history, HORIZON), Mapping(), 0)
    promised = probabilities_of(fitting.score(card, at_creation(history, new)).log_odds)
    return against(promised, world.truth[new])


def against(promised: Floats, truth: Floats) -> dict[str, float]:
    """Figures of promised chances against true ones, each lead a buyer by its true chance. Shapes (n,)."""
    both, weight = np.tile(promised, 2), np.concatenate((truth, 1 - truth))
    parts = np.array_split(np.argsort(promised), BINS)
    bins = [abs(promised[p].mean() - truth[p].mean()) * len(p) for p in parts]
    return {
        "promised": float(promised.mean()),
        "truth": float(truth.mean()),
        "log loss": float(-(truth * np.log(promised) + (1 - truth) * np.log1p(-promised)).mean()),
        "AUC": float(roc_auc_score(np.repeat([1, 0], len(truth)), both, sample_weight=weight)),
        "cal. error": float(sum(bins) / len(truth)),
    }


def main() -> None:
    """Print a row for every world, situation and way, the mean over the seeds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=2)
    seeds = range(1, options.parse_args().seeds + 1)
    print(f"{'world':7} {'history':12}  {'learned from':17}  promised   truth  ratio  log loss     AUC  cal. error")
    for name, make in WORLDS.items():
        for situation, months in SITUATIONS.items():
            worlds = [make(months, seed) for seed in seeds]
            for title, way in WAYS.items():
                found = [judged(w, fitted(way, w.history, w.cut, HORIZON)) for w in worlds]
                _show(f"{name:7} {situation:12}  {title:17}", found)


def _show(title: str, found: list[dict[str, float]]) -> None:
    mean = {key: float(np.mean([f[key] for f in found])) for key in found[0]}
    ratio = mean["promised"] / mean["truth"]
    figures = f"{mean['promised']:8.4f}  {mean['truth']:.4f}  {ratio:5.2f}  {mean['log loss']:8.4f}  {mean['AUC']:.4f}"
    print(f"{title}  {figures}  {mean['cal. error']:10.4f}", flush=True)


if __name__ == "__main__":
    main()

"""The backtest: month by month, a model of what was known before, its promises held against what happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from scoring.batch import probabilities_of
from scoring.errors import Refused
from scoring.measure import auc_with_error
from scoring.ratios import Z95
from scoring.values import DAY

from .boosting import Progress
from .families import Chosen
from .fitting import Fitting
from .history import History
from .intervals import Interval
from .labels import MIN_BUYERS, MIN_LEADS, Labels, dated, label
from .leakage.in_history import columns_without, leaks_of
from .mapping import Mapping
from .snapshots import Snapshots, at_creation
from .split import Known, Split, known_at
from .train import SEED, candidates_of

Rows = NDArray[np.intp]

MOST = 12
"""Months (or quarters) that are looked at, the latest: each costs a fit."""

QUARTER = 3
"""Months in a quarter: what is looked at where a month has fewer buyers than tell anything."""


@dataclass(frozen=True, slots=True)
class Month:
    """Leads that came in during `name` (2026-03, or 2026-Q1). learned_from: leads known before it.

    promised: the share of buyers that the model foresaw; happened: the share that bought, with its interval. auc: None
    where all or none bought.
    """

    name: str
    learned_from: int
    leads: int
    buyers: int
    promised: float
    happened: Interval
    auc: Interval | None

    @property
    def kept(self) -> bool:
        """Whether what was promised lies within what happened, to its noise."""
        return self.happened.low <= self.promised <= self.happened.high

    def as_dict(self) -> dict[str, object]:
        """Plain data for programs."""
        return {
            "period": self.name,
            "learned_from": self.learned_from,
            "leads": self.leads,
            "buyers": self.buyers,
            "promised": self.promised,
            "happened": self.happened.as_dict(),
            "kept": self.kept,
            "auc": self.auc and self.auc.as_dict(),
        }


@dataclass(frozen=True)
class Backtest:
    """Months in the order of time; the horizon that they were judged by."""

    horizon_days: int
    months: tuple[Month, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Plain data for programs."""
        kept = sum(month.kept for month in self.months)
        periods = [month.as_dict() for month in self.months]
        return {"horizon_days": self.horizon_days, "periods": periods, "kept": kept, "notes": list(self.notes)}


def backtest(
    history: History, mapping: Mapping, *, strict: bool = False, seed: int = SEED, progress: Progress | None = None
) -> Backtest:
    """Learn before each of the last months and judge on it. Refused without dates, or where no month can be judged.

    Which fields know the outcome, and which family serves, is settled before the first of them.
    """
    if history.created is None or not dated(history):
        raise Refused("a backtest needs dates", "name them with --created-at and --closed-at")
    labels = label(history, mapping.horizon_days)
    periods = list(_learnable(history, labels, _periods(history, labels)))[-MOST:]
    if not periods:
        raise Refused(
            "no month has enough known leads before it and in it",
            f"{MIN_LEADS} leads and {MIN_BUYERS} buyers are needed before, both kinds in it; or a shorter --horizon",
        )
    fitting: Fitting | None = None
    chosen: Chosen | None = None
    months = []
    for done, (name, start, rows) in enumerate(periods):
        if progress:
            progress(f"backtest {name}", done, len(periods))
        known = known_at(history, labels, mapping.horizon_days, start)
        looks = at_creation(history, rows)
        fitting = fitting or _fitting(history, labels, mapping, known, looks, start, strict, seed)
        fitted = fitting.learn(known, until=start, horizon_days=mapping.horizon_days, chosen=chosen)
        chosen = fitted.learned.chosen
        log_odds = fitting.score(fitted.card, looks).log_odds
        months.append(_month(name, known, labels.bought[rows], log_odds))
    return Backtest(mapping.horizon_days, tuple(months), (*history.notes, *labels.notes))


def _fitting(
    history: History,
    labels: Labels,
    mapping: Mapping,
    known: Known,
    looks: Snapshots,
    start: int,
    strict: bool,
    seed: int,
) -> Fitting:
    """What all fits share: the columns that may become fields, by what was known before the first month."""
    columns, _ = candidates_of(history, mapping)
    parts = Split("forward", known, looks, labels.bought[looks.lead], start, mapping.horizon_days)
    leaks = leaks_of(history, columns, parts, mapping, strict)
    return Fitting(history, columns_without(columns, leaks), labels, mapping, seed)


def _month(name: str, known: Known, bought: NDArray[np.bool_], log_odds: NDArray[np.int64]) -> Month:
    probability = probabilities_of(log_odds)
    area, error = auc_with_error(bought, log_odds.astype(np.float64))
    told = None if np.isnan(area) else Interval(area, max(0.0, area - Z95 * error), min(1.0, area + Z95 * error))
    buyers, leads = int(bought.sum()), len(bought)
    learned = len(np.unique(known.looks.lead))
    return Month(name, learned, leads, buyers, float(probability.mean()), share_of(buyers, leads), told)


def share_of(buyers: int, leads: int) -> Interval:
    """A share with its interval (Wilson 1927): right for few buyers, and for none."""
    share, z2 = buyers / leads, Z95**2
    middle = (share + z2 / (2 * leads)) / (1 + z2 / leads)
    half = Z95 / (1 + z2 / leads) * float(np.sqrt(share * (1 - share) / leads + z2 / (4 * leads**2)))
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def _periods(history: History, labels: Labels) -> list[tuple[str, int, Rows]]:
    """The calendar months in which leads came in, or quarters where the usual month has too few buyers (in UTC)."""
    assert history.created is not None
    rows = np.flatnonzero(labels.known)
    months = history.created[rows].astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    buyers = [int(labels.bought[rows[months == month]].sum()) for month in np.unique(months)]
    size = QUARTER if buyers and np.median(buyers) < MIN_BUYERS else 1
    return [_period(int(p), size, rows[months // size == p]) for p in np.unique(months // size)]


def _period(place: int, size: int, rows: Rows) -> tuple[str, int, Rows]:
    year, month = divmod(place * size, 12)
    start = datetime(1970 + year, month + 1, 1, tzinfo=UTC)
    name = f"{start:%Y-%m}" if size == 1 else f"{start:%Y}-Q{month // QUARTER + 1}"
    return name, int(start.timestamp()), rows


def _learnable(
    history: History, labels: Labels, periods: Sequence[tuple[str, int, Rows]]
) -> Iterator[tuple[str, int, Rows]]:
    """The periods before which enough was known to learn from, and in which both kinds of leads came in."""
    assert history.created is not None
    for name, start, rows in periods:
        seen = labels.known & (history.created < start)
        bought = seen & labels.bought & (history.won_at < start)
        settled = (
            seen & ~bought & (np.minimum(history.ends, history.created + (labels.horizon_days or 0) * DAY) < start)
        )
        both = 0 < labels.bought[rows].sum() < len(rows)
        if both and min(bought.sum(), settled.sum()) >= MIN_BUYERS and bought.sum() + settled.sum() >= MIN_LEADS:
            yield name, start, rows

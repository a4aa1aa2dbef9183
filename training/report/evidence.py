"""What a report shows of the test leads, counted once: gains, promises, values, months, and where it goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from scoring.batch import Scores, per_mille_of, worth_of
from scoring.fields import Kind
from scoring.measure import share_in_top
from scoring.ranking import GradeCuts
from scoring.scorecard import Scorecard
from scoring.words import main_text

from ..intervals import Plain, Ranked, draws, plain_numbers, top_of

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

SHARES = tuple(k / 20 for k in range(21))
"""The shares of leads that are called, from none to all."""

ROUNDS = 200
TENTHS = 10
FEWEST = 40
"""Leads of a slice, and a fortieth of them buyers that are expected, from which on it is looked at."""

SLICES = 10


@dataclass(frozen=True)
class JudgedLeads:
    """The test leads as the judged card sees them. codes: int32 (n, fields). as_of: seconds since 1970, or None."""

    bought: Flags
    scores: Scores
    value: Floats
    as_of: NDArray[np.int64] | None
    codes: NDArray[np.int32]


@dataclass(frozen=True)
class Part:
    """Some leads: what was promised of them, in buyers, with what chance alone does to it, and what happened."""

    name: str
    leads: int
    promised: float
    noise: float
    happened: int


@dataclass(frozen=True)
class Evidence:
    """gains: share of leads, of buyers, and its 95 % ends. tenths: leads by probability. months: None without dates.

    values: share of leads, of value by expected value and by probability; None without values. slices: levels where
    promised and happened differ by more than chance among so many would. histogram: shares of buyers and of others.
    """

    plain: Plain
    gains: list[tuple[float, float, float, float]]
    tenths: list[Part]
    months: list[Part] | None
    values: list[tuple[float, float, float]] | None
    slices: list[Part]
    histogram: list[tuple[float, float, float]]


def evidence_of(card: Scorecard, leads: JudgedLeads) -> Evidence:
    """Count all that the page shows."""
    worth = worth_of(card, leads.scores)
    chance, order = worth.probability, leads.scores.log_odds.astype(np.float64)
    cuts = GradeCuts()
    grades = np.array([cuts.grade_of(p) for p in per_mille_of(card, leads.scores.log_odds).tolist()])
    return Evidence(
        plain=plain_numbers(leads.bought, grades),
        gains=_gains(leads.bought, order),
        tenths=_tenths(leads.bought, chance),
        months=None if leads.as_of is None else _months(leads.bought, chance, leads.as_of),
        values=None if worth.expected_value is None else _values(leads, worth.expected_value, order),
        slices=_slices(card, leads, chance),
        histogram=_histogram(leads.bought, chance),
    )


def _part(name: str, rows: NDArray[np.generic], bought: Flags, chance: Floats) -> Part:
    p = chance[rows]
    return Part(name, len(p), float(p.sum()), float(np.sqrt((p * (1 - p)).sum())), int(bought[rows].sum()))


def _gains(bought: Flags, order: Floats) -> list[tuple[float, float, float, float]]:
    ranked = Ranked.by(order)
    parts = [[top_of(weight, bought, ranked, s) for s in SHARES] for weight in draws(bought, ROUNDS, 7)]
    drawn = np.concatenate([np.array(part) for part in parts], axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5], axis=1)
    whole = [share_in_top(bought, order, s) for s in SHARES]
    return list(zip(SHARES, whole, low.tolist(), high.tolist(), strict=True))


def _tenths(bought: Flags, chance: Floats) -> list[Part]:
    places = np.array_split(np.argsort(chance, kind="stable"), min(TENTHS, len(chance)))
    return [_part(f"{k + 1}", rows, bought, chance) for k, rows in enumerate(places)]


def _months(bought: Flags, chance: Floats, as_of: NDArray[np.int64]) -> list[Part]:
    names = np.array([f"{datetime.fromtimestamp(t, UTC):%Y-%m}" for t in as_of.tolist()])
    return [_part(str(name), np.flatnonzero(names == name), bought, chance) for name in np.unique(names)]


def _values(leads: JudgedLeads, expected: Floats, order: Floats) -> list[tuple[float, float, float]] | None:
    if not leads.bought.any() or np.isnan(leads.value[leads.bought]).any():
        return None
    value = np.nan_to_num(leads.value)
    return [
        (s, share_in_top(leads.bought, expected, s, value), share_in_top(leads.bought, order, s, value)) for s in SHARES
    ]


def _slices(card: Scorecard, leads: JudgedLeads, chance: Floats) -> list[Part]:
    """Levels and bins with enough leads, the worst first, beyond a Bonferroni bound at one in twenty."""
    found = []
    for i, field in enumerate(card.fields):
        if field.kind is Kind.TEXT:
            continue
        for code in np.unique(leads.codes[:, i]).tolist():
            part = _part(main_text(field, code), np.flatnonzero(leads.codes[:, i] == code), leads.bought, chance)
            if FEWEST <= part.leads < len(chance) and part.noise > 1:
                found.append(part)
    bound = float(norm.ppf(1 - 0.025 / max(1, len(found))))
    wrong = [part for part in found if abs(part.happened - part.promised) > bound * part.noise]
    return sorted(wrong, key=lambda p: (-abs(p.happened - p.promised) / p.noise, p.name))[:SLICES]


def _histogram(bought: Flags, chance: Floats) -> list[tuple[float, float, float]]:
    edges = np.linspace(0, max(float(chance.max()), 1e-6), 25)
    shares = [np.histogram(chance[who], edges)[0] / max(1, int(who.sum())) for who in (bought, ~bought)]
    return [(float(edges[k]), float(shares[0][k]), float(shares[1][k])) for k in range(24)]

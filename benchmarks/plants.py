"""Leads of our making: honest ones with strong fields, and leaks of many kinds to plant among them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from scoring.batch import TableScorer
from scoring.columns import Coded, Column, Numbers
from training.learn import learn

ROWS = 6000

Flags = NDArray[np.bool_]
World = tuple[dict[str, Column], Flags, NDArray[np.float64]]
Plant = Callable[[Flags, np.random.Generator], Column]
"""From who bought, and dice, to a column."""


def texts(values: NDArray[np.str_]) -> Coded:
    """A column of texts."""
    found, index = np.unique(values, return_inverse=True)
    return Coded(found.tolist(), index.astype(np.int32))


def clean_world(seed: int, rows: int = ROWS, share: float | None = None) -> World:
    """Leads with honest fields, some of them strong (AUC up to about 0.8 alone), missing values, rare levels."""
    dice = np.random.default_rng(seed)
    share = dice.choice([0.03, 0.08, 0.2, 0.4]) if share is None else share
    strength = dice.uniform(0.8, 1.5)
    income, visits = dice.normal(size=rows), dice.poisson(3, rows).astype(float)
    source = dice.choice(["web", "referral", "ads", "fair", "partner", "cold"], rows, p=[0.4, 0.1, 0.2, 0.1, 0.1, 0.1])
    worth = {"web": 0.0, "referral": 1.6, "ads": -0.5, "fair": 0.4, "partner": 0.9, "cold": -1.2}
    industry = dice.choice([f"industry {k}" for k in range(12)], rows)
    signal = strength * income + 0.2 * (visits - 3) + np.vectorize(worth.get)(source)
    signal += 0.5 * (industry == "industry 3") - 0.8 * (industry == "industry 5")
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-(signal + middle)))).mean() < share else (low, middle)
    bought = dice.random(rows) < 1 / (1 + np.exp(-(signal + low)))
    lost_income = np.where(dice.random(rows) < 0.3 - 0.1 * (signal > 0), np.nan, np.exp(10 + income))
    columns: dict[str, Column] = {
        "income": Numbers(lost_income),
        "visits": Numbers(visits),
        "source": texts(source),
        "industry": texts(industry),
        "newsletter": texts(np.where(dice.random(rows) < 0.3 + 0.1 * (signal > 0.5), "yes", "no")),
        "city": texts(np.array([f"city {k}" for k in dice.zipf(1.5, rows) % 300])),
        "budget": Numbers(np.round(np.exp(8 + 0.9 * income + 0.4 * dice.normal(size=rows)))),
        "phone": texts(np.where(dice.random(rows) < 0.5 + 0.12 * (signal > 0), "given", "")),
        "noise": Numbers(dice.normal(size=rows)),
    }
    return columns, bought, signal


def _where(bought: Flags, dice: np.random.Generator, hit: float, false: float) -> Flags:
    """True for a share `hit` of buyers and `false` of the others."""
    return dice.random(len(bought)) < np.where(bought, hit, false)


def _stage(bought: Flags, dice: np.random.Generator) -> Column:
    stage = np.where(bought, "contract", dice.choice(["new", "talking", "gone"], len(bought)))
    return texts(np.where(dice.random(len(bought)) < 0.1, "talking", stage))


def _filled(hit: float, false: float) -> Plant:
    def plant(bought: Flags, dice: np.random.Generator) -> Column:
        return Numbers(np.where(_where(bought, dice, hit, false), dice.normal(size=len(bought)), np.nan))

    return plant


def _flag(hit: float, false: float) -> Plant:
    return lambda bought, dice: texts(np.where(_where(bought, dice, hit, false), "yes", "no"))


def _number(gap: float) -> Plant:
    return lambda bought, dice: Numbers(gap * bought + dice.normal(size=len(bought)))


def _reasons(bought: Flags, dice: np.random.Generator) -> Column:
    reasons = dice.choice(["price", "timing", "competitor"], len(bought))
    return texts(np.where(_where(~bought, dice, 0.7, 0.0), reasons, ""))


def _last_state(bought: Flags, dice: np.random.Generator) -> Column:
    good = dice.choice(["Email opened", "SMS sent", "Had a phone conversation"], len(bought))
    poor = dice.choice(["Email bounced", "Unreachable", "Email opened"], len(bought))
    return texts(np.where(_where(bought, dice, 0.7, 0.4), good, poor))


def _notes(bought: Flags, dice: np.random.Generator) -> Column:
    said = dice.choice(["asked for invoice address", "sent onboarding plan", "signed and happy"], len(bought))
    idle = np.array(
        [f"talked to {a} about {b}" for a, b in dice.choice(["anna", "ben", "cleo", "dora"], (len(bought), 2))]
    )
    return texts(np.where(_where(bought, dice, 0.6, 0.002), said, idle))


PLANTS: dict[str, Plant] = {
    "outcome copied": _flag(1.0, 0.0),
    "outcome with slips": _flag(0.97, 0.02),
    "stage": _stage,
    "rating after the call": lambda b, d: texts(
        np.where(_where(b, d, 0.75, 0.03), "hot", np.where(d.random(len(b)) < 0.4, "warm", "cold"))
    ),
    "deal value filled": _filled(1.0, 0.0),
    "invoice number filled": _filled(0.9, 0.01),
    "close reason filled": _reasons,
    "onboarding date filled": _filled(0.6, 0.0),
    "support tickets": lambda b, d: Numbers(np.where(b, d.poisson(2, len(b)), 0).astype(float)),
    "call seconds": lambda b, d: Numbers(np.where(b, d.gamma(3, 200, len(b)), d.gamma(1, 150, len(b)))),
    "probability of the CRM": lambda b, d: Numbers(np.clip(np.where(b, 90, 20) + d.normal(0, 25, len(b)), 0, 100)),
    "strong number": _number(3.0),
    "middling number": _number(2.2),
    "days in the pipeline": lambda b, d: Numbers(np.where(b, d.gamma(8, 3, len(b)), d.gamma(3, 40, len(b)))),
    "last state": _last_state,
    "notes": _notes,
    "discount granted": _filled(0.5, 0.05),
    "customer group": lambda b, d: texts(
        np.where(_where(b, d, 0.5, 0.0), "customer", d.choice(["a", "b", "c"], len(b)))
    ),
    "do not contact again": _flag(0.0, 0.35),
    "contract sent": _flag(0.55, 0.01),
}


def _serial(bought: Flags, dice: np.random.Generator) -> Column:
    order = np.argsort(np.argsort(dice.random(len(bought)) + bought))
    return Numbers(order.astype(float))


def _per_company(bought: Flags, dice: np.random.Generator) -> Column:
    company = dice.integers(0, len(bought) // 4, len(bought))
    return Numbers((np.bincount(company, bought) / np.maximum(np.bincount(company), 1))[company])


def _code(text: str, hit: float, false: float) -> Plant:
    def plant(bought: Flags, dice: np.random.Generator) -> Column:
        numbers = dice.permutation(len(bought))
        return texts(np.where(_where(bought, dice, hit, false), np.array([f"{text}{i:07d}" for i in numbers]), ""))

    return plant


def _level(hit: float, false: float = 0.0) -> Plant:
    return lambda b, d: texts(np.where(_where(b, d, hit, false), "gold", d.choice(["a", "b", "c"], len(b))))


WEAKER: dict[str, Plant] = {
    "a rating after the call, half of it": lambda b, d: texts(
        np.where(_where(b, d, 0.5, 0.03), "hot", np.where(d.random(len(b)) < 0.4, "warm", "cold"))
    ),
    "a number, 1.8 deviations": _number(1.8),
    "a number, 1.5 deviations": _number(1.5),
    "a pure level, 5 % of buyers": _level(0.05),
    "a pure level, 12 % of buyers": _level(0.12),
    "a pure level, 20 % of buyers": _level(0.2),
    "filled for 30 % and 6 %": _filled(0.3, 0.06),
    "filled for 80 % and 45 %": _filled(0.8, 0.45),
    "filled for 95 % and 60 %": _filled(0.95, 0.6),
    "shares of a company with the lead itself": _per_company,
    "twice as many calls": lambda b, d: Numbers(d.poisson(np.where(b, 6, 3)).astype(float)),
    "three times as many calls": lambda b, d: Numbers(d.poisson(np.where(b, 9, 3)).astype(float)),
    "a stage in numbers": lambda b, d: Numbers(
        np.where(b, d.integers(6, 10, len(b)), d.integers(0, 8, len(b))).astype(float)
    ),
    "numbers of customers": lambda b, d: Numbers(
        np.where(_where(b, d, 0.6, 0.0), 900_000.0, 100_000.0) + d.integers(0, 90_000, len(b))
    ),
    "a serial number that rises with the sale": _serial,
    "an invoice number as text": _code("INV-", 0.9, 0.0),
    "an order number as text, half of them": _code("PO", 0.5, 0.001),
    "a lost reason for a fifth": lambda b, d: texts(
        np.where(_where(~b, d, 0.2, 0.0), d.choice(["price", "timing", "competitor"], len(b)), "")
    ),
    "opted out, 15 %": _flag(0.0, 0.15),
    "revenue with slips": lambda b, d: Numbers(np.where(_where(b, d, 0.7, 0.05), d.lognormal(7, 1, len(b)), 0)),
}
"""Weaker ones, and columns that are no fields. Some look like strong honest fields and cannot be told by statistics."""


def earlier_score(columns: dict[str, Column], bought: Flags, seed: int) -> Column:
    """Whole scores of all leads by a model that learned from half of them."""
    half = np.random.default_rng(seed).permutation(len(bought))[: len(bought) // 2]
    seen = {name: column.rows(half) for name, column in columns.items()}
    card = learn(seen, bought[half], as_of=None, kinds={}, horizon_days=None, seed=seed).card
    order = np.argsort(np.argsort(TableScorer(card).log_odds(columns, len(bought)), kind="stable"))
    return Numbers(np.floor(100 * order / len(bought)) + 1)

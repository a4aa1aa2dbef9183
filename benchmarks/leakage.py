"""The leakage gate on planted leaks and on clean leads: `python -m benchmarks.leakage`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Coded, Column, Numbers
from scoring.infer import infer
from scoring.values import MISSING_WORDS
from training.leakage import Verdict, closed_against_open, find_leaks, gate_design

ROWS = 6000
CLEAN = 50

Flags = NDArray[np.bool_]
World = tuple[dict[str, Column], Flags, NDArray[np.float64]]
Plant = Callable[[Flags, np.random.Generator], Column]


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


def verdict_of(plant: Plant, seed: int) -> str:
    """What the gate says of one planted leak among honest fields."""
    columns, bought, _ = clean_world(seed)
    columns["planted"] = plant(bought, np.random.default_rng(1000 + seed))
    return dict(_findings(columns, bought)).get("planted", "clear")


def _findings(columns: dict[str, Column], bought: Flags) -> list[tuple[str, str]]:
    design = gate_design(infer(columns, missing_words=MISSING_WORDS), columns, rows=len(bought), as_of=None)
    gaps = closed_against_open(columns, np.ones_like(bought), None, MISSING_WORDS)
    return [(f.field, str(f.verdict)) for f in find_leaks(design, bought, filled_gap=gaps)]


def main() -> None:
    """Print each planted leak's verdicts over five worlds, and the false alarms on clean leads."""
    total = Counter[str]()
    for name, plant in PLANTS.items():
        found = Counter(verdict_of(plant, seed) for seed in range(5))
        total[found.most_common(1)[0][0]] += 1
        print(f"{name:24} {dict(found)}")
    print(f"{len(PLANTS)} planted kinds, by their usual verdict: {dict(total)}")
    alarms = Counter[str]()
    fields = 0
    for seed in range(CLEAN):
        columns, bought, _ = clean_world(seed)
        fields += len(columns)
        alarms.update(verdict for _, verdict in _findings(columns, bought))
    excluded, suspect = alarms[Verdict.EXCLUDED], alarms[Verdict.SUSPECT]
    print(f"{CLEAN} clean simulations of {fields} fields in all: {excluded} excluded, {suspect} suspect")


if __name__ == "__main__":
    main()

"""The leakage gate on planted leaks and on clean leads: `python -m benchmarks.leakage`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from benchmarks.plants import PLANTS, WEAKER, Flags, Plant, clean_world, earlier_score
from scoring.columns import Column
from scoring.infer import infer
from scoring.values import MISSING_WORDS
from training.leakage import Verdict, closed_against_open, find_leaks, gate_design

CLEAN = 50
WORLDS = 5


def verdict_of(plant: Plant, seed: int) -> str:
    """What the gate says of one planted leak among honest fields."""
    columns, bought, _ = clean_world(seed)
    columns["planted"] = plant(bought, np.random.default_rng(1000 + seed))
    return dict(_findings(columns, bought)).get("planted", "clear")


def verdict_of_score(seed: int) -> str:
    """What the gate says of our own earlier score among the fields."""
    columns, bought, _ = clean_world(seed)
    columns["planted"] = earlier_score(columns, bought, seed)
    return dict(_findings(columns, bought)).get("planted", "clear")


def _findings(columns: dict[str, Column], bought: Flags) -> list[tuple[str, str]]:
    design = gate_design(infer(columns, missing_words=MISSING_WORDS), columns, rows=len(bought), as_of=None)
    gaps = closed_against_open(columns, np.ones_like(bought), None, MISSING_WORDS)
    return [(f.field, str(f.verdict)) for f in find_leaks(design, bought, filled_gap=gaps)]


def _show(title: str, plants: dict[str, Callable[[int], str]]) -> None:
    total = Counter[str]()
    for name, verdict in plants.items():
        found = Counter(verdict(seed) for seed in range(WORLDS))
        total[found.most_common(1)[0][0]] += 1
        print(f"  {name:42} {', '.join(f'{v} {n}' for v, n in found.most_common())}", flush=True)
    print(f"{len(plants)} {title}, by their usual verdict: {dict(total)}", flush=True)


def _planted(plant: Plant) -> Callable[[int], str]:
    return lambda seed: verdict_of(plant, seed)


def main() -> None:
    """Print each planted leak's verdicts over five worlds, and the false alarms on clean leads."""
    _show("planted kinds", {name: _planted(plant) for name, plant in PLANTS.items()})
    weaker = {name: _planted(plant) for name, plant in WEAKER.items()}
    _show("weaker kinds", {**weaker, "our own earlier score": verdict_of_score})
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

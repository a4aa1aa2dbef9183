"""A training run made by hand around a card, so that a page can be asked for without learning anything."""

from __future__ import annotations

import numpy as np

from scoring import Field, Kind, Main, Pair, Scorecard
from scoring.measure import measure
from scoring.scorecard import SCALE, reference_from
from training.baselines import Peers
from training.families import Chosen
from training.gate import Gate
from training.leakage import Leaks
from training.promises import Promises
from training.report.evidence import Evidence, Slice
from training.snapshots import Snapshots
from training.split import Known, Split
from training.train import Trained

HOSTILE = "<script>alert('x')</script>\"&\u202e\x00"
"""A level of a stranger: markup, quotes, a turned direction, a control."""


def evidence(rows: int = 400, *, seed: int = 3, dated: bool = False, slices: tuple[Slice, ...] = ()) -> Evidence:
    """Test leads whose probabilities are true."""
    dice = np.random.default_rng(seed)
    log_odds = np.sort(dice.normal(-1, 1.2, rows))
    probability = 1 / (1 + np.exp(-log_odds))
    bought = dice.random(rows) < probability
    bought[:2], bought[-2:] = False, True
    score = np.arange(rows) * 100 // rows
    return Evidence(
        log_odds=log_odds,
        probability=probability,
        score=score,
        grades=np.array(list("DCBA"))[np.searchsorted([40, 70, 90], score, side="right")],
        expected_value=None,
        bought=bought,
        value=np.full(rows, np.nan),
        as_of=(np.arange(rows, dtype=np.int64) * 86_400) if dated else None,
        peers={"logistic": probability, "yardstick": probability[::-1], "best_field": np.full(rows, 0.3)},
        slices=slices,
        created=(0, rows * 86_400) if dated else None,
    )


def trained(card: Scorecard, found: Evidence | None = None, *, name: str = "source") -> Trained:
    """A run that published this card. name: of the best single field, of a suspect's place and of a field left out."""
    seen = found or evidence()
    rows = len(seen.bought)
    looks = Snapshots(np.arange(rows), seen.as_of, np.ones(rows), np.zeros(rows, dtype=np.int8))
    metrics = measure(seen.bought, seen.probability, seen.log_odds)
    same = measure(seen.bought, np.full(rows, 0.3))
    return Trained(
        card=card,
        judged=card,
        rows=4 * rows,
        buyers=rows,
        mature=4 * rows,
        mature_buyers=rows,
        split=Split("stratified", Known(looks, seen.bought), looks, seen.bought, None, None),
        censoring=None,
        metrics=metrics,
        promises=Promises({}, None, None, None),
        peers=Peers(same, same, name, metrics, metrics, seen.peers),
        gate=Gate("promote", (f"better than chance, says {name}",)),
        left_out={name: f"constant: {name}"},
        leaks=Leaks((), (), (name,)),
        metrics_without_suspects=None,
        missing_words={},
        notes=(f"the id is taken from {name}",),
        pictures={},
        chosen=Chosen(0.5, 1.0, "random", {"blend": 0.4}),
        alarms=(),
        estimators={},
        evidence=seen,
        seed=7,
    )


def card_of(fields: list[Field], *, pairs: int = 0, points: float = 0.5) -> Scorecard:
    """Every field's codes rise from -points to +points in log-odds; the first fields come in pairs."""
    mains = tuple(
        Main(i, tuple(round(v * SCALE) for v in np.linspace(-points, points, f.size))) for i, f in enumerate(fields)
    )
    return Scorecard(
        base=-SCALE,
        fields=tuple(fields),
        mains=mains,
        pairs=tuple(_pair(fields, 2 * k, 2 * k + 1) for k in range(pairs)),
        reference=reference_from([-SCALE, 0, SCALE]),
        missing_words=(),
        horizon_days=None,
        buyers_share=0.3,
    )


def _pair(fields: list[Field], a: int, b: int) -> Pair:
    rows, columns = fields[a].size, fields[b].size
    table = tuple(SCALE * ((i + j) % 3 - 1) for i in range(rows) for j in range(columns))
    return Pair(a, b, tuple(range(rows)), tuple(range(columns)), table)


def category(name: str, levels: int, *, prefix: str = "level ") -> Field:
    """A field with so many levels, 10 leads each, a third of which bought."""
    names = tuple(f"{prefix}{i}" for i in range(levels))
    counts = (0, 0, *(10 for _ in names))
    return Field(name, Kind.CATEGORY, levels=names, labels=names, counts=counts, buyers=tuple(c // 3 for c in counts))

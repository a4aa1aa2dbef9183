"""What a report shows of the test leads, gathered in one place while the judged model is at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from scoring.batch import Scores, per_mille_of, probabilities_of, worth_of
from scoring.fields import FIRST, OTHER, Field, Kind
from scoring.grades import GradeCuts
from scoring.measure import auc_with_error
from scoring.scorecard import REFERENCE_STEPS, SCALE, Scorecard
from scoring.words import code_text
from training.design import Design
from training.lead_history import History
from training.split import Split

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SLICE_LEADS = 50
"""Test leads that a level needs to be judged by itself."""

AUC_LEADS = 20_000
"""Test leads, evenly taken by score, that the AUC inside a level is measured on."""

SHIFT_MOST = 20.0

AUC_GROUP = 20
"""Buyers, and others, that a level needs for an AUC of its own."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Test leads of one level. promised: mean probability. expected: the same once all promises are moved alike so that
    they hold over all test leads; noise: the standard error of the share that buys, were that so.

    auc, auc_error: inside the level, None with too few buyers or others.
    """

    field: str
    level: str
    leads: int
    buyers: int
    promised: float
    expected: float
    noise: float
    auc: float | None = None
    auc_error: float | None = None


@dataclass(frozen=True)
class Evidence:
    """n test leads as the judged model ranked them, shapes (n,). log_odds: natural. score: 0 to 100. grades: A to D.

    value: of a purchase, NaN where none. as_of: seconds since 1970, None without dates. peers: probabilities of the
    models beside it. created: the first and the last moment in which a lead of the history was created.
    """

    log_odds: Floats
    probability: Floats
    score: NDArray[np.int64]
    grades: NDArray[np.str_]
    expected_value: Floats | None
    bought: Flags
    value: Floats
    as_of: NDArray[np.int64] | None
    peers: Mapping[str, Floats]
    slices: tuple[Slice, ...]
    created: tuple[int, int] | None


def evidence_of(
    card: Scorecard, scores: Scores, parts: Split, history: History, peers: Mapping[str, Floats], codes: Design
) -> Evidence:
    """card: the judged one, scores and codes: its of the test leads."""
    per_mille = per_mille_of(card, scores.log_odds)
    cuts = GradeCuts()
    log_odds = scores.log_odds / SCALE
    probability = probabilities_of(scores.log_odds)
    created = history.created
    return Evidence(
        log_odds=log_odds,
        probability=probability,
        score=per_mille * 100 // REFERENCE_STEPS,
        grades=np.array([cuts.grade_of(p) for p in range(REFERENCE_STEPS + 1)])[per_mille],
        expected_value=worth_of(card, scores).expected_value,
        bought=parts.test_bought,
        value=history.value[parts.test.lead],
        as_of=parts.test.as_of,
        peers=peers,
        slices=tuple(_slices(codes, log_odds, probability, parts.test_bought)),
        created=None if created is None or not len(created) else (int(created.min()), int(created.max())),
    )


def _slices(design: Design, log_odds: Floats, probability: Floats, bought: Flags) -> Iterator[Slice]:
    """Every level, bin or word with enough test leads."""
    kept = expit(log_odds + _shift(log_odds, bought))
    some = np.argsort(log_odds, kind="stable")[:: max(1, len(log_odds) // AUC_LEADS)]
    for i, field in enumerate(design.fields):
        if field.kind is Kind.TEXT:
            members: Iterator[tuple[int, Flags]] = (
                (FIRST[Kind.TEXT] + j, design.words[i][:, j] > 0) for j in range(design.words[i].shape[1])
            )
        else:
            members = _members(design.codes[:, i], field.size)
        for code, mine in members:
            leads = int(mine.sum())
            if leads >= SLICE_LEADS and (leads < design.rows or len(field.levels) > 1):
                yield _slice(field, code, mine, some, log_odds, probability, kept, bought)


def _members(codes: NDArray[np.int32], size: int) -> Iterator[tuple[int, Flags]]:
    for code in np.flatnonzero(np.bincount(codes, minlength=size) >= SLICE_LEADS).tolist():
        yield code, codes == code


def _slice(
    field: Field,
    code: int,
    mine: Flags,
    some: NDArray[np.intp],
    log_odds: Floats,
    probability: Floats,
    kept: Floats,
    bought: Flags,
) -> Slice:
    leads, p, here = int(mine.sum()), kept[mine], some[mine[some]]
    area, error = None, None
    if min(int(bought[here].sum()), int((~bought[here]).sum())) >= AUC_GROUP:
        area, error = auc_with_error(bought[here], log_odds[here])
    level = (
        field.labels[code - FIRST[Kind.TEXT]] if field.kind is Kind.TEXT and code > OTHER else code_text(field, code)
    )
    noise = float(np.sqrt((p * (1 - p)).sum())) / leads
    promised, buyers = float(probability[mine].mean()), int(bought[mine].sum())
    return Slice(field.name, level, leads, buyers, promised, float(p.mean()), noise, area, error)


def _shift(log_odds: Floats, bought: Flags) -> float:
    """What to add to all log-odds so that as many buyers are promised as there were."""
    if bought.all() or not bought.any():
        return 0.0
    low, high = -SHIFT_MOST, SHIFT_MOST
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(log_odds + middle).sum() < bought.sum() else (low, middle)
    return (low + high) / 2

"""The parts of a field where next to none or nearly all buy: found on one half of the leads, measured on the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from scoring.fields import MISSING, Field, Kind
from scoring.measure import auc
from scoring.ratios import Z95
from scoring.words import code_text
from training.design import Design

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

LOW, HIGH = -2.0, 2.0
"""Log-odds from those of all leads at which a code is taken into the pure parts."""

MOST_BUY = 0.7
"""A part where most buy has at least this share of buyers: 3 log-odds above 1 % is 17 %, and no leak."""

SMOOTH = 2.0
"""Leads of average odds that each code is mixed with before it is called pure."""


@dataclass(frozen=True, slots=True)
class Part:
    """Leads with the field's purest codes: near end of the interval, from the odds of all; shares; the codes."""

    odds: float
    leads: float
    buyers: float
    codes: tuple[int, ...]

    def names(self, field: Field) -> str:
        """Its first three codes in words."""
        texts = [_code_name(field, code) for code in self.codes]
        return ", ".join(texts[:3]) + (", ..." if len(texts) > 3 else "")

    def evidence(self, field: Field) -> dict[str, object]:
        """Plain data."""
        return {
            "log_odds": round(self.odds, 2),
            "leads": round(self.leads, 4),
            "buyers": round(self.buyers, 4),
            "levels": [_code_name(field, code) for code in self.codes[:10]],
        }


@dataclass(frozen=True, slots=True)
class Parts:
    """few: where next to none buy. many: where most do. rich: where the odds are high, most or not. alone: the AUC."""

    few: Part
    many: Part
    rich: Part
    alone: float


def parts_of(design: Design, i: int, bought: Flags, half: Flags) -> Parts:
    """The parts of a field, each half of the leads judged by the other's codes."""
    base = float(logit(bought.mean()))
    members = np.zeros((3, design.rows), bool)
    score = np.zeros(design.rows)
    codes = [set[int](), set[int](), set[int]()]
    for seen in (half, ~half):
        leads, buyers = _tally(design, i, seen), _tally(design, i, seen & bought)
        share = (buyers + SMOOTH * bought.mean()) / (leads + SMOOTH)
        odds = logit(share) - base
        for k, pure in enumerate((odds <= LOW, (odds >= HIGH) & (share >= MOST_BUY), odds >= HIGH)):
            members[k, ~seen] = _spread(design, i, pure, ~seen) > 0
            codes[k] |= set(np.flatnonzero(pure & (leads > 0)).tolist())
        score[~seen] = _spread(design, i, odds, ~seen)
    few, many, rich = (_part(members[k], bought, base, k == 0, codes[k]) for k in range(3))
    return Parts(few, many, rich, auc(bought, score))


def _tally(design: Design, i: int, who: Flags) -> Floats:
    """How many of some leads have each code; of a text: no text, then each word."""
    if design.fields[i].kind is not Kind.TEXT:
        return np.bincount(design.codes[who, i], minlength=design.size(i)).astype(np.float64)
    missing = float((design.codes[who, i] == MISSING).sum())
    return np.concatenate(([missing], design.words[i][who].sum(axis=0, dtype=np.float64)))


def _spread(design: Design, i: int, per_code: NDArray[np.generic], who: Flags) -> Floats:
    """Each lead's value from its code's; of a text the sum over its words."""
    values = per_code.astype(np.float64)
    if design.fields[i].kind is not Kind.TEXT:
        return np.asarray(values[design.codes[who, i]])
    return np.where(design.codes[who, i] == MISSING, values[0], design.words[i][who] @ values[1:])


def _part(members: Flags, bought: Flags, base: float, few: bool, codes: set[int]) -> Part:
    leads, buyers = int(members.sum()), int((members & bought).sum())
    if not leads:
        return Part(0.0, 0.0, 0.0, ())
    bound = np.clip(_wilson(buyers, leads, upper=few), 1e-9, 1 - 1e-9)
    return Part(float(logit(bound)) - base, leads / len(bought), buyers / int(bought.sum()), tuple(sorted(codes)))


def _wilson(hits: int, n: int, *, upper: bool) -> float:
    """The end of a share's 95 % interval (Wilson 1927)."""
    share, z2 = hits / n, Z95 * Z95
    centre = share + z2 / (2 * n)
    width = Z95 * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return float((centre + width if upper else centre - width) / (1 + z2 / n))


def _code_name(field: Field, code: int) -> str:
    if field.kind is not Kind.TEXT:
        return code_text(field, code)
    return "not given" if code == 0 else field.labels[code - 1]

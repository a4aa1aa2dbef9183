"""The leakage gate: which fields know the outcome already, by what honest fields never show, and never by a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from scoring.columns import Column, Numbers
from scoring.fields import MISSING, Field, Kind
from scoring.measure import Z95, auc
from scoring.values import level_key
from scoring.words import code_text

from .design import Design
from .happenings import speaks_of_happenings

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

PURE = 3.0
"""Log-odds that the odds of a pure part lie from those of all, at the near end of its 95 % interval: 20 times.

On fifteen real sets the purest honest part of a material size stood at 2.6.
"""

NEARLY_PURE = 2.5
STRONG_BUYERS = 2.8
"""From here on a part is suspect: the strongest honest ones seen were -2.2 (few buy) and +2.6 (most buy)."""

MATERIAL = 0.25
"""The share of all leads (where few buy) or of all buyers (where most do) that a pure part holds to be a leak."""

NOTICEABLE = 0.08
MOST_BUY = 0.7
"""A part where most buy has at least this share of buyers: 3 log-odds above 1 % is 17 %, and no leak."""

DECIDES = 0.93
TELLS = 0.87
"""The AUC of one field by itself. The strongest honest field seen had 0.83."""

FILLED_ODDS = 1.25
FILLED_MOST = 0.6
"""A field that most leads lack, and whose presence multiplies the odds by 3.5, is filled in while a lead moves on; a
question of a form that most leads answer is not."""

FILLED_DECIDES = 4.0
FILLED_LEAST = 0.02
FILLED_Z = 5.0
"""Log-odds by which presence all but decides; the least share with and without a value; standard errors from chance."""

CLOSED_DECIDES = 0.5
CLOSED_TELLS = 0.25
"""How much oftener a field is filled for closed leads than for open ones of the same month."""

GROUP = 5
"""Closed and open leads that a month needs to be compared."""

SMOOTH = 2.0
"""Leads of average odds that each code is mixed with before it is called pure."""


class Verdict(StrEnum):
    """Excluded: no honest field shows this. Suspect: kept, but a person should be asked."""

    EXCLUDED = "excluded"
    SUSPECT = "suspect"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict on a field: the reason in words, the figures behind it."""

    field: str
    verdict: Verdict
    reason: str
    evidence: Mapping[str, object]

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        return {"field": self.field, "reason": self.reason, "evidence": dict(self.evidence)}


@dataclass(frozen=True, slots=True)
class Leaks:
    """The gate's findings after the user's word: what is left out, what stays under suspicion, what was kept."""

    excluded: tuple[Finding, ...]
    suspects: tuple[Finding, ...]
    kept: tuple[str, ...]

    @classmethod
    def of(cls, findings: list[Finding], *, keep: tuple[str, ...], strict: bool) -> Leaks:
        """keep: fields that the user vouches for. strict: suspects are left out as well."""
        judged = [f for f in findings if f.field not in keep]
        excluded = tuple(f for f in judged if strict or f.verdict is Verdict.EXCLUDED)
        suspects = tuple(f for f in judged if not strict and f.verdict is Verdict.SUSPECT)
        return cls(excluded, suspects, keep)

    @property
    def excluded_names(self) -> frozenset[str]:
        """The fields that are left out."""
        return frozenset(f.field for f in self.excluded)


@dataclass(frozen=True, slots=True)
class _Part:
    """Leads with the field's purest codes: near end of the interval, from the odds of all; shares; the codes."""

    odds: float
    leads: float
    buyers: float
    codes: tuple[int, ...]


def find_leaks(design: Design, bought: Flags, *, filled_gap: Mapping[str, float], seed: int = 7) -> list[Finding]:
    """Findings on the fields of leads with known outcomes; shape (n,). Clear fields are not listed.

    filled_gap: of `closed_against_open`. Codes are called pure on one half of the leads and measured on the other.
    """
    half = np.random.default_rng(seed).permutation(design.rows) % 2 == 0
    found = (_judge(design, i, bought, half, filled_gap.get(f.name, 0.0)) for i, f in enumerate(design.fields))
    return [finding for finding in found if finding is not None]


def _judge(design: Design, i: int, bought: Flags, half: Flags, gap: float) -> Finding | None:
    """The gravest of what a field shows."""
    field = design.fields[i]
    few, many, alone = _parts(design, i, bought, half)
    filled, share = _filled(design.codes[:, i] != MISSING, bought)
    shown: list[tuple[bool, Verdict, str]] = [
        (alone >= DECIDES, Verdict.EXCLUDED, f"decides by itself: AUC {alone:.2f} alone"),
        *_pure_reasons(field, few, many),
        (filled >= FILLED_DECIDES, Verdict.EXCLUDED, "being filled in all but decides"),
        (gap >= CLOSED_DECIDES, Verdict.EXCLUDED, f"filled for closed leads {gap:.0%} oftener than for open ones"),
        (alone >= TELLS, Verdict.SUSPECT, f"tells much by itself: AUC {alone:.2f} alone"),
        (
            filled >= FILLED_ODDS and share <= FILLED_MOST,
            Verdict.SUSPECT,
            f"the odds of leads that have a value are {np.exp(filled):.1f} times those without",
        ),
        (gap >= CLOSED_TELLS, Verdict.SUSPECT, f"filled for closed leads {gap:.0%} oftener than for open ones"),
        (_happens(design, i), Verdict.SUSPECT, "its levels say what happened to a lead, not what it is"),
    ]
    order = [Verdict.EXCLUDED, Verdict.SUSPECT]
    hits = sorted(((order.index(v), reason) for hit, v, reason in shown if hit), key=lambda pair: pair[0])
    if not hits:
        return None
    evidence = {
        "auc_alone": round(alone, 4),
        "few_buy": _evidence(field, few),
        "most_buy": _evidence(field, many),
        "filled_log_odds": round(filled, 2),
        "filled_share": round(share, 4),
        "filled_gap_closed_open": round(gap, 4),
    }
    return Finding(
        field.name, order[hits[0][0]], "; ".join(reason for rank, reason in hits if rank == hits[0][0]), evidence
    )


def _pure_reasons(field: Field, few: _Part, many: _Part) -> list[tuple[bool, Verdict, str]]:
    """What pure parts say. Both ends pure is graver than one."""
    none = f"{few.leads:.0%} of leads stand where next to none buy ({_names(field, few)})"
    most = f"{many.buyers:.0%} of buyers stand where nearly all buy ({_names(field, many)})"
    both = few.odds <= -NEARLY_PURE and few.leads >= NOTICEABLE / 2 and many.odds >= PURE and many.buyers >= NOTICEABLE
    return [
        (both, Verdict.EXCLUDED, f"{none}; {most}"),
        (few.odds <= -PURE and few.leads >= MATERIAL and not both, Verdict.EXCLUDED, none),
        (few.odds <= -NEARLY_PURE and few.leads >= 0.5 and few.odds > -PURE, Verdict.EXCLUDED, none),
        (many.odds >= PURE and many.buyers >= MATERIAL and not both, Verdict.EXCLUDED, most),
        (few.odds <= -NEARLY_PURE and few.leads >= NOTICEABLE, Verdict.SUSPECT, none),
        (many.odds >= STRONG_BUYERS and many.buyers >= NOTICEABLE, Verdict.SUSPECT, most),
    ]


def _parts(design: Design, i: int, bought: Flags, half: Flags) -> tuple[_Part, _Part, float]:
    """The part where few buy, the part where most do, and the AUC alone; each half judged by the other's codes."""
    base = float(logit(bought.mean()))
    few, many = np.zeros(design.rows, bool), np.zeros(design.rows, bool)
    score = np.zeros(design.rows)
    codes_few, codes_many = set[int](), set[int]()
    for seen in (half, ~half):
        leads, buyers = _tally(design, i, seen), _tally(design, i, seen & bought)
        share = (buyers + SMOOTH * bought.mean()) / (leads + SMOOTH)
        odds = logit(share) - base
        low, high = odds <= -NEARLY_PURE + 0.5, (odds >= STRONG_BUYERS - 0.8) & (share >= MOST_BUY)
        few[~seen], many[~seen] = _spread(design, i, low, ~seen) > 0, _spread(design, i, high, ~seen) > 0
        score[~seen] = _spread(design, i, odds, ~seen)
        codes_few |= set(np.flatnonzero(low & (leads > 0)).tolist())
        codes_many |= set(np.flatnonzero(high & (leads > 0)).tolist())
    alone = auc(bought, score)
    return _part(few, bought, base, True, codes_few), _part(many, bought, base, False, codes_many), alone


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


def _part(members: Flags, bought: Flags, base: float, few: bool, codes: set[int]) -> _Part:
    leads, buyers = int(members.sum()), int((members & bought).sum())
    if not leads:
        return _Part(0.0, 0.0, 0.0, ())
    bound = np.clip(_wilson(buyers, leads, upper=few), 1e-9, 1 - 1e-9)
    return _Part(float(logit(bound)) - base, leads / len(bought), buyers / int(bought.sum()), tuple(sorted(codes)))


def _wilson(hits: int, n: int, *, upper: bool) -> float:
    """The end of a share's 95 % interval (Wilson 1927)."""
    share, z2 = hits / n, Z95 * Z95
    centre = share + z2 / (2 * n)
    width = Z95 * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return float((centre + width if upper else centre - width) / (1 + z2 / n))


def _filled(given: Flags, bought: Flags) -> tuple[float, float]:
    """How much likelier, in log-odds, leads with a value buy, and how many have one; 0 where it may be chance."""
    share = float(given.mean())
    if not FILLED_LEAST <= share <= 1 - FILLED_LEAST:
        return 0.0, share
    a, b = int((given & bought).sum()) + 0.5, int((given & ~bought).sum()) + 0.5
    c, d = int((~given & bought).sum()) + 0.5, int((~given & ~bought).sum()) + 0.5
    odds, error = float(np.log(a * d / (b * c))), float(np.sqrt(1 / a + 1 / b + 1 / c + 1 / d))
    return (odds if odds > FILLED_Z * error else 0.0), share


def _happens(design: Design, i: int) -> bool:
    field = design.fields[i]
    if field.kind is not Kind.CATEGORY:
        return False
    counts = design.counts(i)[2:]
    return speaks_of_happenings({level: float(n) for level, n in zip(field.levels, counts, strict=True)})


def _names(field: Field, part: _Part) -> str:
    texts = [_code_name(field, code) for code in part.codes]
    return ", ".join(texts[:3]) + (", ..." if len(texts) > 3 else "")


def _code_name(field: Field, code: int) -> str:
    if field.kind is not Kind.TEXT:
        return code_text(field, code)
    return "not given" if code == 0 else field.labels[code - 1]


def _evidence(field: Field, part: _Part) -> dict[str, object]:
    return {
        "log_odds": round(part.odds, 2),
        "leads": round(part.leads, 4),
        "buyers": round(part.buyers, 4),
        "levels": [_code_name(field, code) for code in part.codes[:10]],
    }


def closed_against_open(
    columns: Mapping[str, Column], closed: Flags, created: NDArray[np.int64] | None, missing_words: frozenset[str]
) -> dict[str, float]:
    """By how much oftener each column is filled for closed leads than for open ones created in the same month.

    Empty where there are no open leads to compare with. Shapes (n,).
    """
    month = np.zeros(len(closed), np.int64) if created is None else created // (30 * 86_400)
    found, place = np.unique(month, return_inverse=True)
    shut, open_ = (np.bincount(place[who], minlength=len(found)) for who in (closed, ~closed))
    weight = np.where((shut >= GROUP) & (open_ >= GROUP), np.minimum(shut, open_), 0)
    if not weight.sum():
        return {}
    gaps = {}
    for name, column in columns.items():
        given = _given(column, missing_words)
        of_shut = np.bincount(place[closed], weights=given[closed], minlength=len(found)) / np.maximum(shut, 1)
        of_open = np.bincount(place[~closed], weights=given[~closed], minlength=len(found)) / np.maximum(open_, 1)
        gaps[name] = float(np.average(of_shut - of_open, weights=weight))
    return gaps


def _given(column: Column, missing_words: frozenset[str]) -> Flags:
    if isinstance(column, Numbers):
        return np.isfinite(column.values)
    filled = [v is not None and not (isinstance(v, str) and level_key(v) in missing_words) for v in column.values]
    return np.array([*filled, False])[column.index]

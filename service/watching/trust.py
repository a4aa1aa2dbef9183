"""Can the model be trusted now? Promises beside purchases: by score, by month, and in a sentence with its test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scoring.ratios import ratio_interval

from .calibration import Line, line_through
from .chance import unlikely, wilson
from .promises import Cell, Kept, by, total_of

ALPHA = 0.01
"""Chance of saying that a promise is broken that is kept: of a look a month, one in eight years."""

FEWEST_PROMISED = 10.0
"""Buyers promised from which on somebody can say: of fewer, half may stay away by chance."""

BANDS = (*(f"{low} to {low + 9}" for low in range(0, 90, 10)), "90 to 100")
"""Scores, ten by ten."""


class Verdict(StrEnum):
    """What became of a promise."""

    HOLDS = "holds"
    FEWER = "fewer"
    MORE = "more"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Share:
    """The leads of a band of scores; low, high: the 95 % interval of the share that bought."""

    kept: Kept
    low: float
    high: float

    @property
    def promised(self) -> float:
        """The share that was promised to buy."""
        return self.kept.promised / self.kept.leads

    @property
    def bought(self) -> float:
        """The share that bought."""
        return self.kept.bought / self.kept.leads


@dataclass(frozen=True, slots=True)
class Ratio:
    """Bought/promised of some leads with its 95 % interval; None where nothing was promised."""

    kept: Kept
    ratio: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Trust:
    """All that is known of the promises of leads whose time is up. chance: of being so far off were all promises true.

    turn: whether it gets worse, in words; empty where it does not.
    """

    verdict: Verdict
    total: Kept
    chance: float | None
    grades: Sequence[Kept]
    bands: Sequence[Share]
    whole: Ratio
    months: Sequence[Ratio]
    line: Line | None
    turn: str
    every: int = 1


def trust_of(cells: Sequence[Cell], every: int = 1) -> Trust:
    """What cells of matured leads tell. every: how many leads each of them stands for."""
    total = total_of([cell.kept for cell in cells])
    groups = [(cell.kept.leads, cell.kept.promised / cell.kept.leads) for cell in cells]
    chance = unlikely(total.bought, groups) if total.leads else None
    bands = by(cells, lambda cell: f"{min(cell.score // 10, 9)}")
    months = by(cells, lambda cell: cell.month)
    return Trust(
        verdict_of(total, chance),
        total,
        chance,
        by(cells, lambda cell: cell.grade),
        [Share(named, *wilson(kept.bought, kept.leads)) for kept in bands for named in [_band(kept)]],
        ratio_of(total),
        [ratio_of(month) for month in months],
        line_through(cells) if total.bought and total.bought < total.leads else None,
        turn_of(months, total),
        every,
    )


def _band(kept: Kept) -> Kept:
    return total_of([kept], BANDS[int(kept.name)])


def verdict_of(total: Kept, chance: float | None) -> Verdict:
    """What a test with this chance says of a promise."""
    if chance is not None and chance < ALPHA:
        return Verdict.FEWER if total.bought < total.promised else Verdict.MORE
    return Verdict.HOLDS if chance is not None and total.promised >= FEWEST_PROMISED else Verdict.UNKNOWN


def ratio_of(kept: Kept) -> Ratio:
    """Bought/promised with its interval."""
    if kept.promised <= 0:
        return Ratio(kept, None, None, None)
    return Ratio(kept, kept.bought / kept.promised, *ratio_interval(kept.bought, kept.promised, kept.squares))


def turn_of(months: Sequence[Kept], total: Kept) -> str:
    """Whether bought/promised falls or rises from month to month, by a score test of a straight line; in words."""
    if len(months) < 3 or not total.promised or not total.bought:
        return ""
    usual, noise = total.bought / total.promised, sum(m.noise for m in months)
    middle = sum(i * m.noise for i, m in enumerate(months)) / noise if noise else 0.0
    moved = sum((i - middle) * (m.bought - usual * m.promised) for i, m in enumerate(months))
    spread = math.sqrt(usual * sum((i - middle) ** 2 * m.noise for i, m in enumerate(months)))
    if not spread or math.erfc(abs(moved) / spread / math.sqrt(2)) >= ALPHA:
        return ""
    half = len(months) // 2
    before, after = total_of(months[:half]), total_of(months[half:])
    if not (before.promised and after.promised):
        return ""
    way = "falls" if moved < 0 else "rises"
    return (
        f"It {way}: of every 100 buyers promised, {100 * before.bought / before.promised:.0f} bought of those scored "
        f"before {months[half].name}, and {100 * after.bought / after.promised:.0f} of those scored since."
    )


def sentence_of(trust: Trust, days: int) -> str:
    """The answer in a sentence; only for leads of which there are some."""
    total = trust.total
    promised = f"{total.promised:,.1f} were promised"
    sample = f" (a sample, one lead in {trust.every})" if trust.every > 1 else ""
    seen = f"Of {total.leads:,} leads whose {days} days are up{sample}, {total.bought:,} bought; {promised}"
    if trust.verdict is Verdict.HOLDS:
        return f"{seen}: the promise holds."
    if trust.verdict is Verdict.UNKNOWN:
        return f"Nobody can say yet. {seen}: that is too few to tell, it takes {FEWEST_PROMISED:.0f} promised buyers."
    return f"{seen}: {trust.verdict} bought than promised. {odds_in_words(trust.chance or 0.0)}"


def odds_in_words(chance: float) -> str:
    """How seldom chance does so, in words.

    >>> odds_in_words(0.004), odds_in_words(1e-9)
    ('Chance alone does so once in 250 times.', 'Chance alone does so less than once in 1,000 times.')
    """
    if chance < 0.001:
        return "Chance alone does so less than once in 1,000 times."
    return f"Chance alone does so once in {1 / chance:,.0f} times."

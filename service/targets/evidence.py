"""What is known of each grade's leads: how often they buy, how soon, for how much; by the model where too few did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .counting import Bought, Matured, Open

GRADES = ("A", "B", "C", "D")

WORD = 10.0
"""Purchases as many of which weigh as much as the model's word: with ten of them the two halve the difference."""

CERTAIN = 0.99
"""No chance is larger, so that every one can be doubted."""


@dataclass(frozen=True, slots=True)
class OfGrade:
    """A grade's leads. base: the mean chance that the model gave to its matured leads, else gives to its open ones.

    bought: of the matured ones. values: how many purchases have a known value. value: the mean of a purchase, None
    where neither purchases nor the model know values.
    """

    grade: str
    open: Open
    matured: Matured
    bought: int
    base: float
    values: int
    value: float | None

    def conversion(self, ratio: float) -> tuple[float, float]:
        """The beta distribution of the share that buys, where all grades together buy `ratio` times as often."""
        word = min(CERTAIN, ratio * self.base)
        return WORD + self.bought, WORD * (1 - word) / word + max(0, self.matured.leads - self.bought)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a plan rests on. promised, bought: of all matured leads. spread: the squared coefficient of variation of
    deal values. waits: days from first score to purchase, horizon: days."""

    grades: Sequence[OfGrade]
    promised: float
    bought: int
    spread: float
    waits: Sequence[float]
    horizon: int

    @property
    def ratio(self) -> float:
        """How many times as often as promised leads bought, shrunk to once."""
        return (WORD + self.bought) / (WORD + self.promised)

    def share_of_open(self, days: float) -> float:
        """Of the purchases that open leads make within the horizon, the share that falls within so many days.

        An open lead has waited already, a long wait is met more often than a short one, and what is left of it is
        evenly spread: the forward recurrence time of a renewal process (Cox 1962, Renewal Theory, 5). Its chance to
        end within d days is the sum of min(wait, d) over the sum of min(wait, horizon).
        """
        inside = sum(min(wait, days) for wait in self.waits)
        whole = sum(min(wait, self.horizon) for wait in self.waits)
        return self._shrunk(inside / whole if whole else 0.0, days, len(self.waits))

    def share_of_new(self, days: float) -> float:
        """The same of leads that come in today: the share of purchases that came so soon."""
        known = [wait for wait in self.waits if wait <= self.horizon]
        return self._shrunk(sum(w <= days for w in known) / len(known) if known else 0.0, days, len(known))

    def _shrunk(self, share: float, days: float, count: int) -> float:
        """Evenly spread over the horizon, as long as too few purchases say otherwise."""
        if days >= self.horizon:
            return 1.0
        return (WORD * days / self.horizon + count * share) / (WORD + count)


def evidence_of(
    open_ones: Mapping[str, Open], matured: Mapping[str, Matured], purchases: Sequence[Bought], horizon: int
) -> Evidence:
    """Put what was counted together. horizon: days."""
    prompt = [p for p in purchases if p.matured and p.days <= horizon]
    buyers = {(p.lead_id, p.grade) for p in prompt}
    known = [p.value for p in purchases if p.value is not None]
    overall = sum(known) / len(known) if known else None
    grades = [
        _of_grade(
            grade,
            open_ones.get(grade, Open(0, 0.0, None)),
            matured.get(grade, Matured(0, 0.0)),
            sum(of == grade for _, of in buyers),
            [p.value for p in purchases if p.grade == grade and p.value is not None],
            overall,
        )
        for grade in GRADES
    ]
    waits = _first_waits([p for p in purchases if p.matured])
    return Evidence(
        [g for g in grades if g is not None],
        sum(m.promised for m in matured.values()),
        len(buyers),
        _spread_of(known),
        waits,
        horizon,
    )


def _of_grade(
    grade: str, now: Open, matured: Matured, bought: int, values: Sequence[float], overall: float | None
) -> OfGrade | None:
    """What is known of a grade, None where there never was a lead of it."""
    of = matured.promised / matured.leads if matured.leads else now.chances / now.leads if now.leads else 0.0
    if not of > 0.0:
        return None
    word = now.worth / now.chances if now.worth is not None and now.chances > 0 else overall
    value = None if word is None else (WORD * word + sum(values)) / (WORD + len(values))
    return OfGrade(grade, now, matured, bought, min(CERTAIN, of), len(values), value or None)


def _first_waits(purchases: Sequence[Bought]) -> list[float]:
    """Days until each lead's first purchase."""
    first: dict[str, float] = {}
    for purchase in purchases:
        first[purchase.lead_id] = min(purchase.days, first.get(purchase.lead_id, purchase.days))
    return sorted(first.values())


def _spread_of(values: Sequence[float]) -> float:
    """The squared coefficient of variation; 1, as of waiting times, as long as too few values say otherwise."""
    mean = sum(values) / len(values) if values else 0.0
    if mean <= 0:
        return 1.0
    variance = sum((v - mean) ** 2 for v in values) / len(values)
    return (WORD + len(values) * variance / mean**2) / (WORD + len(values))

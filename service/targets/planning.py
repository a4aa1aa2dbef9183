"""What is expected from the open leads until a day, and how many more leads it takes: with intervals of 90 %.

A simulation with dice of a fixed seed, so that the same counts give the same plan. Each of its rounds draws

- how often leads buy beside what was promised, of all grades together (gamma), and each grade's conversion around it
  (beta): observed purchases beside the model's own word, which counts as ten of them (empirical Bayes: Gelman et al.,
  Bayesian Data Analysis, 5). Open leads keep the chances that they have as of now, times conversion over promise;
- the share of purchases that falls before the day (beta around the observed one);
- the mean value of a purchase of each grade, and then the open leads that buy (binomial) and what they pay (gamma);
- for what is missing then, the purchases that it takes, a first passage of a renewal process (Cox 1962, Renewal
  Theory, 4), and the leads that it takes to make so many purchases (negative binomial): one gamma of the same mean and
  variance.

What it does not know: that the market turns, that leads come in later, that purchases come later than the horizon.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from .evidence import WORD, Evidence, OfGrade

ROUNDS = 1_000
SEED = 20_260_331
LOW, HIGH = 0.05, 0.95
"""What lies between is the interval of 90 %."""

FEW = 30.0
"""Fewer buyers than these are drawn one by one, more of them as a normal deviate."""

MOST = 1_000_000
"""More leads than these are no plan."""

BEYOND = 1e12
"""More leads than these are as many as any number."""


@dataclass(frozen=True, slots=True)
class Range:
    """A number, and where it lies in nine cases of ten."""

    about: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PlanOfGrade:
    """What a grade's open leads bring, and how many more leads of this grade alone close the gap.

    needed: None where they are more than a million, or where nothing is missing.
    """

    of: OfGrade
    conversion: float
    expected: Range
    needed: Range | None


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is said of a target, in its unit. chance: that reached and expected make the goal.

    share_of_open, share_of_new: of what leads buy within the horizon, what falls before the day.
    """

    goal: float
    reached: float
    expected: Range
    chance: float
    share_of_open: float
    share_of_new: float
    grades: Sequence[PlanOfGrade]

    @property
    def have(self) -> float:
        """The share of the goal that is reached or expected."""
        return (self.reached + self.expected.about) / self.goal

    @property
    def gap(self) -> float:
        """What is neither reached nor expected."""
        return max(0.0, self.goal - self.reached - self.expected.about)


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be planned: a goal in revenue, or in purchases, with so many days left."""

    goal: float
    reached: float
    days: float
    in_revenue: bool


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One round, by grade: what open leads bring, the chance of a new lead in time, the mean value of a purchase."""

    brings: Sequence[float]
    chances: Sequence[float]
    values: Sequence[float]


def planned(task: Task, evidence: Evidence, *, rounds: int = ROUNDS, seed: int = SEED) -> Plan:
    """The plan for a target with at least some time left. Grades whose value is not known are left out of revenue."""
    dice = Random(seed)
    grades = [g for g in evidence.grades if g.value is not None or not task.in_revenue]
    shares = evidence.share_of_open(task.days), evidence.share_of_new(task.days)
    drawn = [_round(dice, task, evidence, grades, shares) for _ in range(rounds)]
    wholes = [sum(one.brings) for one in drawn]
    points = [_expected(task, evidence, grade, shares[0]) for grade in grades]
    left = task.goal - task.reached
    return Plan(
        task.goal,
        task.reached,
        _range(sum(points), wholes),
        sum(whole >= left for whole in wholes) / rounds,
        *shares,
        [
            PlanOfGrade(
                grade,
                _mean(evidence.ratio, grade),
                _range(points[i], [one.brings[i] for one in drawn]),
                _needed(dice, task, evidence, i, list(zip(wholes, drawn, strict=True))),
            )
            for i, grade in enumerate(grades)
        ],
    )


def _value(task: Task, grade: OfGrade) -> float:
    return grade.value or 0.0 if task.in_revenue else 1.0


def _mean(ratio: float, grade: OfGrade) -> float:
    yes, no = grade.conversion(ratio)
    return yes / (yes + no)


def _expected(task: Task, evidence: Evidence, grade: OfGrade, share: float) -> float:
    """What a grade's open leads bring before the day."""
    bought = grade.open.chances * _mean(evidence.ratio, grade) / grade.base * share
    return min(float(grade.open.leads), bought) * _value(task, grade)


def _round(
    dice: Random, task: Task, evidence: Evidence, grades: Sequence[OfGrade], shares: tuple[float, float]
) -> _Drawn:
    spread, known = evidence.spread, WORD + len(evidence.waits)
    ratio = dice.gammavariate(WORD + evidence.bought, 1 / (WORD + evidence.promised))
    of_open, of_new = (_near(dice, share, known) for share in shares)
    brings, chances, values = [], [], []
    for grade in grades:
        conversion = dice.betavariate(*grade.conversion(ratio))
        value = _value(task, grade)
        if task.in_revenue:
            sure = (WORD + grade.values) / spread if spread > 0 else math.inf
            value = dice.gammavariate(sure, value / sure) if sure < math.inf else value
        bought = grade.open.chances * conversion / grade.base * of_open
        buyers = binomial(dice, grade.open.leads, bought / grade.open.leads if grade.open.leads else 0.0)
        brings.append(_paid(dice, buyers, value, spread if task.in_revenue else 0.0))
        chances.append(conversion * of_new)
        values.append(value)
    return _Drawn(brings, chances, values)


def _near(dice: Random, share: float, known: float) -> float:
    """A share as it may be in truth, where so many purchases show it."""
    return dice.betavariate(known * share, known * (1 - share)) if 0.0 < share < 1.0 else share


def binomial(dice: Random, count: int, chance: float) -> int:
    """How many of so many do what each does by chance.

    >>> binomial(Random(1), 10, 0.0), binomial(Random(1), 10, 1.0), 0 < binomial(Random(1), 10_000, 0.5) < 10_000
    (0, 10, True)
    """
    chance = min(1.0, chance)
    if chance > 0.5:
        return count - binomial(dice, count, 1 - chance)
    mean = count * chance
    if mean > FEW:
        return min(count, max(0, round(dice.gauss(mean, math.sqrt(mean * (1 - chance))))))
    if chance * count < 1e-12:
        return 0
    found, place, fails = 0, 0, math.log1p(-chance)
    while True:  # from one that does to the next: the gaps are geometric (Devroye 1986, X.4)
        place += int(math.log(1.0 - dice.random()) / fails) + 1
        if place > count:
            return found
        found += 1


def _paid(dice: Random, buyers: int, value: float, spread: float) -> float:
    """What so many purchases add up to: gammas of one scale add up to a gamma."""
    if not buyers or spread <= 0.0 or value <= 0.0:
        return buyers * value
    return dice.gammavariate(buyers / spread, value * spread)


def _needed(
    dice: Random, task: Task, evidence: Evidence, place: int, drawn: Sequence[tuple[float, _Drawn]]
) -> Range | None:
    spread, left = evidence.spread if task.in_revenue else 0.0, task.goal - task.reached
    found = sorted(
        _leads(dice, left - whole, one.values[place], one.chances[place], spread) if whole < left else 0.0
        for whole, one in drawn
    )
    about, low, high = (_at(found, share) for share in (0.5, LOW, HIGH))
    return Range(about, low, high) if 0.0 < high <= MOST else None


def _leads(dice: Random, gap: float, value: float, chance: float, spread: float) -> float:
    """Leads that it takes until their purchases fill a gap."""
    if value <= 0.0 or chance <= 0.0 or gap > value * chance * BEYOND:
        return math.inf  # minutes before the end of the last day, and before squares overflow
    purchases = gap / value + (1 + spread) / 2 if spread > 0.0 else float(math.ceil(gap / value))
    varies = spread * gap / value
    mean = purchases / chance
    variance = (purchases * (1 - chance) + varies) / chance**2
    return float(math.ceil(dice.gammavariate(mean**2 / variance, variance / mean) if variance > 0 else mean))


def _range(about: float, drawn: Sequence[float]) -> Range:
    ordered = sorted(drawn)
    return Range(about, min(about, _at(ordered, LOW)), max(about, _at(ordered, HIGH)))


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

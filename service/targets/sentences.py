"""The answer in one sentence."""

from __future__ import annotations

from datetime import date

from .answering import Answer, WhyNot
from .goals import Goal
from .planning import Plan, PlanOfGrade, Range

NAMED = 2
"""Grades by which a sentence says what is missing: the best ones."""


def sentence_of(answer: Answer) -> str:
    """How far sales is, in words."""
    goal, won = answer.goal, answer.reached
    if goal is None or won is None:
        return "No target is set."
    last, of = day_in_words(goal.until), amount_in_words(goal, goal.amount, answer.currency)
    done = won.revenue if goal.revenue is not None else float(won.purchases)
    reached = f"{amount_in_words(goal, done, answer.currency)} of {of} is reached"
    if answer.why_not is WhyNot.OVER:
        return f"The last day, {last}, is over: {reached}, {share_in_words(done / goal.amount)}."
    if done >= goal.amount:
        return f"The target is reached: {amount_in_words(goal, done, answer.currency)} of {of} by {last}."
    if answer.why_not is WhyNot.NO_LEADS:
        return f"{_begun(reached)}. What open leads will bring cannot be said: no lead is scored yet."
    if answer.plan is None:
        return (
            f"{_begun(reached)}. What open leads will bring cannot be said: neither a purchase nor the model tells "
            "what a purchase is worth. Set a target in purchases instead."
        )
    return f"You have {share_in_words(answer.plan.have)} of what you need by {last}: {_missing(answer.plan)}."


def expected_in_words(answer: Answer) -> str | None:
    """What the open leads bring where there is no day to plan for: `about 410,000 EUR within 90 days`."""
    if answer.outlook is None:
        return None
    found, currency = answer.outlook.plan.expected, answer.currency if answer.outlook.in_revenue else None
    about, low, high = (f"{float(f'{value:.3g}'):,.0f}" for value in (found.about, found.low, found.high))
    unit = f" {currency}" if currency else ""
    if not answer.outlook.in_revenue:
        unit = f" purchase{'' if about == '1' else 's'}"
    return f"about {about}{unit} within {answer.horizon} days, and in nine cases of ten {low} to {high}"


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def _missing(plan: Plan) -> str:
    if plan.have >= 1:
        return f"the open leads hold the target in {_in_a_hundred(plan.chance)} of 100 cases"
    ways = [_leads(g, more=not i) for i, g in enumerate([g for g in plan.grades if g.needed is not None][:NAMED])]
    if not ways:
        return "more leads are missing than there will be"
    return f"about {', or '.join(ways)}, if they came in today"


def _leads(grade: PlanOfGrade, *, more: bool) -> str:
    assert grade.needed is not None
    words = f"{'more ' if more else ''}{grade.of.grade} lead{'' if grade.needed.about == 1 else 's'}"
    return f"{grade.needed.about:,.0f} {words} ({between(grade.needed)})"


def between(found: Range) -> str:
    """`between 22 and 47`."""
    return f"between {found.low:,.0f} and {found.high:,.0f}"


def share_in_words(share: float) -> str:
    """A share of the target: 100 % only where it is all.

    >>> share_in_words(0.9999), share_in_words(1.124), share_in_words(0.0001)
    ('99 %', '112 %', '0 %')
    """
    return f"{int(share * 100 + 1e-9) if share >= 0.99 else round(share * 100)} %"


def _in_a_hundred(chance: float) -> int:
    return min(99, max(1, round(chance * 100)))


def amount_in_words(goal: Goal, value: float, currency: str | None) -> str:
    """`500,000 EUR` to three figures, or `12 purchases`."""
    if goal.revenue is None:
        return f"{value:,.0f} purchase{'' if round(value) == 1 else 's'}"
    whole = float(f"{value:.3g}")
    return f"{whole:,.0f} {currency}" if currency else f"{whole:,.0f}"


def day_in_words(day: date) -> str:
    """`31 March 2026`."""
    return f"{day.day} {day:%B %Y}"

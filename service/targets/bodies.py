"""A target and its plan as plain data."""

from __future__ import annotations

from typing import Any

from service.champion import MODEL
from service.moments import text_of_micros

from .answering import Answer
from .goals import SetGoal
from .planning import Plan, PlanOfGrade, Range
from .sentences import sentence_of


def answer_body(answer: Answer) -> dict[str, Any]:
    """All that is said of the target that counts."""
    won = answer.reached
    return {
        "target": goal_body(answer.history[0]) if answer.history else None,
        "says": sentence_of(answer),
        "why_not": answer.why_not,
        "currency": answer.currency,
        "model": {"name": MODEL, "version": answer.model},
        "horizon_days": answer.horizon,
        "days_left": round(answer.days_left, 3),
        "reached": won and {"purchases": won.purchases, "revenue": won.revenue, "without_value": won.unvalued},
        "plan": answer.plan and _plan_body(answer.plan),
        "history": [goal_body(one) for one in answer.history],
    }


def goal_body(one: SetGoal) -> dict[str, Any]:
    """A target, with who set it and when."""
    goal = one.goal
    return {
        "revenue": goal.revenue,
        "purchases": goal.purchases,
        "since": goal.since.isoformat(),
        "until": goal.until.isoformat(),
        "set_at": text_of_micros(one.at),
        "set_by": one.by,
    }


def _plan_body(plan: Plan) -> dict[str, Any]:
    return {
        "have": plan.have,
        "gap": plan.gap,
        "chance": plan.chance,
        "expected": _range_body(plan.expected),
        "share_of_open": plan.share_of_open,
        "share_of_new": plan.share_of_new,
        "grades": [_grade_body(grade) for grade in plan.grades],
    }


def _grade_body(grade: PlanOfGrade) -> dict[str, Any]:
    of = grade.of
    return {
        "grade": of.grade,
        "open": of.open.leads,
        "conversion": grade.conversion,
        "matured": of.matured.leads,
        "bought": of.bought,
        "promised": of.matured.promised,
        "mean_value": of.value,
        "expected": _range_body(grade.expected),
        "needed": grade.needed and _whole_body(grade.needed),
    }


def _range_body(found: Range) -> dict[str, float]:
    return {"about": found.about, "low": found.low, "high": found.high}


def _whole_body(found: Range) -> dict[str, int]:
    return {"about": round(found.about), "low": round(found.low), "high": round(found.high)}

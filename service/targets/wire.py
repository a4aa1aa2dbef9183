"""The shapes of targets on the wire; bodies are read in `asked`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from service.handover.wire import Day
from service.lead_wire import ListedModel
from service.wire import Moment, Strict

from .asked import MOST_PURCHASES, SINCE_RULE, UNTIL_RULE

Share = Annotated[float, Field(ge=0)]


class TargetToSet(Strict):
    """What is to be won: one of revenue and purchases."""

    revenue: Annotated[float | None, Field(gt=0, lt=1e15, description="in the currency of the deals")] = None
    purchases: Annotated[int | None, Field(ge=1, le=MOST_PURCHASES)] = None
    since: Annotated[Day | None, Field(description=SINCE_RULE)] = None
    until: Annotated[Day, Field(description=UNTIL_RULE)]


class Target(BaseModel):
    """A target; both days are included, where the team works."""

    revenue: float | None
    purchases: int | None
    since: Day
    until: Day
    set_at: Moment
    set_by: str


class Interval(BaseModel):
    """A number, and where it lies in nine cases of ten."""

    about: float
    low: float
    high: float


class Leads(BaseModel):
    """How many leads; as many are enough in one case of two, `low` in one of twenty, `high` in nineteen of twenty."""

    about: int
    low: int
    high: int


class ReachedTarget(BaseModel):
    """What was won from the target's first day on."""

    purchases: int
    revenue: float
    without_value: Annotated[int, Field(description="purchases whose value nobody said: they are not in revenue")]


class GradePlan(BaseModel):
    """Leads of one grade."""

    grade: Literal["A", "B", "C", "D"]
    open: int
    conversion: Annotated[float, Field(ge=0, le=1, description="of leads that come in, within the horizon")]
    matured: Annotated[int, Field(description="leads whose first score is a horizon old, on which conversion rests")]
    bought: Annotated[int, Field(description="how many of these bought within the horizon")]
    promised: Annotated[float, Field(description="the sum of the chances that they were given")]
    mean_value: Annotated[float | None, Field(description="of a purchase")]
    expected: Annotated[Interval, Field(description="what the open ones bring until the day")]
    needed: Annotated[
        Leads | None, Field(description="more leads of this grade alone; null for none, or over a million")
    ]


class TargetPlan(BaseModel):
    """What the open leads bring, and what is missing; in revenue or in purchases, as the target is."""

    have: Annotated[Share, Field(description="the share of the target that is reached or expected")]
    gap: float
    chance: Annotated[float, Field(ge=0, le=1, description="that reached and expected make the target")]
    expected: Interval
    share_of_open: Annotated[
        float, Field(ge=0, le=1, description="of what open leads buy within the horizon, what they buy before the day")
    ]
    share_of_new: Annotated[float, Field(ge=0, le=1, description="the same of leads that come in today")]
    grades: list[GradePlan]


class TargetAnswer(BaseModel):
    """How far sales is."""

    target: Target | None
    says: str
    why_not: Annotated[
        Literal["no_target", "over", "no_leads", "no_values"] | None, Field(description="why there is no plan")
    ]
    currency: str | None
    model: ListedModel
    horizon_days: int
    days_left: float
    reached: ReachedTarget | None
    plan: TargetPlan | None
    history: Annotated[list[Target], Field(description="the last twenty, the one that counts first")]

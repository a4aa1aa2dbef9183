"""The shapes on the wire as models, for the OpenAPI document and its readers; bodies are read in `asked`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Value = str | bool | int | float | None
MOMENT = (
    r"^(19|2[01])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?)?$"
)
Moment = Annotated[
    str,
    Field(
        pattern=MOMENT,
        description="ISO 8601, from 1900 to 2199; a naive time is UTC, a date alone the end of its day",
        examples=["2026-01-31T09:30:00Z"],
    ),
]
LeadId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="the CRM's own id, compared verbatim",
        examples=["00Q5g-0017"],
    ),
]
Fields = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=1000)], Value],
    Field(
        description="what is known of the lead, by field; unknown names are warned of",
        max_length=1000,
        examples=[{"Lead source": "referral", "Employees": 120, "Do not call": False, "Job title": "VP Sales"}],
    ),
]


Short = Annotated[str, Field(min_length=1, max_length=1000)]


class Strict(BaseModel):
    """Refuses keys that it does not name."""

    model_config = ConfigDict(extra="forbid")


class Activity(Strict):
    """Something that happened to a lead at a time."""

    kind: Annotated[str, Field(min_length=1, max_length=200, examples=["demo"])]
    at: Moment
    amount: float | None = None


class LeadToScore(Strict):
    """A lead to score now; nothing of it is stored."""

    id: LeadId
    fields: Fields
    created_at: Moment | None = None
    activities: Annotated[list[Activity] | None, Field(max_length=1000)] = None
    as_of: Annotated[
        Moment | None,
        Field(description="the moment for which the lead is looked at; now where it is left out"),
    ] = None


class LeadsToScore(Strict):
    """Many leads to score now."""

    leads: Annotated[list[LeadToScore], Field(min_length=1, max_length=1000)]


class Model(BaseModel):
    """The published model that made a score."""

    name: Literal["leadrank"]
    version: Annotated[str, Field(examples=["3"])]


class Reason(BaseModel):
    """One term's part in a score: one field or the two of a pair. +10 points double the odds of buying."""

    fields: Annotated[list[str], Field(examples=[["Lead source"]])]
    values: Annotated[list[Value], Field(examples=[["referral"]])]
    points: Annotated[float, Field(examples=[12.98])]
    text: Annotated[str, Field(examples=["Lead source: Referral"])]
    fact: Annotated[str | None, Field(examples=["41 % of 300 such leads bought; 17 % of all"])]


class Score(BaseModel):
    """A score with its reasons."""

    id: LeadId
    score: Annotated[
        int,
        Field(
            ge=0,
            le=100,
            description="the share of reference leads that are less likely to buy, in percent",
            examples=[87],
        ),
    ]
    probability: Annotated[float, Field(ge=0, le=1, description="of buying within the horizon", examples=[0.41])]
    horizon_days: Annotated[int | None, Field(examples=[90])]
    grade: Literal["A", "B", "C", "D"]
    readiness: Annotated[
        Literal["now", "later", "browsing"] | None, Field(description="null where the model has no short horizon")
    ]
    expected_value: Annotated[float | None, Field(description="null where the history has no values")]
    trend: Literal["improving", "steady", "declining", "not_enough_information"]
    reasons: list[Reason]
    model: Model
    as_of: Moment
    warnings: Annotated[list[str], Field(examples=[["unseen:Lead source", "missing:Employees", "unknown:Shoe size"]])]


class Fault(BaseModel):
    """One broken rule."""

    field: Annotated[str, Field(examples=["fields.Employees"])]
    rule: Annotated[str, Field(examples=["a finite number"])]


class Problem(BaseModel):
    """An error (RFC 9457). It names field and rule and never repeats the value that was sent."""

    type: Annotated[str, Field(examples=["urn:leadrank:problem:broken-rule"])]
    title: Annotated[str, Field(examples=["Unprocessable Entity"])]
    status: Annotated[int, Field(examples=[422])]
    detail: Annotated[str, Field(examples=["fields.Employees: a finite number"])]
    into: Annotated[str | None, Field(description="the lead that this one was joined into")] = None
    errors: list[Fault] | None = None


class BatchScore(Score):
    """A lead of a batch that was scored."""

    status: Literal[200]
    error: None


class BatchFailure(BaseModel):
    """A lead of a batch that broke a rule or may not be scored; id is null where that is what broke a rule."""

    id: str | None
    status: Literal[409, 410, 422]
    error: Problem


class BatchScores(BaseModel):
    """The scores of many leads, in the order of the request."""

    num_errors: int
    results: list[BatchScore | BatchFailure]


class SchemaField(BaseModel):
    """One field that the model looks at."""

    name: Annotated[str, Field(examples=["Lead source"])]
    kind: Literal["number", "category", "flag", "date", "text", "email"]
    counted_from: Annotated[
        Literal["activities", "created_at"] | None,
        Field(description="what it is counted from, as of the moment; null for a field that is sent"),
    ]
    levels: Annotated[list[str], Field(description="the levels that it knows", examples=[["Referral", "Web search"]])]
    words: Annotated[list[str], Field(description="of a text: the words that it knows")]
    edges: Annotated[list[float], Field(description="of a number or of a date's age in days: where its bins begin")]
    decimal: Annotated[str | None, Field(description="of a number written as text: its decimal sign")]
    missing_points: Annotated[float, Field(description="what leaving it out costs or earns by itself")]
    warns_when_missing: bool


class Schema(BaseModel):
    """What the model wants to know."""

    model: Model
    horizon_days: int | None
    fields: list[SchemaField]
    read_as_missing: Annotated[list[str], Field(description="texts that count as no value, in any case")]


class Alive(BaseModel):
    """The process runs."""

    status: Literal["alive"]


class Ready(BaseModel):
    """Leads can be scored and stored; degraded: by an older model than the shelf's champion, and why."""

    status: Literal["ready", "degraded"]
    reason: str | None
    model: Model

"""The shapes of events, changed scores and models on the wire, for the OpenAPI document; bodies are read in `asked`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from service.lead_wire import FailedOfMany, LeadWithStory, Override
from service.wire import LeadId, Model, Moment, Short, Strict

EventId = Annotated[
    str, Field(min_length=1, max_length=200, description="the sender's own; a repeat is taken once", examples=["evt-1"])
]
Value = Annotated[float | None, Field(ge=0, lt=1e15)]


class _Event(Strict):
    event_id: EventId
    lead_id: LeadId


class ActivityOfLead(_Event):
    """Something that a lead did. `occurred_at` is another name of `at`."""

    at: Moment | None = None
    occurred_at: Moment | None = None
    kind: Annotated[str, Field(min_length=1, max_length=200, examples=["demo"])]
    amount: Annotated[float | None, Field(ge=-1e15, lt=1e15)] = None


class Outcome(_Event):
    """What became of a lead; `open` takes it up again. Of one deal_id the last word counts."""

    at: Moment | None = None
    occurred_at: Moment | None = None
    outcome: Literal["won", "lost", "open"]
    value: Value = None
    reason: Short | None = None
    deal_id: Annotated[str | None, Field(min_length=1, max_length=200)] = None


class Feedback(_Event):
    """What a salesperson says of a lead."""

    at: Moment | None = None
    occurred_at: Moment | None = None
    feedback: Literal["accepted", "refused", "not_now", "won", "lost", "withdrawn"]
    value: Value = None
    reason: Short | None = None
    until: Annotated[Moment | None, Field(description="with not_now: when to ask again")] = None
    deal_id: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    withdraws: Annotated[
        str | None, Field(min_length=1, max_length=200, description="with withdrawn: the event_id that is taken back")
    ] = None


class Activities(Strict):
    """Many activities."""

    activities: Annotated[list[ActivityOfLead], Field(min_length=1, max_length=1000)]


class Outcomes(Strict):
    """Many outcomes."""

    outcomes: Annotated[list[Outcome], Field(min_length=1, max_length=1000)]


class ManyFeedback(Strict):
    """Much feedback."""

    feedback: Annotated[list[Feedback], Field(min_length=1, max_length=1000)]


class TakenEvent(BaseModel):
    """An event that was taken in; repeated: it was known."""

    event_id: EventId
    lead_id: LeadId
    stored: Literal["accepted", "repeated"]


class TakenOfMany(BaseModel):
    """An event of a batch that was taken in."""

    id: EventId
    status: Literal[200, 201]
    stored: Literal["accepted", "repeated"]
    error: None


class TakenEvents(BaseModel):
    """What became of many events, in the order of the request."""

    num_errors: int
    results: list[TakenOfMany | FailedOfMany]


class OverrideOrder(Strict):
    """A person's word on a lead's place in the day's list and the handover."""

    place: Annotated[Literal["first", "held"], Field(description="before all others, or behind and not handed over")]
    reason: Short
    until: Annotated[Moment, Field(description="at most 90 days ahead; a day alone means its end")]


class Overridden(BaseModel):
    """A lead, and the word that stands on its place; null where its score decides."""

    id: LeadId
    override: Override | None


class Duplicates(Strict):
    """Leads that are the same as the one of the address."""

    duplicates: Annotated[list[LeadId], Field(min_length=1, max_length=100)]


class LeadAfterMerge(LeadWithStory):
    """The lead that the duplicates were joined into."""

    joined: Annotated[list[str], Field(description="the ids that lead to it now")]


class Objection(BaseModel):
    """Whether a lead may be scored."""

    id: LeadId
    do_not_score: bool


class ChangedScore(BaseModel):
    """A score that differed from the one before it."""

    id: LeadId
    score: int
    probability: float
    grade: Literal["A", "B", "C", "D"]
    expected_value: float | None
    readiness: Literal["now", "later", "browsing"] | None
    model: Model
    as_of: Moment


class Since(BaseModel):
    """Where to go on from, now or later."""

    since: str


class SincePaging(BaseModel):
    """Always there: ask again with it."""

    next: Since


class ChangedScores(BaseModel):
    """Changed scores in the order of their change; more: whether there are more just now."""

    results: list[ChangedScore]
    more: bool
    paging: SincePaging


class ModelLine(BaseModel):
    """A published model in short; fault: why it does not open."""

    version: str
    role: Literal["champion", "challenger", ""]
    created_at: str | None
    rows: int | None
    buyers: int | None
    auc: float | None
    decision: str | None
    fault: str | None


class ModelList(BaseModel):
    """All published models, the oldest first."""

    champion: str | None
    challenger: str | None
    fault: str | None
    models: list[ModelLine]


class ModelDetail(BaseModel):
    """A published model."""

    version: str
    champion: bool
    created_at: str
    sha256: str
    fields: list[dict[str, str]]
    pairs: list[list[str]]
    about: dict[str, Any]
    history: list[dict[str, Any]]


class ReasonToChange(Strict):
    """Why another model is to serve; the body may be left out."""

    reason: Annotated[str | None, Field(max_length=500, description="kept with the change, for who reads it later")] = (
        None
    )


class ChangedChampion(BaseModel):
    """Who serves now, and who did before. Running services take it within two seconds."""

    before: str | None
    champion: str

"""The shapes of kept leads on the wire, for the OpenAPI document and its readers; bodies are read in `asked`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from .wire import Fields, LeadId, Moment, Problem, Reason, Short, Strict


class Display(Strict):
    """What people see of a lead; never learned from."""

    name: Short | None = None
    phone: Short | None = None
    email: Short | None = None
    link: Annotated[Short | None, Field(description="the lead in the CRM, http or https")] = None


class LeadChange(Strict):
    """Some fields of a lead; the others stay."""

    id: Annotated[LeadId | None, Field(description="the same as in the address, or left out")] = None
    fields: Fields = Field(default_factory=dict)
    created_at: Moment | None = None
    updated_at: Annotated[Moment | None, Field(description="when this was true: older news never undo newer")] = None
    owner: Annotated[Short | None, Field(description="whose lead it is")] = None
    territory: Annotated[Short | None, Field(description="whose lead it is where it has no owner")] = None
    company: Short | None = None
    display: Display | None = None


class LeadToKeep(LeadChange):
    """A lead to store; it replaces what is stored under its id, as far as that is not newer."""

    fields: Fields


class LeadOfMany(LeadChange):
    """A lead of a batch."""

    id: LeadId


class LeadsToKeep(Strict):
    """Many leads to store. merge: as PATCH does, so that fields which are not sent stay; else as PUT."""

    leads: Annotated[list[LeadOfMany], Field(min_length=1, max_length=1000)]
    merge: bool = False


class ListedModel(BaseModel):
    """The version that the list shows; null while nothing is listed."""

    name: Literal["leadrank"]
    version: str | None


class KeptModel(BaseModel):
    """The published model that made a score; null where the lead is not scored."""

    name: Literal["leadrank"]
    version: str | None


State = Literal["new", "handed_over", "accepted", "refused", "not_now", "won", "lost", "bought_again"]
NOT_SCORED = "null where the lead is not scored"


class KeptScore(BaseModel):
    """A kept lead and its score. Where it is not scored, its score is null and `warnings` has `not_scored`."""

    id: LeadId
    score: Annotated[int | None, Field(ge=0, le=100, description=NOT_SCORED)]
    probability: Annotated[float | None, Field(ge=0, le=1, description=NOT_SCORED)]
    horizon_days: int | None
    grade: Literal["A", "B", "C", "D"] | None
    readiness: Literal["now", "later", "browsing"] | None
    expected_value: float | None
    trend: Annotated[
        Literal["improving", "steady", "declining", "not_enough_information"],
        Field(description="within a week, by one version of the model; 5 points or more are a change"),
    ]
    reasons: list[Reason]
    model: KeptModel
    as_of: Moment | None
    warnings: list[str]
    created_at: Moment | None
    updated_at: Moment | None
    owner: str | None
    handed_to: Annotated[str | None, Field(description="the seller of the last handover")]
    territory: str | None
    company: str | None
    display: Display
    state: State
    state_since: Moment | None


class KeptLead(KeptScore):
    """A kept lead: its fields, and the points of all terms, which with the base add up to the total."""

    fields: Fields
    base_points: float | None
    total_points: Annotated[
        float | None, Field(description="the calibrated log-odds of buying; 10 points are a factor of two")
    ]
    points: list[Reason]
    do_not_score: bool
    state_reason: str | None
    state_until: Moment | None
    wins: int
    won_value: float | None


class Told(BaseModel):
    """Something that happened to a lead, or that was said of it."""

    at: Moment
    what: Literal["activity", "outcome", "feedback", "handover"]
    kind: str
    amount: float | None
    event_id: str
    reason: str | None = None
    by: str | None = None
    deal_id: str | None = None


class PastScore(BaseModel):
    """A score of an earlier day."""

    as_of: Moment
    score: int
    grade: Literal["A", "B", "C", "D"]
    probability: float
    expected_value: float | None
    model: KeptModel


class Override(BaseModel):
    """A person's word on a lead's place, against its score, until a moment."""

    place: Literal["first", "held"]
    reason: str
    until: Moment
    by: str


class LeadWithStory(KeptLead):
    """A kept lead, what happened to it, and how its score went: the newest 200 of each first."""

    override: Annotated[Override | None, Field(description="null where its score decides")]
    timeline: list[Told]
    score_history: list[PastScore]


class StoredLead(KeptLead):
    """What became of a lead that was sent."""

    stored: Literal["created", "replaced", "merged", "ignored"]
    detail: Annotated[str | None, Field(description="why it was ignored")]


class Next(BaseModel):
    """Where the list goes on."""

    after: str


class Paging(BaseModel):
    """null on the last page."""

    next: Next | None


class RankedList(BaseModel):
    """A page of the ranked list; all of it is of one model version."""

    model: ListedModel
    results: list[KeptScore]
    paging: Paging


class KeptOfMany(BaseModel):
    """A lead of a batch that was taken in, with its score."""

    id: LeadId
    status: Literal[200, 201]
    stored: Literal["created", "replaced", "merged", "ignored"]
    error: None
    score: int | None
    grade: Literal["A", "B", "C", "D"] | None
    probability: float | None
    expected_value: float | None
    readiness: Literal["now", "later", "browsing"] | None


class FailedOfMany(BaseModel):
    """A lead or an event of a batch that was not taken in; id is null where that is what broke a rule."""

    id: str | None
    status: Literal[409, 410, 422]
    error: Problem


class ManyKept(BaseModel):
    """What became of many leads, in the order of the request; all scores are of one version."""

    num_errors: int
    model: ListedModel
    results: list[KeptOfMany | FailedOfMany]

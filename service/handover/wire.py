"""The shapes of sellers, handovers and the nurture list on the wire; bodies are read in `asked`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.lead_wire import KeptScore, ListedModel, Paging, State
from service.wire import LeadId, Moment, Short, Strict

Day = Annotated[
    str,
    Field(
        pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$|^(19|20|21)[0-9]{2}-(0[13-9]|1[0-2])-(29|30)$"
        r"|^(19|20|21)[0-9]{2}-(0[13578]|1[02])-31$|^(19|20|21)[0-9]{2}-02-29$",
        description="a day of the team's time zone",
        examples=["2026-03-02"],
    ),
]


StaysBecause = Literal[
    "held_back",
    "refused",
    "not_now",
    "not_yet",
    "later",
    "browsing",
    "no_capacity",
    "owner_away",
    "owner_is_no_seller",
    "no_seller",
    "no_seller_of_product",
]


class Away(Strict):
    """An absence; both days are included."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: Annotated[Day, Field(alias="from")]
    until: Day


class SellerToKeep(Strict):
    """A seller as he is from now on; the name is that of the address."""

    name: str | None = None
    capacity_per_week: Annotated[int, Field(ge=0, le=1000, description="new calls a week")]
    territories: Annotated[
        list[Short], Field(default_factory=list, max_length=100, description="none: leads that no territory claims")
    ]
    products: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=100)]],
        Field(default_factory=list, max_length=20, description="none: leads about whatever it may be"),
    ]
    away: Away | None = None


class Seller(BaseModel):
    """A seller."""

    name: str
    capacity_per_week: int
    territories: list[str]
    products: list[str]
    away: Away | None


class SellerToday(Seller):
    """A seller, and the calls that he has room for today."""

    room_today: int


class Sellers(BaseModel):
    """All sellers by name."""

    results: list[SellerToday]


class StoredSeller(Seller):
    """What became of a seller that was sent."""

    stored: Literal["created", "replaced"]


class RemovedSeller(BaseModel):
    """A seller who is no more."""

    name: str
    given_back: Annotated[int, Field(description="leads that lay there by a handover alone")]


class HandoverOrder(Strict):
    """How to hand over."""

    dry_run: Annotated[bool, Field(description="say what would be handed over, and do nothing")] = False


class LeftOut(BaseModel):
    """How many open leads were not handed over, and why: of each the `why` that the nurture list says."""

    later: Annotated[int, Field(description="could be called, and are likely to buy later than soon")] = 0
    browsing: Annotated[int, Field(description="could be called, and are not likely to buy")] = 0
    no_capacity: Annotated[int, Field(description="could be called; the sellers they are for are full")] = 0
    owner_away: int = 0
    owner_is_no_seller: int = 0
    no_seller: Annotated[int, Field(description="nobody is there for the territory, and none without territories")] = 0
    no_seller_of_product: Annotated[int, Field(description="nobody who is there sells its product")] = 0
    not_now: Annotated[int, Field(description="asked to be left alone until a moment that is to come")] = 0
    not_yet: Annotated[int, Field(description="given today already, or with a date that is to come")] = 0
    refused: int = 0
    held_back: Annotated[int, Field(description="held back by a person until a moment that is to come")] = 0
    objected: Annotated[int, Field(description="objected to being scored: on no list")] = 0


class OfSeller(BaseModel):
    """How many leads a seller got."""

    seller: str
    leads: int


class GivenLead(BaseModel):
    """A lead that was handed over, with the score that it had."""

    lead_id: LeadId
    seller: str
    event_id: str
    at: Moment
    expected_value: float | None
    probability: float
    score: int
    grade: Literal["A", "B", "C", "D"]
    readiness: Literal["now", "later", "browsing"] | None
    model: ListedModel


class Handover(BaseModel):
    """What one run handed over, the best first. All of it is of one model version."""

    day: Day
    dry_run: bool
    model: ListedModel
    handed: int
    sellers: list[OfSeller]
    left_out: LeftOut
    results: list[GivenLead]


class Run(BaseModel):
    """A run of a day."""

    at: Moment
    by: str
    handed: int
    left_out: LeftOut


class WaitingLeads(BaseModel):
    """Leads that were handed over on any day and not answered."""

    leads: int
    overdue: Annotated[int, Field(description="waiting for more than `answer_within_hours`")]
    answer_within_hours: int


class GivenLeadNow(GivenLead):
    """A lead that was handed over, and where it stands now."""

    company: str | None
    state: State
    waiting_seconds: Annotated[int | None, Field(description="null where it was answered")]
    overdue: bool


class HandoversOfDay(BaseModel):
    """What was handed over on a day."""

    day: Day
    runs: list[Run]
    sellers: list[OfSeller]
    waiting: WaitingLeads
    results: list[GivenLeadNow]
    paging: Paging


class NurturedLead(KeptScore):
    """A lead that stays with marketing."""

    why: StaysBecause
    state_reason: str | None
    look_again: Annotated[str | None, Field(description="a moment, or a day; null where there is no date")]


class NurtureList(BaseModel):
    """A page of the nurture list; all of it is of one model version."""

    model: ListedModel
    results: list[NurturedLead]
    paging: Paging

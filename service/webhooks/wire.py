"""The shapes of webhooks on the wire, for the OpenAPI document; bodies are read in `asked`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.lead_wire import Paging
from service.wire import Moment

EventType = Literal["lead.handed_over", "lead.grade_changed", "model.promoted"]


class EndpointToAdd(BaseModel):
    """Where to send, and what."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(min_length=1, max_length=2000, description="https, on the public internet")]
    events: Annotated[list[EventType], Field(min_length=1, description="all where it is left out")] = [
        "lead.handed_over",
        "lead.grade_changed",
        "model.promoted",
    ]


class Endpoint(BaseModel):
    """Who listens to what."""

    id: str
    url: str
    events: list[EventType]
    created_at: Moment
    disabled_at: Annotated[Moment | None, Field(description="when it answered 410; nothing is sent any more")]
    failures: Annotated[int, Field(description="sendings that failed since the last that was taken")]


class EndpointWithSecret(Endpoint):
    """The only answers that show the secret."""

    secret: Annotated[str, Field(description="Standard Webhooks: whsec_ and base64")]
    old_secret_until: Annotated[Moment | None, Field(description="until then the old secret signs too")]


class Endpoints(BaseModel):
    """Every endpoint, the oldest first."""

    results: list[Endpoint]


class Delivery(BaseModel):
    """One message to one endpoint; `id` is its `webhook-id`."""

    id: str
    endpoint_id: str
    type: str
    payload: Annotated[str, Field(description="the body as it is signed")]
    created_at: Moment
    attempts: int
    next_at: Moment | None
    delivered_at: Moment | None
    dead_at: Moment | None
    last_status: int | None
    last_fault: Annotated[str | None, Field(description="a short word: timeout, refused, reset, tls, status, …")]


class Deliveries(BaseModel):
    """A page of deliveries in one state, the earliest first."""

    results: list[Delivery]
    paging: Paging


class Queued(BaseModel):
    """The message that is due now; `id` is its `webhook-id`."""

    id: str

"""What people in sales can say of a lead, in the words of the page, and what was said last."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, select

from scoring import refusals
from service.life.state import Said, Source
from service.life.tables import events
from service.tables import leads

from .words import display_of

REFUSALS = {code: refusal.words for code, refusal in refusals.REFUSALS.items()}
LOSSES = {
    "bought_elsewhere": "Bought elsewhere",
    "no_budget": "No budget",
    "no_need": "No need any more",
    "not_reached": "No answer any more",
    "other": "Something else",
}

TAKEN_BACK = "taken back"

PAST = {
    Said.ACCEPTED: "accepted",
    Said.REFUSED: "refused",
    Said.NOT_NOW: "put off",
    Said.WON: "won",
    Said.LOST: "lost",
    Said.WITHDRAWN: TAKEN_BACK,
}


@dataclass(frozen=True, slots=True)
class Word:
    """Something that a person has just said of a lead, and may take back; taken back itself, it may not.

    until: microseconds since 1970.
    """

    event_id: str
    lead_id: str
    name: str
    said: str
    value: float | None
    reason: str | None
    until: int | None


def word_of(connection: Connection, event_id: str, by: str) -> Word | None:
    """What a person said under this id, where it still stands."""
    mine = (events.c.source == Source.FEEDBACK, events.c.by == by)
    query = select(events, leads.c.display).join(leads, leads.c.id == events.c.lead_id)
    row = connection.execute(query.where(*mine, events.c.event_id == event_id)).first()
    gone = select(events.c.event_id).where(events.c.source == Source.FEEDBACK, events.c.withdraws == event_id)
    if row is None or connection.execute(gone.limit(1)).first() is not None:
        return None
    name = display_of(json.loads(row.display))["name"] or row.lead_id
    reason = REFUSALS.get(row.reason, LOSSES.get(row.reason, row.reason))
    return Word(row.event_id, row.lead_id, name, PAST[Said(row.said)], row.value, reason, row.until)

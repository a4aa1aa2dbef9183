"""What people in sales can say of a lead, in the words of the page, and what was said last."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from scoring import refusals
from service.life.state import Said, Source
from service.life.tables import events

REFUSALS = {code: refusal.words for code, refusal in refusals.REFUSALS.items()}
LOSSES = {
    "bought_elsewhere": "Bought elsewhere",
    "no_budget": "No budget",
    "no_need": "No need any more",
    "not_reached": "No answer any more",
    "other": "Something else",
}

PAST = {
    Said.ACCEPTED: "accepted",
    Said.REFUSED: "refused",
    Said.NOT_NOW: "put off",
    Said.WON: "won",
    Said.LOST: "lost",
}


@dataclass(frozen=True, slots=True)
class Word:
    """Something that a person has just said of a lead, and may take back."""

    event_id: str
    lead_id: str
    said: str


def word_of(connection: Connection, event_id: str, by: str) -> Word | None:
    """What a person said under this id, where it still stands."""
    mine = (events.c.source == Source.FEEDBACK, events.c.by == by)
    row = connection.execute(select(events).where(*mine, events.c.event_id == event_id)).first()
    gone = select(events.c.event_id).where(events.c.source == Source.FEEDBACK, events.c.withdraws == event_id)
    if row is None or row.said == Said.WITHDRAWN or connection.execute(gone.limit(1)).first() is not None:
        return None
    return Word(row.event_id, row.lead_id, PAST[Said(row.said)])

"""What people in sales can say of a lead, in the words of the page, and what was said last."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, select

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
    row = connection.execute(_said_by(by).where(events.c.event_id == event_id)).first()
    return None if row is None else _word(row)


def last_word(connection: Connection, lead_id: str, by: str) -> Word | None:
    """The last that a person said of a lead and has not taken back."""
    query = _said_by(by).where(events.c.lead_id == lead_id, events.c.said != Said.WITHDRAWN)
    row = connection.execute(query.order_by(events.c.occurred_at.desc(), events.c.event_id).limit(1)).first()
    return None if row is None else _word(row)


def _said_by(by: str) -> Select[Any]:
    """What a person said and has not taken back."""
    back = events.alias()
    here = back.c.lead_id == events.c.lead_id  # what has an index; a word is taken back where it was said
    gone = exists().where(here, back.c.source == Source.FEEDBACK, back.c.withdraws == events.c.event_id)
    query = select(events, leads.c.display).join(leads, leads.c.id == events.c.lead_id)
    return query.where(events.c.source == Source.FEEDBACK, events.c.by == by, ~gone)


def _word(row: Row[Any]) -> Word:
    name = display_of(json.loads(row.display))["name"] or row.lead_id
    return Word(row.event_id, row.lead_id, name, PAST[Said(row.said)], row.value, _in_words(row.reason), row.until)


def _in_words(reason: str | None) -> str | None:
    """A reason with its code in words, and what was noted behind it."""
    code, colon, note = (reason or "").partition(":")
    words = REFUSALS.get(code) or LOSSES.get(code)
    return reason if words is None else f"{words}{colon}{note}"

"""What happened to leads, taken in: each event once, whatever comes twice, late or before its lead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, select, update

from service.champion import Serving
from service.database import Database
from service.leads import write
from service.moments import micros_at
from service.sql import insert_into
from service.tables import listing

from .asked import Happened, Told
from .ends import Admitted, admit
from .keeping import events_of, keeps_activities
from .rows import Lead, save
from .state import state_of
from .tables import activities, events

OURS = ("received_at", "by")
"""What we add to an event: a repeat may differ in it."""

Sent = TypeVar("Sent", Happened, Told)
Values = dict[str, Any]


class Taken(StrEnum):
    """What became of an event. Repeated: it is known. Differs: its id stands for another. Erased: so was its lead."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    DIFFERS = "differs"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Visit:
    """One sender's transaction: where it writes, with which model, when, and who it is."""

    connection: Connection
    database: Database
    serving: Serving | None
    now: datetime
    by: str | None = None

    @property
    def micros(self) -> int:
        """The moment in microseconds since 1970."""
        return micros_at(self.now)


def take_activities(visit: Visit, sent: Sequence[Happened]) -> list[Taken]:
    """Store activities and score their leads; what became of each."""
    first = not keeps_activities(visit.connection)
    results, touched = _take(visit, activities, sent, _activity_row)
    if first and touched:
        again = update(listing).values(generation=listing.c.generation + 1)
        visit.connection.execute(again)  # until now it was not known that leads without activities have none
    looks = visit.serving is None or visit.serving.looks_at_activities
    _score(visit, touched if looks else [])
    return results


def take_told(visit: Visit, sent: Sequence[Told]) -> list[Taken]:
    """Store outcomes or feedback, fold the states of their leads and score them; what became of each."""
    results, touched = _take(visit, events, sent, _event_row)
    fold(visit.connection, touched)
    _score(visit, touched)
    return results


def fold(connection: Connection, leads: Sequence[Lead]) -> None:
    """Bring the states of locked leads to what all their events say."""
    said = events_of(connection, [lead.id for lead in leads])
    for lead in leads:
        state = state_of(said[lead.id])
        lead.state, lead.wins, lead.won_value = state, len(state.purchases), state.won_value


def _score(visit: Visit, touched: Sequence[Lead]) -> None:
    for lead in touched:
        lead.revision += 1
    write(visit.connection, visit.serving, touched, visit.now)


def _take(
    visit: Visit, table: Table, sent: Sequence[Sent], row_of: Callable[[Visit, Admitted, Sent], Values]
) -> tuple[list[Taken], list[Lead]]:
    """Insert what is new; what became of each event, and the leads of new ones."""
    admitted = admit(visit.connection, visit.database, {e.lead_id for e in sent}, visit.micros, follow=True)
    save(visit.connection, [lead for lead in admitted.locked.values() if lead.was is None])
    rows = [None if e.lead_id in admitted.barred else row_of(visit, admitted, e) for e in sent]
    first: dict[str, Values] = {}
    for row in rows:
        if row is not None:
            first.setdefault(row["event_id"], row)
    new = _insert(visit.connection, table, list(first.values()))
    stored = _stored(visit.connection, table, [row for i, row in first.items() if i not in new]) | {
        i: row for i, row in first.items() if i in new
    }
    results = [
        Taken.ERASED
        if row is None
        else Taken.ACCEPTED
        if row["event_id"] in new and first[row["event_id"]] is row
        else _repeated(row, stored[row["event_id"]])
        for row in rows
    ]
    touched = {first[i]["lead_id"] for i in new}
    return results, [lead for lead in admitted.locked.values() if lead.id in touched]


def _repeated(row: Values, stored: Values) -> Taken:
    same = all(stored[name] == value for name, value in row.items() if name not in OURS)
    return Taken.REPEATED if same else Taken.DIFFERS


def _insert(connection: Connection, table: Table, rows: Sequence[Values]) -> set[str]:
    """The ids of events that were not there."""
    if not rows:
        return set()
    statement = insert_into(connection, table).on_conflict_do_nothing().returning(table.c.event_id)
    # In one order for all: two senders of the same ids wait for one another, and not each for the other.
    in_order = sorted(rows, key=lambda row: str(row["event_id"]))
    return set(connection.execute(statement, in_order).scalars())


def _stored(connection: Connection, table: Table, rows: Sequence[Values]) -> dict[str, Values]:
    query = select(table).where(table.c.event_id.in_([row["event_id"] for row in rows]))
    if rows and "source" in rows[0]:
        query = query.where(table.c.source == rows[0]["source"])
    return {row["event_id"]: dict(row) for row in connection.execute(query).mappings()} if rows else {}


def _activity_row(visit: Visit, admitted: Admitted, sent: Happened) -> Values:
    return {
        "event_id": sent.event_id,
        "lead_id": admitted.of(sent.lead_id).id,
        "kind": sent.kind,
        "at": sent.at,
        "amount": sent.amount,
        "received_at": visit.micros,
    }


def _event_row(visit: Visit, admitted: Admitted, sent: Told) -> Values:
    event = sent.event
    return {
        "source": event.source.value,
        "event_id": event.event_id,
        "lead_id": admitted.of(sent.lead_id).id,
        "said": event.said.value,
        "occurred_at": event.occurred_at,
        "value": event.value,
        "reason": event.reason,
        "until": event.until,
        "deal_id": event.deal_id,
        "by": event.by or visit.by,
        "withdraws": event.withdraws,
        "received_at": visit.micros,
    }

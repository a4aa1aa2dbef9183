"""Leads read with the right to change them, and written back: the one place that does either."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from scoring.values import MISSING_WORDS, as_text, level_key
from service.sql import insert_into, text_of
from service.tables import PRODUCT, leads

from .sent import OWN, Content
from .state import CLOSED, Standing, State

PLAIN_OWN = tuple(name for name in OWN if name != "display")


@dataclass(slots=True)
class Lead:
    """A kept lead while it is changed. revision: of what its score depends on; known: it was sent itself."""

    id: str
    content: Content = field(default_factory=Content)
    state: State = field(default_factory=State)
    wins: int = 0
    won_value: float | None = None
    known: bool = False
    do_not_score: bool = False
    revision: int = 0
    stored_at: int = 0
    handed_to: str | None = None
    was: tuple[bool, str | None] | None = None
    """Listed and desk as they stood when it was read; None for a lead that was not known."""

    @property
    def listed(self) -> bool:
        """Whether it stands in ranked lists: it may be scored and is still to be won."""
        return self.known and not self.do_not_score and self.state.standing not in CLOSED

    @property
    def desk(self) -> str | None:
        """Whose lead it is: its owner's, else of whom it was handed to, else its territory's."""
        return desk_of(self.content.own.get("owner"), self.handed_to, self.content.own.get("territory"))

    @property
    def created(self) -> int | None:
        """When it was created, in seconds since 1970."""
        at = self.content.own.get("created_at")
        return at // 1_000_000 if isinstance(at, int) else None


def desk_of(owner: object, handed_to: object, territory: object) -> str | None:
    """The desk on which a lead lies: an owner's name, or the seller's to whom it was handed, or `territory:NAME`.

    >>> desk_of("Ann", "Bob", "North"), desk_of(None, "Bob", "North"), desk_of(None, None, "North")
    ('Ann', 'Bob', 'territory:North')
    """
    if owner or handed_to:
        return str(owner or handed_to)
    return f"territory:{territory}" if territory else None


def product_of(fields: Mapping[str, object], name: str) -> str | None:
    """What a lead is about, by the field of this name; None where it says nothing, as the model reads it.

    A longer text than any seller's product is cut, and one character stays too many: it is nobody's.

    >>> [product_of({"product": value}, "product") for value in ("CRM", 7, "n/a", None)]
    ['CRM', '7', None, None]
    """
    said = as_text(fields.get(name))[: PRODUCT + 1]
    return None if level_key(said) in MISSING_WORDS else said


def lock(connection: Connection, ids: Iterable[str], now: int) -> dict[str, Lead]:
    """The leads of these ids, none of which another transaction changes before this one ends. now: microseconds.

    What is not there is made, as not known: of two senders that both speak first of a lead one waits for the other.
    """
    wanted = sorted(set(ids), key=str.encode)
    if not wanted:
        return {}
    if connection.dialect.name != "sqlite":
        stubs = [{"id": i, "fields": "{}", "stored_at": now, "revision": 0, "known": False} for i in wanted]
        connection.execute(insert_into(connection, leads).on_conflict_do_nothing(), stubs)
    query = select(leads).where(leads.c.id.in_(wanted)).order_by(leads.c.id).with_for_update()
    found = {row.id: lead_of(row) for row in connection.execute(query)}
    return {i: found[i] if i in found else Lead(i, stored_at=now) for i in wanted}


def lock_stored(connection: Connection, ids: Iterable[str]) -> dict[str, Lead]:
    """Of these ids the leads that are there, locked as `lock` does it; nothing is made."""
    query = select(leads).where(leads.c.id.in_(list(ids))).order_by(leads.c.id).with_for_update()
    return {row.id: lead_of(row) for row in connection.execute(query)}


def lead_of(row: Row[Any]) -> Lead:
    """A row as a lead. Its state has no purchases: their number and sum stand beside it."""
    own = {name: getattr(row, name) for name in PLAIN_OWN if getattr(row, name) is not None}
    display = json.loads(row.display)
    content = Content(
        json.loads(row.fields),
        own | ({"display": display} if display else {}),
        row.updated_at,
        row.put_at,
        json.loads(row.times),
    )
    state = State(Standing(row.state), row.state_since, row.state_reason, row.state_until)
    found = Lead(
        row.id,
        content,
        state,
        row.wins,
        row.won_value,
        row.known,
        row.do_not_score,
        row.revision,
        row.stored_at,
        row.handed_to,
    )
    found.was = (found.listed, found.desk) if found.known else None
    return found


def save(connection: Connection, changed: Sequence[Lead]) -> None:
    """Write leads that `lock` gave."""
    if not changed:
        return
    insert = insert_into(connection, leads)
    new = {c.name: insert.excluded[c.name] for c in leads.c if not c.primary_key}
    connection.execute(insert.on_conflict_do_update(index_elements=[leads.c.id], set_=new), [_row(x) for x in changed])


def _row(lead: Lead) -> dict[str, Any]:
    content, state = lead.content, lead.state
    return {
        "id": lead.id,
        "fields": text_of(content.fields),
        "updated_at": content.updated_at,
        "put_at": content.put_at,
        "times": text_of(content.times),
        **{name: content.own.get(name) for name in PLAIN_OWN},
        "display": text_of(content.own.get("display") or {}),
        "stored_at": lead.stored_at,
        "revision": lead.revision,
        "known": lead.known,
        "do_not_score": lead.do_not_score,
        "state": state.standing.value,
        "state_since": state.since,
        "state_reason": state.reason,
        "state_until": state.until,
        "wins": lead.wins,
        "won_value": lead.won_value,
        "handed_to": lead.handed_to,
    }

"""A person's word against the score: call this lead first, or hold it back, for a reason and until a day.

Score, grade and the place in the ranked list stay the model's; the day's list and the handover follow the person.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, select

from service.asked import SHORT_RULE, is_short, object_of
from service.moments import micros_at, micros_of, text_of_micros
from service.problems import Fault, Unfit

from .tables import overrides

KEYS = frozenset({"place", "reason", "until"})

LONGEST = timedelta(days=90)
"""Nobody's word stands for longer: by then the score has seen what he saw."""

UNTIL_RULE = f"a moment within the next {LONGEST.days} days, such as 2026-03-31"


class Put(StrEnum):
    """Where a person puts a lead: before all others, or behind them and out of the handover."""

    FIRST = "first"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Override:
    """A person's word. until: microseconds since 1970."""

    place: Put
    reason: str
    until: int
    by: str

    def body(self) -> dict[str, Any]:
        """As it goes out."""
        return {
            "place": self.place.value,
            "reason": self.reason,
            "until": text_of_micros(self.until),
            "by": self.by,
        }


def asked_override(raw: object, by: str, now: datetime) -> Override:
    """What somebody says of a lead's place; raises Unfit with every rule that it breaks."""
    faults: list[Fault] = []
    body = object_of(raw, KEYS, "body", faults) or {}
    place, reason, until = body.get("place"), body.get("reason"), micros_of(body.get("until"))
    if not faults:
        if place not in list(Put):
            faults.append(Fault("place", f"one of {', '.join(Put)}"))
        if not is_short(reason):
            faults.append(Fault("reason", SHORT_RULE.removesuffix(", or null")))
        if until is None or not micros_at(now) < until <= micros_at(now + LONGEST):
            faults.append(Fault("until", UNTIL_RULE))
    if faults or until is None:
        raise Unfit(*faults)
    return Override(Put(str(place)), str(reason), until, by)


def keep_override(connection: Connection, lead_id: str, said: Override | None, by: str, now: int) -> None:
    """Write what a person said of a lead that is there; None leaves it to the score again. now: microseconds."""
    row = {"lead_id": lead_id, "place": None, "reason": None, "until": None, "by": by, "at": now}
    if said is not None:
        row |= {"place": said.place.value, "reason": said.reason, "until": said.until}
    connection.execute(insert(overrides).values(row))


def overrides_of(connection: Connection, ids: Collection[str], now: int) -> dict[str, Override]:
    """The words that stand now (microseconds since 1970), by lead."""
    found = connection.execute(select(overrides).where(_stands(now), overrides.c.lead_id.in_(list(ids))))
    return {row.lead_id: Override(Put(row.place), row.reason, row.until, row.by) for row in found}


def override_body(connection: Connection, lead_id: str, now: int) -> dict[str, Any] | None:
    """The word that stands on one lead now (microseconds since 1970), as it goes out; None where its score decides."""
    said = overrides_of(connection, [lead_id], now).get(lead_id)
    return None if said is None else said.body()


def put_in(place: Put, now: int) -> Select[Any]:
    """The ids of the leads that people have put in a place and that stand there now, as a query."""
    return select(overrides.c.lead_id).where(overrides.c.place == place.value, _stands(now))


def _stands(now: int) -> ColumnElement[bool]:
    later = overrides.alias()
    last = select(func.max(later.c.seq)).where(later.c.lead_id == overrides.c.lead_id).scalar_subquery()
    return and_(overrides.c.until > now, overrides.c.seq == last)

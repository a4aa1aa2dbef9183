"""A handover: made up under the lock, written in one transaction with its events and announcements."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from service.life.happened import fold
from service.life.keeping import follow
from service.life.rows import Lead, lock_stored, save
from service.life.state import Said, Source
from service.life.tables import events, handovers
from service.ranked import listed_version
from service.sql import text_of
from service.webhooks import announce_handovers

from .allocating import Allocation, Desks, Given
from .candidates import SCORE, Candidates
from .days import Today
from .room import seats_of
from .sellers import Seller, every_seller
from .staying import left_out
from .tables import handover_runs
from .turn import take_turn

CHUNK = 500
"""Leads that are locked and written at a time."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What one run gave, the best first (rows of `handovers`, with no `seq`), and how many leads were left out and why.

    model: the version that lists show, None where nothing is listed. sellers: those of the day.
    """

    today: Today
    model: str | None
    sellers: Sequence[Seller]
    given: Sequence[Mapping[str, Any]]
    left_out: Mapping[str, int]


def hand_over(connection: Connection, today: Today, by: str, *, dry_run: bool = False) -> Handover:
    """Give today's best leads to sellers; what was given, or with dry_run would be. by: who asked for it.

    Asked again on the same day it gives what there is new room for. A dry run changes nothing, and needs no right to.
    """
    if not dry_run:
        take_turn(connection)
    sellers, model = every_seller(connection), listed_version(connection)
    if model is None:
        return _kept(connection, Handover(today, None, sellers, (), {}), by, dry_run)
    desks = Desks(seats_of(connection, sellers, today))
    free = Candidates(connection, model, today, desks)
    streams = {part: free.stream(part) for part in free.parts if desks.is_open(part)}
    planned = Allocation(desks, free.companies).run(streams)
    given = _given(connection, free, planned, today, by, dry_run)
    handed = Handover(today, model, sellers, given, left_out(connection, free, desks, today, planned, given))
    if not dry_run:
        announce_handovers(connection, given, now=today.micros)
    return _kept(connection, handed, by, dry_run)


def _given(
    connection: Connection,
    free: Candidates,
    planned: Sequence[Given],
    today: Today,
    by: str,
    dry_run: bool,
) -> list[dict[str, Any]]:
    """The planned rows, written unless it is a dry run; without leads that were answered or moved meanwhile."""
    to, found = {one.lead_id: ((one.desk, one.product), seller) for one, seller in planned}, dict[str, Any]()
    ids = sorted(to, key=str.encode)  # in one order for all that lock leads
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        locked = {} if dry_run else lock_stored(connection, chunk)
        still = {i: row for i, row in free.of(chunk).items() if (row.desk, row.product) == to[i][0]}
        rows = {i: _row(free, row, to[i][1], today) for i, row in still.items()}
        if not dry_run:
            _write(connection, [locked[i] for i in rows], rows, by)
        found |= rows
    in_order = [found[candidate.lead_id] for candidate, _ in planned if candidate.lead_id in found]
    if in_order and not dry_run:
        connection.execute(insert(handovers), in_order)
    return in_order


def _row(free: Candidates, row: Any, seller: str, today: Today) -> dict[str, Any]:
    return {
        "event_id": f"handover_{secrets.token_urlsafe(18)}",
        "lead_id": row.lead_id,
        "day": today.day.isoformat(),
        "seller": seller,
        "at": today.micros,
        "model": free.model,
        **{name: getattr(row, name) for name in SCORE},
    }


def _write(connection: Connection, locked: Sequence[Lead], rows: Mapping[str, Mapping[str, Any]], by: str) -> None:
    """Write the events of locked leads, and what follows: state, seller and desk. Their scores stay as they are."""
    if not locked:
        return
    connection.execute(insert(events), [_event(rows[lead.id], by) for lead in locked])
    fold(connection, locked)
    for lead in locked:
        lead.handed_to = str(rows[lead.id]["seller"])
    save(connection, locked)
    follow(connection, locked)


def _event(row: Mapping[str, Any], by: str) -> dict[str, Any]:
    return {
        "source": Source.HANDOVER.value,
        "event_id": row["event_id"],
        "lead_id": row["lead_id"],
        "said": Said.HANDED_OVER.value,
        "occurred_at": row["at"],
        "by": by,
        "received_at": row["at"],
    }


def _kept(connection: Connection, handed: Handover, by: str, dry_run: bool) -> Handover:
    if not dry_run:
        row = {
            "day": handed.today.day.isoformat(),
            "at": handed.today.micros,
            "by": by,
            "model": handed.model,
            "handed": len(handed.given),
            "left_out": text_of(dict(handed.left_out)),
        }
        connection.execute(insert(handover_runs), [row])
    return handed

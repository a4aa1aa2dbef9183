"""Where a lead's own life ends: joined into another, erased, or not to be scored any more."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, select, update

from models.files import held_at_once
from models.retraining import LOCK
from service.database import Database
from service.problems import Unavailable
from service.sql import insert_into
from service.tables import leads
from service.webhooks import forget

from .rows import Lead, lock
from .tables import activities, answered_leads, answers, events, handovers, joined, overrides, suppressed

MOST_REWRITTEN = 256 << 20
"""Bytes of a SQLite file that is written anew after an erasure: some seconds in which nobody else writes."""

LOG_PATIENCE = 200
"""Milliseconds for which a log is tried to be cleared; then it is tried again later."""

GONE = 410
"""The status of a stored answer that spoke of a lead which was erased since."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """Leads locked for a change, by id; erased ids, which may not come in; of joined ids the lead that they are in."""

    locked: dict[str, Lead]
    barred: set[str]
    joined: dict[str, str]

    def of(self, lead_id: str) -> Lead:
        """The lead that this id means."""
        return self.locked[self.joined.get(lead_id, lead_id)]


def admit(connection: Connection, database: Database, ids: Collection[str], now: int, *, follow: bool) -> Admitted:
    """Lock what may be changed of these ids. follow: what is said of a joined lead is said of the one that it is in.

    now: microseconds since 1970. Raises Unavailable where a lead ended while we waited for it.
    """
    barred, joined = barred_of(connection, database, ids), survivors_of(connection, ids)
    plain = {i for i in ids if i not in barred and i not in joined}
    locked = lock(connection, plain | (set(joined.values()) if follow else set()), now)
    if not database.is_sqlite and (barred_of(connection, database, plain) or survivors_of(connection, plain)):
        raise Unavailable(
            "busy", "a lead of this request was erased or joined just now; nothing was changed; repeat", 1
        )
    return Admitted(locked, barred, joined)


def barred_of(connection: Connection, database: Database, ids: Collection[str]) -> set[str]:
    """Which of these ids were erased, and are not taken in again."""
    marks = {database.mark_of(lead_id): lead_id for lead_id in ids}
    query = select(suppressed.c.mark).where(suppressed.c.mark.in_(list(marks)))
    return {marks[mark] for mark in connection.execute(query).scalars()}


def survivors_of(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """For each of these ids that was joined into another lead, that lead."""
    query = select(joined.c.duplicate, joined.c.lead_id).where(joined.c.duplicate.in_(list(ids)))
    return {row.duplicate: row.lead_id for row in connection.execute(query)}


def join(connection: Connection, lead: Lead, duplicates: Mapping[str, Lead]) -> None:
    """Make locked leads one: what the duplicates say beyond the lead is taken over, all that happened to them moves.

    The lead must be written afterwards; the duplicates are gone, and their ids lead to it.
    """
    for duplicate in duplicates.values():
        theirs, mine = duplicate.content, lead.content
        mine.fields |= {n: v for n, v in theirs.fields.items() if mine.fields.get(n) is None}
        mine.own |= {n: v for n, v in theirs.own.items() if n not in mine.own}
        begun = [c.own["created_at"] for c in (mine, theirs) if isinstance(c.own.get("created_at"), int)]
        mine.own |= {"created_at": min(begun, key=lambda at: int(str(at)))} if begun else {}
    ids = list(duplicates)
    lead.handed_to = _last_seller(connection, [lead.id, *ids])
    for table in (activities, events, handovers, overrides, joined):
        connection.execute(update(table).where(table.c.lead_id.in_(ids)).values(lead_id=lead.id))
    connection.execute(
        insert_into(connection, joined).on_conflict_do_nothing(), [{"duplicate": d, "lead_id": lead.id} for d in ids]
    )
    connection.execute(delete(leads).where(leads.c.id.in_(ids)))
    lead.known = lead.known or any(d.known for d in duplicates.values())
    lead.do_not_score = lead.do_not_score or any(d.do_not_score for d in duplicates.values())
    lead.revision += 1


def _last_seller(connection: Connection, ids: Collection[str]) -> str | None:
    """To whom any of these leads was handed last, and not taken back since."""
    query = (
        select(handovers.c.seller)
        .join(leads, (leads.c.id == handovers.c.lead_id) & (leads.c.handed_to == handovers.c.seller))
        .where(handovers.c.lead_id.in_(list(ids)))
        .order_by(handovers.c.at.desc(), handovers.c.seq.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()


def erase(connection: Connection, database: Database, lead_id: str, now: int) -> bool:
    """Remove a lead, what was joined into it and all that speaks of it, and bar its ids; whether there was one.

    now: microseconds since 1970. What lies free in the file is cleared by `scrub`, after the transaction.
    """
    lock(connection, [lead_id], now)
    duplicates = connection.execute(select(joined.c.duplicate).where(joined.c.lead_id == lead_id)).scalars().all()
    ids = [lead_id, *duplicates]
    said = select(answered_leads.c.caller, answered_leads.c.key).where(answered_leads.c.lead_id.in_(ids))
    for row in connection.execute(said).all():
        connection.execute(
            update(answers).where(answers.c.caller == row.caller, answers.c.key == row.key).values(status=GONE, body="")
        )
    connection.execute(delete(answered_leads).where(answered_leads.c.lead_id.in_(ids)))
    known = select(leads.c.id).where(leads.c.id == lead_id, leads.c.revision > 0)
    found = connection.execute(known).first() is not None
    connection.execute(delete(leads).where(leads.c.id == lead_id))
    for one in ids:
        forget(connection, one)
    marks = [{"mark": database.mark_of(i), "at": now} for i in ids]
    connection.execute(insert_into(connection, suppressed).on_conflict_do_nothing(), marks)
    return found


class Scrubber:
    """Clears erased bytes from SQLite's files, and tries again where a reader or a writer is in the way.

    SQLite overwrites deleted rows by itself (`secure_delete`), but not the copies that a split leaves in the free part
    of an index page: the file is written anew for them, unless it is large. PostgreSQL frees rows by its own vacuum.
    """

    def __init__(self, database: Database, histories: Path | None = None) -> None:
        """histories: where `leadrank retrain` keeps those of its last runs; they hold the leads of their day."""
        self._database, self._histories = database, histories
        self._in_log = True  # a process may have died between erasing and scrubbing
        self._in_file = self._in_histories = False

    def scrub(self) -> None:
        """Clear the log of what was erased just now; the file is written anew by `go_on`, once for many erasures."""
        self._in_log = self._in_file = self._in_histories = True
        self._clear_log()

    def go_on(self) -> None:
        """Clear what is still to be cleared."""
        if self._in_file and self._database.is_sqlite:
            with suppress(sqlite3.OperationalError), self._database.engine.connect() as connection:
                raw = connection.connection.driver_connection
                assert raw is not None
                size = raw.execute("PRAGMA page_count").fetchone()[0] * raw.execute("PRAGMA page_size").fetchone()[0]
                if size <= MOST_REWRITTEN:
                    raw.execute("VACUUM")
                self._in_file, self._in_log = False, True
        self._clear_log()
        self._clear_histories()

    def _clear_histories(self) -> None:
        """Remove what earlier retrainings learned from; one that is at work is waited for."""
        if not self._in_histories or self._histories is None or not self._histories.is_dir():
            return
        with held_at_once(self._histories / LOCK) as held:
            if held:
                for one in self._histories.iterdir():
                    if one.is_dir():
                        shutil.rmtree(one, ignore_errors=True)
                self._in_histories = False

    def _clear_log(self) -> None:
        if self._in_log and self._database.is_sqlite:
            with self._database.engine.connect() as connection:
                raw = connection.connection.driver_connection
                assert raw is not None
                # It keeps out all who write while it waits for a reader: an export reads for minutes.
                usual = raw.execute("PRAGMA busy_timeout").fetchone()[0]
                raw.execute(f"PRAGMA busy_timeout={LOG_PATIENCE}")
                busy = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                raw.execute(f"PRAGMA busy_timeout={usual}")
            self._in_log = bool(busy)

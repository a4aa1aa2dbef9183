"""Scoring kept leads again: after a promotion each gets the new score, then the list moves over; daily they age."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, update

from .champion import Serving
from .database import Database
from .leads import CHUNK
from .life.keeping import keep_scores
from .life.past import prune
from .life.rows import lock
from .life.state import CLOSED
from .moments import Clock, micros_at
from .ranked import listed_version
from .sql import insert_into
from .tables import leads, listing, scores
from .webhooks import Event, announce

PAUSE = 0.005
"""Seconds between two chunks, for those who wait to write: SQLite lets nobody queue."""

OPEN = leads.c.known & ~leads.c.do_not_score & leads.c.state.not_in([s.value for s in sorted(CLOSED)])
"""Leads that are listed, and therefore kept up to date."""


def bring_up_to_date(database: Database, serving: Serving, clock: Clock, goes_on: Callable[[], bool]) -> bool:
    """Score every open lead that this version has not scored as it is now, then list the version.

    Several workers may do this at once: they share the work. False where `goes_on` said no before the end.
    """
    after = ""
    while goes_on():
        with database.reading() as connection:
            stale = stale_ids(connection, serving, after)
        if not stale and not after:
            list_version(database, serving.version, clock())
            return True
        after = stale[-1] if stale else ""
        score_again(database, serving, stale, clock)
        time.sleep(PAUSE)
    return False


def age(
    database: Database,
    serving: Serving,
    clock: Clock,
    goes_on: Callable[[], bool],
    progress: Callable[[int], None] = lambda _done: None,
) -> int | None:
    """Score every open lead again, as of now; how many, None where `goes_on` said no before the end."""
    done, after = 0, ""
    while goes_on():
        query = select(leads.c.id).where(leads.c.id > after, OPEN).order_by(leads.c.id).limit(CHUNK)
        with database.reading() as connection:
            ids = connection.execute(query).scalars().all()
        if not ids:
            return done
        score_again(database, serving, ids, clock)
        done, after = done + len(ids), ids[-1]
        progress(done)
        time.sleep(PAUSE)
    return None


def stale_ids(connection: Connection, serving: Serving, after: str) -> Sequence[str]:
    """The next open leads by id without a score of this version, its cuts and their present revision."""
    fresh = (
        (scores.c.lead_id == leads.c.id)
        & (scores.c.model == serving.version)
        & (scores.c.revision == leads.c.revision)
        & (scores.c.cuts_version == serving.cuts.version)
    )
    query: Select[Any] = (
        select(leads.c.id)
        .outerjoin(scores, fresh)
        .where(leads.c.id > after, scores.c.lead_id.is_(None), OPEN)
        .order_by(leads.c.id)
        .limit(CHUNK)
    )
    return connection.execute(query).scalars().all()


def score_again(database: Database, serving: Serving, ids: Sequence[str], clock: Clock) -> None:
    """Score these leads as of now, in one transaction."""
    if not ids:
        return
    now = clock()
    with database.writing() as connection:
        found = [lead for lead in lock(connection, ids, micros_at(now)).values() if lead.known]
        keep_scores(connection, serving, found, now)


def list_version(database: Database, version: str, now: datetime) -> None:
    """Let ranked lists show this version from now on, and announce it where another was shown before."""
    with database.reading() as connection:
        if listed_version(connection) == version:
            return
    with database.writing() as connection:
        # Several workers come here at once: one of them changes the row, and that one announces.
        before = connection.execute(select(listing.c.model).with_for_update()).scalar_one_or_none()
        if before is None:
            connection.execute(insert_into(connection, listing).values(id=1, model=version).on_conflict_do_nothing())
        elif before != version:
            connection.execute(update(listing).values(model=version))
            announce(connection, Event.PROMOTED, {"model": version, "before": before}, now=micros_at(now))


def must_age(connection: Connection) -> int | None:
    """The generation for which all leads must be scored again, None where there is none."""
    row = connection.execute(select(listing.c.generation, listing.c.generation_done)).one_or_none()
    return row.generation if row is not None and row.generation != row.generation_done else None


def aged(database: Database, generation: int) -> None:
    """Note that all leads were scored again for this generation."""
    with database.writing() as connection:
        connection.execute(update(listing).values(generation_done=generation))


def prune_past(database: Database, days: int, now: datetime) -> int:
    """Remove scores from more than so many days ago, but the last of each lead and version; how many."""
    with database.writing() as connection:
        return prune(connection, int(now.timestamp()) - days * 86_400)

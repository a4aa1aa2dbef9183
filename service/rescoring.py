"""Scoring kept leads again: after a promotion each gets the new score, then the list moves over."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from .asked import seconds_of
from .champion import Serving
from .database import Database
from .leads import CHUNK, insert_into, keep_scores, score_row
from .moments import Clock, micros_at
from .ranked import listed_version
from .tables import leads, listing, scores
from .webhooks import Event, announce

PAUSE = 0.005
"""Seconds between two chunks, for those who wait to write: SQLite lets nobody queue."""


def bring_up_to_date(database: Database, serving: Serving, clock: Clock, goes_on: Callable[[], bool]) -> bool:
    """Score every lead that this version has not scored as it is now, then list the version.

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
        score_again(database, serving, stale, int(clock().timestamp()))
        time.sleep(PAUSE)
    return False


def stale_ids(connection: Connection, serving: Serving, after: str) -> Sequence[str]:
    """The next leads by id without a score of this version, its cuts and their present revision."""
    fresh = (
        (scores.c.lead_id == leads.c.id)
        & (scores.c.model == serving.version)
        & (scores.c.revision == leads.c.revision)
        & (scores.c.cuts_version == serving.cuts.version)
    )
    query = (
        select(leads.c.id)
        .outerjoin(scores, fresh)
        .where(leads.c.id > after, scores.c.lead_id.is_(None))
        .order_by(leads.c.id)
        .limit(CHUNK)
    )
    return connection.execute(query).scalars().all()


def score_again(database: Database, serving: Serving, ids: Sequence[str], as_of: int) -> None:
    """Score these leads as of a moment (seconds since 1970), in one transaction."""
    if not ids:
        return
    query = (
        select(leads.c.id, leads.c.revision, leads.c.fields, leads.c.created_at)
        .where(leads.c.id.in_(ids))
        .order_by(leads.c.id)
    )
    with database.writing() as connection:
        rows = []
        for lead in connection.execute(query.with_for_update(key_share=True)):
            rating = serving.rate(json.loads(lead.fields), as_of, created=seconds_of(lead.created_at))
            rows.append(score_row(lead.id, lead.revision, rating))
        keep_scores(connection, rows)


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

"""Kept leads: stored as the sender has them, scored on the way in, read back with their score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from .asked import KeptLead
from .champion import Serving
from .database import Database
from .life.ends import admit
from .life.keeping import keep_scores
from .life.rows import Lead, save
from .moments import micros_at
from .tables import leads, listing, scores
from .tally import TALLY
from .webhooks import announce_grades, grades_before

CHUNK = 500
"""Leads a transaction when many come in: some ten milliseconds of holding the right to write."""

SHOWN = (
    *("model", "as_of", "score", "grade", "probability", "horizon_days", "expected_value", "readiness", "trend"),
    *("reasons", "warnings", "log_odds", "worth_order", "log_odds_order"),
)
OWN_COLUMNS = (
    *(leads.c.id, leads.c.created_at, leads.c.updated_at, leads.c.owner, leads.c.territory, leads.c.company),
    *(leads.c.display, leads.c.state, leads.c.state_since, leads.c.handed_to),
)
SHOWN_COLUMNS = (*OWN_COLUMNS, *(scores.c[name] for name in SHOWN))
"""What a list shows of a lead."""

DETAIL_COLUMNS = (
    *(leads.c.fields, leads.c.do_not_score, leads.c.state_reason, leads.c.state_until, leads.c.wins),
    leads.c.won_value,
)


class Kept(StrEnum):
    """What became of a lead that was sent.

    Ignored: all of it is older than what is stored. Erased: it was erased and is not taken in again. Joined: it is part
    of another lead now.
    """

    CREATED = "created"
    REPLACED = "replaced"
    MERGED = "merged"
    IGNORED = "ignored"
    ERASED = "erased"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many leads of a load were new, replaced and ignored as older."""

    created: int
    replaced: int
    ignored: int


def put_lead(database: Database, serving: Serving, lead: KeptLead, now: datetime) -> Kept:
    """Store one lead and its score, in one transaction."""
    with database.writing() as connection:
        return take(connection, database, serving, [lead], now)[0]


def load_leads(database: Database, serving: Serving, incoming: Iterable[KeptLead], *, now: datetime) -> Loaded:
    """Store many leads and their scores, 500 a transaction; of two with one id the later one counts.

    The leads must have passed the checks that `asked.kept_lead` makes. Scored as of `now`.
    """
    count = dict.fromkeys(Kept, 0)
    rest = iter(incoming)
    while chunk := list(islice(rest, CHUNK)):
        with database.writing() as connection:
            found = take(connection, database, serving, chunk, now)
        for kept in dict(zip([lead.id for lead in chunk], found, strict=True)).values():
            count[kept] += 1
    return Loaded(count[Kept.CREATED], count[Kept.REPLACED], count[Kept.IGNORED])


def take(
    connection: Connection,
    database: Database,
    serving: Serving,
    sent: Sequence[KeptLead],
    now: datetime,
    *,
    merge: bool = False,
) -> list[Kept]:
    """Store and score leads within the caller's transaction; what became of each. merge: only what is sent changes."""
    let_in = admit(connection, database, {lead.id for lead in sent}, micros_at(now), follow=False)
    found, changed = [], dict[str, Lead]()
    for lead in sent:
        if lead.id in let_in.barred or lead.id in let_in.joined:
            found.append(Kept.ERASED if lead.id in let_in.barred else Kept.JOINED)
            continue
        kept = _apply(let_in.locked[lead.id], lead, merge)
        found.append(kept)
        if kept is not Kept.IGNORED:
            let_in.locked[lead.id].stored_at = micros_at(now)
            changed[lead.id] = let_in.locked[lead.id]
    write(connection, serving, list(changed.values()), now)
    TALLY.stored_leads(len(changed))
    return found


def _apply(lead: Lead, sent: KeptLead, merge: bool) -> Kept:
    own = dict(sent.own) | ({} if sent.created_at is None else {"created_at": sent.created_at})
    take_in = lead.content.merge if merge else lead.content.replace
    if not take_in(sent.fields, own, sent.updated_at):
        return Kept.IGNORED
    new, lead.known = not lead.known, True
    lead.revision += 1
    if new:
        return Kept.CREATED
    return Kept.MERGED if merge else Kept.REPLACED


def write(connection: Connection, serving: Serving | None, changed: Sequence[Lead], now: datetime) -> None:
    """Write locked leads that were changed, and their scores where there is a model; announce new grades.

    Without a model they are scored when there is one: their scores, if any, are of an older revision.
    """
    save(connection, changed)
    if serving is None or not changed:
        return
    before = grades_before(connection, [lead.id for lead in changed], serving.version)
    rows = keep_scores(connection, serving, changed, now)
    announce_grades(connection, before, rows, now=micros_at(now))


def kept_lead_of(connection: Connection, lead_id: str) -> Row[Any] | None:
    """A lead with the score of its present revision, if any: the listed version's, else the latest."""
    query: Select[Any] = (
        select(*SHOWN_COLUMNS, *DETAIL_COLUMNS, scores.c.snapshot)
        .select_from(leads)
        .outerjoin(scores, (scores.c.lead_id == leads.c.id) & (scores.c.revision == leads.c.revision))
        .outerjoin(listing, listing.c.model == scores.c.model)
        .where(leads.c.id == lead_id, leads.c.known)
        .order_by(listing.c.id.is_(None), scores.c.as_of.desc(), scores.c.model)
        .limit(1)
    )
    return connection.execute(query).one_or_none()

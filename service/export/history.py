"""An export: one reading of the database, one folder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from scoring import Refused
from service.database import Database
from service.tables import leads

from . import rows
from .account import PARTS, Account
from .columns import Columns, columns_of
from .folder import whole_folder, write_csv, write_text
from .mapping import mapping_text

Progress = Callable[[str, int, int], None]
Table = tuple[Sequence[str], Iterator[Sequence[str]]]


def export(
    database: Database,
    folder: Path,
    *,
    told: Mapping[str, Any],
    counted: Collection[str] = (),
    progress: Progress = lambda _part, _done, _total: None,
) -> Account:
    """Write all that may be learned from, as of one moment, into a new or empty folder: all of it or nothing.

    told: the `mapping` of the champion's description; counted: the fields that it counts from activities. Raises
    WrongUsage where the folder is not empty, Refused where no lead is kept.
    """
    with whole_folder(folder) as draft, database.snapshot() as connection:
        total = _count(connection, rows.LEARNED_FROM)
        if not total:
            raise Refused("no lead is kept that may be learned from", "send leads, or: leadrank load HISTORY")
        columns = columns_of(rows.field_rows(connection), told.get("ignore") or ())
        written = {
            part: write_csv(draft / f"{part}.csv", *_table(connection, part, columns), _teller(progress, part, total))
            for part in PARTS
        }
        write_text(draft / "leadrank.toml", mapping_text(columns, told, counted))
        return Account(
            folder=folder,
            rows=written,
            objecting=_count(connection, leads.c.do_not_score),
            never_sent=_count(connection, ~leads.c.known & ~leads.c.do_not_score),
            undated=columns.undated,
            emptied=tuple(sorted(columns.ignored)),
            fields_left_out=columns.left_out,
        )


def _table(connection: Connection, part: str, columns: Columns) -> Table:
    """The header and the rows of a part."""
    said = ("at", "value", "reason", "deal_id")
    company = [columns.own("company")] if columns.has_company else []
    lead = columns.own("lead_id")
    return {
        "leads": (
            [lead, columns.own("created_at"), *company, *columns.fields],
            rows.lead_rows(connection, columns),
        ),
        "activities": (("lead_id", "at", "kind", "amount", "event_id"), rows.activity_rows(connection)),
        "outcomes": (("lead_id", "outcome", *said, "event_id"), rows.outcome_rows(connection)),
        "feedback": (("lead_id", "feedback", *said, "until", "event_id"), rows.feedback_rows(connection)),
        "handovers": (("lead_id", "at", "event_id"), rows.handover_rows(connection)),
        "snapshots": ([lead, columns.own("at"), *columns.fields], rows.snapshot_rows(connection, columns)),
    }[part]


def _teller(progress: Progress, part: str, total: int) -> Callable[[int], None]:
    return lambda done: progress(part, done, total if part == "leads" else 0)


def _count(connection: Connection, which: Any) -> int:
    return int(connection.execute(select(func.count()).select_from(leads).where(which)).scalar_one())

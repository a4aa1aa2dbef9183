"""A history read from a file or a folder: which column is what, joined by lead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from scoring.columns import Column
from scoring.errors import Refused, WrongUsage
from scoring.files import FileTable, read_table, texts_of
from scoring.values import DAY, level_key

from .activities import read_activities
from .changes import Changes, read_changes, read_snapshots
from .feedback import said_in
from .folder import config_of, named_part, part_of
from .joined import Leads, joined, until_of
from .lead_history import History
from .mapping import Mapping
from .outcomes import NEVER, Moments, moments_of, read_outcomes, take_column, values_of, won_lost
from .told import told
from .twins import without_twins

__all__ = ["History", "config_of", "read_history"]

ID_NAMES = ("id", "lead id", "prospect id", "customer id", "contact id", "record id", "uuid")
CREATED_NAMES = ("created at", "created", "created date", "createddate", "createdate", "create date", "creation date")


def read_history(path: Path, mapping: Mapping, *, now: int | None = None) -> History:
    """The history in a file or folder. now: seconds since 1970; later dates cannot be known yet.

    Refused for what the data is, WrongUsage for a name that does not fit.
    """
    read = without_twins(_read_folder(path, mapping) if path.is_dir() else _read_one(read_table(path), mapping))
    lived = _with_life(read, path, mapping) if path.is_dir() else read
    return lived if now is None else _known_by(now, lived)


def _read_leads(source: FileTable, mapping: Mapping) -> Leads:
    """The leads of a table; columns that are shown or route leads, and never learned from, are taken out."""
    if not source.rows:
        raise Refused("the history has a header and no leads", "give at least 50 leads, 10 of them buyers")
    columns, notes = dict(source.columns), list(source.notes)
    ids, id_column = _ids(columns, source.rows, mapping, notes)
    created, created_column = _created(columns, mapping, notes)
    for name in (mapping.company, mapping.owner, *mapping.display):
        if name and name not in source.columns:
            take_column(columns, name, "[lead] or [display]", "company, owner or display")
        elif name and name not in (mapping.outcome, mapping.closed_at, mapping.value):
            columns.pop(name, None)
    company = source.columns.get(mapping.company) if mapping.company else None
    return Leads(columns, ids, id_column, created, created_column, notes, company)


def _read_one(source: FileTable, mapping: Mapping) -> History:
    """Leads and outcomes of one table."""
    leads = _read_leads(source, mapping)
    columns, rows = leads.columns, source.rows
    outcome = take_column(columns, _target(columns, mapping), "--target", "outcome column")
    won, lost = won_lost(outcome, mapping, leads.notes)
    closed = np.full(rows, NEVER, dtype=np.int64)
    if mapping.closed_at:
        closed = moments_of(
            take_column(columns, mapping.closed_at, "--closed-at", "closing date"), ZoneInfo(mapping.zone)
        )
    won_at, lost_at = np.where(won, closed, NEVER), np.where(lost, closed, NEVER)
    value = values_of(columns, mapping.value, rows)
    if mapping.reason:
        take_column(columns, mapping.reason, "[outcome] reason", "reason of a loss")
    return History(
        columns=columns,
        ids=leads.ids,
        won=won,
        lost=lost,
        won_at=won_at,
        value=value,
        created=leads.created,
        until=until_of(leads.created, won_at, lost_at),
        id_column=leads.id_column,
        created_column=leads.created_column,
        notes=leads.notes,
        lost_at=lost_at,
        company=leads.company,
    )


def _read_folder(folder: Path, mapping: Mapping) -> History:
    source = read_table(named_part(folder, mapping, "lead", "leads"))
    outcomes = part_of(folder, mapping, "outcome", "outcomes")
    if outcomes is None:
        return _read_one(source, mapping)
    leads = _read_leads(source, mapping)
    said = said_in(folder, mapping, leads.notes)
    found = read_outcomes(read_table(outcomes), mapping, leads.notes, may_be_none=bool(said))
    return joined(leads, told(found, said), last=max((one.at for one in said), default=NEVER))


def _with_life(history: History, folder: Path, mapping: Mapping) -> History:
    """The history with the activities and changes of its folder, which reaches as far as they do."""
    place = {lead: i for i, lead in enumerate(history.ids)}
    changes: dict[str, Changes] = {}
    for stem, read in (("snapshots", read_snapshots), ("changes", read_changes)):
        path = part_of(folder, mapping, stem, stem)
        if path is not None:
            found_here = read(read_table(path), place, mapping)
            changes |= {name: changes[name].plus(c) if name in changes else c for name, c in found_here.items()}
    found = part_of(folder, mapping, "activity", "activities")
    if found is None:
        return replace(history, changes=changes or None)
    lives, last = read_activities(read_table(found), place, mapping, history.notes)
    until = history.until if last is None or history.until is None else max(history.until, last)
    return replace(history, changes=changes or None, lives=lives.plus(history.lives), until=until)


def _known_by(now: int, history: History) -> History:
    """The same without knowledge of the future: one mistyped year must not make young leads look mature.

    A day's grace, because a date alone is the end of its day.
    """
    if history.until is None or history.until <= now + DAY:
        return history
    history.notes.append("dates lie in the future: what has not happened yet is not counted")
    return replace(history, until=now)


def _ids(columns: dict[str, Column], rows: int, mapping: Mapping, notes: list[str]) -> tuple[list[str], str | None]:
    name = mapping.id or _guessed(columns, ID_NAMES, mapping)
    if name is None:
        notes.append("no id column named or recognised: leads are called row-1, row-2, ...")
        return [f"row-{i}" for i in range(1, rows + 1)], None
    if mapping.id is None:
        notes.append(f"the id is taken from {name!r}")
    ids = texts_of(take_column(columns, name, "--id", "id"))
    empty = sum(not i.strip() for i in ids)
    if empty:
        raise Refused(f"{empty} leads have no id in {name!r}", "give each its own, or leave --id out")
    return ids, name


def _guessed(columns: dict[str, Column], names: tuple[str, ...], mapping: Mapping) -> str | None:
    """The first column that is called so; never one that the user keeps out or uses for something else."""
    taken = {*mapping.ignore, mapping.id, mapping.created_at, mapping.outcome, mapping.closed_at, mapping.value}
    return next((n for n in columns if _plain(n) in names and n not in taken), None)


def _plain(name: str) -> str:
    return level_key(name).replace("_", " ").replace("-", " ")


def _created(columns: dict[str, Column], mapping: Mapping, notes: list[str]) -> tuple[Moments | None, str | None]:
    name = mapping.created_at or _guessed(columns, CREATED_NAMES, mapping)
    if name is None:
        return None, None
    column = take_column(columns, name, "--created-at", "creation date")
    created = moments_of(column, ZoneInfo(mapping.zone))
    unknown = int((created == NEVER).sum())
    if unknown and mapping.created_at:
        raise Refused(f"{unknown} leads have no readable date in {name!r}", "write dates as 2026-01-31 or with a time")
    if unknown:
        columns[name] = column
        notes.append(f"{unknown} leads have no readable date in {name!r}: read as a history without dates")
        return None, None
    taken = "" if mapping.created_at else f"the creation date is taken from {name!r}; "
    notes.append(f"{taken}times without a zone are in {mapping.zone}")
    return created, name


def _target(columns: dict[str, Column], mapping: Mapping) -> str:
    if mapping.outcome:
        return mapping.outcome
    raise WrongUsage(
        "which column says what became of a lead?",
        f"name it with --target, and its values with --won and --lost; there are {', '.join(map(repr, columns))}",
    )

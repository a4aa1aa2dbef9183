"""A history read from a file or a folder: which column is what, joined by lead."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from scoring.columns import Column, Numbers
from scoring.errors import Refused, WrongUsage
from scoring.file_lives import FileLives
from scoring.files import FileTable, read_table, texts_of
from scoring.values import DAY, as_text, level_key

from .activities import leads_in, read_activities
from .changes import Changes, read_changes, read_snapshots
from .lead_history import History
from .mapping import Mapping
from .outcomes import NEVER, Moments, Outcomes, moments_of, read_outcomes, take_column, values_of, won_lost

__all__ = ["History", "config_of", "lives_of", "read_history"]

SUFFIXES = (".parquet", ".csv", ".csv.gz")

ID_NAMES = ("id", "lead id", "prospect id", "customer id", "contact id", "record id", "uuid")
CREATED_NAMES = ("created at", "created", "created date", "createddate", "createdate", "create date", "creation date")


def read_history(path: Path, mapping: Mapping, *, now: int | None = None) -> History:
    """The history in a file or folder. now: seconds since 1970; later dates cannot be known yet.

    Refused for what the data is, WrongUsage for a name that does not fit.
    """
    read = _without_twins(_read_folder(path, mapping) if path.is_dir() else _read_one(read_table(path), mapping))
    lived = _with_life(read, path, mapping) if path.is_dir() else read
    return lived if now is None else _known_by(now, lived)


def lives_of(folder: Path, mapping: Mapping, created_column: str | None) -> FileLives:
    """What a folder's activities tell of its leads, for scoring these; without activities, their dates alone."""
    zone = ZoneInfo(mapping.zone)
    found = _part(folder, mapping, "activity", "activities") if folder.is_dir() else None
    if found is None:
        return FileLives(created_column=created_column, zone=zone)
    source = read_table(found)
    place = {lead: i for i, lead in enumerate(dict.fromkeys(leads_in(source, mapping)))}
    return FileLives(read_activities(source, place, mapping, [])[0], place, created_column, zone)


def config_of(path: Path) -> Path | None:
    """The TOML file that lies in a history's folder or beside its file, if there is one."""
    beside = path / "leadrank.toml" if path.is_dir() else path.with_name(path.name.split(".")[0] + ".toml")
    return beside if beside.is_file() else None


@dataclass(frozen=True, slots=True)
class _Leads:
    columns: dict[str, Column]
    ids: list[str]
    id_column: str | None
    created: Moments | None
    created_column: str | None
    notes: list[str]
    company: Column | None


def _read_leads(source: FileTable, mapping: Mapping) -> _Leads:
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
    return _Leads(columns, ids, id_column, created, created_column, notes, company)


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
        until=_until(leads.created, won_at, lost_at),
        id_column=leads.id_column,
        created_column=leads.created_column,
        notes=leads.notes,
        lost_at=lost_at,
        company=leads.company,
    )


def _read_folder(folder: Path, mapping: Mapping) -> History:
    source = read_table(_named(folder, mapping, "lead", "leads"))
    outcomes = _part(folder, mapping, "outcome", "outcomes")
    if outcomes is None:
        return _read_one(source, mapping)
    leads = _read_leads(source, mapping)
    return _joined(leads, read_outcomes(read_table(outcomes), mapping, leads.notes))


def _with_life(history: History, folder: Path, mapping: Mapping) -> History:
    """The history with the activities and changes of its folder, which reaches as far as they do."""
    place = {lead: i for i, lead in enumerate(history.ids)}
    changes: dict[str, Changes] = {}
    for stem, read in (("snapshots", read_snapshots), ("changes", read_changes)):
        path = _part(folder, mapping, stem, stem)
        if path is not None:
            changes |= read(read_table(path), place, mapping)
    found = _part(folder, mapping, "activity", "activities")
    if found is None:
        return replace(history, changes=changes or None)
    lives, last = read_activities(read_table(found), place, mapping, history.notes)
    until = history.until if last is None or history.until is None else max(history.until, last)
    return replace(history, changes=changes or None, lives=lives, until=until)


def _joined(leads: _Leads, outcomes: Outcomes) -> History:
    """Leads with their first purchase; a purchase beats a loss, whatever the order of the rows."""
    place = {lead: i for i, lead in enumerate(dict.fromkeys(leads.ids))}
    rows = np.fromiter((place.get(i, -1) for i in outcomes.ids), dtype=np.int64, count=len(outcomes.ids))
    if (rows < 0).any():
        leads.notes.append(f"{int((rows < 0).sum())} outcomes speak of leads that are not in the history: left out")
    won, lost = np.zeros(len(place), dtype=bool), np.zeros(len(place), dtype=bool)
    won_at = np.full(len(place), NEVER, dtype=np.int64)
    value = np.full(len(place), np.nan)
    bought = np.flatnonzero(outcomes.won & (rows >= 0))
    latest_first = bought[np.lexsort((outcomes.value[bought], outcomes.at[bought]))][::-1]
    for i in latest_first.tolist():
        won[rows[i]], won_at[rows[i]], value[rows[i]] = True, outcomes.at[i], outcomes.value[i]
    given_up = np.flatnonzero(outcomes.lost & (rows >= 0))
    lost[rows[given_up]] = True
    lost_at = np.full(len(place), NEVER, dtype=np.int64)
    np.minimum.at(lost_at, rows[given_up], outcomes.at[given_up])
    who = np.array([place[lead] for lead in leads.ids], dtype=np.intp)
    is_lost = (lost & ~won)[who]
    return History(
        columns=leads.columns,
        ids=leads.ids,
        won=won[who],
        lost=is_lost,
        won_at=won_at[who],
        value=value[who],
        created=leads.created,
        until=_until(leads.created, outcomes.at),
        id_column=leads.id_column,
        created_column=leads.created_column,
        notes=leads.notes,
        lost_at=np.where(is_lost, lost_at[who], NEVER),
        company=leads.company,
    )


def _until(created: Moments | None, *closed: Moments) -> int | None:
    """The last moment of a history; None where its leads have no dates."""
    if created is None:
        return None
    stamps = np.concatenate((created, *closed))
    return int(stamps[stamps != NEVER].max())


def _known_by(now: int, history: History) -> History:
    """The same without knowledge of the future: one mistyped year must not make young leads look mature.

    A day's grace, because a date alone is the end of its day.
    """
    if history.until is None or history.until <= now + DAY:
        return history
    history.notes.append("dates lie in the future: what has not happened yet is not counted")
    return replace(history, until=now)


def _named(folder: Path, mapping: Mapping, part: str, stem: str) -> Path:
    found = _part(folder, mapping, part, stem)
    if found is None:
        raise WrongUsage(f"{folder.name} holds no {stem}.csv or {stem}.parquet", "a history folder needs leads.*")
    return found


def _part(folder: Path, mapping: Mapping, part: str, stem: str) -> Path | None:
    """A part's file; one that the mapping names must be there."""
    name = mapping.files.get(part, stem)
    found = [p for s in ("", *SUFFIXES) if (p := folder / f"{name}{s}").is_file()]
    if not found and part in mapping.files:
        raise WrongUsage(f"{folder.name} holds no {name!r}", f"name the file with [{part}] file")
    return found[0] if found else None


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


def _without_twins(history: History) -> History:
    """Leads that stand twice and alike count once; two that differ under one id are refused."""
    seen = Counter(history.ids)
    if len(seen) == history.rows:
        return history
    keep: list[int] = []
    first: dict[str, tuple[object, ...]] = {}
    different: dict[str, int] = {}
    for i, lead in enumerate(history.ids):
        if seen[lead] == 1:
            keep.append(i)
        elif lead not in first:
            first[lead] = _row(history, i)
            keep.append(i)
        elif _row(history, i) != first[lead]:
            different.setdefault(lead, i)
    if different:
        raise Refused(
            f"{len(different)} ids in {history.id_column!r} stand on leads that differ (the first on lead "
            f"{min(different.values()) + 1} of the table)",
            "keep one row for each lead, or name another id column with --id",
        )
    kept = history.take(np.array(keep, dtype=np.intp))
    kept.notes.append(f"{history.rows - kept.rows} rows stand twice and alike: counted once")
    return kept


def _row(history: History, i: int) -> tuple[object, ...]:
    """All that is known of a lead, in a form that can be compared: NaN equals NaN."""
    cells = [
        repr(c.values[i]) if isinstance(c, Numbers) else ("" if c.index[i] < 0 else as_text(c.values[c.index[i]]))
        for c in history.columns.values()
    ]
    known = (history.won[i], history.lost[i], history.won_at[i], history.value[i])
    return (*cells, *map(repr, known), None if history.created is None else int(history.created[i]))

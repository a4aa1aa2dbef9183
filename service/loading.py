"""Bulk load: what a CRM knows already, by the rules of the API, 500 a transaction; a load that was cut goes on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from .asked import KeptLead, kept_lead
from .champion import Serving
from .database import Database
from .leads import Kept, take
from .life import asked
from .life.asked import Happened, Told
from .life.happened import Taken, Visit, take_activities, take_told
from .moments import Clock
from .problems import Unfit
from .tables import leads

Body = dict[str, Any]
Progress = Callable[[str, int], None]

PARTS = ("activities", "outcomes", "leads")
"""In this order: when its lead comes, all that happened to it is known, and it is scored once."""

CHUNK = 2_500
"""Rows a transaction."""

SHOWN_FAULTS = 5


@dataclass
class Account:
    """What became of a part's rows, by word; and the first rows that broke a rule, in words."""

    count: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def remove(database: Database, ids: Collection[str]) -> None:
    """Remove leads and all that happened to them; unlike erased ones they may come in again."""
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        with database.writing() as connection:
            connection.execute(delete(leads).where(leads.c.id.in_(chunk)))


class Load:
    """A load of one source. mark: where it notes how far it came; a load of the same source goes on from there."""

    def __init__(self, database: Database, serving: Serving, clock: Clock, mark: Path) -> None:
        self._database, self._serving, self._clock, self._mark = database, serving, clock, mark
        self._reads: Mapping[str, Callable[[Body], Any]] = {
            "leads": lambda body: kept_lead(body, str(body.get("id", "")), serving.lengths),
            "activities": asked.activity,
            "outcomes": asked.outcome,
        }

    def run(self, parts: Mapping[str, Iterable[Body]], progress: Progress) -> dict[str, Account]:
        """Take in what is new; what became of each part's rows. Those of an earlier run count as `done before`."""
        found = {part: self._run(part, iter(parts[part]), progress) for part in PARTS}
        with suppress(FileNotFoundError):
            self._mark.unlink()
        return found

    def look(self, parts: Mapping[str, Iterable[Body]], progress: Progress) -> dict[str, Account]:
        """What a run would do, without doing it: leads that are new and known, events, and broken rules."""
        return {part: self._look(part, iter(parts[part]), progress) for part in PARTS}

    def _run(self, part: str, rows: Iterator[Body], progress: Progress) -> Account:
        account, done = Account(), self._done().get(part, 0)
        account.count["done before"] += sum(1 for _ in islice(rows, done))
        while chunk := list(islice(rows, CHUNK)):
            fit = list(self._fit(part, chunk, done, account))
            account.count.update(self._take(part, fit) if fit else [])
            done += len(chunk)
            self._note(part, done)
            progress(part, done)
        return account

    def _look(self, part: str, rows: Iterator[Body], progress: Progress) -> Account:
        account, done = Account(), 0
        while chunk := list(islice(rows, CHUNK)):
            fit = list(self._fit(part, chunk, done, account))
            known = self._known([lead.id for lead in fit]) if part == "leads" else set()
            account.count["new"] += len(fit) - len(known)
            account.count["known"] += len(known)
            done += len(chunk)
            progress(part, done)
        return account

    def _known(self, ids: Sequence[str]) -> set[str]:
        with self._database.reading() as connection:
            query = select(leads.c.id).where(leads.c.id.in_(ids), leads.c.known)
            return set(connection.execute(query).scalars())

    def _fit(self, part: str, chunk: Sequence[Body], start: int, account: Account) -> Iterator[Any]:
        for number, body in enumerate(chunk, start + 1):
            try:
                yield self._reads[part](body)
            except Unfit as fault:
                account.count["refused"] += 1
                if len(account.faults) < SHOWN_FAULTS:
                    account.faults.append(f"row {number}: {fault.detail}")

    def _take(self, part: str, fit: Sequence[Any]) -> list[Kept] | list[Taken]:
        now = self._clock()
        with self._database.writing() as connection:
            if part == "leads":
                sent: Sequence[KeptLead] = fit
                return take(connection, self._database, self._serving, sent, now)
            visit = Visit(connection, self._database, self._serving, now, "load")
            if part == "activities":
                did: Sequence[Happened] = fit
                return take_activities(visit, did)
            told: Sequence[Told] = fit
            return take_told(visit, told)

    def _done(self) -> dict[str, int]:
        try:
            found = json.loads(self._mark.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _note(self, part: str, done: int) -> None:
        """After the transaction: a chunk that is taken in twice changes nothing."""
        fresh = self._mark.with_suffix(".part")
        fresh.write_text(json.dumps(self._done() | {part: done}))
        fresh.replace(self._mark)

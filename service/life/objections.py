"""Who may not be scored, known to every process within half a second, with no database in the way of scoring."""

from __future__ import annotations

from http import HTTPStatus

from sqlalchemy import func, select

from service.database import Database
from service.problems import Problem
from service.tables import leads

from .tables import suppressed


class Objections:
    """The ids of leads that object to being scored, and the marks of those that were erased."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: frozenset[str] = frozenset()
        self._marks: frozenset[str] = frozenset()
        self._counted = 0

    def refresh(self) -> None:
        """Read them anew; marks only where there are more than before: they are never taken back."""
        with self._database.reading() as connection:
            ids = connection.execute(select(leads.c.id).where(leads.c.do_not_score)).scalars().all()
            count = connection.execute(select(func.count()).select_from(suppressed)).scalar_one()
            if count != self._counted:
                self._marks = frozenset(connection.execute(select(suppressed.c.mark)).scalars())
                self._counted = count
        self._ids = frozenset(ids)

    def check(self, lead_id: str) -> None:
        """Raise Problem for a lead that may not be scored."""
        if lead_id in self._ids:
            raise Problem(HTTPStatus.CONFLICT, "do-not-score", "this lead objected to being scored")
        if self._marks and self._database.mark_of(lead_id) in self._marks:
            raise Problem(HTTPStatus.GONE, "erased", "this lead was erased and is not taken in again")

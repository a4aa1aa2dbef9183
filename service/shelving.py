"""Which model serves, changed by people and programs alike: over the API and on a page."""

from __future__ import annotations

from http import HTTPStatus

from models import Shelf
from scoring import Refused

from .champion import Champion
from .moments import Clock
from .problems import Problem


class Shelving:
    """Lets a published model serve, or the one before; this process follows at once, others within a second."""

    def __init__(self, shelf: Shelf, champion: Champion, clock: Clock) -> None:
        self._shelf, self._champion, self._clock = shelf, champion, clock

    def check(self, version: str) -> None:
        """Raise Problem where no model of this version is on the shelf."""
        if version not in self._shelf.versions():
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-model", "no model of this version is on the shelf")

    def promote(self, version: str, by: str) -> str | None:
        """Let a version serve; the champion before it. Raises Problem."""
        self.check(version)
        before = self._shelf.promote(version, by=by, at=self._clock())
        self._champion.refresh()
        return before

    def roll_back(self, by: str) -> str:
        """Go back to the champion before this one; the one that serves now. Raises Problem where there is none."""
        try:
            now = self._shelf.rollback(by=by, at=self._clock())
        except Refused as fault:
            raise Problem(HTTPStatus.CONFLICT, "no-earlier-model", str(fault)) from None
        self._champion.refresh()
        return now

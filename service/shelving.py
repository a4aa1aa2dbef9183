"""Which model serves, changed by people and programs alike: over the API and on a page."""

from __future__ import annotations

from http import HTTPStatus

from models import Shelf
from models.reasons import RULE, is_printable
from scoring import Refused

from .champion import Champion
from .moments import Clock
from .problems import Fault, Problem, Unfit


class Shelving:
    """Lets a published model serve, or the one before; this process follows at once, others within a second."""

    def __init__(self, shelf: Shelf, champion: Champion, clock: Clock) -> None:
        self._shelf, self._champion, self._clock = shelf, champion, clock

    def check(self, version: str) -> None:
        """Raise Problem where no model of this version is on the shelf."""
        if version not in self._shelf.versions():
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-model", "no model of this version is on the shelf")

    def promote(self, version: str, by: str, reason: str = "") -> str | None:
        """Let a version serve; the champion before it. Raises Problem. reason: why, in words."""
        self.check(version)
        _refuse_odd(reason)
        before = self._shelf.promote(version, by=by, at=self._clock(), reason=reason)
        self._champion.refresh()
        return before

    def roll_back(self, by: str, reason: str = "") -> str:
        """Go back to the champion before this one; the one that serves now. Raises Problem where there is none."""
        _refuse_odd(reason)
        try:
            now = self._shelf.rollback(by=by, at=self._clock(), reason=reason)
        except Refused as fault:
            raise Problem(HTTPStatus.CONFLICT, "no-earlier-model", str(fault)) from None
        self._champion.refresh()
        return now


def _refuse_odd(reason: str) -> None:
    if not is_printable(reason):
        raise Unfit(Fault("reason", RULE))

"""The model that serves: read from the shelf, swapped whole between two requests."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from models import Shelf
from scoring import GradeCuts, Kind, LeadrankError, LeadScorer, Reason, Scorecard, Scored
from scoring.snapshot import Activity, Measure

from .asked import NOTE_CHARACTERS, TEXT_CHARACTERS
from .problems import Unavailable
from .settings import PRODUCT_FIELD
from .tally import TALLY

if TYPE_CHECKING:
    from scoring.many import ManyScorer

log = logging.getLogger("leadrank")

MODEL = "leadrank"
"""The name that every answer gives its model."""

_NEVER = object()

REMEMBERED = 8
"""How many versions stay open, so that a list in the middle of a promotion finds the points of both."""


MANY = 32
"""From so many leads on it is faster to score them together."""

Rated = tuple[Mapping[str, object], int, int | None, tuple[Activity, ...] | None]
"""A lead to rate: its fields; as of when, and when it was created, in seconds since 1970; its activities."""


class Rating(NamedTuple):
    """A lead's score with all that it depends on: its fields as of a moment (seconds since 1970), and the version."""

    model: str
    cuts_version: int
    horizon_days: int | None
    as_of: int
    grade: str
    snapshot: Mapping[str, object]
    scored: Scored


class Serving:
    """One published version, ready to rate leads. It never changes, so threads may share it.

    product_field: the field that says what a lead is about; what is kept of a score names it beside the score.
    """

    def __init__(self, version: str, card: Scorecard, cuts: GradeCuts, *, product_field: str = PRODUCT_FIELD) -> None:
        self.version, self.card, self.cuts, self.product_field = version, card, cuts, product_field
        self.lengths = {f.name: NOTE_CHARACTERS if f.kind is Kind.TEXT else TEXT_CHARACTERS for f in card.fields}
        self.looks_at_activities = any(d.measure is not Measure.AGE for d in card.derived)
        self._scorer = LeadScorer(card)
        self._together: ManyScorer | None = None

    def rate(
        self,
        fields: Mapping[str, object],
        as_of: int,
        created: int | None = None,
        activities: tuple[Activity, ...] | None = None,
    ) -> Rating:
        """Score and grade a lead as of a moment. as_of, created: seconds since 1970; None for what is not known."""
        snapshot = self._scorer.snapshot(fields, created=created, activities=activities, as_of=as_of)
        TALLY.scored(1)
        return self._rating(snapshot, self._scorer.score(snapshot, as_of=as_of), as_of)

    def rate_many(self, leads: Sequence[Rated]) -> list[Rating]:
        """Score and grade many leads, each as if it had come alone."""
        if len(leads) < MANY:
            return [self.rate(*lead) for lead in leads]
        snapshots = [self._scorer.snapshot(f, created=c, activities=life, as_of=at) for f, at, c, life in leads]
        moments = [at for _, at, _, _ in leads]
        scored = self._many_scorer().score(snapshots, moments)
        TALLY.scored(len(leads))
        return list(map(self._rating, snapshots, scored, moments))

    def _many_scorer(self) -> ManyScorer:
        """Made when it is wanted first: many workers never score many leads at once, and need no arrays."""
        if self._together is None:
            from scoring.many import ManyScorer

            self._together = ManyScorer(self._scorer)
        return self._together

    def _rating(self, snapshot: Mapping[str, object], scored: Scored, as_of: int) -> Rating:
        grade = self.cuts.grade_of(self.card.per_mille_of(scored.log_odds))
        return Rating(self.version, self.cuts.version, self.card.horizon_days, as_of, grade, snapshot, scored)

    def points(self, fields: Mapping[str, object], as_of: int) -> list[Reason]:
        """Every term's part in a lead's score, strongest first."""
        return self._scorer.points(fields, as_of=as_of)

    def short_chance(self, snapshot: Mapping[str, object], as_of: int) -> float | None:
        """The chance within the short horizon that a kept snapshot had; None where the card has none."""
        return self._scorer.score(snapshot, as_of=as_of).short_probability


class Champion:
    """Holds the version that serves. `refresh` swaps it; a request takes `serving` once, and no other.

    trouble: why the champion of the shelf is not the one that serves, in words; None where all is well.
    """

    def __init__(self, shelf: Shelf, product_field: str = PRODUCT_FIELD) -> None:
        self._product_field = product_field
        self.serving: Serving | None = None
        self.trouble: str | None = None
        self._shelf = shelf
        self._stamp: object = _NEVER
        self._opened: dict[str, Serving] = {}
        self._changing = Lock()

    def refresh(self) -> None:
        """Look at the shelf and serve what it names now; keep the old one where the new one does not open.

        Where something is amiss it is tried again each time: a folder may come back from a backup.
        """
        with self._changing:
            try:
                self._look()
            except LeadrankError as fault:
                self._note(str(fault))
            except OSError as fault:
                self._note(f"the shelf cannot be read: {fault.strerror}")

    def _look(self) -> None:
        stamp, cuts, now = self._shelf.stamp(), self._shelf.cuts(), self.serving
        if now is not None and not self.trouble and (stamp, cuts) == (self._stamp, now.cuts):
            return
        published, warning = self._shelf.open_champion()
        if now is None or (now.version, now.cuts) != (published.version, cuts):
            self.serving = self._remember(self._ready(published.version, published.card, cuts))
        self._stamp = stamp
        self._note(warning)

    def _note(self, trouble: str | None) -> None:
        if trouble and trouble != self.trouble:
            log.warning("%s", trouble)
        self.trouble = trouble

    def current(self) -> Serving:
        """The version that serves; raises Unavailable where there is none."""
        if self.serving is None:
            raise Unavailable(
                "no-model", f"there is no model to score with: {self.trouble or 'the shelf is empty'}", 10
            )
        return self.serving

    def version(self, version: str) -> Serving:
        """A published version by its name, for the points of a score it gave; raises LeadrankError."""
        found = self._opened.get(version)
        if found is None:
            published = self._shelf.open(version)
            found = self._remember(self._ready(version, published.card, self._shelf.cuts()))
        return found

    def _ready(self, version: str, card: Scorecard, cuts: GradeCuts) -> Serving:
        return Serving(version, card, cuts, product_field=self._product_field)

    def _remember(self, serving: Serving) -> Serving:
        self._opened = dict([*self._opened.items(), (serving.version, serving)][-REMEMBERED:])
        return serving

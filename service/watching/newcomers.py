"""The drift of all fields: the newest leads against those that the model learned from, and what to say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from scoring.fields import Field, Kind
from scoring.scorecard import Scorecard
from scoring.words import code_text

from .arrivals import PROMPT, TEXT_BINS, Arrived, arrived, bins_of, published_bins, watched
from .drift import ALARMING, Bins, Drift, Found, drift_of

DAYS = 28
"""The window: four weeks, so that every weekday is in it as often."""

LEAST = 100
"""Where fewer leads came in within the window, it reaches back to the newest so many."""

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Newcomers:
    """What became of the fields, the most alarming first. against: what new leads were compared with, in words."""

    leads: int
    since: int | None
    against: str
    fields: Sequence[tuple[Drift, str]]

    @property
    def alarms(self) -> list[str]:
        """A line for every field that moved."""
        return [alarm_of(drift, words) for drift, words in self.fields if drift.found in ALARMING]


def newcomers(connection: Connection, card: Scorecard, about: Mapping[str, Any], *, now: int) -> Newcomers:
    """Compare the newest leads with those that the model learned from, or, where its description does not say how
    these were, with the leads of the four weeks before. now: seconds since 1970."""
    new = arrived(connection, since=now - DAYS * DAY, until=now, least=LEAST)
    learned, against = published_bins(card, about), "the leads that the model learned from, as they came in"
    if learned is None:
        first = min((lead.came for lead in new), default=now) - 1
        first = min(first, now - DAYS * DAY)
        before = arrived(connection, since=first - DAYS * DAY, until=first, least=LEAST)
        learned, against = _binned(card, before), f"the leads of the {DAYS} days before them"
    binned, fields = _binned(card, new), watched(card)
    found = [(drift_of(f.name, learned.get(f.name, Bins((0,))), binned[f.name], fields=len(fields)), f) for f in fields]
    told = [(drift, moved_in_words(drift, field)) for drift, field in found]
    told.sort(key=lambda pair: (pair[0].found not in ALARMING, -(pair[0].index or 0.0), pair[0].field))
    return Newcomers(len(new), min((lead.as_of for lead in new), default=None), against, told)


def _binned(card: Scorecard, found: Sequence[Arrived]) -> dict[str, Bins]:
    looks = [(lead.snapshot, lead.as_of) for lead in found]
    return bins_of(card, looks, [(lead.snapshot, lead.as_of) for lead in found if lead.as_of <= lead.came + PROMPT])


def moved_in_words(drift: Drift, field: Field) -> str:
    """`fair: 12 % then, 31 % now`: the bin whose share moved most."""
    if drift.moved is None:
        return ""
    place, before, after = drift.moved
    name = TEXT_BINS[place] if field.kind is Kind.TEXT else code_text(field, place)
    return f"{name}: {before:.0%} then, {after:.0%} now".replace("%", " %")


SAID = {
    Found.EMPTY: "{field} has gone empty",
    Found.CONSTANT: "{field} is the same for all new leads",
    Found.UNKNOWN: "{field} is full of values that the model does not know ({strange} of new leads)",
    Found.MOVED: "{field} has moved",
}


def alarm_of(drift: Drift, words: str) -> str:
    """The alarm in a line, with what moved most."""
    share = f"{drift.strange:.0%}".replace("%", " %")
    return f"{SAID[drift.found].format(field=drift.field, strange=share)}: {words}."

"""What the model room shows of the model at work: counted once a minute for all who look."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from service.champion import Champion, Serving
from service.database import Database
from service.moments import Clock

from .early import Early, early_signs
from .newcomers import Newcomers, newcomers
from .promises import kept_cells, oldest_score
from .trust import Trust, Verdict, sentence_of, trust_of

HORIZON_DAYS = 90
"""Where the model has no horizon: how long a lead gets to buy before it counts as one that did not."""

DAY = 86_400
YEAR = 365 * DAY

MINUTE = 60
"""Seconds for which what was counted is shown."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was counted. answer: can the model be trusted, in a sentence."""

    days: int
    trust: Trust
    answer: str
    early: Early | None
    new: Newcomers | None


class Watch:
    """Looks at promises and newcomers; safe in any thread."""

    def __init__(self, database: Database, champion: Champion, clock: Clock) -> None:
        self._database, self._champion, self._clock = database, champion, clock
        self._seen: dict[tuple[str | None, int], Seen] = {}
        self._looking = Lock()

    def look(self, about: Mapping[str, Any]) -> Seen:
        """What is known now. about: the description of the model that serves."""
        serving = self._champion.serving
        now = int(self._clock().timestamp())
        key = (serving.version if serving else None, now // MINUTE)
        with self._looking:  # a page that many open at once is counted once
            if key not in self._seen:
                self._seen = {key: self._counted(serving, about, now)}
            return self._seen[key]

    def _counted(self, serving: Serving | None, about: Mapping[str, Any], now: int) -> Seen:
        card = serving.card if serving else None
        days = (card.horizon_days if card else None) or HORIZON_DAYS
        short = card.short_horizon_days if card else None
        since = now - YEAR - days * DAY
        with self._database.reading() as connection:
            trust = trust_of(*kept_cells(connection, now=now, horizon=days * DAY, since=since))
            oldest = None if trust.total.leads else oldest_score(connection, since)
            early = (
                early_signs(connection, self._champion, now=now, days=short, horizon_days=days)
                if short is not None and short < days
                else None
            )
            new = None if card is None else newcomers(connection, card, about, now=now)
        return Seen(days, trust, _answer(trust, days, oldest, early), early, new)


def _answer(trust: Trust, days: int, oldest: int | None, early: Early | None) -> str:
    """The sentence on top: by the horizon where that can tell, else with what is known earlier beside it."""
    if trust.total.leads:
        said = sentence_of(trust, days)
    elif oldest is None:
        said = "Nobody can say yet: no lead has been scored."
    else:
        said = f"Nobody can say yet: the first scored leads will have had their {days} days on {_day(oldest, days)}."
    if early is None or trust.verdict is not Verdict.UNKNOWN:
        return said
    kept = early.whole.kept
    return (
        f"{said} Within {early.days} days {kept.bought:,} of {kept.leads:,} bought, "
        f"{kept.promised:,.1f} were promised: {EARLY[early.verdict]}."
    )


EARLY = {
    Verdict.HOLDS: "so far the promise holds",
    Verdict.FEWER: "fewer than promised",
    Verdict.MORE: "more than promised",
    Verdict.UNKNOWN: "too few to tell",
}


def _day(oldest: int, days: int) -> str:
    moment = time.gmtime(oldest + days * DAY)
    return f"{moment.tm_mday} {time.strftime('%B %Y', moment)}"

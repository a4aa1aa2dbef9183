"""The demo's week of life: leads are handed over on five days, and sellers say what came of them, by chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from service.champion import Serving
    from service.database import Database
    from service.life.asked import Told
    from service.life.state import Said

BY = "leadrank demo"
CALLS = 12
"""A seller's week."""

DAYS = 5
REFUSALS = ("no_need", "no_budget", "wrong_person", "not_reached", "bad_data")
LOSSES = ("bought_elsewhere", "no_budget", "no_need")

SILENT, REFUSED, NOT_NOW = 0.12, 0.27, 0.36
"""Up to these shares of leads sellers say nothing, refuse, or put off; the rest they accept."""


@dataclass(frozen=True, slots=True)
class Week:
    """What the week brought. seller: the one with the most leads of today."""

    seller: str
    handed: int
    answered: int
    today: int


def live_a_week(database: Database, serving: Serving, now: datetime) -> Week:
    """Make every owner a seller, hand over on the last working days and today, answer what is not of today.

    The week of an earlier demo, whose leads are gone, is forgotten.
    """
    from service.handover.days import Today
    from service.handover.listed import forget_runs
    from service.handover.running import hand_over
    from service.handover.sellers import Seller, owners_of_leads, set_seller
    from service.life.happened import Visit, take_told
    from service.moments import micros_at
    from service.rescoring import bring_up_to_date

    # An earlier demo's model is what lists show until this one has scored all leads, and a handover asks the list.
    bring_up_to_date(database, serving, lambda: now, lambda: True)
    with database.writing() as connection:
        forget_runs(connection, BY)
        owners = owners_of_leads(connection)
        for owner in owners:
            set_seller(connection, Seller(owner, CALLS), micros_at(now))
    handed, answered, given = 0, 0, list[Mapping[str, Any]]()
    *before, last = _mornings(now)
    for morning in (*before, last):
        with database.writing() as connection:
            given = list(hand_over(connection, Today.of(morning, UTC), BY).given)
            handed += len(given)
            told = [] if morning is last else list(_said_of(given, now))
            if told:
                take_told(Visit(connection, database, serving, now, BY), told)
            answered += len({word.lead_id for word in told})
    counts: dict[str, int] = {}
    for row in given:
        counts[row["seller"]] = counts.get(row["seller"], 0) + 1
    busiest = max(counts, key=lambda name: (counts[name], name), default=min(owners, default=""))
    return Week(busiest, handed, answered, len(given))


def _mornings(now: datetime) -> list[datetime]:
    """Eight o'clock of the five working days before today, and now; on a weekend the last of them is Friday's."""
    day, found = now.date(), list[datetime]()
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    last = now if day == now.date() else datetime.combine(day, time(8), now.tzinfo)
    while len(found) < DAYS:
        day -= timedelta(days=1)
        if day.weekday() < 5:
            found.append(datetime.combine(day, time(8), now.tzinfo))
    return [*reversed(found), last]


def _said_of(given: Iterable[Mapping[str, Any]], now: datetime) -> Iterable[Told]:
    """What sellers say of leads of one morning: the better the lead, the more often it is won."""
    from service.life.state import DAY, Said
    from service.moments import micros_at

    latest = micros_at(now)
    for row in given:
        dice = Random(f"demo {row['lead_id']}")
        chance, waited = dice.random(), dice.uniform(0.2, 30)
        if chance < SILENT:
            continue
        if chance < REFUSED:
            yield _told(row, Said.REFUSED, waited, latest, reason=dice.choice(REFUSALS))
        elif chance < NOT_NOW:
            yield _told(row, Said.NOT_NOW, waited, latest, until=latest + dice.randrange(1, 30) * DAY)
        else:
            yield _told(row, Said.ACCEPTED, waited, latest)
            later = waited + dice.uniform(4, 60)
            if dice.random() < row["probability"]:
                value = round((row["expected_value"] or 0.0) / row["probability"]) or None
                yield _told(row, Said.WON, later, latest, value=value)
            elif dice.random() < 0.2:
                yield _told(row, Said.LOST, later, latest, reason=dice.choice(LOSSES))


def _told(row: Mapping[str, Any], what: Said, hours: float, latest: int, **more: Any) -> Told:
    """A seller's word so many hours after the handover, and not later than `latest` (microseconds since 1970)."""
    from service.life.asked import Told
    from service.life.state import DAY, Event, Source

    at = min(latest, row["at"] + int(hours * DAY / 24))
    event = Event(Source.FEEDBACK, f"demo-{row['event_id']}-{what}", what, at, by=row["seller"], **more)
    return Told(row["lead_id"], event)

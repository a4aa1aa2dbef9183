"""What a plan rests on is counted as the rest of the service counts it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from sqlalchemy import insert

from service.database import Database
from service.life.state import DAY, Event, Said, Source, in_order, purchases_of
from service.life.tables import events, past_scores
from service.moments import micros_at
from service.tables import leads
from service.targets.counting import (
    Bought,
    Matured,
    matured_leads,
    open_leads,
    purchases_after_scores,
    reached,
    window_of,
)
from tests.service.conftest import NOON, Service
from tests.service.handover.test_indexes import plans
from tests.service.people.conftest import keep
from tests.service.samples import STRONG, WEAK

NOW = micros_at(NOON)
TODAY = int(NOON.timestamp())
YEAR, UNTIL = 365 * 86_400, TODAY - 90 * 86_400


def store(database: Database, lead_id: str, said: list[Event], scored: Sequence[tuple[int, str, float]] = ()) -> None:
    """A lead with events, and with scores of so many days ago."""
    with database.writing() as connection:
        connection.execute(insert(leads).values(id=lead_id, fields="{}", stored_at=0, revision=1))
        for event in said:
            row = {f: getattr(event, f) for f in event.__dataclass_fields__}
            connection.execute(insert(events).values(row | {"lead_id": lead_id, "received_at": 0}))
    for one in scored:
        again(database, lead_id, one)


def again(database: Database, lead_id: str, score: tuple[int, str, float]) -> None:
    """A score of so many days ago; the older ones come first."""
    days, grade, probability = score
    with database.writing() as connection:
        row = {"lead_id": lead_id, "model": "1", "cuts_version": 1, "as_of": TODAY - days * 86_400}
        row |= {"snapshot": "{}", "log_odds": 0, "probability": probability, "score": 1, "grade": grade}
        connection.execute(insert(past_scores).values(row))


def won(event_id: str, days_ago: float, value: float | None = 100.0, source: Source = Source.OUTCOME) -> Event:
    return Event(source, event_id, Said.WON, NOW - round(days_ago * DAY), value)


def by_chance(dice: Random, lead_id: str) -> list[Event]:
    """Events as they come: told twice, taken back, deals that change, all within a few weeks."""
    found = []
    for n in range(dice.randint(0, 6)):
        source = dice.choice([Source.OUTCOME, Source.FEEDBACK])
        said = dice.choice([Said.WON, Said.WON, Said.LOST, Said.OPEN if source is Source.OUTCOME else Said.WITHDRAWN])
        found.append(
            Event(
                source,
                f"{lead_id}-{n}",
                said,
                NOW - dice.randint(0, 20) * DAY,
                dice.choice([None, 10.0, 250.0]) if said is Said.WON else None,
                deal_id=dice.choice([None, "d1", "d2"]),
                withdraws=f"{lead_id}-{dice.randint(0, n)}" if said is Said.WITHDRAWN else None,
            )
        )
    return found


def test_purchases_are_those_that_the_fold_of_a_leads_events_finds(database: Database) -> None:
    dice, expected, begin, end = Random(7), [], NOW - 12 * DAY, NOW - 2 * DAY
    for n in range(250):
        said = by_chance(dice, f"lead-{n}")
        store(database, f"lead-{n}", said)
        expected += [p for p in purchases_of(in_order(said)) if begin <= p.at < end]
    with database.reading() as connection:
        found = reached(connection, begin, end)
    assert len(expected) > 80
    assert found.purchases == len(expected)
    assert found.revenue == pytest.approx(sum(p.value or 0.0 for p in expected))
    assert found.unvalued == sum(p.value is None for p in expected)


def test_leads_count_once_by_their_first_score_when_they_had_their_time(database: Database) -> None:
    store(database, "ancient", [], [(900, "C", 0.2)])
    store(database, "old hand", [won("o", 140)], [(500, "C", 0.2)])
    store(database, "bought", [won("w", 150, 70.0)], [(200, "A", 0.4)])
    store(database, "early", [won("e", 250)], [(200, "B", 0.2)])
    again(database, "old hand", (170, "A", 0.3))
    again(database, "bought", (160, "D", 0.1))
    store(database, "not", [], [(120, "A", 0.3)])
    store(database, "young", [won("y", 3, None)], [(10, "A", 0.5)])
    with database.reading() as connection:
        window = window_of(connection, since=UNTIL - YEAR, until=UNTIL)
        assert matured_leads(connection, window) == {
            "A": Matured(2, pytest.approx(0.7)),
            "B": Matured(1, pytest.approx(0.2)),
        }
        assert list(purchases_after_scores(connection, window)) == [
            Bought("bought", "A", 50.0, 70.0, matured=True),
            Bought("young", "A", 7.0, None, matured=False),
        ], "not what was bought before the first score"


def test_of_many_scores_the_latest_are_looked_at(database: Database) -> None:
    for n in range(20):
        store(database, f"lead-{n}", [], [(300 - n, "A", 0.5)])
    with database.reading() as connection:
        assert matured_leads(connection, window_of(connection, since=UNTIL - YEAR, until=UNTIL, most=6))["A"].leads == 6
        few = window_of(connection, since=TODAY - 290 * 86_400, until=TODAY - 285 * 86_400)
        assert matured_leads(connection, few)["A"].leads == 6
        none = window_of(connection, since=TODAY, until=TODAY)
        assert matured_leads(connection, none) == {}


def test_open_leads_are_those_of_the_list(service: Service) -> None:
    keep(service, "strong", STRONG)
    keep(service, "weak", WEAK)
    keep(service, "gone", STRONG)
    service.http.post("/v1/outcomes", json={"event_id": "x", "lead_id": "gone", "outcome": "won", "at": "2026-03-01"})
    with service.database.reading() as connection:
        found = open_leads(connection, "1")
        assert {grade: one.leads for grade, one in found.items()} == {"A": 1, "D": 1}
        assert found["A"].worth is None, "the small card knows no values"
        assert open_leads(connection, "2") == {}


def test_counting_is_answered_from_indexes(service: Service) -> None:
    for n in range(30):
        keep(service, f"lead-{n}", STRONG)
    with plans(service) as (connection, found):
        open_leads(connection, "1")
        reached(connection, NOW - DAY, NOW)
    assert "ix_scores_" in found[0]
    assert "ix_events_won" in found[1]

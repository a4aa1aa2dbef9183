"""What the model room shows of the model at work, from what is kept; on both databases."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from sqlalchemy import insert

from service.access import Role
from service.tables import leads
from service.watching import promises
from service.watching.arrivals import arrived, bins_of, published_bins
from service.watching.drift import Found
from service.watching.newcomers import Newcomers, newcomers
from service.watching.sampling import every_kth
from service.watching.watch import Seen, Watch
from tests.cards import living_card, small_card
from tests.service.conftest import NOON, Service, publish
from tests.service.people.conftest import SignIn, keep, signed_in
from tests.service.samples import STRONG, WEAK

__all__ = ["signed_in"]

DAY = 86_400


def keep_many(service: Service, name: str, fields: dict[str, Any], count: int) -> None:
    sent = [{"id": f"{name}-{i}", "fields": fields} for i in range(count)]
    answer = service.http.post("/v1/leads/batch", json={"leads": sent})
    assert answer.status_code == HTTPStatus.OK, answer.text


def buy(service: Service, name: str, days: float) -> None:
    event = {
        "event_id": f"won-{name}",
        "lead_id": name,
        "outcome": "won",
        "at": (NOON + timedelta(days=days)).isoformat(),
    }
    assert service.http.post("/v1/outcomes", json=event).is_success


def look(service: Service, about: dict[str, Any] | None = None) -> Seen:
    return Watch(service.database, service.champion, service.clock).look(about or {})


def fresh(service: Service, about: dict[str, Any] | None = None) -> Newcomers:
    now = int(service.clock().timestamp())
    with service.database.reading() as connection:
        return newcomers(connection, service.champion.current().card, about or {}, now=now)


def test_until_the_horizon_is_over_it_is_said_when_somebody_can_tell(service: Service) -> None:
    assert look(service).answer == "Nobody can say yet: no lead has been scored."
    keep(service, "a", STRONG)
    assert look(service).answer.endswith("will have had their 90 days on 31 May 2026.")


def test_a_broken_promise_is_said_on_top_of_the_page(service: Service, signed_in: SignIn) -> None:
    keep_many(service, "x", STRONG, 60)
    service.clock.wait(days=91)
    seen = look(service)
    assert seen.trust.total.leads == 60
    assert "fewer bought than promised" in seen.answer
    page = signed_in("ana", Role.ANALYST).get("/models").text
    assert page.index("fewer bought than promised") < page.index("Promised and happened")
    assert '<svg class="promises"' in page
    assert "promised, 0 % bought" in page, "the picture in words"


def test_the_short_horizon_is_known_earlier(service: Service) -> None:
    publish(service.shelf, living_card())
    service.champion.refresh()
    keep_many(service, "x", STRONG, 30)
    for i in range(4):
        buy(service, f"x-{i}", 10)
    buy(service, "x-9", 40)
    service.clock.wait(days=45)
    early = look(service).early
    assert early is not None
    assert (early.days, early.whole.kept.leads, early.whole.kept.bought) == (30, 30, 4)
    assert 0 < early.whole.kept.promised < 30
    service.clock.wait(days=60)
    assert look(service).early is None, "now the long one tells"


def test_a_model_that_is_gone_says_nothing_of_the_short_horizon(service: Service) -> None:
    version = publish(service.shelf, living_card())
    service.champion.refresh()
    keep(service, "x", STRONG)
    publish(service.shelf, living_card())
    service.champion.refresh()
    service.champion._opened.clear()
    (service.shelf.folder / "models" / version / "scorecard.json").unlink()
    service.clock.wait(days=45)
    assert look(service).early is None


def test_of_very_many_leads_a_sample_is_looked_at_and_said_so(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promises, "MOST", 20)
    keep_many(service, "x", STRONG, 60)
    service.clock.wait(days=91)
    seen = look(service)
    assert seen.trust.total.leads == 20
    assert "(a sample, one lead in 3)" in seen.answer


def test_a_sample_is_fair_and_the_same_each_time(service: Service) -> None:
    rows = [{"id": f"{i:03}", "fields": "{}", "stored_at": i * 10, "revision": 1} for i in range(100)]
    with service.database.writing() as connection:
        connection.execute(
            insert(leads), [row | {"created_at": None if i % 2 else i * 10} for i, row in enumerate(rows)]
        )
    with service.database.reading() as connection:
        found, every = every_kth(connection, -1, 10**6, 25)
        ids = sorted(connection.execute(found.select()).scalars())
    assert (every, len(ids)) == (4, 24)
    assert ids == ["006", "007", "014", "015", *ids[4:]]


@pytest.fixture
def moved(service: Service) -> Service:
    """A month of strong leads, then a month of weak ones."""
    keep_many(service, "then", STRONG, 120)
    service.clock.wait(days=30)
    keep_many(service, "now", WEAK, 120)
    return service


def test_new_leads_are_held_against_those_before_where_the_model_does_not_say(moved: Service) -> None:
    found = fresh(moved)
    assert found.leads == 120
    assert "28 days before" in found.against
    told = {drift.field: drift.found for drift, _ in found.fields}
    assert told.pop("Job title") is Found.FINE, "the model knows words of both"
    assert set(told.values()) == {Found.CONSTANT}
    assert any(line.startswith("Lead source ") and "Cold list: 0 % then, 100 % now" in line for line in found.alarms)


def test_no_lead_is_on_both_sides_where_the_newest_hundred_reach_far_back(service: Service) -> None:
    keep_many(service, "then", STRONG, 100)
    service.clock.wait(days=20)
    keep_many(service, "between", WEAK, 60)
    service.clock.wait(days=40)
    keep_many(service, "now", WEAK, 40)
    found = fresh(service)
    assert found.leads == 100
    assert any("Cold list: 0 % then, 100 % now" in line for line in found.alarms)


def test_the_page_names_the_alarms(moved: Service, signed_in: SignIn) -> None:
    page = signed_in("ana", Role.ANALYST).get("/models").text
    assert "Cold list: 0 % then, 100 % now" in page
    assert "New leads" in page


def test_new_leads_are_held_against_what_the_model_published(service: Service) -> None:
    keep_many(service, "now", STRONG, 120)
    card = service.champion.current().card
    same = {
        name: {"counts": list(bins.counts), "strange": 0} for name, bins in bins_of(card, [(STRONG, DAY)] * 300).items()
    }
    fine = fresh(service, {"arrivals": {"leads": 300, "fields": same}})
    told = {drift.field: drift.found for drift, _ in fine.fields}
    assert told.pop("Last funding") is not Found.FINE, "its age is counted from another day"
    assert set(told.values()) == {Found.FINE}
    assert "learned from" in fine.against


@pytest.mark.parametrize(
    "said",
    [None, 1, {}, {"fields": 3}, {"fields": {"Employees": 3}}, {"fields": {"Employees": {"counts": [1, -2, 0, 0, 0]}}}],
)
def test_a_description_that_says_nothing_readable_is_no_fault(service: Service, said: object) -> None:
    keep_many(service, "now", STRONG, 60)
    assert {drift.found for drift, _ in fresh(service, {"arrivals": said}).fields} == {Found.TOO_FEW}
    assert not published_bins(small_card(), {"arrivals": said})


def test_values_that_the_model_does_not_know_raise_an_alarm_of_that_name(service: Service) -> None:
    keep_many(service, "then", STRONG, 100)
    service.clock.wait(days=30)
    keep_many(service, "now", STRONG | {"Lead source": "carrier pigeon", "Employees": "many", "E-mail": None}, 100)
    told = {drift.field: drift.found for drift, _ in fresh(service).fields}
    assert (told["Lead source"], told["Employees"], told["E-mail"]) == (Found.UNKNOWN, Found.UNKNOWN, Found.EMPTY)
    assert told["Do not call"] is Found.FINE


def test_a_lead_counts_as_it_came_in_and_not_as_it_is(service: Service) -> None:
    keep(service, "a", STRONG)
    service.clock.wait(days=1)
    keep(service, "a", WEAK)
    keep(service, "old", STRONG, created_at="2020-01-01")
    now = int(service.clock().timestamp())
    with service.database.reading() as connection:
        found = arrived(connection, since=now - 28 * DAY, until=now)
        assert [lead.snapshot["Lead source"] for lead in found] == ["referral"], "and who came years ago is not new"


def test_what_was_counted_is_shown_for_a_minute(service: Service) -> None:
    watch = Watch(service.database, service.champion, service.clock)
    first = watch.look({})
    keep(service, "a", STRONG)
    assert watch.look({}) is first
    service.clock.wait(minutes=1)
    assert watch.look({}).answer != first.answer


def test_without_a_model_there_is_still_a_page(service: Service) -> None:
    service.champion.serving = None
    seen = look(service)
    assert (seen.new, seen.early, seen.days) == (None, None, 90)

"""The page of the target: the answer in one sentence on top, the picture with words, and who may set it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models import Shelf
from service.access import Role
from service.people.pictures import WIDTH, GoalBar, goal_bar
from service.targets.planning import Plan, Range
from tests.cards import living_card
from tests.service.conftest import Service, running
from tests.service.samples import STRONG, WEAK

from .conftest import SignIn, keep, post

FORM = {"amount": "500,000", "unit": "revenue", "since": "2026-01-01", "until": "2026-05-31"}


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """A service with a card that knows values, told of a currency that is not to be trusted."""
    shelf = Shelf(tmp_path / "shelf")
    about = {"mapping": {"currency": "<b>EUR"}}
    shelf.promote(shelf.add(living_card(), about=about, at=datetime.now(UTC)).version, by="", at=datetime.now(UTC))
    with running(database_url, shelf) as found:
        yield found


def test_before_there_is_a_target_the_page_says_so_and_has_the_form(signed_in: SignIn) -> None:
    page = signed_in().get("/target").text
    assert "No target is set." in page
    assert 'name="amount"' in page
    assert "<svg" not in page


def test_before_there_is_a_target_the_page_says_what_is_expected_and_who_sets_one(
    service: Service, signed_in: SignIn
) -> None:
    mary = signed_in("mary", Role.MARKETING)
    page = mary.get("/target").text
    assert "Sales sets it on this page, or an admin does." in page
    assert "are expected to bring" not in page, "there are no leads"
    keep(service, "strong", STRONG)
    keep(service, "weak", WEAK)
    page = mary.get("/target").text
    assert re.search(r"<p>About [\d,]+ &lt;b&gt;EUR within 90 days, and in nine cases of ten [\d,]+ to [\d,]+\.", page)
    assert "By grade, within 90 days" in page
    assert "Open leads are all that were neither won nor lost, with sales or not.</p>" in page
    for lead_id, said in (("weak", "refused"), ("strong", "not_now")):
        event = {"event_id": lead_id, "lead_id": lead_id, "feedback": said, "at": service.clock().isoformat()}
        assert service.http.post("/v1/feedback", json=event).is_success
    page = mary.get("/target").text
    assert "Sales refused 1 of them and put off 1: these" in page
    assert "Leads needed" not in page
    assert service.http.get("/v1/target").json()["why_not"] == "no_target"
    sam = signed_in("sam")
    assert "Who sets a target" not in sam.get("/target").text, "sales has the form"
    post(sam, "/target", FORM)
    assert "are expected to bring" not in mary.get("/target").text, "the plan says it"
    service.clock.wait(days=120)
    page = signed_in("mia", Role.MARKETING).get("/target").text
    assert "is over" in page
    assert "are expected to bring" in page
    assert "Who sets a target" in page


def test_a_target_is_set_by_the_form_and_answered_on_top(service: Service, signed_in: SignIn) -> None:
    keep(service, "strong", STRONG)
    keep(service, "weak", WEAK)
    sam = signed_in("sam")
    assert post(sam, "/target", FORM).headers["location"] == "/target"
    page = sam.get("/target").text
    assert re.search(r'class="note">You have \d+ % of what you need by 31 May 2026: about [\d,]+ more A lead', page)
    assert "in nine cases of ten" in page
    assert re.search(r"<title id=\"bar\">Reached 0; expected from the open leads [\d,]+", page)
    assert "mostly the model’s word" in page
    assert "500,000 &lt;b&gt;EUR from 1 January 2026 until 31 May 2026" in page
    assert "<bdi>sam</bdi>" in page


def test_a_near_day_says_what_falls_before_it_and_a_far_one_what_is_left_out(
    service: Service, signed_in: SignIn
) -> None:
    keep(service, "strong", STRONG)
    sam = signed_in("sam")
    post(sam, "/target", FORM | {"until": "2026-03-31"})
    assert "The day is nearer than 90 days: by the times that purchases took, 33 %" in sam.get("/target").text
    post(sam, "/target", FORM | {"until": "2026-12-31"})
    assert "The day is farther than 90 days" in sam.get("/target").text


def test_a_target_in_purchases_speaks_of_no_money(service: Service, signed_in: SignIn) -> None:
    keep(service, "strong", STRONG)
    sam = signed_in("sam")
    post(sam, "/target", FORM | {"amount": "12", "unit": "purchases"})
    page = sam.get("/target").text
    assert "Expected purchases" in page
    assert "Value of a purchase" not in page
    assert "12 purchases from 1 January 2026" in page


def test_marketing_reads_and_does_not_set(service: Service, signed_in: SignIn) -> None:
    post(signed_in("sam"), "/target", FORM)
    mary = signed_in("mary", Role.MARKETING)
    page = mary.get("/target").text
    assert "Who set what" in page
    assert "<form" not in page.split("<main")[1]
    assert post(mary, "/target", FORM).status_code == 403


def test_it_stands_in_the_rooms_of_those_who_may_read_it(signed_in: SignIn) -> None:
    page = signed_in("ann", Role.ADMIN).get("/target").text
    assert page.index("What became of them") < page.index('href="/target" aria-current') < page.index("All leads")
    assert 'href="/target"' not in signed_in("ada", Role.ANALYST).get("/account").text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"amount": "much"}, "To be won: write a number above 0"),
        ({"amount": ""}, "To be won: write a number above 0"),
        ({"amount": "nan"}, "To be won: write a number above 0"),
        ({"amount": "9" * 4_500, "unit": "purchases"}, "purchases are whole ones"),
        ({"amount": "-3", "unit": "purchases"}, "purchases are whole ones"),
        ({"amount": "2.5", "unit": "purchases"}, "purchases are whole ones"),
        ({"unit": "hopes"}, "unit: revenue or purchases"),
        ({"until": "2026-03-01"}, "Last day that counts: choose today, or a day within the five years to come"),
        ({"until": "31.12.2026"}, "Last day that counts: choose today"),
        ({"since": "2026-03-03"}, "First day that counts: choose today"),
        ({"other": "x"}, "other: known, and given once"),
    ],
    ids=str,
)
def test_what_is_no_target_is_refused_on_a_page(
    service: Service, signed_in: SignIn, form: dict[str, str], said: str
) -> None:
    sam = signed_in("sam")
    answer = post(sam, "/target", FORM | form)
    assert answer.status_code == 422
    assert said in answer.text
    assert service.http.get("/v1/target").json()["target"] is None


def test_purchases_without_a_value_are_named(service: Service, signed_in: SignIn) -> None:
    keep(service, "strong", STRONG)
    event = {"event_id": "w", "lead_id": "strong", "outcome": "won", "at": "2026-02-20"}
    assert service.http.post("/v1/outcomes", json=event).is_success
    sam = signed_in("sam")
    post(sam, "/target", FORM)
    assert "1 purchase since 1 January 2026 came without a value" in sam.get("/target").text


def test_the_bar_is_as_long_as_what_goes_farthest() -> None:
    def bar(goal: float, reached: float, about: float, low: float, high: float) -> GoalBar:
        return goal_bar(Plan(goal, reached, Range(about, low, high), 0.5, 1.0, 1.0, []))

    short = bar(100, 20, 30, 20, 50)
    assert (short.reached, short.expected, short.low, short.high, short.goal) == (120, 180, 240, 420, WIDTH)
    far = bar(100, 100, 60, 50, 100)
    assert (far.goal, far.high) == (WIDTH / 2, WIDTH)

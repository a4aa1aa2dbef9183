"""A form that is refused comes back on its page: filled as it was, with what is wrong at its field, and counts once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from service.access import Role
from service.people import say
from tests.service.conftest import ADDRESS, Service
from tests.service.samples import STRONG, WEAK

from .conftest import OURS, SignIn, hand_over, keep, post, state


@pytest.fixture
def handed(service: Service) -> Service:
    keep(service, "a", STRONG, owner="Ann", display={"name": "Ada Lovelace"})
    keep(service, "b", WEAK, owner="Ann")
    hand_over(service, "a", "b", minutes_ago=60)
    return service


def form_again(page: str) -> dict[str, str]:
    """What the form that came back would send."""
    form = re.search(r'<form[^>]* id="again">.*?</form>', page, re.DOTALL)
    assert form, page
    return dict(re.findall(r'<input[^>]*? name="([^"]*)" value="([^"]*)"', form[0]))


def assert_told_at(page: str, name: str, words: str) -> None:
    """The summary stands on top, has the focus and leads to the field; the field says what is wrong with it."""
    assert "<title>Not taken yet: " in page
    assert re.search(r'<div class="note fault" id="refused" role="alert" tabindex="-1" autofocus>', page)
    assert f'<a href="#wrong-{name}">{words}' in page
    assert page.count(f' id="wrong-{name}" aria-invalid="true" aria-describedby="why-{name}"') == 1
    assert f'id="why-{name}">{words}' in page
    assert page.count(' id="again"') == 1


def test_what_was_typed_of_a_lead_stays_and_sent_again_counts_once(handed: Service, signed_in: SignIn) -> None:
    ann = signed_in("ann", owner="Ann")
    won = {"lead_id": "a", "event_id": "once", "feedback": "won", "value": 'much "more"', "back": "lead"}
    answer = post(ann, "/say", won)
    assert (answer.status_code, answer.headers["cache-control"]) == (422, "no-store")
    assert_told_at(answer.text, "value", "Value: write an amount above 0")
    assert 'value="much &#34;more&#34;"' in answer.text
    assert '<details data-key="w" open><summary>Won' in answer.text
    assert answer.text.count(" open>") == 1, "no other form unfolds"
    again = form_again(answer.text) | {"value": "12,500"}
    assert again == won | {"value": "12,500"}
    assert [post(ann, "/say", again).status_code for _ in range(2)] == [303, 303]
    assert handed.http.get("/v1/leads/a").json()["wins"] == 1


def test_the_list_comes_back_as_it_was_searched(handed: Service, signed_in: SignIn) -> None:
    ann = signed_in("ann", owner="Ann")
    later = {"lead_id": "a", "event_id": "n", "feedback": "not_now", "until": "2026-03-02", "back": "/today?q=lovelace"}
    page = post(ann, "/say", later).text
    assert_told_at(page, "until", "Ask again on: choose a day after today")
    assert '<input type="date" name="until" value="2026-03-02" min="2026-03-03" max="2199-12-31" required' in page
    assert 'type="search" value="lovelace"' in page
    assert 'href="/lead?id=b"' not in page, "the list is still the one that was searched"
    typed = post(ann, "/say", later | {"until": "2. März"}).text
    assert '<input type="text" name="until" value="2. März"' in typed, "a calendar would drop what is no day"


def test_a_form_whose_page_has_it_no_more_comes_back_alone(handed: Service, signed_in: SignIn) -> None:
    ann = signed_in("ann", owner="Ann")
    post(ann, "/say", {"lead_id": "a", "event_id": "l", "feedback": "lost", "reason": "no_need"})
    won = {"lead_id": "a", "event_id": "once", "feedback": "won", "value": "many", "back": "today"}
    twice = {**OURS, "Referer": f"{ADDRESS}/say"}
    answer = post(ann, "/say", won, twice)
    assert answer.status_code == 422
    assert_told_at(answer.text, "value", "Value: write an amount")
    assert 'href="/today">Back, nothing was changed' in answer.text
    gone = post(ann, "/say", won | {"lead_id": "gone", "value": "5"}, twice)
    assert 'href="/say"' not in gone.text, "there is nothing to look at"
    handed.clock.wait(minutes=1)
    assert form_again(answer.text) == won
    assert post(ann, "/say", form_again(answer.text) | {"value": "5"}).status_code == 303
    assert state(handed, "a") == "won"


def test_a_word_against_the_score_keeps_its_reason(handed: Service, signed_in: SignIn) -> None:
    ann = signed_in("ann", owner="Ann")
    put = {"lead_id": "a", "place": "first", "reason": "met at <b>the fair</b>", "until": "2026-12-31"}
    page = post(ann, "/override", put).text
    assert_told_at(page, "until", "Until: choose a day within the next 90 days")
    assert 'value="met at &lt;b&gt;the fair&lt;/b&gt;" required maxlength="1000"' in page
    assert 'value="2026-12-31" min="2026-03-03" max="2026-05-30" required' in page
    assert '<details class="override" open>' in page
    longest = {"until": "2026-05-30", "reason": "x" * 1_000}
    assert post(ann, "/override", put | longest).status_code == 303, "what the browser lets through is taken"
    assert_told_at(post(ann, "/override", put | {"reason": "x" * 1_001}).text, "reason", "Why?: say why")


def test_a_target_keeps_all_of_its_fields(service: Service, signed_in: SignIn) -> None:
    form = {"amount": "half a million", "unit": "purchases", "since": "2026-01-01", "until": "2026-05-31"}
    page = post(signed_in("sam"), "/target", form).text
    assert_told_at(page, "amount", "To be won: write a number above 0")
    assert form_again(page) | {"unit": "purchases"} == form
    assert '<option value="purchases" selected>' in page
    assert 'name="since" value="2026-01-01" min="2021-02-26" max="2026-03-02"' in page
    assert 'name="until" value="2026-05-31" min="2026-03-02" max="2031-03-06"' in page


def test_an_edit_of_a_model_keeps_its_points_and_opens_its_fields(service: Service, signed_in: SignIn) -> None:
    ana, path = signed_in("ana", Role.ANALYST), "/models/1/tables"
    page = post(ana, path, {"points-0-2": "lots", "veto-1": "1", "why": "the fair"}).text
    assert_told_at(page, "points-0-2", "Lead source: ")
    assert 'name="points-0-2" value="lots"' in page
    assert 'name="veto-1" value="1" checked' in page
    assert 'name="why" value="the fair"' in page
    assert page.count('<details class="field" open>') == 2
    nothing = post(ana, path, {"why": "the fair"}).text
    assert "<li>Edit: nothing is changed</li>" in nothing
    assert 'name="why" value="the fair"' in nothing


def test_what_was_typed_outlives_a_database_that_does_not_answer(
    handed: Service, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise OperationalError("", {}, Exception("gone"))

    ann = signed_in("ann", owner="Ann")
    won = {"lead_id": "a", "event_id": "once", "feedback": "won", "value": "12,500", "back": "lead"}
    with monkeypatch.context() as broken:
        broken.setattr(say, "take_told", fails)
        answer = post(ann, "/say", won)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert '<a href="#again">The database does not answer just now.' in answer.text
    assert form_again(answer.text) == won
    assert post(ann, "/say", form_again(answer.text)).status_code == 303

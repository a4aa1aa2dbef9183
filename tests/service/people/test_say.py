"""What somebody says on a page is an event like any other: once, in order, and it can be taken back."""

from __future__ import annotations

import re

import pytest

from service.access import Role
from service.people.say import amount_of
from service.problems import Unfit
from tests.service.conftest import ADDRESS, Service
from tests.service.samples import STRONG

from .conftest import OURS, SignIn, hand_over, keep, post, state


@pytest.fixture
def handed(service: Service) -> Service:
    keep(service, "a", STRONG, owner="Ann")
    hand_over(service, "a", minutes_ago=60)
    return service


@pytest.mark.parametrize(
    ("form", "becomes"),
    [
        ({"feedback": "accepted"}, "accepted"),
        ({"feedback": "refused", "reason": "no_budget"}, "refused"),
        ({"feedback": "not_now", "until": "2026-04-01"}, "not_now"),
        ({"feedback": "won", "value": "12,500"}, "won"),
        ({"feedback": "won"}, "won"),
        ({"feedback": "lost", "reason": "bought_elsewhere"}, "lost"),
    ],
)
def test_each_word_is_one_press_and_can_be_undone(
    handed: Service, signed_in: SignIn, form: dict[str, str], becomes: str
) -> None:
    ann = signed_in("ann", owner="Ann")
    answer = post(ann, "/say", {"lead_id": "a", "event_id": "once", **form})
    assert answer.status_code == 303
    assert state(handed, "a") == becomes
    page = ann.get(answer.headers["location"]).text
    assert 'name="withdraws" value="once"' in page
    handed.clock.wait(minutes=1)
    undo = {"lead_id": "a", "event_id": "undo", "feedback": "withdrawn", "withdraws": "once"}
    undone = ann.get(post(ann, "/say", undo).headers["location"]).text
    assert "is taken back" in undone
    assert "withdraws" not in undone
    assert state(handed, "a") == "handed_over"
    assert "withdraws" not in ann.get(answer.headers["location"]).text, "what was taken back is not offered again"


def test_won_keeps_its_value_and_the_reason_stays_with_a_refusal(handed: Service, signed_in: SignIn) -> None:
    ann = signed_in("ann", owner="Ann")
    post(ann, "/say", {"lead_id": "a", "event_id": "1", "feedback": "won", "value": "12,500.50"})
    found = handed.http.get("/v1/leads/a").json()
    assert (found["won_value"], found["wins"]) == (12_500.5, 1)
    handed.clock.wait(minutes=1)
    post(ann, "/say", {"lead_id": "a", "event_id": "2", "feedback": "refused", "reason": "other", "note": "moved away"})
    found = handed.http.get("/v1/leads/a").json()
    assert (found["state"], found["state_reason"]) == ("refused", "other: moved away")
    said = [e for e in found["timeline"] if e["what"] == "feedback"]
    assert {e["by"] for e in said} == {"user:ann"}


def test_a_word_is_told_back_with_all_that_was_understood(handed: Service, signed_in: SignIn) -> None:
    ann = signed_in("ann", owner="Ann")
    won = {"lead_id": "a", "event_id": "w", "feedback": "won", "value": "12.500 EUR"}
    assert "</bdi> for 12,500." in ann.get(post(ann, "/say", won).headers["location"]).text
    later = {"lead_id": "a", "event_id": "n", "feedback": "not_now", "until": "2026-03-09"}
    assert "</bdi> until 9 March 2026." in ann.get(post(ann, "/say", later).headers["location"]).text


def test_the_lead_s_page_offers_to_take_the_last_own_word_back(handed: Service, signed_in: SignIn) -> None:
    ann, boss = signed_in("ann", owner="Ann"), signed_in("boss", Role.ADMIN)
    post(ann, "/say", {"lead_id": "a", "event_id": "1", "feedback": "accepted"})
    handed.clock.wait(minutes=1)
    post(ann, "/say", {"lead_id": "a", "event_id": "2", "feedback": "won", "value": "12345.67"})
    page = ann.get("/lead?id=a").text
    assert ("</bdi> for 12,345.67." in page, 'name="withdraws" value="2"' in page) == (True, True)
    assert "withdraws" not in boss.get("/lead?id=a").text, "nobody takes back what another said"
    handed.clock.wait(minutes=1)
    post(ann, "/say", {"lead_id": "a", "event_id": "3", "feedback": "withdrawn", "withdraws": "2"})
    page = ann.get("/lead?id=a").text
    assert ("You accepted" in page, 'name="withdraws" value="1"' in page) == (True, True)


def test_what_is_wrong_is_noted_behind_the_reason(handed: Service, signed_in: SignIn) -> None:
    ann = signed_in("ann", owner="Ann")
    form = {"lead_id": "a", "event_id": "1", "feedback": "refused", "reason": "bad_data"}
    answer = post(ann, "/say", form | {"note": "x" * 1_000})
    assert (answer.status_code, 'id="why-note"' in answer.text) == (422, True)
    page = ann.get(post(ann, "/say", form | {"note": "the phone is another firm's"}).headers["location"]).text
    assert "The data is wrong: the phone is another firm&#39;s" in page
    assert handed.http.get("/v1/leads/a").json()["state_reason"] == "bad_data: the phone is another firm's"


@pytest.mark.parametrize("until", ["2025-01-01", "2026-03-02"])
def test_a_lead_is_put_off_until_a_day_that_is_to_come(handed: Service, signed_in: SignIn, until: str) -> None:
    ann = signed_in("ann", owner="Ann")
    before = state(handed, "a")
    form = {"lead_id": "a", "event_id": "n", "feedback": "not_now", "until": until, "back": "lead"}
    answer = post(ann, "/say", form, {**OURS, "Referer": f"{ADDRESS}/lead?id=a"})
    assert answer.status_code == 422
    assert "Ask again on: choose a day after today" in answer.text
    assert "What is known" in answer.text, "it is the page that the form stands on"
    assert state(handed, "a") == before


@pytest.mark.parametrize("text", ["abc", "1,2,3", "12.5000", "-5", "1e3", "٣", "12..5", "0", "0.00"])
def test_an_amount_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        amount_of(text)


def test_a_button_pressed_twice_counts_once(handed: Service, signed_in: SignIn) -> None:
    ann = signed_in("ann", owner="Ann")
    form = {"lead_id": "a", "event_id": "once", "feedback": "won", "value": "5"}
    first = post(ann, "/say", form)
    handed.clock.wait(seconds=2)
    again = post(ann, "/say", form)
    assert (first.status_code, again.status_code) == (303, 303)
    assert handed.http.get("/v1/leads/a").json()["wins"] == 1


def test_nobody_speaks_of_leads_that_are_not_his(handed: Service, signed_in: SignIn) -> None:
    ben = signed_in("ben", owner="Ben")
    answer = post(ben, "/say", {"lead_id": "a", "event_id": "1", "feedback": "won"})
    assert answer.status_code == 404
    assert state(handed, "a") == "handed_over"


def test_nobody_takes_back_what_another_said_of_another_lead(handed: Service, signed_in: SignIn) -> None:
    keep(handed, "b", STRONG, owner="Ben")
    post(signed_in("ann", owner="Ann"), "/say", {"lead_id": "a", "event_id": "anns", "feedback": "accepted"})
    undo = {"lead_id": "b", "event_id": "undo", "feedback": "withdrawn", "withdraws": "anns"}
    post(signed_in("ben", owner="Ben"), "/say", undo)
    assert state(handed, "a") == "accepted"


@pytest.mark.parametrize(
    "form",
    [
        {"feedback": "sold"},
        {"feedback": "won", "value": "much"},
        {"feedback": "won", "value": "-1"},
        {"feedback": "won", "value": "nan"},
        {"feedback": "not_now", "until": "tomorrow"},
        {"feedback": "accepted", "withdraws": "x"},
        {"feedback": "withdrawn"},
        {"feedback": "refused", "reason": "x" * 1_001},
        {"feedback": "accepted", "lead_id": "x" * 201},
        {},
    ],
)
def test_what_breaks_a_rule_is_said_on_a_page_and_changes_nothing(
    handed: Service, signed_in: SignIn, form: dict[str, str]
) -> None:
    answer = post(signed_in("ann", owner="Ann"), "/say", {"lead_id": "a", "event_id": "1"} | form)
    assert answer.status_code == 422
    assert "Back to the beginning" in answer.text or "Nothing was changed yet." in answer.text
    assert state(handed, "a") == "handed_over"


def test_every_form_of_the_page_is_taken_as_it_stands(handed: Service, signed_in: SignIn) -> None:
    ann = signed_in("ann", owner="Ann")
    forms = re.findall(r'<form method="post" action="/say">(.*?)</form>', ann.get("/today").text, re.DOTALL)
    assert len(forms) == 5
    for form in forms:
        given = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form))
        extra = re.search(r'<button name="(reason)" value="([^"]*)"', form)
        given |= {extra[1]: extra[2]} if extra else {}
        given |= {"until": "2026-04-01"} if "until" in form else {}
        handed.clock.wait(minutes=1)
        assert post(ann, "/say", given).status_code == 303
        assert state(handed, "a") == given["feedback"]


def test_marketing_looks_and_does_not_speak(handed: Service, signed_in: SignIn) -> None:
    mary = signed_in("mary", Role.MARKETING)
    page = mary.get("/lead?id=a").text
    assert "/say" not in page
    assert post(mary, "/say", {"lead_id": "a", "event_id": "1", "feedback": "won"}).status_code == 403

"""Today's list: whom to call next, of whose leads, with reasons, and for how long they have waited."""

from __future__ import annotations

import csv
import io
import re

import pytest

from service.access import Role
from tests.service.conftest import Service
from tests.service.samples import STRONG, WEAK

from .conftest import SignIn, hand_over, keep, post, state


def names(text: str) -> list[str]:
    return re.findall(r"<h2><a [^>]*><bdi>([^<]*)</bdi>", text)


def test_the_list_has_what_was_handed_over_the_best_first(service: Service, signed_in: SignIn) -> None:
    keep(service, "weak", WEAK)
    keep(service, "strong", STRONG)
    keep(service, "not handed over", STRONG)
    hand_over(service, "weak", "strong", minutes_ago=90)
    page = signed_in().get("/today").text
    assert names(page) == ["strong", "weak"]
    assert page.count("Waits for 1 hour") == 2
    assert "Lead source: referral" in page.replace("Referral", "referral")


def test_the_first_list_says_that_nothing_waits(signed_in: SignIn) -> None:
    assert "Nothing waits for you today" in signed_in().get("/today").text


def test_a_seller_sees_own_leads_alone(service: Service, signed_in: SignIn) -> None:
    keep(service, "anns", STRONG, owner="Ann")
    keep(service, "norths", STRONG, territory="North")
    keep(service, "bens", STRONG, owner="Ben")
    hand_over(service, "anns", "norths", "bens")
    ann = signed_in("ann", owner="Ann", territories=("North",))
    assert sorted(names(ann.get("/today").text)) == ["anns", "norths"]
    assert "bens" not in ann.get("/today.csv").text
    assert ann.get("/lead?id=bens").status_code == ann.get("/lead?id=nobody").status_code == 404
    assert len(names(signed_in("boss", Role.ADMIN).get("/today").text)) == 3


def test_contacts_of_one_company_are_one_row_the_best_of_them_first(service: Service, signed_in: SignIn) -> None:
    for lead_id, fields, company in (("a", WEAK, "Acme"), ("b", STRONG, "Acme"), ("c", WEAK, None), ("d", WEAK, None)):
        keep(service, lead_id, fields, company=company)
    hand_over(service, "a", "b", "c", "d")
    page = signed_in().get("/today").text
    assert names(page) == ["b", "c", "d"]
    assert 'Also there: <a href="/lead?id=a">' in page


def test_what_is_put_off_comes_back_on_its_day(service: Service, signed_in: SignIn) -> None:
    keep(service, "later", STRONG)
    hand_over(service, "later")
    ann = signed_in()
    form = {"lead_id": "later", "event_id": "e", "feedback": "not_now", "until": "2026-03-05"}
    assert post(ann, "/say", form).status_code == 303
    assert names(ann.get("/today").text) == []
    service.clock.wait(days=5)
    page = ann.get("/today").text if ann.get("/today", follow_redirects=False).is_success else ""
    assert page == "", "the session is over by then"
    assert names(signed_in("next").get("/today").text) == ["later"]


def test_what_is_closed_is_on_no_list(service: Service, signed_in: SignIn) -> None:
    for word in ("won", "lost", "refused"):
        keep(service, word, STRONG)
        hand_over(service, word)
        post(signed_in(word), "/say", {"lead_id": word, "event_id": word, "feedback": word})
        assert state(service, word) == word
    assert names(signed_in().get("/today").text) == []


@pytest.mark.parametrize(("words", "found"), [("müller", ["a"]), ("acme ada", ["a"]), ("b", ["b"]), ("nobody", [])])
def test_the_list_can_be_searched(service: Service, signed_in: SignIn, words: str, found: list[str]) -> None:
    keep(service, "a", STRONG, company="Acme", display={"name": "Ada Müller"})
    keep(service, "b", STRONG)
    hand_over(service, "a", "b")
    page = signed_in().get("/today", params={"q": words}).text
    assert [{"Ada Müller": "a"}.get(n, n) for n in names(page)] == found


def test_what_a_lead_did_lately_stands_beside_it(service: Service, signed_in: SignIn) -> None:
    keep(service, "a", STRONG)
    hand_over(service, "a")
    done = {"lead_id": "a", "kind": "pricing_page"}
    for number in range(5):
        service.http.post("/v1/activities", json=done | {"event_id": str(number), "at": f"2026-02-2{number}"})
    page = signed_in().get("/today").text
    assert "Lately: pricing page on 24 February 2026, pricing page on 23 February 2026" in page
    assert "20 February" not in page


def test_the_file_has_the_same_leads_and_no_formula(service: Service, signed_in: SignIn) -> None:
    evil = '=HYPERLINK("http://evil.example")'
    keep(service, "strong", STRONG, company=evil, display={"name": "@SUM(1)", "phone": "+49 30 1"})
    keep(service, "-weak", WEAK)
    hand_over(service, "strong", "-weak")
    answer = signed_in().get("/today.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="leads-2026-03-02.csv"'
    head, first, second = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert first[:4] == ["strong", "'@SUM(1)", "'" + evil, "+49 30 1"]
    assert second[0] == "'-weak"
    assert (head[6], first[6]) == ("grade", "A")


def test_a_lead_that_objects_is_still_to_be_answered_and_has_no_score(service: Service, signed_in: SignIn) -> None:
    keep(service, "a", STRONG)
    hand_over(service, "a")
    service.http.put("/v1/leads/a/do-not-score")
    page = signed_in().get("/today").text
    assert names(page) == ["a"]
    assert "not scored" in page


@pytest.mark.parametrize(
    "odd", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "\u202egro"]
)
def test_what_a_lead_writes_is_shown_as_text(service: Service, signed_in: SignIn, odd: str) -> None:
    keep(service, "plain", STRONG, company="c", display={"name": "n", "phone": "1"})
    hand_over(service, "plain")
    browser = signed_in()
    quiet = re.findall(r"<[a-z]+", browser.get("/today").text)
    keep(service, "plain", STRONG | {"Job title": f"VP Sales {odd}"}, company=odd, display={"name": odd, "phone": odd})
    page = browser.get("/today").text
    assert re.findall(r"<[a-z]+", page) == quiet
    assert odd not in page.replace("\u202e", "!") or "<" not in odd
    lead = browser.get("/lead?id=plain").text
    assert "<script>" not in lead
    assert "<img" not in lead

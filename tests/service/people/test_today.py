"""Today's list: whom to call next, of whose leads, with reasons, and for how long they have waited."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest

from service.access import Role
from service.people import sales_pages, today
from service.people.origins import origins_of
from tests.cards import small_card
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


def test_who_looks_for_a_closed_lead_is_told_where_it_is(service: Service, signed_in: SignIn) -> None:
    keep(service, "open", WEAK)
    hand_over(service, "open")
    ann = signed_in()
    for path in ("/today?q=gone", "/?q=gone"):
        assert '<a href="/account">What became of them</a>' in ann.get(path).text, path
    assert '<a href="/?q=gone">' in ann.get("/today?q=gone").text


def test_what_is_closed_is_on_no_list(service: Service, signed_in: SignIn) -> None:
    for word in ("won", "lost", "refused"):
        keep(service, word, STRONG)
        hand_over(service, word)
        post(signed_in(word), "/say", {"lead_id": word, "event_id": word, "feedback": word})
        assert state(service, word) == word
    assert names(signed_in().get("/today").text) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        *(("müller", ["a"]), ("acme ada", ["a"]), ("B", ["b"]), ("nobody", [])),
        *(("ada@gmail.com", ["b"]), ("(030) 12 34-5", ["a"]), ("30 1234", ["a"])),
    ],
)
def test_the_list_can_be_searched(service: Service, signed_in: SignIn, words: str, found: list[str]) -> None:
    keep(service, "a", STRONG, company="Acme", display={"name": "Ada Müller", "phone": "030/1234 5"})
    keep(service, "b", WEAK)
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
    told = dict(zip(head, second, strict=True))
    assert (told["email"], told["state"], told["waits_since"]) == (
        "ada@gmail.com",
        "handed_over",
        "2026-03-02T12:00:00Z",
    )
    assert (told["source"], told["campaign"]) == ("Cold list", "")
    assert told["speaks_against"] == "Job title: intern"
    assert "; Lead source: Referral" in dict(zip(head, first, strict=True))["speaks_for"]


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


def sources(service: Service) -> None:
    """Leads of two sources and three states, all handed over at different times."""
    for number, (lead_id, fields) in enumerate((("zoe", STRONG), ("Bob", WEAK), ("amy", WEAK | {"Lead source": "x"}))):
        keep(service, lead_id, fields)
        hand_over(service, lead_id, minutes_ago=60 * (3 + number))


def test_the_list_is_narrowed_and_sorted_and_the_file_follows(service: Service, signed_in: SignIn) -> None:
    sources(service)
    ann = signed_in()
    post(ann, "/say", {"lead_id": "Bob", "event_id": "e", "feedback": "accepted"})
    for asked, listed in (
        ("grade=A", ["zoe"]),
        ("grade=B&todo=waits", []),
        ("todo=waits", ["zoe", "amy"]),
        ("todo=accepted", ["Bob"]),
        ("source=Cold+list", ["Bob"]),
        ("source=x&q=AMY", ["amy"]),
        ("source=Cold+list&q=amy", []),
        ("sort=waits", ["amy", "zoe", "Bob"]),
        ("sort=name", ["amy", "Bob", "zoe"]),
        ("sort=no&grade=E&todo=x&page=99", ["zoe", "amy", "Bob"]),
    ):
        assert names(ann.get(f"/today?{asked}").text) == listed, asked
        file = ann.get(f"/today.csv?{asked}").text.splitlines()[1:]
        assert [line.partition(",")[0] for line in file] == listed, asked
    page = ann.get("/today?todo=waits&sort=waits").text
    assert "2 that fit, of 3 to do, the one that waits longest first" in " ".join(page.split())
    assert 'href="/today.csv?todo=waits&amp;sort=waits"' in page
    assert '<option value="waits" selected>waits for an answer' in page
    assert re.findall(r'<option value="([^"]*)">', page[page.index('name="source"') :])[:4] == [
        "",
        "Cold list",
        "Referral",
        "x",
    ]
    assert "From marketing: lead source <bdi>x</bdi>" in page
    assert 'value="worth"' not in page, "the usual order is the empty choice"
    assert "fits what was chosen" in ann.get("/today?grade=B").text
    post(ann, "/say", {"lead_id": "zoe", "event_id": "z", "feedback": "accepted"})
    assert names(ann.get("/today").text) == ["amy", "zoe", "Bob"], "what waits for an answer comes first"


def test_pages_of_the_list_keep_what_was_asked(
    service: Service, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sales_pages, "FIRMS", 2)
    for number in range(5):
        keep(service, f"lead-{number}", STRONG)
    hand_over(service, *(f"lead-{number}" for number in range(5)))
    ann, address, met, said = signed_in(), "/today?q=lead&grade=A&sort=name", [], []
    while address:
        page = ann.get(address).text
        met += names(page)
        said += re.findall(r"[0-9] to [0-9] of", page)
        following = re.search(r'<a href="([^"]*)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert met == [f"lead-{number}" for number in range(5)]
    assert said == ["1 to 2 of", "3 to 4 of", "5 to 5 of"]
    assert '<a href="/today?q=lead&amp;grade=A&amp;sort=name&amp;page=2" rel="prev">' in page


def test_a_list_that_is_too_long_says_that_it_has_the_best_alone(
    service: Service, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources(service)
    ann = signed_in()
    assert "were looked at" not in ann.get("/today").text
    monkeypatch.setattr(today, "MOST", 2)
    page = ann.get("/today?sort=name").text
    assert names(page) == ["amy", "zoe"]
    assert "leads that are worth most were looked at" in page


def test_after_a_word_the_list_comes_back_at_the_next_lead(service: Service, signed_in: SignIn) -> None:
    sources(service)
    ann = signed_in()
    page = ann.get("/today?sort=name").text
    spots = re.findall(r'<li class="firm" id="(at-[0-9a-f]{12})"', page)
    ways = re.findall(r'name="feedback" value="accepted">.*?name="back" value="([^"]*)"', page)
    assert ways == [f"/today?sort=name#{spot}" for spot in (spots[1], spots[2], spots[1])]
    form = {"lead_id": "amy", "event_id": "e", "feedback": "accepted", "back": ways[0]}
    assert post(ann, "/say", form).headers["location"] == f"/today?sort=name&said=e#{spots[1]}"
    undo = ann.get("/today?sort=name&said=e").text
    assert f'name="back" value="/today?sort=name#{spots[0]}"' in undo, "what is taken back is where it was"
    for evil in ("//evil.example/today?x=1", "https://evil.example#at-x", "/today?said=x#<b>", "\\evil?next=//evil"):
        assert post(ann, "/say", form | {"back": evil}).headers["location"] == "/today?said=e"


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["utm_campaign", "LeadSource", "Employees"], ["utm_campaign", "LeadSource"]),
        (["Original source drill down", "source", "resource"], ["source"]),
        (["Acquisition channel", "campaigner"], ["Acquisition channel"]),
    ],
)
def test_campaign_and_source_are_told_by_words_of_their_names(names: list[str], found: list[str]) -> None:
    card = small_card()
    named = tuple(replace(card.fields[0], name=name) for name in names)
    origins = origins_of(replace(card, fields=named, mains=(), pairs=()))
    assert [origin.field.name for origin in origins] == found
    assert origins[0].of({found[0]: " REFERRAL "}) == "Referral"
    assert origins[0].of({found[0]: "n/a"}) == origins[0].of({}) == ""

"""Marketing's pages: who has room, handing over by one press, and what stays."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlalchemy import func, update
from starlette.testclient import TestClient

from service.access import Role
from service.tables import scores
from tests.service.conftest import Service
from tests.service.samples import STRONG, WEAK

from .conftest import SignIn, hand_over, keep, post, state


def add_seller(service: Service, name: str, capacity: int = 25, **more: object) -> None:
    answer = service.http.put(f"/v1/sellers/{name}", json={"capacity_per_week": capacity, **more})
    assert answer.is_success, answer.text


def test_without_sellers_the_page_says_how_to_add_one(signed_in: SignIn) -> None:
    assert "leadrank sellers set" in signed_in("mary", Role.MARKETING).get("/handover").text


def test_the_page_says_what_would_be_and_one_press_does_it(service: Service, signed_in: SignIn) -> None:
    add_seller(service, "Ann", 5)
    for number in range(3):
        own = {"company": "Acme", "display": {"name": "Lea"}} if number == 1 else {}
        keep(service, f"lead-{number}", STRONG if number == 1 else WEAK, **own)
    mary = signed_in("mary", Role.MARKETING)
    page = mary.get("/handover").text
    assert "1 lead can be handed over now" in page
    whole = re.sub("<[^>]+>", "", page)
    assert "Of 3 leads that are not with sales, 1 can be handed over now, and 2 stay:" in whole
    assert "2 no room with sales just now" in whole
    assert "2 March 2026" in page
    nurture = mary.get("/nurture").text.split("<tbody")[1]
    assert (nurture.count("can be handed over now"), nurture.count("no room with sales just now")) == (1, 2)
    assert state(service, "lead-1") == "new", "looking changes nothing"
    assert re.search(
        r'<bdi>Lea</bdi></a><span class="under"><bdi>Acme</bdi>.*?data-label="Seller"><bdi>Ann<', page, re.S
    )
    done = post(mary, "/handover", {}).headers["location"]
    said = mary.get(done).text
    assert "1 lead was handed over: <bdi>Ann</bdi> got 1." in said
    listed = mary.get(re.search(r'href="(/handover/leads\?run=\d+)">Look at it', said)[1]).text  # type: ignore[index]
    assert "1 lead, the best first" in listed
    assert re.search(r'"/lead\?id=lead-1"><bdi>Lea</bdi>.*?<bdi>Ann</bdi>.*?>handed over</td>', listed, re.S)
    assert [state(service, f"lead-{n}") for n in range(3)] == ["new", "handed_over", "new"]
    page = mary.get("/handover").text
    assert (
        "There is nothing to hand over now. Nobody has room today: 2 leads wait for it. "
        "Sales has not answered 1 lead: each takes the room of a new one. "
        "There is room again on Tuesday, 3 March 2026, or sooner with more calls a week."
    ) in page
    assert "2 leads are not with sales:" in page
    assert "by <bdi>mary</bdi>" in page
    assert "lead-1" in signed_in("ann", owner="Ann").get("/today").text


def test_products_of_sellers_and_leads_that_nobody_sells_are_on_both_pages(service: Service, signed_in: SignIn) -> None:
    add_seller(service, "Ann")
    keep(service, "fax", STRONG | {"product": "Fax"})
    mary = signed_in("mary", Role.MARKETING)
    assert "Products" not in mary.get("/handover").text, "no column of nothing"
    add_seller(service, "Ann", products=["CRM", "R&D <tools>"])
    page = mary.get("/handover").text
    assert "<td>CRM, R&amp;D &lt;tools&gt;</td>" in page
    assert '<a href="/nurture?why=no_seller_of_product">there is nobody for its product</a>' in page
    assert "there is nobody for its product" in mary.get("/nurture").text


def test_leads_that_wait_too_long_are_counted_by_seller_and_marked_on_the_list(
    service: Service, signed_in: SignIn
) -> None:
    add_seller(service, "Ann")
    keep(service, "old", STRONG, owner="Ann")
    keep(service, "new", WEAK, owner="Ann")
    hand_over(service, "old", minutes_ago=25 * 60)
    hand_over(service, "new", minutes_ago=23 * 60)
    assert '<strong class="against">1</strong>' in signed_in("mary", Role.MARKETING).get("/handover").text
    page = signed_in("ann", owner="Ann").get("/today").text
    assert page.count("too long") == 1
    assert "Waits for 1 day: too long" in page


def test_a_count_by_reason_leads_to_the_leads_behind_it(service: Service, signed_in: SignIn) -> None:
    add_seller(service, "Ann", 5)
    keep(service, "first", STRONG, owner="Ann")
    keep(service, "second", WEAK, owner="Ann", company="Acme", display={"name": "Ada"})
    keep(service, "nobodys", WEAK, owner="Zoe")
    mary = signed_in("mary", Role.MARKETING)
    page = mary.get("/handover").text
    ways = re.findall(r'<span class="number">(\d)</span> <a href="(/nurture\?why=\w+)"', page)
    assert ways == [("1", "/nurture?why=no_capacity"), ("1", "/nurture?why=owner_is_no_seller")]
    full = mary.get("/nurture?why=no_capacity").text
    assert re.findall(r'href="/lead\?id=(\w+)"', full) == ["second"]
    assert '<bdi>Ada</bdi></a><span class="under"><bdi>Acme</bdi></span>' in full
    assert "Only those of one reason: no room with sales just now." in full
    assert set(file_of(mary, "/nurture.csv?why=no_capacity")) == {"second"}
    assert re.findall(r'href="/lead\?id=(\w+)"', mary.get("/nurture?why=next").text) == ["first"]
    assert "No lead stays for this reason: refused by sales." in mary.get("/nurture?why=refused").text
    assert len(re.findall(r'href="/lead\?id=', mary.get("/nurture?why=<script>").text)) == 3


def test_what_stays_says_why_and_goes_on_by_cursor(service: Service, signed_in: SignIn) -> None:
    keep(service, "nobodys", STRONG, company="Acme")
    mary = signed_in("mary", Role.MARKETING)
    page = mary.get("/nurture").text
    assert "there is nobody for it" in page
    assert "<bdi>Acme</bdi>" in page
    keep(service, "unfit", STRONG)
    event = {"event_id": "e", "lead_id": "unfit", "feedback": "refused", "reason": "no_need: Ada Lovelace wrote"}
    assert service.http.post("/v1/feedback", json=event | {"at": service.clock().isoformat()}).is_success
    page = mary.get("/nurture").text
    assert re.search(r"refused by sales <span class=\"under\">No need, or not a fit</span>", page)
    assert "Lovelace" not in page
    for number in range(60):
        keep(service, f"lead-{number}", WEAK)
    address = mary.get("/nurture").text.split('href="/nurture?after=')[1].split('"')[0]
    assert "Back to the best" in mary.get(f"/nurture?after={address}").text


def file_of(browser: TestClient, address: str) -> dict[str, dict[str, str]]:
    """The lines of a file by lead."""
    head, *rows = csv.reader(io.StringIO(browser.get(address).text.removeprefix("\ufeff")))
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows}


def test_the_leads_that_stay_are_a_file_too_in_which_nothing_is_a_formula(service: Service, signed_in: SignIn) -> None:
    keep(service, "=1+1", STRONG, company="@Acme", display={"name": "-Ada", "email": "ada@acme.example"})
    with service.database.writing() as connection:
        connection.execute(update(scores).values(reasons=func.replace(scores.c.reasons, "Job title: ", "job_title: ")))
    mary = signed_in("mary", Role.MARKETING)
    answer = mary.get("/nurture.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="nurture-2026-03-02.csv"'
    line = file_of(mary, "/nurture.csv")["'=1+1"]
    assert (line["name"], line["company"]) == ("'-Ada", "'@Acme")
    assert (line["email"], line["why"]) == ("ada@acme.example", "there is nobody for it")
    assert "job title: " in line["speaks_for"]


def test_the_file_says_how_to_reach_a_lead_where_it_is_from_and_what_it_was_refused_for(
    service: Service, signed_in: SignIn
) -> None:
    keep(service, "own", STRONG | {"E-mail": "ada@acme.example", "Phone": "+49 30 1", "Lead source": "referral"})
    keep(service, "later", WEAK)
    for lead_id, said in (
        ("own", {"feedback": "refused", "reason": "no_need: Ada Lovelace wrote"}),
        ("later", {"feedback": "not_now", "until": "2026-04-01T09:30:00Z"}),
    ):
        event = {"event_id": lead_id, "lead_id": lead_id, "at": service.clock().isoformat(), **said}
        assert service.http.post("/v1/feedback", json=event).is_success
    lines = file_of(signed_in("mary", Role.MARKETING), "/nurture.csv")
    own, later = lines["own"], lines["later"]
    assert (own["name"], own["email"], own["phone"]) == ("own", "ada@acme.example", "+49 30 1")
    assert (own["source"], own["campaign"]) == ("Referral", "")
    assert (own["why"], own["refused_for"]) == ("refused by sales", "No need, or not a fit")
    assert (later["look_again"], later["refused_for"]) == ("2026-04-01", "")
    assert "Lead source: Referral" in own["speaks_for"]
    assert later["speaks_against"]
    assert not set(own["speaks_for"].split("; ")) & set(own["speaks_against"].split("; "))


def test_a_plan_that_takes_long_is_shown_for_a_while_and_not_after_a_handover(
    service: Service, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.people.handover_plan.QUICK", -1.0)
    monkeypatch.setattr("service.people.handover_plan.STALE_TIMES", 1e6)
    add_seller(service, "Ann")
    keep(service, "a", STRONG)
    mary = signed_in("mary", Role.MARKETING)
    first = mary.get("/handover").text
    keep(service, "b", STRONG)
    assert mary.get("/handover").text == first
    assert post(mary, "/handover", {}).status_code == 303
    assert mary.get("/handover").text != first


@pytest.mark.parametrize("after", ["x", "<script>", "é", "A" * 5_000])
def test_a_place_that_is_none_shows_the_beginning(signed_in: SignIn, after: str) -> None:
    answer = signed_in("mary", Role.MARKETING).get("/nurture", params={"after": after})
    assert answer.status_code == 200


@pytest.mark.parametrize("run", ["", "0", "x", "9" * 18, "9" * 400, "-1"])
def test_a_handover_that_there_was_not_shows_nothing(signed_in: SignIn, run: str) -> None:
    mary = signed_in("mary", Role.MARKETING)
    assert "Nothing was handed over." in mary.get("/handover/leads", params={"run": run}).text
    assert 'role="status"' not in mary.get("/handover", params={"run": run}).text


def test_sales_does_not_hand_over(signed_in: SignIn) -> None:
    sam = signed_in("sam")
    assert sam.get("/handover").status_code == 403
    assert post(sam, "/handover", {}).status_code == 403

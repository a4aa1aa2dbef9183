"""Marketing's pages: who has room, handing over by one press, and what stays."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlalchemy import func, update

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
        keep(service, f"lead-{number}", STRONG if number == 1 else WEAK)
    mary = signed_in("mary", Role.MARKETING)
    page = mary.get("/handover").text
    assert "1 lead can be handed over now" in page
    assert "Of 3 leads that no seller has, 1 can be handed over now, and 2 stay:" in page
    assert '<span class="number">2</span> no room with sales just now' in page
    assert "2 March 2026" in page
    nurture = mary.get("/nurture").text
    assert (nurture.count("can be handed over now"), nurture.count("no room with sales just now")) == (1, 2)
    assert state(service, "lead-1") == "new", "looking changes nothing"
    assert post(mary, "/handover", {}).headers["location"] == "/handover"
    assert [state(service, f"lead-{n}") for n in range(3)] == ["new", "handed_over", "new"]
    page = mary.get("/handover").text
    assert "There is nothing to hand over now" in page
    assert "user:mary" in page
    assert "lead-1" in signed_in("ann", owner="Ann").get("/today").text


def test_products_of_sellers_and_leads_that_nobody_sells_are_on_both_pages(service: Service, signed_in: SignIn) -> None:
    add_seller(service, "Ann")
    keep(service, "fax", STRONG | {"product": "Fax"})
    mary = signed_in("mary", Role.MARKETING)
    assert "Products" not in mary.get("/handover").text, "no column of nothing"
    add_seller(service, "Ann", products=["CRM", "R&D <tools>"])
    page = mary.get("/handover").text
    assert "<td>CRM, R&amp;D &lt;tools&gt;</td>" in page
    assert '<span class="number">1</span> there is nobody for its product' in page
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


def test_the_leads_that_stay_are_a_file_too_in_which_nothing_is_a_formula(service: Service, signed_in: SignIn) -> None:
    keep(service, "=1+1", STRONG, company="@Acme", display={"name": "-Ada", "email": "ada@acme.example"})
    with service.database.writing() as connection:
        connection.execute(update(scores).values(reasons=func.replace(scores.c.reasons, "Job title: ", "job_title: ")))
    answer = signed_in("mary", Role.MARKETING).get("/nurture.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="nurture-2026-03-02.csv"'
    line = dict(zip(*list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))[:2], strict=True))
    assert (line["lead"], line["name"], line["company"]) == ("'=1+1", "'-Ada", "'@Acme")
    assert (line["email"], line["why"]) == ("ada@acme.example", "there is nobody for it")
    assert "job title: " in line["reasons"]


def test_a_plan_that_takes_long_is_shown_for_a_while_and_not_after_a_handover(
    service: Service, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.people.handover_page.QUICK", -1.0)
    monkeypatch.setattr("service.people.handover_page.STALE_TIMES", 1e6)
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


def test_sales_does_not_hand_over(signed_in: SignIn) -> None:
    sam = signed_in("sam")
    assert sam.get("/handover").status_code == 403
    assert post(sam, "/handover", {}).status_code == 403

"""Leads are found among all by what people know of them, page by page, each by those who reach it, within bounds."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.asked import KeptLead
from service.leads import SHOWN_COLUMNS, load_leads
from service.list_query import ListQuery
from service.people import search
from service.people.looked_for import LookedFor
from service.ranked import Sort
from tests.service.conftest import NOON, Service
from tests.service.handover.test_indexes import plans
from tests.service.samples import STRONG, WEAK

from .conftest import SignIn, keep


def load(service: Service, *sent: KeptLead) -> None:
    load_leads(service.database, service.champion.current(), sent, now=NOON)


def found(browser: TestClient, address: str = "/", **given: Any) -> tuple[list[str], str | None, str]:
    """The ids on a page, the address of the next one, and the page."""
    answer = browser.get(address, params=given or None)
    assert answer.status_code == 200, answer.text
    following = re.search(r'<a href="([^"]*)" rel="next"', answer.text)
    ids = re.findall(r'<th role="rowheader" scope="row"><a href="/lead\?id=([^"]*)"', answer.text)
    return ids, following and following[1].replace("&amp;", "&"), answer.text


def test_a_lead_is_found_by_all_that_people_know_of_it(service: Service) -> None:
    shown = {"name": 'Ada "Al" Müller', "phone": "+49 (0)30 12-34"}
    load(
        service,
        KeptLead("a-1", STRONG | {"E-mail": "ada@acme.example"}, own={"company": "Acme Ltd", "display": shown}),
        KeptLead("b-2", WEAK | {"E-mail": "bob@gmail.com", "Phone": "0171 222 333"}, own={"company": "Beta"}),
    )
    for words in ("A-1", "acme", "MÜLLER ada", 'ada "al"', "ada@acme", "030 1234", "+49(0)30 12", "Acme Ltd"):
        assert found(service.http, q=words)[0] == ["a-1"], words
    for words in ("b-2", "beta", "BOB@gmail.com", "0171222333"):
        assert found(service.http, q=words)[0] == ["b-2"], words
    assert found(service.http, q="12 30 34")[0] == [], "a number is looked for as a whole"
    ids, _, page = found(service.http, q="nobody")
    assert ids == []
    assert "No lead with “nobody”" in page
    assert found(service.http, q=" ")[0] == ["a-1", "b-2"], "no words, no search"
    assert found(service.http, q="a-1", grade="A")[0] == ["a-1"]
    ids, _, page = found(service.http, q="a-1", grade="D")
    assert ids == []
    assert 'href="/?q=a-1&amp;grade=B"' in page, "another grade is chosen with the same words"
    assert '<input type="hidden" name="grade" value="D">' in page, "other words are looked for in the same grade"


def test_a_lead_is_in_no_word_of_a_field_that_is_not_shown(service: Service) -> None:
    load(service, KeptLead("a", STRONG))
    assert found(service.http, q="referral")[0] == found(service.http, q="employees")[0] == []


def test_pages_of_a_search_join_to_all_that_fits_with_the_exact_first(service: Service) -> None:
    load(
        service,
        *(KeptLead(f"zeta {i:02}", STRONG) for i in range(30)),
        *(KeptLead(f"other {i:02}", STRONG) for i in range(30)),
        KeptLead("Zeta", WEAK),
        KeptLead("weak", WEAK, own={"company": "Zeta"}),
    )
    address: str | None = "/?q=Zeta&limit=7"
    met: list[str] = []
    while address:
        ids, following, _ = found(service.http, address)
        met += ids
        address = following and f"{following}&limit=7"
    assert met == ["Zeta", "weak", *(f"zeta%20{i:02}" for i in range(30))]


def test_a_search_is_bounded_says_so_and_goes_on(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LOOKED", 20)
    monkeypatch.setattr("service.people.ranked_page.LOOKED", 20)
    monkeypatch.setattr(search, "CHUNK", 10)
    load(service, *(KeptLead(f"{i:02}", STRONG) for i in range(30)), KeptLead("needle", WEAK, own={"company": "Hay"}))
    assert found(service.http, q="needle")[0] == ["needle"], "an id is found wherever it stands"
    assert found(service.http, q="Hay")[0] == ["needle"], "and so is a company"
    ids, following, page = found(service.http, q="need")
    assert ids == []
    assert "Only the best 20 were looked through" in page
    assert following is not None
    ids, following, page = found(service.http, following)
    assert (ids, following) == (["needle"], None)
    assert "were looked through" not in page


def test_an_id_and_a_company_are_found_without_reading_the_list(service: Service) -> None:
    load(service, *(KeptLead(f"{i:03}", STRONG, own={"company": f"Hay {i}"}) for i in range(200)))
    asked = ListQuery(Sort.EXPECTED_VALUE, None, 50, None)
    with plans(service) as (connection, plan):
        looked = search.search(connection, asked, LookedFor("Hay 7"), desks=None, columns=SHOWN_COLUMNS)
    assert looked.page.rows[0].id == "007"
    _, company, exact, _, walk, full = plan
    assert "ix_leads_company" in company
    assert "ix_scores_worth_order" in walk
    assert "TEMP B-TREE" not in walk
    if service.database.is_sqlite:  # PostgreSQL goes by statistics, which a table of a test does not have
        assert "ix_scores" not in exact + full, "the list is a million leads long"


def test_a_seller_finds_only_leads_that_he_reaches(service: Service, signed_in: SignIn) -> None:
    keep(service, "anns", STRONG, owner="Ann", company="Acme")
    keep(service, "bens", STRONG, owner="Ben", company="Acme")
    ann = signed_in("ann", owner="Ann", territories=("North",))
    for words in ("Acme", "acme", "anns", "bens", "ns"):
        assert found(ann, q=words)[0] == ([] if words == "bens" else ["anns"]), words
    assert "bens" not in ann.get("/leads.csv").text + ann.get("/leads.csv?q=Acme").text


def test_the_file_has_the_best_with_the_filter_in_words_and_without_formulas(service: Service) -> None:
    sent = STRONG | {"E-mail": "ada@acme.example", "phone": "+49 30 1"}
    load(service, KeptLead("strong", sent, own={"display": {"name": "=1+1"}}), KeptLead("weak", WEAK))
    answer = service.http.get("/leads.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="all-leads-2026-03-02.csv"'
    first, second = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (first["lead"], first["name"], second["lead"], second["name"]) == ("strong", "'=1+1", "weak", "weak")
    assert (first["email"], first["phone"]) == ("ada@acme.example", "+49 30 1")
    assert (first["grade"], first["state"], first["waits_since"]) == ("A", "new", "")
    assert (first["campaign"], first["source"]) == ("", "Referral")
    assert "Lead source: Referral" in first["speaks_for"]
    assert "Lead source: Cold list" in second["speaks_against"]
    filtered = service.http.get("/leads.csv?grade=D&q=weak").text.splitlines()
    assert [line.partition(",")[0] for line in filtered[1:]] == ["weak"]
    assert service.http.get("/leads.csv?grade=E").status_code == 422

"""The page of all leads: plain words, no script, and nothing that a hostile lead writes comes alive."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import func, update

from service.asked import KeptLead
from service.leads import load_leads
from service.people.words import amount, percent
from service.tables import scores
from tests.cards import living_card
from tests.service.conftest import NOON, Service, listed_version, publish, wait_until
from tests.service.samples import STRONG, WEAK

HOSTILE = [
    "<script>alert(1)</script>",
    "</td></tr></table><h1>x</h1>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "<style>body{display:none}</style>",
    '<a href="javascript:alert(1)">x</a>',
    "<iframe src=//evil.example></iframe>",
    "<!-- x",
    "--><script>x</script>",
    "]]><script>x</script>",
    "{{ 7*7 }}",
    "{% for x in (1).__class__ %}",
    "${7*7}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    '" onmouseover="alert(1)',
    "' style='position:fixed",
    "\u202egro.live",
    "<meta http-equiv=refresh content=0>",
    "<base href=//evil.example>",
    "<form action=//evil.example><input name=x>",
    "javascript:alert(1)",
    "<\u0131mg src=x>",
    "\ufeff<b>",
]


class Reader(HTMLParser):
    """Notes every element and attribute, and the text in between."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page(service: Service, address: str = "/") -> Reader:
    answer = service.http.get(address)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Reader(answer.text)


def load(service: Service, *leads: tuple[str, dict[str, Any]]) -> None:
    kept = [KeptLead(lead_id, fields) for lead_id, fields in leads]
    load_leads(service.database, service.champion.current(), kept, now=NOON)


def test_the_page_shows_the_best_lead_first_with_reasons_in_words(service: Service) -> None:
    load(service, ("weak lead", WEAK), ("strong lead", STRONG))
    with service.database.writing() as connection:
        renamed = func.replace(scores.c.reasons, "Job title: ", "job_title: ")
        connection.execute(update(scores).values(reasons=renamed))
    words = page(service).text
    assert words.index("strong lead") < words.index("weak lead")
    assert "Lead source: Referral" in words
    assert "41 % of 300 such leads bought; 17 % of all" in words
    assert "to buy within 90 days" in words
    chance = service.http.get("/v1/leads").json()["results"][0]["probability"]
    assert percent(chance) in words
    assert "+14 job title: vp, sales" in words, "a field is named as people write it"
    assert "Scored on 2 March 2026" in words


def test_the_page_of_an_empty_list_says_what_to_expect(service: Service) -> None:
    assert "There are no leads yet" in page(service).text


def test_the_page_goes_on_by_cursor_to_the_last_lead(service: Service) -> None:
    load(service, *((f"lead-{i:03}", STRONG) for i in range(120)))
    address, met, pages = "/", [], 0
    while address:
        found = page(service, address)
        met += re.findall(r"lead-\d{3}", found.text)
        pages += 1
        address = next((str(a["href"]) for tag, a in found.tags if a.get("rel") == "next"), "")
    assert met == [f"lead-{i:03}" for i in range(120)]
    assert pages == 3


def test_a_grade_can_be_chosen_and_is_marked_as_chosen(service: Service) -> None:
    load(service, ("weak lead", WEAK), ("strong lead", STRONG))
    found = page(service, "/?grade=D")
    assert "weak lead" in found.text
    assert "strong lead" not in found.text
    assert [a["href"] for tag, a in found.tags if a.get("aria-current") == "page"] == ["/", "/?grade=D"]
    assert "No lead has grade C just now" in page(service, "/?grade=C").text


def test_an_address_that_leads_nowhere_shows_the_beginning(service: Service) -> None:
    load(service, ("strong lead", STRONG))
    answer = service.http.get("/?after=<script>x</script>")
    assert answer.status_code == 404
    assert "strong lead" in answer.text
    assert "<script" not in answer.text


def test_the_page_is_read_well_by_a_screen_reader(service: Service) -> None:
    load(service, ("strong lead", STRONG))
    tags = page(service).tags
    names = [tag for tag, _ in tags]
    assert ("html", {"lang": "en"}) in tags
    assert names.count("h1") == names.count("main") == names.count("caption") == 1
    assert all("scope" in attributes for tag, attributes in tags if tag == "th")
    assert all("aria-label" in attributes for tag, attributes in tags if tag == "nav")
    assert tags[names.index("a")][1]["href"] == "#main", "the first link skips to the list"


def test_hostile_leads_are_shown_as_text(service: Service) -> None:
    plain = [(f"lead {i}", STRONG) for i in range(len(HOSTILE))]
    load(service, *plain)
    expected = [tag for tag, _ in page(service).tags]
    with service.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM leads")
    load(service, *((hostile, STRONG | {"Job title": f"VP sales {hostile}"}) for hostile in HOSTILE))
    found = page(service)
    assert [tag for tag, _ in found.tags] == expected
    assert all(hostile in found.text for hostile in HOSTILE)


def test_no_script_no_inline_style_and_nothing_from_elsewhere(service: Service) -> None:
    load(service, ("strong lead", STRONG))
    tags = page(service).tags
    assert not {"script", "style", "iframe", "img"} & {tag for tag, _ in tags}
    for _, attributes in tags:
        assert not [a for a in attributes if a.startswith("on") or a == "style"]
        assert str(attributes.get("href") or "/").startswith(("/", "#"))
        assert not str(attributes.get("href")).startswith("//")


def test_the_style_is_served_and_knows_light_and_dark_and_narrow(service: Service) -> None:
    style = service.http.get("/static/leadrank.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "public" in style.headers["cache-control"]
    for part in ("prefers-color-scheme: dark", "max-width: 40rem", "focus-visible"):
        assert part in style.text


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/", "/static/nothing.css"])
def test_nothing_but_the_style_is_served_from_its_folder(service: Service, path: str) -> None:
    answer = service.http.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_a_lead_is_worth_and_when_it_is_ready_stand_beside_its_chance(service: Service) -> None:
    assert "Expected value" not in service.http.get("/").text
    publish(service.shelf, living_card())
    service.champion.refresh()
    service.http.put("/v1/leads/a", json={"fields": STRONG, "created_at": "2026-02-01"})
    wait_until(lambda: listed_version(service) == "2")
    words = service.http.get("/").text
    kept = service.http.get("/v1/leads/a").json()
    assert f'data-label="Expected value" class="number">{amount(kept["expected_value"])}</td>' in words
    assert f'data-label="Ready">{kept["readiness"]}</td>' in words
    assert "expected to bring most come first" in words

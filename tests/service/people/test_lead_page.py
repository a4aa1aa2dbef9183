"""One lead: points that add up to its score, what is known, what happened."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.people.pictures import WIDTH, course, waterfall, wholes
from service.people.talk import talk_of
from service.people.timeline import told
from service.people.words import percent
from tests.service.conftest import Service
from tests.service.samples import STRONG, WEAK

from .conftest import SignIn, hand_over, keep, post

TERMS = st.lists(st.fixed_dictionaries({"text": st.text(max_size=5), "points": st.floats(-60, 60)}), max_size=40)


@given(TERMS)
def test_the_bars_hang_together_and_end_at_the_sum(terms: list[dict[str, object]]) -> None:
    found = waterfall(terms, -35.4)
    total = sum(float(str(t["points"])) for t in terms) - 35.4
    assert found.base + sum(bar.points for bar in found.bars) == found.total == pytest.approx(total, abs=0.51)
    assert found.whole.points == found.total - found.base
    for bar, term in zip(found.bars[:10], terms, strict=False):
        assert abs(bar.points - float(str(term["points"]))) < 1
    assert all(0 <= b.x <= WIDTH and b.width > 0 for b in (*found.bars, found.whole))
    assert len(found.bars) <= 11


def test_parts_are_rounded_to_what_their_sum_is_rounded_to() -> None:
    assert wholes([10.4, 10.4, 10.4, -5.2]) == [11, 10, 10, -5], "each by itself they would make 25 of 26"
    assert wholes([]) == []


def test_what_the_picture_shows_adds_up_to_what_the_api_says(service: Service, signed_in: SignIn) -> None:
    keep(service, "a", STRONG)
    found = service.http.get("/v1/leads/a").json()
    page = signed_in().get("/lead?id=a").text
    picture = re.search(r'<ul class="made">(.*?)</ul>\s*<p>(.*?)</p>', page, re.DOTALL)
    assert picture
    made, words = picture.groups()
    *bars, whole = map(_number, re.findall(r'class="points \w+">([^<]*)<', made))
    base, apart, total = map(_number, re.findall(r"([±+−]\d+)", words))
    assert (sum(bars), base + whole) == (whole, total)
    assert (apart, total) == (whole, round(found["total_points"]))
    assert abs(base - found["base_points"]) < 1
    by_pencil = 1 / (1 + 2 ** (-total / 10))
    assert by_pencil == pytest.approx(found["probability"], abs=0.02)
    assert f"that makes {percent(found['probability'])}." in words
    assert f"Of 100 leads of the last year, {found['score']} had fewer points" in words
    assert f"<dd>{found['score']}<" in page
    assert "<dt>Expected value</dt>" not in page, "the card knows no values"
    for reason in found["reasons"]:
        assert reason["text"] in page


def _number(shown: str) -> int:
    return int(shown.replace("−", "-").replace("±", ""))


def scored(*days: tuple[str, int | None]) -> list[dict[str, object]]:
    return [{"as_of": f"{at}Z", "score": score} for at, score in days]


def test_a_course_needs_the_scores_of_two_days_and_shows_the_last_of_each() -> None:
    assert course(scored(("2026-03-02T12:00:00", 50), ("2026-03-02T09:00:00", 40))) is None
    assert course(scored(("2026-03-02T12:00:00", 50), ("2026-03-01T09:00:00", None))) is None
    days = (("2026-03-05T12:00:00", 100), ("2026-03-05T09:00:00", 7), ("2026-03-02T09:00:00", 50))
    found = course(scored(*days, ("2026-03-01T09:00:00", 0)))
    assert found is not None
    assert found.line == "0.0,100 150.0,50 600.0,0"
    assert (found.first["score"], found.last["score"]) == (0, 100)


def entry(at: str, kind: str, what: str = "activity", **more: object) -> dict[str, object]:
    return {"at": at, "kind": kind, "what": what, "amount": None, "event_id": at + kind, **more}


def test_the_same_thing_of_one_day_is_told_once_and_what_was_taken_back_not_at_all() -> None:
    lines = told(
        [
            entry("2026-03-02T12:00:00Z", "withdrawn", "feedback", withdraws="no"),
            entry("2026-03-02T11:00:00Z", "refused", "feedback", event_id="no"),
            entry("2026-03-02T10:00:00Z", "visit"),
            entry("2026-03-02T09:00:00Z", "visit"),
            entry("2026-03-01T09:00:00Z", "visit"),
            entry("2026-03-01T08:00:00Z", "handed_over", "handover", event_id="no"),
        ]
    )
    assert [(line.at[:10], line.what, line.times) for line in lines] == [
        ("2026-03-02", "visit", 2),
        ("2026-03-01", "visit", 1),
        ("2026-03-01", "handed_over", 1),
    ]


@pytest.mark.parametrize("lead_id", ["a/b", "a?b", "a b", "ü", "a%2Fb", "..", "<i>"])
def test_a_lead_of_any_id_has_its_page(service: Service, signed_in: SignIn, lead_id: str) -> None:
    service.http.post("/v1/leads/batch", json={"leads": [{"id": lead_id, "fields": STRONG}]})
    browser = signed_in()
    listed = browser.get("/").text
    address = re.search(r'href="(/lead\?id=[^"]*)"', listed)
    assert address is not None
    assert browser.get(address[1]).status_code == 200


@pytest.mark.parametrize("query", ["", "?id=", "?id=%00", "?id=" + "x" * 300, "?id=%ff", "?id=a&id=b"])
def test_a_lead_that_is_not_there_is_said_so_on_a_page(signed_in: SignIn, query: str) -> None:
    answer = signed_in().get(f"/lead{query}")
    assert answer.status_code == 404
    assert "no lead is stored under this id" in answer.text


def test_a_lead_that_objects_says_so_and_has_no_score(service: Service, signed_in: SignIn) -> None:
    keep(service, "a", STRONG)
    service.http.put("/v1/leads/a/do-not-score")
    assert "it is not scored" in signed_in().get("/lead?id=a").text


def test_the_page_says_what_to_talk_about(service: Service, signed_in: SignIn) -> None:
    keep(service, "a", {name: value for name, value in STRONG.items() if name != "Employees"})
    at = (service.clock() - timedelta(days=2)).isoformat()
    sent = [{"event_id": str(i), "lead_id": "a", "at": at, "kind": "pricing_page"} for i in range(3)]
    assert service.http.post("/v1/activities", json={"activities": sent}).is_success
    page = signed_in().get("/lead?id=a").text
    talk = page[page.index("What to talk about") : page.index('id="score"')]
    assert "pricing page 3 times, last on" in talk
    assert "Job title: vp" in talk.replace("  ", " ")
    assert "<dt>Worth asking</dt><dd>Employees</dd>" in talk


def test_every_day_is_written_out_and_a_long_story_unfolds(service: Service, signed_in: SignIn) -> None:
    keep(service, "a", STRONG)
    at = [(service.clock() - timedelta(days=i)).isoformat() for i in range(1, 15)]
    sent = [{"event_id": str(i), "lead_id": "a", "at": one, "kind": "visit"} for i, one in enumerate(at)]
    assert service.http.post("/v1/activities", json={"activities": sent}).is_success
    hand_over(service, "a")
    ann = signed_in()
    form = {"lead_id": "a", "event_id": "n", "feedback": "not_now", "until": "2026-04-01", "back": "lead"}
    page = ann.get(post(ann, "/say", form).headers["location"]).text
    words = re.sub(r"<[^>]*>", " ", page.split("<main")[1])
    assert not re.findall(r"\d{4}-\d{2}", words)
    assert "not now since 2 March 2026 until 1 April 2026" in words
    assert "visit 14 times, last on" in words
    assert "Scored by model 1 as of 2 March 2026." in words
    assert "<summary>4 earlier</summary>" in page, "the newest twelve of sixteen stand open"


def test_a_lead_that_is_closed_is_not_moved(service: Service, signed_in: SignIn) -> None:
    keep(service, "a", STRONG)
    ann = signed_in()
    assert "Call it first" in ann.get("/lead?id=a").text
    won = {"lead_id": "a", "event_id": "w", "feedback": "won", "back": "lead"}
    assert "Call it first" not in ann.get(post(ann, "/say", won).headers["location"]).text


def test_what_was_not_told_is_asked_and_never_said_to_fit() -> None:
    points = [
        {"fields": ["Budget"], "points": 9.0, "text": "Budget: not given"},
        {"fields": ["Source"], "points": 5.0, "text": "Source: fair"},
        {"fields": ["Size"], "points": -5.0, "text": "Size: small"},
    ]
    lead = {"fields": {"Source": "fair", "Size": "small"}, "points": points, "warnings": ["missing:Budget"]}
    talk = talk_of(lead, [entry("2026-01-01", "demo")], datetime(2026, 3, 2, tzinfo=UTC))
    assert [fit["text"] for fit in talk.fits] == ["Source: fair"]
    assert talk.ask == ["Budget"]
    assert talk.did == [], "two months ago is not lately"


def test_a_person_puts_a_lead_first_and_takes_it_back(service: Service, signed_in: SignIn) -> None:
    for lead_id in ("best", "put"):
        keep(service, lead_id, STRONG if lead_id == "best" else WEAK)
    hand_over(service, "best", "put")
    ann = signed_in()
    order = re.findall(r'<h2><a href="/lead\?id=(\w+)"', ann.get("/today").text)
    assert order == ["best", "put"]
    until = (service.clock() + timedelta(days=9)).strftime("%Y-%m-%d")
    form = {"lead_id": "put", "place": "first", "reason": "called <b>us</b>", "until": until}
    assert post(ann, "/override", form).headers["location"] == "/lead?id=put"
    for page in (ann.get("/lead?id=put").text, ann.get("/today").text):
        assert "First until 11 March 2026, says <bdi>ann</bdi>: <bdi>called &lt;b&gt;us&lt;/b&gt;</bdi>" in page
    assert re.findall(r'<h2><a href="/lead\?id=(\w+)"', ann.get("/today").text) == ["put", "best"]
    assert post(ann, "/override", {"lead_id": "put", "place": "score"}).status_code == 303
    assert "First until" not in ann.get("/today").text
    refused = post(ann, "/override", form | {"until": "2020-01-01"})
    assert refused.status_code == 422
    assert "within the next 90 days" in refused.text

"""One account for marketing and sales: the same figures, matured, and what was taken back does not count."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from service.access import Role
from service.life.state import DAY
from service.moments import micros_at
from service.people.account_page import HORIZON_DAYS
from service.people.account_table import COLUMNS, in_order, reasons_of
from service.people.funnel import NO_REASON, OTHER, Group, choices, funnel, total_of
from service.people.period import Month, Period, offered, period_of
from tests.cards import small_card
from tests.service.conftest import NOON, Service
from tests.service.samples import STRONG

from .conftest import SignIn, hand_over, keep

BY_SOURCE = next(f for f in small_card().fields if f.name == "Lead source")


def say(service: Service, lead_id: str, feedback: str, **more: Any) -> None:
    event = {"event_id": f"{lead_id}-{feedback}", "lead_id": lead_id, "feedback": feedback, **more}
    answer = service.http.post("/v1/feedback", json=event | {"at": service.clock().isoformat()})
    assert answer.is_success, answer.text


def groups_of(service: Service, by: Any = None) -> dict[str, Group]:
    now = micros_at(service.clock())
    with service.database.reading() as connection:
        found = funnel(connection, by, period_of(None, None, now), now=now, horizon=HORIZON_DAYS * DAY)
    return {g.key: g for g in found}


@pytest.fixture
def lived(service: Service) -> Service:
    """Six leads: won, lost, refused, handed over two days ago and just now answered, young, too old."""
    for lead_id, source, created in (
        ("won", "referral", "2025-11-03"),
        ("lost", "referral", "2025-11-04"),
        ("refused", "web search", "2025-11-05"),
        ("slow", "carrier pigeon", "2025-12-05"),
        ("young", "referral", "2026-02-20"),
        ("old", "referral", "2024-01-05"),
    ):
        keep(service, lead_id, STRONG | {"Lead source": source}, created_at=created)
    hand_over(service, "won", "lost", "refused", minutes_ago=30)
    hand_over(service, "slow", minutes_ago=2 * 24 * 60)
    say(service, "won", "won", value=500)
    say(service, "lost", "accepted")
    service.clock.wait(minutes=5)
    say(service, "lost", "lost", reason="bought_elsewhere")
    say(service, "refused", "refused", reason="no_budget: next year")
    say(service, "slow", "accepted")
    return service


def test_leads_are_counted_by_the_month_in_which_they_came(lived: Service) -> None:
    found = groups_of(lived)
    assert set(found) == {"2026-02", "2025-12", "2025-11"}, "none older than a year"
    assert found["2025-11"] == Group(
        "2025-11",
        arrived=3,
        handed=3,
        answered=3,
        prompt=3,
        accepted=1,
        refused=1,
        lost=1,
        lost_handed=1,
        won=1,
        won_handed=1,
        revenue=500.0,
        won_matured=1,
        why={"no_budget": 1},
    )
    assert found["2025-12"] == Group("2025-12", 1, 1, handed=1, answered=1, accepted=1, open=1), "and not within a day"
    assert found["2026-02"] == Group("2026-02", 1, 1)
    assert total_of(list(found.values())).arrived == 5


def test_leads_are_counted_by_the_levels_that_the_model_knows(lived: Service) -> None:
    found = groups_of(lived, BY_SOURCE)
    assert {key: (g.arrived, g.won) for key, g in found.items()} == {
        "Referral": (3, 1),
        "Web search": (1, 0),
        OTHER: (1, 0),
    }
    assert found[OTHER] == Group(OTHER, 1, 1, handed=1, answered=1, accepted=1, open=1)


def test_who_has_not_had_time_to_buy_does_not_lower_the_share_that_bought(lived: Service) -> None:
    referral = groups_of(lived, BY_SOURCE)["Referral"]
    assert (referral.young, referral.matured) == (1, 2)
    assert referral.share(referral.won_matured, referral.matured) == 0.5
    say(lived, "young", "won", value=7)
    referral = groups_of(lived, BY_SOURCE)["Referral"]
    assert (referral.won, referral.won_matured, referral.matured) == (2, 1, 2), "who buys early is no fair sample"
    assert referral.share(1, 0) is None


def test_what_became_of_the_accepted_ones_adds_up(lived: Service, signed_in: SignIn) -> None:
    total = total_of(list(groups_of(lived).values()))
    assert total.accepted == total.open + total.lost == 2, "the one that was won was never accepted"
    keep(lived, "elsewhere", STRONG | {"Lead source": "web search"}, created_at="2025-11-06")
    bought = {"event_id": "crm", "lead_id": "elsewhere", "outcome": "won", "at": lived.clock().isoformat(), "value": 9}
    assert lived.http.post("/v1/outcomes", json=bought).is_success
    total = total_of(list(groups_of(lived).values()))
    assert (total.won, total.won_handed) == (2, 1)
    assert COLUMNS["won"].portion(total) == 0.25, "of the handed-over ones, which that one is not of"
    row = signed_in().get("/account").text.split("<tfoot>")[1].split("</tfoot>")[0]
    shares = re.findall(r'aria-label="\d ([a-z ]+), all">\d</a>\s+<span class="quiet">(.*?)</span>', row)
    assert dict(shares) == {
        "handed over": "67 %",
        "answered": "100 %",
        "within a day": "75 %",
        "accepted": "50 %",
        "refused": "25 %",
        "still open": "50 %",
        "lost": "25 %",
        "won": "25 %",
    }


def test_what_was_taken_back_does_not_count(lived: Service) -> None:
    say(lived, "refused", "withdrawn", withdraws="refused-refused")
    found = groups_of(lived)["2025-11"]
    assert (found.refused, found.answered, found.why) == (0, 2, {})


def test_a_refused_lead_counts_once_by_its_last_reason_without_what_somebody_wrote(lived: Service) -> None:
    assert groups_of(lived, BY_SOURCE)["Web search"].why == {"no_budget": 1}, "it was written: no_budget: next year"
    lived.clock.wait(minutes=5)
    again = {"event_id": "again", "lead_id": "refused", "feedback": "refused", "at": lived.clock().isoformat()}
    assert lived.http.post("/v1/feedback", json=again).is_success
    found = groups_of(lived, BY_SOURCE)["Web search"]
    assert (found.refused, found.why) == (1, {NO_REASON: 1})
    put_off = {"event_id": "later", "lead_id": "slow", "feedback": "not_now", "at": lived.clock().isoformat()}
    assert lived.http.post("/v1/feedback", json=put_off).is_success
    assert groups_of(lived)["2025-12"].not_now == 1


@pytest.mark.parametrize("role", [Role.SALES, Role.MARKETING, Role.ANALYST, Role.ADMIN])
def test_all_sides_see_the_same_page(lived: Service, signed_in: SignIn, role: Role) -> None:
    browser = signed_in("ann", role) if role is not Role.SALES else signed_in("ann", owner="Nobody")
    page = browser.get("/account?by=Lead source").text
    assert ">Referral</bdi>" in page
    assert re.search(r'aria-label="1 no budget, Web search">1</a>\s+<span class="quiet">100 %', page)
    assert "carrier pigeon" not in page
    assert "next year" not in page


@pytest.mark.parametrize("by", ["", "shoe size", "Job title", "<script>", "'; DROP TABLE leads"])
def test_a_field_that_cannot_be_counted_by_shows_months(lived: Service, signed_in: SignIn, by: str) -> None:
    page = signed_in().get("/account", params={"by": by})
    assert page.status_code == 200
    assert ">November 2025</bdi>" in page.text


def test_only_fields_with_levels_can_be_chosen() -> None:
    assert choices(small_card().fields) == ["Lead source", "Do not call"]


def test_without_leads_the_page_says_so(signed_in: SignIn) -> None:
    assert "No lead has come in" in signed_in().get("/account").text


def test_groups_are_sorted_by_what_the_head_of_a_column_says(lived: Service, signed_in: SignIn) -> None:
    browser = signed_in()

    def names(query: str) -> list[str]:
        return re.findall(
            r'<th scope="row"><bdi[^>]*>(.*?)</bdi>', browser.get(f"/account?{query}").text.split("tfoot")[0]
        )

    assert names("") == ["February 2026", "December 2025", "November 2025"], "the newest month first"
    assert names("by=Lead source") == ["Referral", "Web search", OTHER], "most buyers first, the rest last"
    assert names("by=Lead source&sort=-refused") == ["Web search", "Referral", OTHER]
    assert names("by=Lead source&sort=refused") == ["Referral", "Web search", OTHER]
    assert names("by=Lead source&sort=shoe size") == names("by=Lead source")
    page = browser.get("/account?by=Lead source&sort=-refused").text
    assert page.count("aria-sort") == 1
    turned = re.search(r'aria-sort="descending"><a href="(.*?)">Refused</a>', page)
    assert turned is not None
    assert turned[1] == "/account?by=Lead+source&amp;sort=refused"


def test_what_is_not_known_comes_last_in_either_order() -> None:
    groups = [Group("young", 5, 5), Group("half", 4, won=2, won_matured=2), Group("none", 4)]
    for falling, wanted in ((True, ["half", "none", "young"]), (False, ["none", "half", "young"])):
        assert [g.key for g in in_order(groups, "bought", falling=falling)] == wanted
    assert reasons_of(Group("", why={"no_need": 1, NO_REASON: 3, "no_budget": 1})) == [
        NO_REASON,
        "no_need",
        "no_budget",
    ]


def test_months_are_chosen_and_the_last_twelve_are_usual(lived: Service, signed_in: SignIn) -> None:
    browser = signed_in()
    page = browser.get("/account").text
    assert "Leads that came in from April 2025 until March 2026." in page
    assert '<option value="2025-04" selected>April 2025</option>' in page
    assert '<option value="2024-01">January 2024</option>' in page, "the month of the first lead"
    page = browser.get("/account?from=start&until=2024-12").text
    assert ">January 2024</bdi>" in page
    assert "November 2025</bdi>" not in page
    assert "No lead has come in in May 2025." in browser.get("/account?from=2025-05&until=2025-05").text
    assert (
        "No lead has come in from April 2025 until May 2025." in browser.get("/account?from=2025-05&until=2025-04").text
    ), "months given the wrong way round"


def test_a_period_is_whole_months_in_utc() -> None:
    now = micros_at(NOON)
    period = period_of("2025-12", "x", now)
    assert period == Period(Month(2025, 12), Month(2026, 3))
    assert period.since == micros_at(datetime(2025, 12, 1, tzinfo=UTC))
    assert period.last.ends == micros_at(datetime(2026, 4, 1, tzinfo=UTC))
    assert [str(m) for m in offered(micros_at(datetime(2026, 1, 31, tzinfo=UTC)), now)] == [
        "2026-01",
        "2026-02",
        "2026-03",
    ]
    assert len(offered(0, now)) == 60
    assert offered(None, now) == [Month(2026, 3)]


def test_a_number_leads_to_the_leads_behind_it(lived: Service, signed_in: SignIn) -> None:
    browser = signed_in("mary", Role.MARKETING)

    def behind(query: str) -> list[str]:
        page = browser.get(f"/account/leads?{query}")
        assert page.status_code == 200
        return re.findall(r'href="/lead\?id=(\w+)"', page.text)

    page = browser.get("/account?by=Lead source").text
    addresses = re.findall(r'<a href="(/account/leads\?[^"]*)" aria-label="1 [^"]*, Web search"', page)
    assert [behind(address.replace("&amp;", "&").partition("?")[2]) for address in addresses] == [["refused"]] * len(
        addresses
    )
    assert len(addresses) == 7, "arrived, handed over, answered, within a day, refused; refused and no budget below"
    assert behind("by=Lead source&group=Referral") == ["young", "lost", "won"], "the newest first"
    assert behind("by=Lead source&group=Referral&what=won") == ["won"]
    assert behind("group=2025-11&what=accepted") == ["lost"]
    assert behind("what=answered&from=2025-12") == ["slow"]
    assert behind("what=refused&why=no_need") == behind("what=not_now") == behind("group=other") == []
    assert set(behind("what=prompt")) == {"won", "lost", "refused"}, "and not the one that was answered after two days"
    assert (behind("what=open"), behind("what=lost")) == (["slow"], ["lost"])
    assert behind("what=bought&why='&group=2026-02") == ["young"], "what cannot be asked for is left out"
    sam = signed_in("sam", owner="Nobody").get("/account/leads?what=won").text
    assert "/lead?id=" not in sam
    assert "Leads of other people are among them." in sam


def test_a_long_list_shows_the_newest(lived: Service, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.people.account_leads.MOST", 2)
    page = signed_in().get("/account/leads?group=2025-11").text
    assert "Here are the newest" in page
    assert page.count('role="rowheader"') == 2


def test_the_account_is_a_file_too_in_which_counts_can_be_added_up(lived: Service, signed_in: SignIn) -> None:
    answer = signed_in("mary", Role.MARKETING).get("/account.csv?by=Lead source")
    assert answer.headers["content-disposition"] == 'attachment; filename="account-lead-source-2025-04-2026-03.csv"'
    head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    found = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert set(found) == {"Referral", "Web search", OTHER}
    referral = found["Referral"]
    assert (referral["Lead source"], referral["arrived"], referral["won"], referral["revenue"]) == (
        "Referral",
        "3",
        "1",
        "500.0",
    )
    assert (referral["old_enough"], referral["won_of_those_old_enough"]) == ("2", "1")
    assert (referral["lost"], referral["lost_of_those_handed_over"], referral["won_of_those_handed_over"]) == (*"111",)
    assert found[OTHER]["accepted_and_still_open"] == "1"
    assert (found["Web search"]["refused: No budget"], found["Web search"]["refused: No reason given"]) == ("1", "0")


def test_an_account_that_is_a_minute_old_is_shown_while_it_is_counted_anew(
    lived: Service, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    monkeypatch.setattr("service.people.account_page.Thread", lambda **given: started.append(given) or Started())
    monkeypatch.setattr("service.people.account_page.KEPT_SECONDS", 0.0)
    browser = signed_in()
    first = browser.get("/account").text
    assert f" at {lived.clock():%H:%M} UTC: what came later" in first
    lived.clock.wait(minutes=5)
    keep(lived, "new", STRONG, created_at="2026-02-21")
    assert browser.get("/account").text == first
    started[0]["target"](*started[0]["args"])
    assert f" at {lived.clock():%H:%M} UTC: what came later" in browser.get("/account").text


class Started:
    """A thread that a test runs by hand."""

    def start(self) -> None:
        """Nothing yet."""

"""The pages in a real browser: by keyboard alone, without scripts, light and dark, wide and narrow, with hostile leads."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import delete

from models import Shelf
from service.access import Role
from service.access.grants import Grant
from service.access.users import create_user
from service.asked import KeptLead
from service.champion import Champion
from service.database import Database, open_database
from service.leads import load_leads
from service.life.asked import Told
from service.life.happened import Visit, take_told
from service.life.state import Event, Said, Source
from service.moments import micros_at
from service.people.today import FIRMS
from service.tables import leads
from service.targets.goals import Goal, set_goal
from service.upgrade import upgrade
from tests.cards import living_card
from tests.service.conftest import publish, wait_until
from tests.service.samples import STRONG, WEAK
from tests.service.test_serve import started

from .conftest import PASSWORD

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

PAGES = (
    "/today",
    "/today?sort=name&todo=waits",
    "/account",
    "/account?by=Lead source",
    "/",
    "/?q=ada",
    "/lead?id=strong",
    "/lead?id=nobody",
    "/models",
    "/models/1/tables",
    "/handover",
    "/nurture",
    "/target",
)
WEIGHT = 150_000
"""Bytes that a page may weigh, with its style and script."""

SCRIPTS = (
    "<script>window.ran = 1</script>",
    '"><img src=x onerror="window.ran = 1">',
    "'><svg/onload=window.ran=1>",
    '<a href="javascript:window.ran=1" autofocus onfocus="window.ran=1">x</a>',
    "</title><script>window.ran = 1</script>",
    "</textarea><script>window.ran = 1</script>",
    "--><script>window.ran = 1</script>",
    "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
    "<details open ontoggle=window.ran=1>",
    "<input autofocus onfocus=window.ran=1>",
    "<math><mtext></mtext><script>window.ran = 1</script></math>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=javascript:window.ran=1'>",
    "<style>@import '//evil.example';*{display:none}</style>",
    "<link rel=stylesheet href=//evil.example>",
    "<form action=//evil.example><button>x</button></form>",
    "{{ ().__class__.__base__ }}",
    "${window.ran = 1}",
    "javascript:window.ran=1",
    "&lt;script&gt;window.ran=1&lt;/script&gt;",
    "\\u003cscript\\u003ewindow.ran=1\\u003c/script\\u003e",
    '" onmouseover="window.ran=1" x="',
    "' onmouseover='window.ran=1' x='",
    "` onmouseover=window.ran=1 `",
    "<scr<script>ipt>window.ran = 1</script>",
    "<ScRiPt>window.ran = 1</sCrIpT>",
    "<svg><script>window.ran = 1</script></svg>",
    "<object data='javascript:window.ran=1'>",
    "<embed src='javascript:window.ran=1'>",
    "<body onload=window.ran=1>",
)
FIGURES = {"auc": 0.7, "log_loss": 0.2, "buyers_in_top_20pct": 0.5}
EDITED = {
    "edited": {"parent": "1", "by": "ana", "at": "2026-03-02T09:00:00Z", "why": "a law"},
    "beside": {
        **{"source": "the service's own leads", "leads": 1200, "buyers": 90, "before": FIGURES, "after": FIGURES},
        "differences": {name: {"value": -0.01, "low": -0.02, "high": 0.01} for name in FIGURES},
        "regraded": {"A to B": 3},
    },
}
"""The description of a model that was edited by hand and judged."""

FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", '=HYPERLINK("http://evil.example")')


@dataclass
class Site:
    """A service that runs as a process of its own, and its database."""

    address: str
    database: Database
    champion: Champion

    def keep(self, *sent: KeptLead) -> None:
        """Store leads and hand them over to sales."""
        now = datetime.now(UTC)
        load_leads(self.database, self.champion.current(), sent, now=now)
        at = micros_at(now - timedelta(hours=2))
        told = [Told(x.id, Event(Source.HANDOVER, f"h-{x.id}", Said.HANDED_OVER, at)) for x in sent]
        with self.database.writing() as connection:
            take_told(Visit(connection, self.database, self.champion.current(), now), told)

    def empty(self) -> None:
        """Forget all leads."""
        with self.database.writing() as connection:
            connection.execute(delete(leads))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home: Path = tmp_path_factory.mktemp("home")
    shelf = Shelf(home / "shelf")
    publish(shelf, living_card())
    report = b"<!DOCTYPE html><html><body><main><h1>Report</h1></main></body></html>"
    shelf.add(living_card(), about=EDITED, at=datetime.now(UTC), attachments={"report.html": report})
    database = open_database(f"sqlite:///{home / 'leadrank.db'}", home / "secret.key")
    upgrade(database)
    now = datetime.now(UTC)
    create_user(database, "ann", PASSWORD, Grant(Role.ADMIN), now=now)
    goal = Goal(5e5, None, now.date() - timedelta(days=30), now.date() + timedelta(days=30))
    with database.writing() as connection:
        set_goal(connection, goal, at=micros_at(now), by="user:ann")
    champion = Champion(shelf)
    champion.refresh()
    with started(home) as (_, port):
        yield Site(f"http://127.0.0.1:{port}", database, champion)
    database.close()


@pytest.fixture
def site(house: Site) -> Site:
    house.empty()
    shown = {"name": "Ada Müller", "phone": "+49 30 1234", "email": "ada@acme.example", "link": "https://crm.example/1"}
    house.keep(
        KeptLead("strong", STRONG, own={"company": "Acme", "display": shown}),
        KeptLead("colleague", WEAK, own={"company": "Acme"}),
        KeptLead("weak", WEAK),
    )
    return house


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must look at the pages in a browser, and there is none: install Chromium")
        pytest.skip("there is no Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visitor:
    """Somebody with a browser. said: what its console complained of."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.site = page, site
        self.said: list[str] = []
        page.on("console", lambda m: self.said.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: self.said.append(dialog.message))

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self.site.address + path)

    def sign_in(self) -> None:
        """Sign in without a mouse."""
        self.go("/today")
        self.page.wait_for_selector("#name:focus")
        self.page.keyboard.type("ann")
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/today")

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def focused(self) -> str:
        """The lead that keys are about."""
        return self.page.locator(".firm:focus h2 a").inner_text()

    def names(self) -> list[str]:
        """The rows of today's list."""
        return self.page.locator(".firm h2 a").all_inner_texts()


@pytest.fixture
def visitor(site: Site, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    context = chromium.new_context(**getattr(request, "param", {}))
    yield Visitor(context.new_page(), site)
    context.close()


LOOKS = {
    f"{scheme}-{name}": {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    for scheme in ("light", "dark")
    for name, width in (("wide", 1200), ("phone", 360))
}
BOTH = ("light-phone", "dark-wide")
"""Both colours and both widths."""

QUICK = [pytest.param(LOOKS[name], id=name) for name in BOTH]
WAYS = [*QUICK, *(pytest.param(LOOKS[name], id=name, marks=pytest.mark.slow) for name in LOOKS if name not in BOTH)]


@pytest.mark.parametrize("visitor", WAYS, indirect=True)
def test_the_model_room_fits_with_all_that_it_knows(visitor: Visitor) -> None:
    site, now = visitor.site, datetime.now(UTC)
    for days, fields in ((130, STRONG), (100, WEAK), (40, STRONG), (0, WEAK)):
        sent = [KeptLead(f"{days}-{i}", fields) for i in range(60)]
        load_leads(site.database, site.champion.current(), sent, now=now - timedelta(days=days))
    visitor.sign_in()

    def shown() -> bool:
        visitor.go("/models")
        return visitor.page.locator("svg.promises").count() == 1

    wait_until(shown, seconds=70)  # what was counted before is shown for a minute
    assert "Can the model be trusted, as far as the leads scored here tell?" in visitor.page.inner_text("main")
    _look_at(visitor, "/models")
    assert visitor.said == []


@pytest.mark.parametrize("visitor", WAYS, indirect=True)
def test_every_page_is_quiet_accessible_and_fits(visitor: Visitor) -> None:
    visitor.go("/sign-in")
    _look_at(visitor, "/sign-in")
    visitor.sign_in()
    for path in PAGES:
        visitor.go(path)
        _look_at(visitor, path)
    refused = [line for line in visitor.said if "404 (Not Found)" not in line]
    assert not refused, "the page of a lead that is not there is itself a 404; nothing else may complain"


@pytest.mark.parametrize("visitor", WAYS, indirect=True)
def test_an_opened_scorecard_is_quiet_accessible_and_fits(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.go("/models/1/tables")
    for summary in visitor.page.locator(".field > summary").all():
        summary.click()
    assert visitor.page.locator(".field[open] input[name^=points-]").count() > 30
    _look_at(visitor, "/models/1/tables")
    assert visitor.said == []


def test_points_that_are_none_are_refused_at_their_level_though_its_field_is_folded(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.go("/models/1/tables")
    field = visitor.page.locator(".field", has_text="Lead source")
    field.locator("summary").click()
    field.locator("input[name^=points-]").first.fill("1")
    field.locator("input[name^=points-]").nth(1).fill("500")
    field.locator("summary").click()
    visitor.page.fill("[name=why]", "a law")
    visitor.page.click("button:has-text('have it judged')")
    visitor.page.wait_for_selector("#refused:focus")
    wrong = visitor.page.locator(".field[open] [aria-invalid=true]")
    assert (wrong.count(), wrong.input_value(), wrong.is_visible()) == (1, "500", True)
    assert "points are numbers from -100 to 100" in visitor.page.inner_text(".field[open] .wrong")
    assert visitor.page.input_value("[name=why]") == "a law"
    _look_at(visitor, "/models/1/tables refused")


def test_from_a_report_there_is_a_way_back_to_the_models(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.go("/models")
    visitor.page.click("text=Report")
    visitor.page.click("text=All models")
    visitor.page.wait_for_url("**/models")
    assert "edited by ana" in visitor.page.inner_text("main")
    visitor.page.click("text=Let it serve")
    visitor.page.fill("#why-2", "the fair is over")
    assert visitor.said == []


def _look_at(visitor: Visitor, path: str) -> None:
    found = Axe().run(visitor.page)
    assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    overflow = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{path} is {overflow} pixels too wide"


def test_a_seller_works_through_the_list_by_keyboard_alone(visitor: Visitor) -> None:
    visitor.sign_in()
    assert visitor.names() == ["Ada Müller", "weak"]
    visitor.press("?")
    assert visitor.page.locator(".keys p").is_visible()
    visitor.press("j", "a")
    visitor.page.wait_for_url("**/today?said=*")
    assert "You accepted Ada Müller" in visitor.page.inner_text(".said")
    assert visitor.focused() == "weak", "the next one is at hand"
    visitor.press("u")
    visitor.page.wait_for_selector(".said:has-text('taken back')")
    assert visitor.page.locator("strong").first.inner_text() == "Waits for 2 hours"
    assert visitor.focused() == "Ada Müller", "and after an undo the one that it was about"
    visitor.press("r", "Enter")
    visitor.page.wait_for_selector(".said:has-text('You refused')")
    assert visitor.names() == ["colleague", "weak"]
    assert visitor.focused() == "weak"
    visitor.press("w")
    visitor.page.keyboard.type("12500")
    visitor.press("Enter")
    visitor.page.wait_for_selector(".said:has-text('won')")
    assert visitor.names() == ["colleague"]
    assert visitor.focused() == "colleague", "from the last one back to that before it"
    visitor.press("l", "Enter")
    visitor.page.wait_for_selector(".said:has-text('lost')")
    assert "Nothing waits for you today" in visitor.page.inner_text("main")
    assert visitor.said == []


def test_a_key_says_nothing_of_a_lead_that_nobody_sees_marked(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.press("j", "j")
    visitor.go("/target")
    visitor.go("/today")
    visitor.press("a")
    assert visitor.focused() == "Ada Müller", "it is shown whom the key would be about"
    assert visitor.page.locator(".said").count() == 0
    visitor.press("a")
    visitor.page.wait_for_selector(".said:has-text('You accepted Ada Müller')")


@pytest.mark.parametrize("visitor", QUICK, indirect=True)
def test_a_refused_form_leads_to_its_field_by_keyboard_alone(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.press("j", "j", "w")
    visitor.page.keyboard.type("much")
    visitor.press("Enter")
    visitor.page.wait_for_selector("#refused:focus")
    _look_at(visitor, "/say")
    visitor.press("Tab", "Enter")
    field = visitor.page.locator("input:focus")
    assert field.input_value() == "much"
    assert field.get_attribute("aria-invalid") == "true"
    field.fill("12,500")
    visitor.press("Enter")
    visitor.page.wait_for_selector(".said:has-text('You won weak for 12,500.')")
    assert len(visitor.said) == 1, "that the first answer was a 422, and nothing else"


@pytest.mark.parametrize("visitor", QUICK, indirect=True)
def test_after_a_word_the_next_lead_is_in_sight_below_what_was_said(visitor: Visitor) -> None:
    visitor.site.keep(*(KeptLead(f"lead {i}", STRONG) for i in range(12)))
    visitor.sign_in()
    visitor.go("/today?sort=name&todo=waits")
    visitor.page.locator(".firm").nth(8).locator("[data-key=a]").click()
    visitor.page.wait_for_url("**/today?todo=waits&sort=name&said=*")
    following, said = visitor.page.locator(".firm:target"), visitor.page.locator(".said")
    assert following.locator("h2").inner_text() == "lead 6"
    place, above = following.bounding_box(), said.bounding_box()
    assert place is not None
    assert above is not None
    assert above["y"] >= 0
    assert above["y"] + above["height"] <= place["y"] < 300
    _look_at(visitor, "/today after a word")
    assert visitor.said == []


@pytest.mark.parametrize("visitor", QUICK, indirect=True)
def test_a_form_that_its_page_has_no_more_comes_back_alone(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.press("j", "w")
    visitor.page.evaluate("document.activeElement.form.elements.lead_id.value = 'colleague'")
    visitor.page.keyboard.type("much")
    visitor.press("Enter")
    visitor.page.wait_for_selector("#refused:focus")
    assert visitor.page.locator(".firm").count() == 0
    _look_at(visitor, "/say")
    visitor.page.fill("main form input:not([type=hidden])", "99")
    visitor.press("Enter")
    visitor.page.wait_for_selector(".said:has-text('You won colleague for 99.')")


def test_a_key_that_is_typed_into_a_field_is_a_letter(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.page.focus("#q")
    visitor.page.keyboard.type("jar")
    assert visitor.page.input_value("#q") == "jar"
    assert visitor.page.url.endswith("/today")


@pytest.mark.parametrize("visitor", [{"java_script_enabled": False}], indirect=True, ids=["no script"])
def test_everything_works_without_scripts(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.page.click(".firm >> text=Refuse >> nth=0")
    visitor.page.click("text=No budget >> nth=0")
    assert "You refused Ada Müller: No budget." in visitor.page.inner_text(".said")
    assert not visitor.page.locator(".keys").is_visible(), "there are no keys"
    visitor.page.click(".said >> text=Undo")
    assert visitor.names() == ["Ada Müller", "weak"]
    visitor.page.click("text=Filter and sort")
    visitor.page.select_option("select[name=sort]", "name")
    visitor.page.select_option("select[name=source]", "Cold list")
    visitor.page.click("button:has-text('Show')")
    assert visitor.names() == ["colleague", "weak"]
    visitor.go("/today")
    visitor.page.fill("#q", "müller")
    visitor.page.click("button:has-text('Find')")
    assert visitor.names() == ["Ada Müller"]
    visitor.page.click("summary:has-text('Won')")
    visitor.page.fill("[name=value]", "much")
    visitor.page.click("button:has-text('Won')")
    assert "What you typed is still there" in visitor.page.inner_text("#refused")
    assert visitor.names() == ["Ada Müller"]
    assert visitor.page.input_value("details[open] [name=value]") == "much"
    visitor.page.click(".firm h2 a")
    assert "What is known" in visitor.page.inner_text("main")
    visitor.page.click("text=Sign out")
    visitor.go("/today")
    assert "/sign-in" in visitor.page.url


def test_nothing_that_a_lead_writes_runs_or_becomes_a_formula(visitor: Visitor) -> None:
    payloads = [*SCRIPTS, *(f"{formula}{script}" for formula in FORMULAS[:4] for script in SCRIPTS), *FORMULAS]
    assert len(payloads) >= 150
    visitor.site.empty()
    visitor.site.keep(
        *(
            KeptLead(
                payload[:200],
                {**STRONG, "Lead source": payload, "Job title": f"VP Sales {payload}", payload: payload},
                own={
                    "company": f"{i} {payload}",
                    "territory": payload,
                    "display": {"name": payload, "phone": payload, "email": payload, "link": f"https://x/{payload}"},
                },
            )
            for i, payload in enumerate(payloads)
        )
    )
    visitor.sign_in()
    addresses: list[str] = []
    for number in range(1, -(-len(set(payloads)) // FIRMS) + 1):
        visitor.go(f"/today?page={number}")
        assert visitor.page.evaluate("window.ran") is None
        links = visitor.page.locator(".firm h2 a")
        addresses += links.evaluate_all("links => links.map(a => a.getAttribute('href'))")
    assert len(set(addresses)) == len(addresses) == len(set(payloads))
    for path in ["/", "/account?by=Lead source", *addresses[::3]]:
        visitor.go(path)
        assert visitor.page.evaluate("window.ran") is None, path
    assert visitor.page.url.startswith(visitor.site.address)
    assert visitor.said == []
    cells = visitor.page.request.get(visitor.site.address + "/today.csv").text().replace("\ufeff", "")
    assert not [line for line in cells.splitlines()[1:] if line.lstrip('"').startswith(("=", "+", "-", "@", "\t"))]


@pytest.mark.parametrize("path", ["/today", "/account", "/target", "/", "/lead?id=strong"])
def test_a_page_is_light(visitor: Visitor, path: str) -> None:
    visitor.sign_in()
    visitor.go(path)
    visitor.page.wait_for_load_state("networkidle")
    weight = visitor.page.evaluate(
        "['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))"
        ".reduce((sum, entry) => sum + entry.decodedBodySize, 0)"
    )
    assert 1_000 < weight < WEIGHT

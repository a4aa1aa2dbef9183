"""The scorecard as a page: everything of the card in words, and a form that makes a new version, signed and judged."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models import Shelf
from models.edit_note import last_edit, note_edit
from models.retraining import Ended
from service.access import Role
from service.edits import STARTS_WITHIN
from tests.cards import living_card
from tests.service.conftest import NOON, Service, publish, wait_until

from .conftest import SignIn, post

SIGNED = {"why": "a law"}


@pytest.fixture
def no_lab_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child process finds no MLflow, and needs none."""
    monkeypatch.setenv("LEADRANK_MLFLOW_URI", f"sqlite:///{tmp_path}/no-folder/mlflow.db")


def test_every_field_level_and_pair_of_the_card_is_there_in_words(service: Service, signed_in: SignIn) -> None:
    publish(service.shelf, living_card())
    page = signed_in("mary", Role.MARKETING).get("/models/2/tables").text
    for words in ("Lead source", "Cold list", "10 to 49", "30 to 89 days ago", "company mail", "intern", "not given"):
        assert f"<bdi>{words}</bdi>" in page, words
    assert '<span class="points for">+13.0</span>' in page
    assert '<td class="number" data-label="Leads">300</td>' in page
    assert "Lead source: " in page.partition("Two fields together")[2]
    assert "style=" not in page


def test_marketing_reads_and_does_not_edit_and_sales_does_not_read(service: Service, signed_in: SignIn) -> None:
    mary = signed_in("mary", Role.MARKETING)
    page = mary.get("/models/1/tables").text
    assert "<input" not in page
    assert post(mary, "/models/1/tables", {"veto-5": "1", **SIGNED}).status_code == 403
    assert signed_in("sam").get("/models/1/tables").status_code == 403


@pytest.mark.slow
def test_an_analyst_edits_and_the_page_says_how_it_stands(
    service: Service, signed_in: SignIn, no_lab_book: None
) -> None:
    ana = signed_in("ana", Role.ANALYST)
    page = ana.get("/models/1/tables").text
    place = re.search(r'name="veto-(\d+)" value="1"> Leave <bdi>E-mail</bdi>', page)
    assert place is not None
    answer = post(ana, "/models/1/tables", {f"veto-{place[1]}": "1", "points-0-2": "3,5", "points-0-3": "", **SIGNED})
    assert (answer.status_code, answer.headers["location"]) == (303, "/models/1/tables")
    assert "as edited by <bdi>ana</bdi> is being judged" in ana.get("/models/1/tables").text
    again = post(ana, "/models/1/tables", {"veto-0": "1", **SIGNED})
    assert (again.status_code, "Another edit is being judged" in again.text) == (409, True)
    assert 'name="veto-0" value="1" checked' in again.text, "what was ticked waits with him"
    folder = service.shelf.folder
    wait_until(lambda: (note := last_edit(folder)) is not None and note.state != "at_work", seconds=90)
    page = ana.get("/models/1/tables").text
    assert (
        ', now <a href="/models/2/tables">model <bdi>2</bdi></a>: it waits for somebody&#39;s word. Not judged' in page
    )
    made = ana.get("/models/2/tables").text
    assert "<bdi>E-mail</bdi>, by <bdi>ana</bdi> on" in made
    assert "Let <bdi>E-mail</bdi> in again" in made
    assert "to +3.5 points, by <bdi>ana</bdi>" in made
    assert service.champion.current().version == "1"
    assert 'href="/models/2/tables">Scorecard</a>' in ana.get("/models").text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"veto-5": "1"}, "Why: it is empty"),
        (SIGNED, "Edit: nothing is changed"),
        ({"points-0-2": "many", **SIGNED}, "Lead source: Referral: points are numbers from -100 to 100"),
        ({"points-0-2": "nan", **SIGNED}, "Lead source: Referral: points are numbers from -100 to 100"),
        ({"points-0-2": "1e9", **SIGNED}, "Lead source: Referral: points are numbers from -100 to 100"),
        ({"points-0-2": "13.0", **SIGNED}, "Lead source: Referral has +13.0 points already"),
        ({"points-0-99": "1", **SIGNED}, "points-0-99: known, and given once"),
        ({"points-3-1": "1", **SIGNED}, "points-3-1: known, and given once"),
        ({"veto-99": "1", **SIGNED}, "veto-99: known, and given once"),
        ({"allow-5": "1", **SIGNED}, "E-mail: it is not left out"),
        ({"veto-0": "1", "points-0-2": "1", **SIGNED}, "Lead source: it is left out and has points set at once"),
        ({"veto-0": "1", "why": "w" * 501}, "Why: it is longer than 500 characters"),
    ],
)
def test_a_bad_edit_is_refused_by_name_and_nothing_begins(
    service: Service, signed_in: SignIn, form: dict[str, str], said: str
) -> None:
    ana = signed_in("ana", Role.ANALYST)
    answer = post(ana, "/models/1/tables", form)
    assert (answer.status_code, said in answer.text) == (422, True), answer.text
    assert last_edit(service.shelf.folder) is None


@pytest.mark.parametrize("version", ["99", "0", "1%2F..", "\u0661"])
def test_a_model_that_is_not_there_has_no_page(service: Service, signed_in: SignIn, version: str) -> None:
    assert signed_in("ana", Role.ANALYST).get(f"/models/{version}/tables").status_code == 404


def test_a_damaged_model_is_named_and_not_shown(service: Service, signed_in: SignIn) -> None:
    folder = Shelf(service.shelf.folder).open("1").folder
    (folder / "about.json").write_text("{}")
    answer = signed_in("ana", Role.ANALYST).get("/models/1/tables")
    assert (answer.status_code, "model 1 is damaged" in answer.text) == (409, True)


def test_how_the_last_edit_ended_is_told(service: Service, signed_in: SignIn) -> None:
    ana = signed_in("ana", Role.ANALYST)
    assert "The last edit" not in ana.get("/models/1/tables").text
    note_edit(service.shelf.folder, NOON, "1", "<b>ann</b>", Ended.KEPT_OLD, model="2", why="behind model 1")
    page = ana.get("/models/1/tables").text
    assert "as edited by <bdi>&lt;b&gt;ann&lt;/b&gt;</bdi>, now " in page
    assert ": the model before it serves on. Behind model 1" in page
    assert "may add up to fewer" not in page, "this one does not say what it learned from"
    other = service.shelf.add(living_card(), about={"rows": 8000, "buyers": 609}, at=NOON)
    note_edit(service.shelf.folder, NOON, "1", "<b>ann</b>", Ended.KEPT_OLD, model="3", why="behind model 1")
    of_other = ana.get(f"/models/{other.version}/tables").text
    assert "The last edit" not in of_other, "it is none of its own"
    assert "may add up to fewer than the 8,000 leads and 609 buyers" in of_other
    note_edit(service.shelf.folder, datetime.now(UTC) - 2 * STARTS_WITHIN, "1", "ann", None)
    assert "It was broken off" in ana.get("/models/1/tables").text

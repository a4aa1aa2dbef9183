"""`leadrank models edit`: a model changed by a person, judged as a trained one is, and what of it lasts."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from models import Shelf
from models.edit_note import last_edit
from models.files import held_at_once
from scoring import LeadScorer, from_json
from tests.cards import small_card
from tests.front_door import leadrank

from .test_retrain import START, history


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An installation that keeps leads of two years; its champion was trained on them. The lab book cannot be opened."""
    folder = tmp_path_factory.mktemp("edit")
    (folder / "no-folder").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADRANK_HOME", str(folder / "var"))
        patch.setenv("LEADRANK_MLFLOW_URI", f"sqlite:///{folder}/no-folder/mlflow.db")
        patch.delenv("LEADRANK_DATABASE_URL", raising=False)
        assert leadrank("train", history(folder / "crm")).code == 0
        assert leadrank("load", folder / "crm").code == 0
        yield folder


@pytest.fixture
def shelf(trained: Path) -> Shelf:
    """The shelf, model 1 serving."""
    shelf = Shelf(trained / "var" / "shelf")
    if shelf.champion() != "1":
        shelf.promote("1", by="test", at=START)
    return shelf


def edit(*words: object) -> dict[str, object]:
    ended = leadrank("models", "edit", *words, "--json")
    assert ended.code == 0, ended.err
    found: dict[str, object] = json.loads(ended.out)
    return found


SIGNED = ("--by", "ann", "--why", "the partner programme")


def fields_of(shelf: Shelf, version: str) -> list[str]:
    return [field.name for field in shelf.open(version).card.fields]


def weakest(shelf: Shelf) -> str:
    """The field whose points spread least."""
    card = shelf.open("1").card
    return card.fields[min(card.mains, key=lambda m: max(m.table) - min(m.table)).field].name


def strongest(shelf: Shelf) -> str:
    card = shelf.open("1").card
    return card.fields[max(card.mains, key=lambda m: max(m.table) - min(m.table)).field].name


def test_a_field_that_says_little_is_left_out_and_the_new_version_serves(shelf: Shelf, trained: Path) -> None:
    name = weakest(shelf)
    found = edit("1", trained / "crm", "--veto", name, *SIGNED)
    assert found["promoted"] is True, found["gate"]
    version = str(found["model"])
    published = shelf.open(version)
    assert shelf.champion() == version
    reasons = published.about["gate"]["reasons"][0]
    assert "edited by ann: the partner programme" in reasons or "better than model 1" in reasons
    assert published.about["gate"]["compared"]["with"] == "1"
    judged = from_json((published.folder / "judged.json").read_bytes())
    for card in (published.card, judged):
        scorer = LeadScorer(card)
        assert scorer.score({name: "x"}).log_odds == scorer.score({}).log_odds
    beside = published.about["beside"]
    assert beside["source"] == "the history given"
    assert beside["after"] == published.about["metrics"]
    assert beside["before"]["auc"] == pytest.approx(shelf.open("1").about["metrics"]["auc"], abs=1e-9)
    apart = beside["differences"]["auc"]
    assert apart["value"] == pytest.approx(beside["after"]["auc"] - beside["before"]["auc"], abs=1e-9)
    assert 0 <= beside["grades_changed"] == sum(beside["regraded"].values()) <= beside["leads"]
    shown = leadrank("models", "show", version).out
    assert "model 1 edited by ann: the partner programme" in shown
    assert re.search(r"before the edit, on the same [\d,]+ leads: AUC 0\.\d+, log loss", shown)
    assert published.report is not None
    report = published.report.read_text()
    for words in ("Before and after", "change their grade", "Calibration slope", "the partner programme"):
        assert words in report, words
    assert f"left out by ann: {name} (the partner programme)" in shown
    compared = leadrank("models", "compare", "1", "champion", "--on", str(trained / "crm")).out
    assert f"1 less {version} (95 % interval)" in compared
    assert "As many leads and buyers as model 1 learned from" in compared
    note = last_edit(shelf.folder)
    assert note is not None
    assert (note.state, note.model, note.by) == ("promoted", version, "ann")


def test_a_field_on_which_everything_hangs_is_left_out_and_a_person_must_say_the_word(
    shelf: Shelf, trained: Path
) -> None:
    ended = leadrank("models", "edit", "champion", trained / "crm", "--veto", strongest(shelf), *SIGNED)
    assert (ended.code, ended.err) == (0, "")
    assert "is published, model 1 serves on: " in ended.out
    assert ended.out.splitlines()[-1].startswith("Next: leadrank models promote ")
    assert shelf.champion() == "1"


def test_points_are_kept_to_the_digit_and_only_the_base_is_calibrated(shelf: Shelf, trained: Path) -> None:
    parent = shelf.open("1").card
    field = parent.fields[parent.mains[0].field]
    level = field.labels[0] if field.labels else "not given"
    found = edit("1", trained / "crm", "--points", f"{field.name}: {level} = 2.5", "--no-promote", *SIGNED)
    made = shelf.open(str(found["model"]))
    assert made.about["edited"]["points"][0]["after"] == pytest.approx(2.5, abs=1e-4)
    assert made.card.mains[1:] == parent.mains[1:]
    assert (found["promoted"], shelf.champion()) == (False, "1")


def test_the_services_own_leads_judge_it_where_no_history_is_named(shelf: Shelf, trained: Path) -> None:
    found = edit("1", "--veto", weakest(shelf), "--no-promote", *SIGNED)
    beside = found["beside"]
    assert isinstance(beside, dict)
    assert beside["source"] == "the service's own leads"
    assert [p.name for p in (trained / "var" / "edits").iterdir()] == [".lock"], "the export is gone"


def test_where_the_service_knows_too_few_the_history_that_the_model_was_trained_on_judges_it(
    shelf: Shelf, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADRANK_DATABASE_URL", f"sqlite:///{trained}/empty.db")
    found = edit("1", "--veto", weakest(shelf), "--no-promote", *SIGNED)
    beside, notes = found["beside"], found["notes"]
    assert isinstance(beside, dict)
    assert isinstance(notes, list)
    assert beside["source"] == "the history that model 1 was trained on"
    assert "judged on the history that model 1 was trained on" in notes
    assert any(note.startswith("the service's own leads: ") for note in notes)
    shutil.move(trained / "crm", trained / "away")
    try:
        lost = edit("1", "--veto", weakest(shelf), *SIGNED)
    finally:
        shutil.move(trained / "away", trained / "crm")
    gate = lost["gate"]
    assert isinstance(gate, dict)
    assert (gate["decision"], lost["beside"], lost["promoted"]) == ("needs_word", None, False)
    assert "the history that model 1 was trained on: it is no longer there" in gate["reasons"][0]
    report = shelf.open(str(lost["model"])).report
    assert report is not None
    assert "edited and not judged" in report.read_text()


def test_on_postgresql_one_edit_is_judged_and_serves_and_one_is_refused(
    shelf: Shelf, trained: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADRANK_DATABASE_URL", postgres_url)
    assert leadrank("load", trained / "crm").code == 0
    good = edit("1", "--veto", weakest(shelf), *SIGNED)
    beside, gate = good["beside"], good["gate"]
    assert isinstance(beside, dict)
    assert isinstance(gate, dict)
    assert (gate["decision"], good["promoted"], beside["source"]) == ("promote", True, "the service's own leads")
    assert shelf.champion() == good["model"]
    shelf.promote("1", by="test", at=START)
    bad = edit("1", "--veto", strongest(shelf), *SIGNED)
    gate = bad["gate"]
    assert isinstance(gate, dict)
    assert (gate["decision"], bad["promoted"], shelf.champion()) == ("keep", False, "1")
    assert "behind model " in gate["reasons"][0]


def test_a_model_that_keeps_no_judged_card_waits_for_a_word(shelf: Shelf, trained: Path) -> None:
    bare = shelf.add(small_card(), about={}, at=START).version
    found = edit(bare, trained / "crm", "--veto", "E-mail", *SIGNED)
    assert (found["gate"], found["promoted"]) == (
        {
            "decision": "needs_word",
            "reasons": [f"not judged: model {bare} keeps no card of before it had seen all leads"],
        },
        False,
    )


def test_leads_that_the_parent_has_learned_from_do_not_judge_it(shelf: Shelf, trained: Path) -> None:
    """A history that ends earlier: the leads that it could be judged on are those that its parent learned from."""
    parent = shelf.open("1")
    about = {**parent.about, "split": {**parent.about["split"], "cut": "2030-01-01T00:00:00Z"}}
    judged = (parent.folder / "judged.json").read_bytes()
    newer = shelf.add(parent.card, about=about, at=START, attachments={"judged.json": judged}).version
    found = edit(newer, trained / "crm", "--veto", weakest(shelf), *SIGNED)
    gate = found["gate"]
    assert isinstance(gate, dict)
    assert gate["decision"] == "needs_word"
    assert "has learned from all leads that it could be judged on" in gate["reasons"][0]


@pytest.mark.slow
def test_a_veto_outlives_a_retraining_and_points_do_not_and_it_says_so(shelf: Shelf, trained: Path) -> None:
    name = weakest(shelf)
    kept = next(f for f in shelf.open("1").card.fields if f.name != name and f.labels)
    setting = f"{kept.name}: {kept.labels[0]} = 1"
    found = edit("1", trained / "crm", "--veto", name, "--points", setting, "--no-promote", *SIGNED)
    shelf.promote(str(found["model"]), by="ann", at=START)
    ended = leadrank("retrain", "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert name not in fields_of(shelf, told["model"])
    assert {"field": name, "reason": "left out by ann: the partner programme", "evidence": {}} in told[
        "excluded_fields"
    ]
    assert told["retraining"]["left_out"] == [name]
    assert [one["field"] for one in told["retraining"]["points_dropped"]] == [kept.name]
    about = shelf.open(told["model"]).about
    assert ([one["field"] for one in about["vetoed"]], about.get("hand_set")) == ([name], None)
    shelf.promote(told["model"], by="test", at=START)
    lifted = edit(told["model"], trained / "crm", "--allow", name, "--no-promote", "--by", "bob", "--why", "repealed")
    assert lifted["vetoed"] == []
    shelf.promote(str(lifted["model"]), by="bob", at=START)
    again = leadrank("train", trained / "crm", "--no-promote", "--json")
    assert name in fields_of(shelf, json.loads(again.out)["model"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--veto", "Shoe size", *SIGNED), "Shoe size: the model has no such field"),
        (("--points", "Shoe size: 42 = 1", *SIGNED), "Shoe size: the model has no such field"),
        (("--points", "what", *SIGNED), "what: it is not FIELD: LEVEL = POINTS"),
        (("--by", "ann", "--veto", "Shoe size"), "why: it is empty"),
        (("--why", "x", "--veto", "Shoe size"), "by: it is empty"),
        (SIGNED, "edit: nothing is changed"),
        (("--from", "no-such-file.json"), "no-such-file.json cannot be read"),
        (("--from", "no-such-file.json", "--veto", "x"), "--from says it all"),
    ],
)
def test_a_bad_edit_is_one_line_and_publishes_nothing(
    shelf: Shelf, words: tuple[str, ...], said: str, trained: Path
) -> None:
    before = shelf.versions()
    ended = leadrank("models", "edit", "1", trained / "crm", *words)
    assert (ended.code, ended.is_one_line) == (2, True), ended
    assert said in ended.err
    assert (shelf.versions(), shelf.champion()) == (before, "1")


@pytest.mark.parametrize("points", ["nan", "inf", "1e9"])
def test_points_that_are_no_points_are_refused(shelf: Shelf, points: str, trained: Path) -> None:
    name = next(f.name for f in shelf.open("1").card.fields)
    ended = leadrank("models", "edit", "1", trained / "crm", "--points", f"{name}: not given = {points}", *SIGNED)
    assert (ended.code, ended.is_one_line) == (2, True)
    assert f"{name}: points are numbers from -100 to 100" in ended.err


def test_a_model_that_is_not_there_is_refused(trained: Path) -> None:
    ended = leadrank("models", "edit", "99", trained / "crm", "--veto", "x", *SIGNED)
    assert (ended.code, ended.is_one_line) == (3, True)


def test_while_another_is_at_work_it_is_refused(shelf: Shelf, trained: Path) -> None:
    (trained / "var" / "edits").mkdir(exist_ok=True)
    with held_at_once(trained / "var" / "edits" / ".lock"):
        ended = leadrank("models", "edit", "1", trained / "crm", "--veto", weakest(shelf), *SIGNED)
    assert (ended.code, ended.is_one_line) == (3, True)
    assert "another edit is being judged" in ended.err

"""The shelf keeps what was published, says who serves, and goes back when asked."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path

import pytest

from models import Shelf
from models.listing import listing_of
from models.sealed import seal, unseal
from scoring import DamagedModel, GradeCuts, LeadScorer, Refused, WrongUsage
from tests.cards import small_card
from tests.models.shelves import ABOUT, AT, all_bytes, publish, shelf_of

LEAD = {"Lead source": "Referral", "Employees": "120", "Job title": "VP Sales"}


def test_a_published_model_comes_back_as_it_was(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "not" / "there" / "yet")

    published = publish(shelf)

    found = shelf.open("1")
    assert found == published
    assert found.card == small_card()
    assert found.about == ABOUT
    assert found.created_at == "2026-03-01T12:00:00Z"
    assert (found.folder / "report.md").read_bytes() == b"# Report\n"


def test_the_scores_of_an_opened_model_are_those_of_its_card(tmp_path: Path) -> None:
    publish(Shelf(tmp_path), shift=0.5)

    opened = Shelf(tmp_path).open("1").card

    assert LeadScorer(opened).score(LEAD) == LeadScorer(small_card(0.5)).score(LEAD)


def test_versions_count_up_and_are_sorted_as_numbers(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=11)

    assert shelf.versions() == [str(n) for n in range(1, 12)]


def test_a_version_is_never_given_twice(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=2)
    for file in shelf.open("2").folder.iterdir():
        file.unlink()
    (tmp_path / "models" / "2").rmdir()

    assert publish(shelf).version == "3"


def test_a_metric_that_is_not_a_number_is_kept_as_null(tmp_path: Path) -> None:
    about = {"metrics": {"auc": math.nan, "auc_ci": [0.1, math.inf]}}

    published = Shelf(tmp_path).add(small_card(), about=about, at=AT)

    assert published.about == {"metrics": {"auc": None, "auc_ci": [0.1, None]}}


def test_an_empty_shelf_says_to_train(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")

    assert (shelf.versions(), shelf.champion(), shelf.challenger(), shelf.stamp()) == ([], None, None, None)
    with pytest.raises(Refused, match="no model yet; run leadrank train"):
        shelf.open_champion()
    assert not (tmp_path / "shelf").exists()


def test_a_shelf_without_a_champion_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="leadrank models promote 2"):
        shelf_of(tmp_path, models=2).open_champion()


def test_an_unknown_version_is_refused_by_name(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=2)

    for unknown in ("3", "0", "01", "../models/1", "", "champion"):
        with pytest.raises(Refused, match=r"no model .* on the shelf; it has 1, 2"):
            shelf.open(unknown)
        with pytest.raises(Refused):
            shelf.promote(unknown, by="test", at=AT)


def test_promotion_answers_who_served_before_and_is_written_down(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=3)

    assert shelf.promote("1", by="ann", at=AT) is None
    assert shelf.promote("3", by="ben", at=AT) == "1"

    assert Shelf(tmp_path).champion() == "3"
    assert shelf.open_champion() == (shelf.open("3"), None)
    changes = [(c.action, c.version, c.previous, c.by, c.at) for c in shelf.history()]
    moment = "2026-03-01T12:00:00Z"
    assert changes == [("promote", "1", None, "ann", moment), ("promote", "3", "1", "ben", moment)]


def test_a_reason_is_kept_with_the_change_and_pointers_from_before_reasons_are_read(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=2, champions=("1",))
    body = unseal((tmp_path / "champion.json").read_bytes())
    for change in body["history"]:
        del change["reason"]
    (tmp_path / "champion.json").write_bytes(seal(body))
    shelf.promote("2", by="ann", at=AT, reason=" the fair is over\n")
    shelf.rollback(by="ben", at=AT, reason="it is not")
    assert [change.reason for change in shelf.history()] == ["", "the fair is over", "it is not"]
    for odd in ("w" * 501, "a bell: \x07"):
        with pytest.raises(WrongUsage, match="reason: it is longer than 500 characters"):
            shelf.promote("2", by="ann", at=AT, reason=odd)
    assert shelf.champion() == "1"


def test_promoting_the_champion_again_changes_nothing(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=1, champions=("1",))
    before = shelf.stamp()

    assert shelf.promote("1", by="test", at=AT) == "1"
    assert shelf.stamp() == before


def test_rollbacks_go_back_one_champion_at_a_time(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=3, champions=("1", "2", "3"))

    assert shelf.rollback(by="test", at=AT) == "2"
    assert shelf.rollback(by="test", at=AT) == "1"
    with pytest.raises(Refused, match="no earlier champion"):
        shelf.rollback(by="test", at=AT)
    assert shelf.champion() == "1"
    assert [c.action for c in shelf.history()] == ["promote"] * 3 + ["rollback"] * 2


def test_a_promotion_after_a_rollback_returns_to_where_it_left(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=3, champions=("1", "2"))
    shelf.rollback(by="test", at=AT)
    shelf.promote("3", by="test", at=AT)

    assert shelf.rollback(by="test", at=AT) == "1"


def test_a_rollback_passes_over_a_damaged_champion(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=3, champions=("1", "2", "3"))
    (shelf.open("2").folder / "scorecard.json").write_bytes(b"{}")

    assert shelf.champion_before() == "1"
    assert shelf.rollback(by="test", at=AT) == "1"
    assert shelf.champion_before() is None


def test_the_challenger_is_the_newest_model_that_never_served(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=2, champions=("1",))
    assert shelf.challenger() == "2"

    shelf.promote("2", by="test", at=AT)
    assert shelf.challenger() is None

    shelf.rollback(by="test", at=AT)
    assert shelf.challenger() is None
    publish(shelf)
    assert shelf.challenger() == "3"


def test_the_stamp_changes_with_the_champion_and_with_nothing_else(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=2, champions=("1",))
    first = shelf.stamp()
    publish(shelf)
    assert shelf.stamp() == first

    shelf.promote("2", by="test", at=AT)
    second = shelf.stamp()
    shelf.rollback(by="test", at=AT)
    assert len({first, second, shelf.stamp()}) == 3


def test_grade_cuts_lie_beside_the_models(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    assert shelf.cuts() == GradeCuts()

    (tmp_path / "grades.json").write_text('{"a": 0.05, "b": 0.2, "c": 0.5, "version": 4}')
    assert shelf.cuts() == GradeCuts(0.05, 0.2, 0.5, 4)

    for wrong in ('{"a": 0.5, "b": 0.2}', '{"d": 1}', "[]", "half a fi"):
        (tmp_path / "grades.json").write_text(wrong)
        with pytest.raises(DamagedModel, match=r"grades.json"):
            shelf.cuts()


def test_a_refused_publication_leaves_every_byte_as_it_was(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=2, champions=("1", "2"))
    before = all_bytes(tmp_path)

    for name in ("../escape", "scorecard.json", "Manifest.JSON", ".hidden", "a/b", "", "two words"):
        with pytest.raises(WrongUsage, match="attachment"):
            shelf.add(small_card(), about={}, at=AT, attachments={name: b""})
    with pytest.raises(ValueError, match="time zone"):
        shelf.add(small_card(), about={}, at=datetime(2026, 3, 1))

    assert all_bytes(tmp_path) == before


def test_the_same_card_gives_the_same_files(tmp_path: Path) -> None:
    first, second = publish(Shelf(tmp_path / "a")), publish(Shelf(tmp_path / "b"))

    assert all_bytes(first.folder) == all_bytes(second.folder)


def test_the_listing_says_what_each_model_is_and_names_damage(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, models=3, champions=("1",))
    (shelf.open("2").folder / "golden.json").unlink()

    found = listing_of(shelf)

    assert [(line.version, line.role) for line in found.lines] == [("1", "champion"), ("2", ""), ("3", "challenger")]
    first, damaged, _ = found.lines
    assert (first.rows, first.buyers, first.auc, first.decision) == (12_000, 1_204, 0.8421, "promote")
    assert damaged.fault == "model 2 is damaged: golden.json: it is missing"

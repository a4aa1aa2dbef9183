"""What a person changes in a published model: signed, told in its description, and lasting as long as it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import Published, Shelf
from models.changes import Changes, about_edit, changes_of, edited_by, hand_set_in, vetoed_in
from models.edit_note import last_edit, note_edit
from models.remembered import remembered_by
from models.retraining import Ended
from scoring import WrongUsage
from scoring.editing import BadEdit, Setting
from tests.cards import small_card

from .shelves import ABOUT, AT

SUSPECTS = {"suspect_fields": [{"field": "E-mail"}, {"field": "Job title"}]}


def published(shelf: Shelf, parent: Published | None = None, changes: Changes | None = None) -> Published:
    """The small card, or an edit of its parent, put on the shelf and promoted."""
    card, about = small_card(), {**ABOUT, **SUSPECTS, "mapping": {"monotone": {"Employees": "up"}}}
    if parent is not None and changes is not None:
        found = edited_by(parent, changes)
        card, about = found.card, about_edit(parent, changes, found, AT)
    made = shelf.add(card, about=about, at=AT)
    shelf.promote(made.version, by="test", at=AT)
    return made


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


def test_an_edit_tells_its_parent_who_when_why_and_what(shelf: Shelf) -> None:
    changes = Changes("ann", "a law", veto=("E-mail",), points=(Setting("Lead source", "referral", 3),))
    made = published(shelf, published(shelf), changes)
    told = made.about["edited"]
    assert {name: told[name] for name in ("parent", "by", "why", "veto", "allow")} == {
        **{"parent": "1", "by": "ann", "why": "a law"},
        **{"veto": ["E-mail"], "allow": []},
    }
    assert [(p["field"], p["level"], round(p["before"], 1), round(p["after"], 1)) for p in told["points"]] == [
        ("Lead source", "Referral", 13.0, 3.0)
    ]
    assert told["at"] == "2026-03-01T12:00:00Z"
    assert (made.about["rows"], made.about["suspect_fields"]) == (12_000, [{"field": "Job title"}])


def test_a_field_stays_out_until_an_edit_lets_it_in_again(shelf: Shelf) -> None:
    first = published(shelf, published(shelf), Changes("ann", "a law", veto=("E-mail",)))
    second = published(shelf, first, Changes("bob", "taste", veto=("Job title",)))
    assert [(one["field"], one["by"]) for one in vetoed_in(second.about)] == [("E-mail", "ann"), ("Job title", "bob")]
    assert remembered_by(shelf).left_out == {
        "E-mail": "left out by ann: a law",
        "Job title": "left out by bob: taste",
    }
    third = published(shelf, second, Changes("ann", "repealed", allow=("E-mail",)))
    assert list(remembered_by(shelf).left_out) == ["Job title"]
    assert third.card == second.card, "its points come back with the next training"


def test_points_that_were_set_are_kept_until_they_are_set_again_or_the_field_goes(shelf: Shelf) -> None:
    first = published(shelf, published(shelf), Changes("ann", "x", points=(Setting("Lead source", "referral", 3),)))
    second = published(shelf, first, Changes("ann", "x", points=(Setting("Do not call", "yes", -9),)))
    assert [one["field"] for one in hand_set_in(second.about)] == ["Lead source", "Do not call"]
    third = published(shelf, second, Changes("bob", "y", points=(Setting("Lead source", "referral", 5),)))
    assert [(one["field"], one["by"]) for one in hand_set_in(third.about)] == [
        ("Do not call", "ann"),
        ("Lead source", "bob"),
    ]
    fourth = published(shelf, third, Changes("bob", "y", veto=("Lead source",)))
    assert [one["field"] for one in hand_set_in(fourth.about)] == ["Do not call"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (Changes("ann", "", veto=("E-mail",)), "why: it is empty"),
        (Changes("ann", " \n ", veto=("E-mail",)), "why: it is empty"),
        (Changes("", "why", veto=("E-mail",)), "by: it is empty"),
        (Changes("ann", "w" * 501, veto=("E-mail",)), "why: it is longer than 500"),
        (Changes("ann", "w\x00", veto=("E-mail",)), "why: it is longer than 500 characters, or holds signs"),
        (Changes("ann", "why"), "edit: nothing is changed"),
        (Changes("ann", "why", allow=("E-mail",)), "E-mail: it is not left out; left out are Job title"),
        (Changes("ann", "why", veto=("Job title",), allow=("Job title",)), "left out and let in at once"),
        (Changes("ann", "why", points=(Setting("Job title", "vp", 1),)), "Job title: it is left out of this model"),
        (Changes("ann", "why", points=(Setting("Employees", "10 to 49", 90),)), "may only go up"),
        (Changes("ann", "why", veto=("Job title",)), "Job title: it is left out of this model already; name another"),
        (
            Changes("ann", "why", veto=("E-mail",), points=(Setting("Lead source", "referral", 13.01),)),
            "Lead source: Referral has +13.0 points already; set other points",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(shelf: Shelf, changes: Changes, said: str) -> None:
    parent = published(shelf)
    bare = Changes("ann", "taste", veto=("Job title",))
    about = {**about_edit(parent, bare, edited_by(parent, bare), AT)}
    with pytest.raises(BadEdit) as fault:
        edited_by(shelf.add(small_card(), about=about, at=AT), changes)
    assert said in str(fault.value)


def test_a_level_may_be_held_while_another_of_its_field_moves(shelf: Shelf) -> None:
    points = (Setting("Lead source", "referral", 13.0), Setting("Lead source", "cold list", -20.0))
    found = edited_by(published(shelf), Changes("ann", "why", points=points))
    assert [round(one.after, 1) for one in found.points] == [13.0, -20.0]


def test_changes_come_back_from_a_file_as_they_were_written() -> None:
    changes = Changes("ann", "why", ("E-mail",), (Setting("A", "b", 1.5), Setting("A", 3, -2.0)), ("C",))
    assert changes_of(changes.to_json()) == changes


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"by": 1, "why": "x"}',
        b'{"by": "a", "why": "x", "points": [1]}',
        b'{"by": "a", "why": "x", "points": [{"field": "A", "level": null, "points": 1}]}',
        b'{"by": "a", "why": "x", "points": [{"field": "A", "level": "b", "points": true}]}',
        b'{"by": "a", "why": "x", "veto": [1]}',
        b"\xff",
    ],
)
def test_a_file_that_holds_no_changes_is_refused(data: bytes) -> None:
    with pytest.raises(WrongUsage, match="holds no changes"):
        changes_of(data)


def test_a_note_says_how_an_edit_stands(tmp_path: Path) -> None:
    assert last_edit(tmp_path) is None
    note_edit(tmp_path, AT, "1", "ann", None)
    note = last_edit(tmp_path)
    assert note is not None
    assert (note.state, note.model) == ("at_work", None)
    note_edit(tmp_path, AT, "1", "ann", Ended.PROMOTED, model="2", why="better")
    note = last_edit(tmp_path)
    assert note is not None
    assert (note.state, note.model, note.why) == ("promoted", "2", "better")
    (tmp_path / "edit.json").write_text("{")
    assert last_edit(tmp_path) is None

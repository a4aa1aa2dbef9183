"""Real leads: a course seller's and a bank's. Skipped where the data is not there; CI has it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from scoring import to_json
from training.history import History, read_history
from training.mapping import Mapping
from training.train import Trained, train

DATA = Path(__file__).parents[3] / "shared" / "data"
COURSES, BANK = DATA / "x_education_leads.csv.gz", DATA / "bank_marketing.csv.gz"

pytestmark = pytest.mark.skipif(not COURSES.is_file() or not BANK.is_file(), reason="the real data is not here")

LEAKS = (
    *("Tags", "Lead Quality", "Lead Profile", "Last Notable Activity", "Last Activity"),
    *(f"Asymmetrique {of} {what}" for of in ("Activity", "Profile") for what in ("Index", "Score")),
)
"""Written by sales after talking to the lead, or the company's own earlier scores."""


@pytest.fixture(scope="module")
def courses() -> tuple[History, Trained]:
    mapping = Mapping().with_flags(outcome="Converted", won=("1",), ignore=LEAKS)
    history = read_history(COURSES, mapping)
    return history, train(history, mapping)


@pytest.fixture(scope="module")
def bank() -> tuple[History, Trained]:
    """A sixth of the bank's calls, evenly over time: quick to learn from."""
    mapping = Mapping().with_flags(outcome="y", won=("yes",), ignore=("duration",))
    history = read_history(BANK, mapping)
    return history, train(history.take(np.arange(0, history.rows, 6)), mapping)


def test_the_course_seller_s_leads_are_ranked_well_without_its_leaks(courses: tuple[History, Trained]) -> None:
    _, found = courses
    assert found.split.kind == "stratified"
    assert found.metrics.auc > 0.86
    assert found.metrics.calibration_error < 0.05
    assert found.gate.decision == "promote"
    assert not {f.name for f in found.card.fields} & set(LEAKS)


def test_it_is_within_reach_of_full_boosting_and_beats_the_best_field(courses: tuple[History, Trained]) -> None:
    _, found = courses
    assert found.metrics.auc > found.peers.yardstick.auc - 0.01
    assert found.metrics.auc > found.peers.best_field.auc + 0.05


def test_what_was_guessed_of_the_course_seller_is_said(courses: tuple[History, Trained]) -> None:
    history, found = courses
    said = "\n".join(found.notes)
    assert history.rows == 9240
    assert "the id is taken from 'Prospect ID'" in said
    assert "lost is taken to be '0', the only other outcome" in said
    assert "read as missing: 'Select'" in said
    assert "judged on a random fifth" in said


def test_a_serial_number_and_constants_are_left_out(courses: tuple[History, Trained]) -> None:
    _, found = courses
    assert "identifier" in found.left_out["Lead Number"]
    assert found.left_out["Magazine"] == "constant"


def test_the_bank_s_file_says_its_separator_and_that_it_has_no_ids(bank: tuple[History, Trained]) -> None:
    history, found = bank
    said = "\n".join(found.notes)
    assert history.rows == 41188
    assert "the separator is a semicolon" in said
    assert "no id column named or recognised: leads are called row-1, row-2" in said
    assert "lost is taken to be 'no', the only other outcome" in said
    assert "read as missing: 'unknown'" in said


def test_the_bank_s_calls_are_ranked_well_without_their_duration(bank: tuple[History, Trained]) -> None:
    _, found = bank
    assert found.metrics.auc > 0.75
    assert "duration" not in {f.name for f in found.card.fields}


@pytest.mark.parametrize("name", ["courses", "bank"])
def test_nobody_can_be_found_in_the_card(name: str, request: pytest.FixtureRequest) -> None:
    history, found = request.getfixturevalue(name)
    card = to_json(found.card).decode()
    assert not any(lead in card for lead in history.ids if not lead.startswith("row-"))
    assert "row-1" not in card
    assert not re.search(r"[\w.+-]+@[\w-]+\.\w", card)
    assert not re.search(r'"\+?\d[\d ().-]{6,}\d"', card)

"""What the pages offer as reasons is of the one list that learning knows."""

from __future__ import annotations

from scoring.refusals import REFUSALS
from service.people import said


def test_every_reason_of_the_pages_is_known_to_learning() -> None:
    assert said.REFUSALS.keys() == REFUSALS.keys()
    assert said.LOSSES.keys() < REFUSALS.keys()

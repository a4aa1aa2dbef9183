"""What is known of a model before its leads have had their time, a sentence each."""

from __future__ import annotations

from service.people.edit_view import day_of, edit_of
from service.people.known_already import known_already
from service.watching.drift import Drift, Found
from service.watching.newcomers import Newcomers
from tests.cards import living_card
from tests.service.conftest import NOON, Service

TESTED = {"auc": 0.747, "auc_ci": [0.685, 0.8]}


def promises(ratio: float, low: float, high: float) -> dict[str, object]:
    return {"metrics": {**TESTED, "observed_expected": ratio, "observed_expected_ci": [low, high]}}


def newcomers(*found: Found) -> Newcomers:
    return Newcomers(79, 0, "", [(Drift(f"field {i}", one, 79), "") for i, one in enumerate(found)])


def test_its_test_is_told_with_its_promises_and_older_models_without() -> None:
    start = "On the 1,317 test leads that it was judged on before it served, whose outcomes are known: "
    start += "AUC 0.747 (0.685 to 0.800)"
    for ratio, word in (((0.71, 0.56, 0.89), "fewer than promised"), ((1.02, 0.9, 1.2), "as promised")):
        about = {**promises(*ratio), "split": {"test": 1317}}
        low, high = ratio[1:]
        assert known_already(about, None) == [
            f"{start}; bought/promised {ratio[0]:.2f} ({low:.2f} to {high:.2f}): {word}."
        ]
    assert known_already({"metrics": TESTED, "judged_on": {"test": 1317}}, None) == [f"{start}."]
    assert known_already({"metrics": {}}, None) == []


def test_new_leads_are_told_as_far_as_anybody_can_say() -> None:
    (said,) = known_already({}, newcomers(Found.FINE, Found.MOVED, Found.TOO_FEW))
    assert said == "Of 2 fields of the 79 newest leads 1 moved (field 1); of 1 more nobody can say yet."
    (said,) = known_already({}, newcomers(Found.FINE, Found.FINE))
    assert said == "Of 2 fields of the 79 newest leads none has moved."
    (said,) = known_already({}, newcomers(Found.TOO_FEW))
    assert said.endswith("nobody can say yet: 79 are too few.")
    assert known_already({}, Newcomers(0, None, "", [])) == []


def test_a_model_that_was_trained_is_no_edit_and_a_zero_has_no_sign(service: Service) -> None:
    assert edit_of(service.shelf.open("1")) is None
    figures = {"auc": 0.7, "log_loss": 0.2, "buyers_in_top_20pct": 0.5}
    same = {name: {"value": -0.00001, "low": -0.01, "high": 0.01} for name in figures}
    beside = {"source": "x", "leads": 5, "buyers": 1, "before": figures, "after": figures, "differences": same}
    signed = {"parent": "1", "by": "ann", "at": NOON.isoformat(), "why": "w"}
    about = {"edited": signed, "beside": {**beside, "regraded": {}}}
    made = edit_of(service.shelf.add(living_card(), about=about, at=NOON))
    assert made is not None
    assert [one.difference for one in made.figures] == ["0.000", "0.0000", "0.0 %"]
    assert made.figures[0].low == "\u22120.010"
    assert (made.on, made.changed) == (day_of(NOON.isoformat()), 0)

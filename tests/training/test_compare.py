"""Two models on the same leads: told apart where they differ by more than chance, and else not."""

from __future__ import annotations

import json

import pytest

from scoring import Scorecard
from training.compare import compare
from training.history import History
from training.learn import learn
from training.mapping import Mapping

from .test_train import history_of
from .worlds import noise, world


@pytest.fixture(scope="module")
def fresh() -> History:
    return history_of(world(1500, seed=50))


def card_of(rows: int, seed: int = 7) -> Scorecard:
    found = world(rows)
    return learn(found.columns, found.bought, as_of=None, kinds={}, horizon_days=None, seed=seed).card


def test_a_better_model_is_named(fresh: History) -> None:
    nothing = noise(300, 3)
    empty = learn(nothing.columns, nothing.bought, as_of=None, kinds={}, horizon_days=None, seed=7).card
    found = compare(empty, card_of(900), fresh, Mapping())
    assert found.differences["auc"].high < 0
    assert found.in_words("4", "5").startswith("Model 5 ranks these leads better than model 4")
    assert found.first.metrics.auc - found.second.metrics.auc == pytest.approx(found.differences["auc"].value)


def test_a_model_cannot_be_told_apart_from_itself(fresh: History) -> None:
    card = card_of(300)
    found = compare(card, card, fresh, Mapping())
    assert "cannot be told apart" in found.in_words("1", "2")
    assert set(json.loads(json.dumps(found.as_dict()))) == {"first", "second", "differences"}

"""Evaluation: a card on any labelled history, read by the names it was trained with or by those of a file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scoring import Scorecard
from scoring.errors import Refused, WrongUsage
from scoring.values import DAY
from training.evaluate import evaluate, mapping_of
from training.history import History
from training.learn import learn
from training.mapping import Mapping

from .test_train import history_of
from .worlds import noise, numbers, world


@pytest.fixture(scope="module")
def card() -> Scorecard:
    found = world(800)
    return learn(found.columns, found.bought, as_of=None, kinds={}, horizon_days=None, seed=7).card


@pytest.fixture(scope="module")
def fresh() -> History:
    return history_of(world(1500, seed=50))


def test_a_good_card_is_good_on_another_history(card: Scorecard, fresh: History) -> None:
    found = evaluate(card, fresh, Mapping())
    assert (found.rows, found.buyers) == (1500, int(fresh.won.sum()))
    assert 0.7 < found.metrics.auc < 0.95
    assert found.metrics.calibration_error < 0.1
    assert set(json.loads(json.dumps(found.as_dict()))) == {
        *("rows", "buyers", "metrics", "plain", "calibration_noise")
    }


def test_it_is_no_better_than_chance_where_there_is_nothing_to_see(card: Scorecard) -> None:
    low, high = evaluate(card, history_of(noise(1000, 3)), Mapping()).metrics.auc_ci
    assert low <= 0.5 <= high


def test_open_leads_are_left_out(card: Scorecard, fresh: History) -> None:
    opened = replace(fresh, lost=fresh.lost & (np.arange(1500) < 700))
    assert evaluate(card, opened, Mapping()).rows == int((opened.won | opened.lost).sum())


def test_the_horizon_is_the_card_s_own(card: Scorecard) -> None:
    history = history_of(world(400, seed=9), days=300)
    late = history.won & (np.arange(400) % 2 == 0)
    slow = replace(history, won_at=np.where(late, history.won_at + 50 * DAY, history.won_at))
    assert evaluate(replace(card, horizon_days=30), slow, Mapping()).buyers == int((slow.won & ~late).sum())
    assert evaluate(replace(card, horizon_days=70), slow, Mapping()).buyers == int(slow.won.sum())


def test_a_history_with_one_kind_of_lead_is_refused(card: Scorecard, fresh: History) -> None:
    buyers = fresh.take(np.flatnonzero(fresh.won))
    for one in (
        buyers,
        replace(buyers, won=~buyers.won),
        replace(fresh, won=fresh.won & False, lost=fresh.lost & False),
    ):
        with pytest.raises(Refused, match="leads that bought and leads that did not are both needed"):
            evaluate(card, one, Mapping())


def test_columns_that_the_card_does_not_know_change_nothing(card: Scorecard, fresh: History) -> None:
    more = replace(fresh, columns={"zzz": numbers(range(1500)), **fresh.columns})
    assert evaluate(card, more, Mapping()).as_dict() == evaluate(card, fresh, Mapping()).as_dict()


def test_the_names_that_a_model_was_trained_with_are_remembered() -> None:
    about = {
        "mapping": {
            **{"id": "nr", "created_at": None, "outcome": "y", "won": ["yes"], "lost": [], "closed_at": None},
            **{"value": None, "horizon_days": 45, "currency": "EUR"},
        }
    }
    assert mapping_of(about, None) == Mapping(id="nr", outcome="y", won=("yes",), horizon_days=45, currency="EUR")


def test_a_model_that_remembers_nothing_leaves_all_to_guessing() -> None:
    assert mapping_of({}, None) == Mapping()


def test_a_file_wins_over_what_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text('[outcome]\ncolumn = "z"\nwon = "1"\n')
    assert mapping_of({"mapping": {"outcome": "y", "won": ["yes"]}}, path).outcome == "z"
    with pytest.raises(WrongUsage, match="no such file"):
        mapping_of({}, tmp_path / "none.toml")

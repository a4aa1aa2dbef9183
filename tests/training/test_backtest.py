"""The backtest: what was known before a month, promised against what happened in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring.errors import Refused
from scoring.values import DAY
from training.backtest import Backtest, backtest, share_of
from training.history import History
from training.mapping import Mapping

from .test_train import history_of
from .worlds import world

MAPPING = Mapping(horizon_days=30)


@pytest.fixture(scope="module")
def history() -> History:
    return history_of(world(800), days=180)


@pytest.fixture(scope="module")
def found(history: History) -> Backtest:
    return backtest(history, MAPPING)


def test_every_month_is_judged_by_what_was_known_before_it(found: Backtest, history: History) -> None:
    assert [m.name for m in found.months] == sorted(m.name for m in found.months)
    assert len(found.months) >= 3
    learned = [m.learned_from for m in found.months]
    assert learned == sorted(set(learned))
    assert all(m.learned_from + m.leads <= history.rows for m in found.months)


def test_promises_are_mostly_kept_where_nothing_changes(found: Backtest) -> None:
    assert sum(m.kept for m in found.months) >= len(found.months) - 2
    assert all(m.auc is not None and m.auc.value > 0.6 for m in found.months)
    assert found.as_dict()["kept"] == sum(m.kept for m in found.months)


def test_what_happens_after_a_month_began_changes_nothing_of_its_promise(found: Backtest, history: History) -> None:
    assert history.created is not None
    start = int(np.datetime64(found.months[0].name, "s").astype(np.int64))
    later = history.created >= start
    turned = replace(
        history,
        won=history.won & ~later | ~history.won & later,
        lost=history.lost & ~later | ~history.lost & later,
        won_at=np.where(later, np.where(history.won, np.iinfo(np.int64).max, history.created + DAY), history.won_at),
    )
    again = backtest(turned, MAPPING)
    assert again.months[0].promised == found.months[0].promised
    assert again.months[0].happened.value == pytest.approx(1 - found.months[0].happened.value)


@pytest.mark.slow
def test_months_with_few_buyers_are_taken_together() -> None:
    thin = history_of(world(400), days=900)
    assert all("-Q" in m.name for m in backtest(thin, MAPPING).months)


def test_without_dates_or_enough_before_it_is_refused(history: History) -> None:
    with pytest.raises(Refused, match="a backtest needs dates"):
        backtest(history_of(world(200)), MAPPING)
    with pytest.raises(Refused, match="no month has enough known leads before it"):
        backtest(history.take(np.arange(60)), MAPPING)


def test_an_interval_of_no_buyers_starts_at_none_and_does_not_end_there() -> None:
    found = share_of(0, 20)
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(0.161, abs=1e-3)

"""Alarms before any outcome is known: they go off where leads are others, and hardly ever where they are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring.scorecard import Scorecard
from training.learn import learn
from training.mapping import Mapping
from training.shift import Sample, alarms_of, shifted_base_rate, stability_index
from training.train import train

from .test_train import history_of
from .worlds import World, numbers, texts, world


@pytest.fixture(scope="module")
def learned() -> tuple[Scorecard, World]:
    found = world(2500)
    return learn(found.columns, found.bought, as_of=None, kinds={}, horizon_days=None, seed=7).card, found


def sample(found: World, rows: np.ndarray) -> Sample:
    return Sample({name: c.rows(rows) for name, c in found.columns.items()}, len(rows), None)


def test_of_fifty_random_draws_at_most_one_raises_an_alarm(learned: tuple[Scorecard, World]) -> None:
    card, found = learned
    raised = 0
    for seed in range(50):
        order = np.random.default_rng(seed).permutation(2500)
        raised += bool(alarms_of(card, sample(found, order[:1800]), sample(found, order[1800:])))
    assert raised <= 1


def test_a_field_that_moved_is_named(learned: tuple[Scorecard, World]) -> None:
    card, found = learned
    new = {**found.columns, "source": texts(["Referral", "Fair"] * 1250)}
    everyone = np.arange(2500)
    (alarm, *_) = alarms_of(card, sample(found, everyone), Sample(new, 2500, None))
    assert alarm.name == "population"
    assert "source" in alarm.text
    assert list(alarm.evidence["stability_index"]) == ["source"]  # type: ignore[call-overload]


def test_a_base_rate_that_seems_to_have_moved_raises_an_alarm_and_nothing_else(
    learned: tuple[Scorecard, World],
) -> None:
    card, found = learned
    likely = np.flatnonzero(found.bought | (np.arange(2500) % 6 == 0))
    alarms = {a.name: a for a in alarms_of(card, sample(found, np.arange(2500)), sample(found, likely))}
    told = alarms["base_rate"].evidence
    assert found.bought[likely].mean() > 1.5 * found.bought.mean()
    assert told["estimate_without_outcomes"] == pytest.approx(found.bought[likely].mean(), abs=0.12)  # type: ignore[comparison-overlap]
    assert "more of them would buy" in alarms["base_rate"].text


def test_the_estimate_finds_the_share_of_a_calibrated_model() -> None:
    dice = np.random.default_rng(2)
    odds = dice.normal(-2, 1.5, 200_000)
    chance = 1 / (1 + np.exp(-odds))
    bought = dice.random(200_000) < chance
    keep = bought | (dice.random(200_000) < 0.3)
    found, errors = shifted_base_rate(chance[keep], float(chance.mean()))
    assert found == pytest.approx(bought[keep].mean(), abs=0.01)
    assert errors > 10
    same, none = shifted_base_rate(chance, float(chance.mean()))
    assert same == pytest.approx(float(chance.mean()), abs=0.005)
    assert abs(none) < 4


def test_chance_alone_adds_nothing_to_the_index() -> None:
    dice = np.random.default_rng(3)
    draws = [
        stability_index(
            np.bincount(dice.integers(0, 12, 300), minlength=12).astype(float),
            np.bincount(dice.integers(0, 12, 200), minlength=12).astype(float),
        )
        for _ in range(200)
    ]
    assert np.mean([index for index, _ in draws]) == pytest.approx(0, abs=0.01)
    assert np.mean([chance < 0.05 for _, chance in draws]) == pytest.approx(0.05, abs=0.05)


@pytest.mark.slow
def test_training_tells_of_later_leads_that_are_others() -> None:
    found = world(700)
    late = np.arange(700) > 560
    staff = numbers(np.where(late, 5000.0 + np.arange(700), np.arange(700) % 50))
    moved = train(history_of(replace(found, columns={**found.columns, "staff": staff}), days=800), Mapping())
    assert [a.name for a in moved.alarms] == ["population"]
    assert moved.summary()["alarms"]
    assert train(history_of(world(700), days=800), Mapping()).alarms == ()

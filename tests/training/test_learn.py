"""Learning: calibrated, honest where there is nothing to learn, and blind to names, order and neighbours."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from scoring import LeadScorer
from scoring.batch import TableScorer, probabilities_of
from scoring.columns import Coded, Numbers
from scoring.errors import Refused
from scoring.measure import auc
from scoring.scorecard import SCALE, from_json, to_json
from training.learn import Learned, _buyers_share, _reference, learn
from training.rows import Rows

from .worlds import World, noise, numbers, texts, world

ROWS = 2000


def learned_from(found: World, seed: int = 7) -> Learned:
    return learn(found.columns, found.bought, as_of=None, kinds={}, horizon_days=None, seed=seed)


def log_odds(learned: Learned, found: World) -> np.ndarray:
    return TableScorer(learned.card).log_odds(found.columns, len(found.bought))


@pytest.fixture(scope="module")
def found() -> World:
    return world(ROWS)


@pytest.fixture(scope="module")
def learned(found: World) -> Learned:
    return learned_from(found)


def test_the_mean_probability_is_the_share_of_buyers(found: World, learned: Learned) -> None:
    mean = probabilities_of(log_odds(learned, found)).mean()
    assert mean == pytest.approx(found.bought.mean(), abs=1e-2)


def test_it_is_calibrated_on_leads_that_it_never_saw(learned: Learned) -> None:
    new = world(20_000, seed=99)
    promised = probabilities_of(log_odds(learned, new))
    for part in np.array_split(np.argsort(promised), 5):
        assert promised[part].mean() == pytest.approx(new.bought[part].mean(), abs=0.06)


def test_it_finds_most_of_what_can_be_found(learned: Learned) -> None:
    new = world(20_000, seed=99)
    assert auc(new.bought, log_odds(learned, new).astype(float)) > auc(new.bought, new.truth) - 0.03


def test_the_card_is_plain_data_that_survives_its_own_json(learned: Learned) -> None:
    assert from_json(to_json(learned.card)) == learned.card
    assert learned.card.buyers_share == pytest.approx(learned.bought.mean())
    assert list(learned.card.reference) == sorted(learned.card.reference)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_without_a_signal_every_lead_gets_about_the_share_of_buyers(seed: int) -> None:
    nothing = noise(600, seed)
    learned = learned_from(nothing)
    promised = probabilities_of(log_odds(learned, noise(600, seed + 100)))
    assert from_json(to_json(learned.card)) == learned.card
    assert promised.mean() == pytest.approx(nothing.bought.mean(), abs=0.05)
    assert promised.std() < 0.06


def test_a_stronger_lead_does_not_score_lower() -> None:
    dice = np.random.default_rng(4)
    visits, other = dice.integers(0, 10, 4000), dice.normal(size=4000)
    bought = dice.random(4000) < 1 / (1 + np.exp(2.5 - 0.5 * visits))
    card = learned_from(World({"visits": numbers(visits), "other": numbers(other)}, bought, visits)).card
    scorer = LeadScorer(card)
    for value in (-1.0, 0.0, 1.0):
        ladder = [scorer.score({"visits": v, "other": value}).log_odds for v in range(10)]
        assert all(b - a > -0.15 * SCALE for a, b in pairwise(ladder))
        assert ladder[9] - ladder[0] > 3 * SCALE
        assert ladder[0] < ladder[3] < ladder[6] < ladder[9]


def test_the_names_of_columns_do_not_matter(found: World, learned: Learned) -> None:
    names = {name: f"spalte {i} ¿?" for i, name in enumerate(found.columns)}
    renamed = replace(found, columns={names[n]: c for n, c in found.columns.items()})
    assert np.array_equal(log_odds(learned_from(renamed), renamed), log_odds(learned, found))


def test_the_order_of_leads_does_not_matter(found: World, learned: Learned) -> None:
    assert to_json(learned_from(found.shuffled(3)).card) == to_json(learned.card)


def test_a_score_does_not_depend_on_its_neighbours(found: World, learned: Learned) -> None:
    together = log_odds(learned, found)
    rows = np.random.default_rng(2).permutation(ROWS)[:37]
    some = {n: c.rows(rows) for n, c in found.columns.items()}
    assert np.array_equal(TableScorer(learned.card).log_odds(some, 37), together[rows])
    for row in rows[:10].tolist():
        one = {n: c.rows(np.array([row])) for n, c in found.columns.items()}
        assert TableScorer(learned.card).log_odds(one, 1)[0] == together[row]


def test_one_lead_scores_as_its_row_of_a_table_does(found: World, learned: Learned) -> None:
    scorer, together = LeadScorer(learned.card), log_odds(learned, found)

    def value(column: Coded | Numbers, row: int) -> object:
        if isinstance(column, Numbers):
            return None if np.isnan(column.values[row]) else float(column.values[row])
        return column.values[column.index[row]]

    for row in range(0, ROWS, 41):
        lead = {n: value(c, row) for n, c in found.columns.items()}
        assert scorer.score(lead).log_odds == together[row]


def test_a_field_that_gives_the_outcome_away_ends_in_a_finite_model() -> None:
    dice = np.random.default_rng(1)
    bought = dice.random(400) < 0.3
    leak = World(
        {"leak": texts([("no deal", "deal signed")[int(b)] for b in bought]), "n": numbers(dice.normal(size=400))},
        bought,
        bought.astype(float),
    )
    promised = probabilities_of(log_odds(learned_from(leak), leak))
    assert promised[bought].min() > 0.9
    assert promised[~bought].max() < 0.1


def test_a_text_alone_is_enough_to_learn_from() -> None:
    found = world(800)
    only = replace(found, columns={"about": found.columns["about"]})
    learned = learned_from(only)
    assert [f.name for f in learned.card.fields] == ["about"]
    assert auc(only.bought, log_odds(learned, only).astype(float)) > 0.6


def test_of_very_many_fields_those_that_explain_most_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.learn.MAX_FIELDS", 20)
    dice = np.random.default_rng(6)
    columns = {f"f{i:03}": numbers(dice.integers(0, 3, 300)) for i in range(50)}
    strong = columns["f035"].values
    bought = dice.random(300) < np.where(strong == 2, 0.8, 0.2)
    learned = learned_from(World(dict(columns), bought, strong))
    assert len(learned.card.fields) == 20
    assert "f035" in {f.name for f in learned.card.fields}
    assert all("more than 20 fields" in out.reason for out in learned.inferred.left_out)


def test_with_no_usable_field_it_refuses_and_says_why() -> None:
    with pytest.raises(Refused, match="no field to learn from .*n: constant"):
        learned_from(World({"n": numbers([1] * 100)}, np.arange(100) % 3 == 0, np.zeros(100)))


def test_dated_leads_are_judged_forward_in_time_and_based_on_the_last_year() -> None:
    found = world(3000)
    moments = (np.arange(3000) * 1000 // 3000 * 86_400).astype(np.int64)
    later = moments >= moments.max() - 365 * 86_400
    turned = found.bought | (later & (np.random.default_rng(5).random(3000) < 0.3))
    learned = learn(found.columns, turned, as_of=moments, kinds={}, horizon_days=30, seed=7)
    assert learned.chosen.folds == "forward"
    promised = probabilities_of(TableScorer(learned.card).log_odds(found.columns, 3000, as_of=moments))
    assert promised[later].mean() == pytest.approx(turned[later].mean(), abs=1e-2)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_last_year_without_a_buyer_or_without_a_loss_still_ends_in_a_finite_model(share: float) -> None:
    found = world(800)
    moments = (np.arange(800) * 2 * 86_400).astype(np.int64)
    bought = np.where(np.arange(800) >= 600, share == 1.0, found.bought)
    learned = learn(found.columns, bought, as_of=moments, kinds={}, horizon_days=30, seed=7)
    assert abs(learned.card.base / SCALE) < 12


def test_the_progress_goes_forward_and_ends(found: World) -> None:
    seen: list[tuple[str, int, int]] = []
    learn(
        found.columns, found.bought, as_of=None, kinds={}, horizon_days=None, seed=7, progress=lambda *p: seen.append(p)
    )
    assert seen
    assert all(0 <= done <= total for _, done, total in seen)


def test_what_the_user_says_of_a_column_holds() -> None:
    found = noise(400, 1)
    learned = learn(found.columns, found.bought, as_of=None, kinds={"c": "category"}, horizon_days=None, seed=7)
    assert {f.name: str(f.kind) for f in learned.card.fields}["c"] == "category"


def test_the_share_of_buyers_is_the_same_for_any_order_of_weighted_rows() -> None:
    dice = np.random.default_rng(3)
    bought, weight = dice.random(5000) < 0.3, dice.uniform(0, 1, 5000) / 3
    shares = {_buyers_share(Rows({}, bought[o], weight=weight[o])) for o in (dice.permutation(5000) for _ in range(20))}
    assert len(shares) == 1


def test_the_score_compares_with_leads_as_they_came_in() -> None:
    day = 86_400
    lead = np.array([1, 0, 0, 1, 2, 2])
    as_of = np.array([900, 1000, 1030, 907, 100, 990]) * day
    rows = Rows({"x": numbers(range(6))}, np.zeros(6, bool), as_of, lead=lead)
    first = set(_reference(rows).tolist())
    assert first == {0, 1, 4}, "of so few leads all stand for a year"
    many = Rows({}, np.zeros(300, bool), np.arange(300) * 5 * day, lead=np.arange(300) // 2)
    found = _reference(many)
    assert set(found.tolist()) <= set(range(0, 300, 2))

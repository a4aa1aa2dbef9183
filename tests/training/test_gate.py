"""The gate: what may not serve is kept back with its reason, and what is as good as the champion may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from models.shelf import Shelf
from scoring.measure import Metrics, measure
from tests.cards import small_card
from training.baselines import Peers
from training.gate import Gate, Trial, judge
from training.rivals import Rival, as_attachment, champions_on, unfair_in_words

Floats = NDArray[np.float64]

ROWS = 1500
DICE = np.random.default_rng(1)
TRUTH = DICE.normal(-2, 1.2, ROWS)
BOUGHT = DICE.random(ROWS) < expit(TRUTH)
NOISE = np.random.default_rng(2).normal(size=ROWS)
GOOD = TRUTH + 0.3 * NOISE - 0.05


def trial(
    log_odds: Floats, rows: int = ROWS, rivals: Mapping[str, Floats] | None = None, field: Floats = NOISE
) -> Trial:
    """A candidate beside a base rate, a field of noise and a weak regression."""
    bought, score = BOUGHT[:rows], log_odds[:rows]
    share = np.full(rows, bought.mean())
    weak = expit(0.3 * TRUTH[:rows] + 0.5 * NOISE[:rows])
    alone = expit(field[:rows])
    metrics, base = measure(bought, expit(score), score), measure(bought, share)
    peers = Peers(
        base, measure(bought, alone), "income", measure(bought, weak), metrics, {"best_field": alone, "logistic": weak}
    )
    return Trial(metrics, bought, score, peers, {name: r[:rows] for name, r in (rivals or {}).items()})


def kept(gate: Gate) -> str:
    assert gate.decision == "keep"
    (reason,) = gate.reasons
    return reason


def test_a_good_first_model_is_promoted() -> None:
    gate = judge(trial(GOOD))
    assert gate.decision == "promote"
    assert gate.reasons[0].startswith("better than chance: AUC 0.")
    assert gate.as_dict() == {"decision": "promote", "reasons": list(gate.reasons)}


def test_what_says_nothing_or_the_opposite_is_kept_back() -> None:
    assert "the same of every lead" in kept(judge(trial(np.full(ROWS, -2.0))))
    assert "the wrong way round" in kept(judge(trial(-GOOD - 4)))
    assert "no better than chance" in kept(judge(trial(NOISE - 2)))


def test_too_few_test_leads_are_told_by_the_width_of_the_interval() -> None:
    few = np.flatnonzero(BOUGHT)[:3].tolist() + np.flatnonzero(~BOUGHT)[:20].tolist()
    score = np.where(BOUGHT[few], TRUTH[few] + 1.2, TRUTH[few])
    base = trial(GOOD)
    metrics = replace(measure(BOUGHT[few], expit(score), score), auc=0.75, auc_ci=(0.52, 0.98))
    found = judge(Trial(metrics, BOUGHT[few], score, base.peers))
    assert "too few test leads to tell: AUC 0.750 (0.520 to 0.980)" in kept(found)


def test_what_a_field_alone_or_a_regression_does_better_is_kept_back() -> None:
    poor = 0.4 * TRUTH + NOISE
    assert "behind its best single field (income)" in kept(judge(trial(poor, field=TRUTH)))
    sound = trial(poor)
    regression = expit(TRUTH)
    assert "behind logistic regression" in kept(
        judge(replace(sound, peers=replace(sound.peers, scores={**sound.peers.scores, "logistic": regression})))
    )


@pytest.mark.parametrize(
    ("score", "why"),
    [
        (3 * (GOOD + 2) - 2, "too bold: log-odds times 0."),
        (0.3 * (GOOD + 2) - 2, "too shy: log-odds times "),
        (GOOD + 2, "buyers among the test leads where"),
        (GOOD - 2, "buyers among the test leads where"),
    ],
)
def test_promises_that_are_not_kept_keep_a_model_back(score: Floats, why: str) -> None:
    assert why in kept(judge(trial(score)))


def test_a_market_that_turned_is_not_the_candidate_s_fault_where_the_champion_is_no_better() -> None:
    assert judge(trial(GOOD + 2, rivals={"1": GOOD + 2.1})).decision == "promote"
    assert kept(judge(trial(GOOD + 2, rivals={"1": GOOD})))


def test_what_is_behind_the_champion_is_kept_back_and_the_difference_is_told() -> None:
    gate = judge(trial(TRUTH + NOISE, rivals={"3": GOOD}))
    assert "behind model 3 on the same leads: AUC -0.0" in kept(gate)
    compared = gate.as_dict()["compared"]
    assert isinstance(compared, dict)
    assert compared["with"] == "3"
    assert compared["differences"]["auc"]["high"] < 0


def test_what_is_better_or_as_good_replaces_the_champion() -> None:
    assert "better than model 3" in judge(trial(GOOD, rivals={"3": TRUTH + NOISE})).reasons[0]
    refit = GOOD + 0.02 * np.random.default_rng(5).normal(size=ROWS)
    gate = judge(trial(refit, rivals={"3": GOOD}))
    assert gate.decision == "promote"
    assert "not told apart from model 3 on the same leads, and fresher" in gate.reasons[0]


def test_the_best_of_the_earlier_champions_is_the_one_to_match() -> None:
    gate = judge(trial(TRUTH + NOISE, rivals={"4": TRUTH + 1.05 * NOISE, "3": GOOD}))
    assert gate.rival == "3"
    assert "behind model 3" in kept(gate)


def test_a_model_that_hangs_on_suspects_waits_for_a_word() -> None:
    strong = trial(GOOD)
    weak: Metrics = replace(strong.metrics, auc=strong.metrics.auc - 0.05)
    near = replace(strong.metrics, auc=strong.metrics.auc - 0.005)
    gate = judge(strong, weak, ["stage"])
    assert gate.decision == "needs_word"
    assert "stage" in gate.reasons[0]
    assert judge(strong, near, ["stage"]).decision == "promote"
    assert judge(strong).decision == "promote"


def test_champions_are_read_from_the_shelf_as_they_were_judged(tmp_path: Path) -> None:
    shelf, at = Shelf(tmp_path / "shelf"), datetime(2026, 1, 1, tzinfo=UTC)
    cut = {"split": {"cut": "2026-01-01T00:00:00Z"}}
    for shift, files in ((0.0, as_attachment(small_card(1.0))), (0.2, {}), (0.4, as_attachment(small_card(1.4)))):
        version = shelf.add(small_card(shift), about=cut, at=at, attachments=files).version
        shelf.promote(version, by="test", at=at)
    found = champions_on(shelf)
    assert [(r.version, r.card) for r in found] == [("3", small_card(1.4)), ("1", small_card(1.0))]
    assert found[0].cut == int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    assert champions_on(Shelf(tmp_path / "none")) == []


def test_a_champion_that_knew_the_test_leads_is_named_and_not_compared_with() -> None:
    rivals = [Rival("1", small_card(), 100), Rival("2", small_card(), 300), Rival("3", small_card(), None)]
    assert [r.is_fair(200) for r in rivals] == [True, False, False]
    assert [r.is_fair(None) for r in rivals] == [False, False, True]
    assert unfair_in_words(rivals, 200) == (
        "not compared with model 2, 3: learned from leads that this one is judged on",
    )
    assert unfair_in_words(rivals[:1], 200) == ()

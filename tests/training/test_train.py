"""Training: judged on leads that it never saw, then fitted on all, and told as plain data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.batch import Scores
from scoring.columns import Numbers
from scoring.errors import Refused, WrongUsage
from scoring.scorecard import to_json
from scoring.values import DAY
from training.history import History, read_history
from training.mapping import Mapping
from training.outcomes import NEVER
from training.train import Trained, judged_metrics, train

from .worlds import World, lead_rows, noise, numbers, world, write_csv

PROMISES = {
    f"{name}{ends}"
    for name in ("observed_expected", "calibration_intercept", "calibration_slope")
    for ends in ("", "_ci")
}
METRICS = PROMISES | {
    "auc",
    "auc_ci",
    "log_loss",
    "brier",
    "calibration_error",
    "buyers_in_top_10pct",
    "buyers_in_top_20pct",
    "value_in_top_20pct",
}


def history_of(found: World, *, days: int | None = None) -> History:
    """A world as a history: without dates, or created over so many days, bought ten days later."""
    rows = len(found.bought)
    created = None if days is None else (np.arange(rows, dtype=np.int64) * days // rows) * DAY
    won_at = np.full(rows, NEVER, dtype=np.int64)
    if created is not None:
        won_at[found.bought] = created[found.bought] + 10 * DAY
    return History(
        columns=dict(found.columns),
        ids=[f"SECRET-{i:06}" for i in range(rows)],
        won=found.bought,
        lost=~found.bought,
        won_at=won_at,
        value=np.full(rows, np.nan),
        created=created,
        until=None if created is None else int(created.max()) + 400 * DAY,
        id_column="id",
    )


@pytest.fixture(scope="module")
def plain() -> History:
    return history_of(world(900))


@pytest.fixture(scope="module")
def trained(plain: History) -> Trained:
    return train(plain, Mapping())


@pytest.fixture(scope="module")
def dated() -> Trained:
    return train(history_of(world(1200), days=800), Mapping())


def test_the_summary_is_plain_data_with_all_that_was_promised(trained: Trained) -> None:
    said = json.loads(json.dumps(trained.summary(), allow_nan=False))
    assert {"rows", "buyers", "split", "metrics", "yardstick", "baselines", "excluded_fields", "gate"} <= set(said)
    assert set(said["metrics"]) == METRICS
    assert set(said["yardstick"]) == METRICS
    assert {"base_rate", "best_field", "logistic_regression"} <= set(said["baselines"])
    assert said["baselines"]["best_field"]["field"] in {f.name for f in trained.card.fields}
    assert all(0 <= said["metrics"][m] <= 1 for m in METRICS - PROMISES - {"auc_ci", "log_loss", "value_in_top_20pct"})


def test_the_published_card_is_fitted_on_all_known_leads(trained: Trained, plain: History) -> None:
    assert trained.rows == plain.rows == trained.split.train.looks.rows + trained.split.test.rows
    for field in trained.card.fields:
        counts = field.counts[:2] if str(field.kind) == "text" else field.counts
        assert sum(counts) == trained.rows
    assert "the published model is fitted again on all 900 known leads" in trained.notes[-1]


def test_the_test_leads_were_never_seen() -> None:
    """With what became of the test leads turned round, the same scores are exactly as wrong as they were right."""
    dated = history_of(world(700), days=800)
    history = replace(dated, won_at=np.full(700, NEVER, dtype=np.int64))
    found = train(history, Mapping())
    assert found.split.kind == "forward"
    won = history.won.copy()
    won[found.split.test.lead] = ~won[found.split.test.lead]
    turned = replace(history, won=won, lost=~won)
    again = train(turned, Mapping())
    assert np.array_equal(again.split.test.lead, found.split.test.lead)
    assert again.metrics.auc == pytest.approx(1 - found.metrics.auc, abs=1e-12)


def test_without_dates_it_is_judged_on_a_random_fifth(trained: Trained) -> None:
    assert trained.split.kind == "stratified"
    assert trained.card.horizon_days is None
    assert any("judged on a random fifth" in note for note in trained.notes)


def test_with_dates_it_is_judged_on_the_latest_leads(dated: Trained) -> None:
    assert dated.split.kind == "forward"
    assert dated.card.horizon_days == 90
    assert any("latest leads, created after" in note for note in dated.notes)


def test_it_is_remembered_how_leads_were_when_they_came_in(trained: Trained, dated: Trained) -> None:
    for found in (trained, dated):
        fields: Any = found.arrivals["fields"]
        assert fields.keys() == {field.name for field in found.card.fields} - {"days since creation"}
        assert {sum(counted["counts"]) for counted in fields.values()} == {found.arrivals["leads"]}
    assert trained.arrivals["leads"] == 900


def test_a_signal_is_promoted_and_noise_is_not(trained: Trained) -> None:
    assert trained.gate.decision == "promote"
    nothing = train(history_of(noise(400, 5)), Mapping())
    assert nothing.gate.decision == "keep"
    assert "it says the same of every lead" in nothing.gate.reasons[0]


def test_the_same_history_and_seed_give_the_same_card(trained: Trained, plain: History) -> None:
    assert to_json(train(plain, Mapping()).card) == to_json(trained.card)


def test_no_id_enters_the_card(trained: Trained) -> None:
    assert b"SECRET" not in to_json(trained.card)


def test_pictures_are_png(trained: Trained) -> None:
    assert set(trained.pictures) == {"gains.png", "calibration.png", "distribution.png"}
    assert all(data.startswith(b"\x89PNG") for data in trained.pictures.values())


def test_what_the_user_ignores_is_no_field_and_is_listed(plain: History) -> None:
    found = train(plain.take(np.arange(300)), Mapping(ignore=("about", "staff")))
    assert not {f.name for f in found.card.fields} & {"about", "staff"}
    assert found.left_out["about"] == "ignored: the user's word"


@pytest.mark.parametrize("flags", [{"ignore": ("nowhere",)}, {"keep": ("nowhere",)}, {"kinds": {"nowhere": "number"}}])
def test_a_column_that_is_not_there_cannot_be_ignored_or_described(plain: History, flags: dict[str, object]) -> None:
    with pytest.raises(WrongUsage, match="no column 'nowhere' to ignore, keep or describe; there are 'staff'"):
        train(plain, Mapping().with_flags(**flags))


def test_a_kind_that_is_none_is_refused(plain: History) -> None:
    with pytest.raises(WrongUsage, match="'colour' is no kind"):
        train(plain, Mapping(kinds={"source": "colour"}))


def test_young_leads_are_not_learned_from() -> None:
    history = history_of(world(1200), days=800)
    young = replace(history, until=int(history.created.max()) if history.created is not None else 0)
    found = train(young, Mapping())
    assert found.rows < 1200
    assert any("younger than the horizon" in note for note in found.notes)


def test_too_little_is_refused(plain: History) -> None:
    with pytest.raises(Refused, match="only 30 leads"):
        train(plain.take(np.arange(30)), Mapping())


def test_the_value_in_the_top_is_told_where_every_buyer_has_one(plain: History, trained: Trained) -> None:
    assert trained.metrics.value_in_top_20pct is None
    bought, none = np.array([True, False, True, False, False]), np.zeros(0, dtype=np.int32)
    scores = Scores(np.array([5, 4, 3, 2, 1]), None, None, none, [], none, [])
    value = np.array([90.0, np.nan, 10.0, np.nan, np.nan])
    card = trained.card
    assert judged_metrics(card, scores, bought, value).value_in_top_20pct == pytest.approx(0.9)
    assert judged_metrics(card, scores, bought, np.where(value > 50, value, np.nan)).value_in_top_20pct is None


def test_progress_runs_through_both_fits(plain: History) -> None:
    seen: list[str] = []
    train(plain.take(np.arange(200)), Mapping(), progress=lambda text, done, total: seen.append(text))
    assert any("1/2" in text for text in seen)
    assert any("2/2" in text for text in seen)
    assert [t for t in seen if "1/2" in t] == seen[: len([t for t in seen if "1/2" in t])]


def test_a_file_in_another_order_gives_the_same_card(tmp_path: Path) -> None:
    rows = lead_rows(300)
    mapping = Mapping().with_flags(outcome="outcome", won=("won",))
    other = [rows[i] for i in np.random.default_rng(1).permutation(len(rows))]
    cards = [
        to_json(train(read_history(write_csv(tmp_path / name, some), mapping), mapping).card)
        for name, some in (("a.csv", rows), ("b.csv", other))
    ]
    assert cards[0] == cards[1]


def test_a_field_that_the_test_leads_lack_is_no_fault() -> None:
    found = world(600)
    staff = found.columns["staff"]
    assert isinstance(staff, Numbers)
    gone = np.where(np.arange(600) < 300, staff.values, np.nan)
    assert (
        train(history_of(replace(found, columns={**found.columns, "staff": numbers(gone)}), days=800), Mapping()).rows
        == 600
    )

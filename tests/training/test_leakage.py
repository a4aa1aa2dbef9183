"""The leakage gate: what knows the outcome is excluded or suspect, what is honest is left alone, whatever its name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.plants import PLANTS, WEAKER, World, clean_world, earlier_score
from scoring.columns import Coded, Column, Numbers
from scoring.infer import infer
from scoring.values import MISSING_WORDS
from training.happenings import speaks_of_happenings
from training.history import History, read_history
from training.leakage import (
    Finding,
    Leaks,
    Verdict,
    Written,
    closed_against_open,
    find_leaks,
    gate_design,
    written_after,
)
from training.mapping import Mapping
from training.outcomes import NEVER
from training.train import train

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real data lies beside the repository")


def findings(
    columns: dict[str, Column], bought: np.ndarray, gaps: dict[str, float] | None = None
) -> dict[str, Finding]:
    design = gate_design(infer(columns, missing_words=MISSING_WORDS), columns, rows=len(bought), as_of=None)
    return {f.field: f for f in find_leaks(design, bought, filled_gap=gaps or {})}


def verdicts(columns: dict[str, Column], bought: np.ndarray) -> dict[str, str]:
    return {name: str(f.verdict) for name, f in findings(columns, bought).items()}


def x_education() -> tuple[dict[str, Column], np.ndarray]:
    mapping = Mapping().with_flags(id="Prospect ID", outcome="Converted", won=("1",), lost=("0",))
    history = read_history(DATA / "x_education_leads.csv.gz", mapping)
    return history.columns, history.won


@needs_data
def test_what_sales_wrote_after_the_talk_is_found_on_real_leads() -> None:
    found = verdicts(*x_education())
    assert found["Tags"] == "excluded"
    assert {"Lead Quality", "Lead Profile", "Last Notable Activity"} <= found.keys()


@needs_data
def test_strong_honest_fields_of_real_leads_are_clear() -> None:
    honest = {"Total Time Spent on Website", "Lead Origin", "Lead Source", "TotalVisits"}
    assert not honest & verdicts(*x_education()).keys()


@needs_data
def test_renaming_every_column_changes_no_verdict() -> None:
    columns, bought = x_education()
    renamed = {f"c{i}": column for i, column in enumerate(columns.values())}
    names = dict(zip(columns, renamed, strict=True))
    assert verdicts(renamed, bought) == {names[n]: v for n, v in verdicts(columns, bought).items()}


@needs_data
def test_the_length_of_the_call_is_found_and_the_economy_is_clear() -> None:
    mapping = Mapping().with_flags(outcome="y", won=("yes",), lost=("no",))
    history = read_history(DATA / "bank_marketing.csv.gz", mapping)
    assert set(verdicts(history.columns, history.won)) == {"duration"}


@pytest.fixture(scope="module")
def world() -> World:
    return clean_world(seed=3, rows=4000, share=0.15)


@pytest.mark.parametrize("kind", sorted(PLANTS))
def test_a_planted_leak_is_found(kind: str, world: World) -> None:
    columns, bought, _ = world
    planted = PLANTS[kind](bought, np.random.default_rng(5))
    assert "planted" in verdicts({**columns, "planted": planted}, bought)


@pytest.mark.parametrize("seed", range(6))
def test_clean_leads_raise_no_alarm(seed: int) -> None:
    columns, bought, _ = clean_world(seed, rows=3000)
    assert verdicts(columns, bought) == {}


def test_pure_noise_with_few_buyers_raises_no_alarm() -> None:
    dice = np.random.default_rng(1)
    columns: dict[str, Column] = {f"n{i}": Numbers(dice.normal(size=800)) for i in range(30)}
    assert verdicts(columns, dice.random(800) < 0.02) == {}


def test_a_field_filled_for_closed_leads_only_is_excluded(world: World) -> None:
    _, bought, _ = world
    closed = np.arange(len(bought)) % 2 == 0
    late = Numbers(np.where(closed, np.arange(len(bought)) % 7.0, np.nan))
    gaps = closed_against_open({"late": late}, closed, None, MISSING_WORDS)
    assert gaps["late"] == pytest.approx(1.0)
    assert findings({"late": late}, bought, gaps)["late"].verdict is Verdict.EXCLUDED


def test_a_field_introduced_lately_is_not_taken_for_one_filled_at_closing() -> None:
    created = np.arange(1000) * 86_400
    closed = np.arange(1000) % 3 == 0
    new = Numbers(np.where(created > created[500], 1.0, np.nan))
    assert abs(closed_against_open({"new": new}, closed, created, MISSING_WORDS)["new"]) < 0.05


def test_without_open_leads_nothing_is_said_of_closing() -> None:
    assert closed_against_open({"x": Numbers(np.ones(50))}, np.ones(50, bool), None, MISSING_WORDS) == {}


def finding(name: str, verdict: Verdict) -> Finding:
    return Finding(name, verdict, "a reason", {})


def test_the_users_word_wins_over_the_gate() -> None:
    found = [finding("a", Verdict.EXCLUDED), finding("b", Verdict.SUSPECT), finding("c", Verdict.SUSPECT)]
    leaks = Leaks.of(found, keep=("a", "b"), strict=False)
    assert (leaks.excluded_names, [s.field for s in leaks.suspects], leaks.kept) == (frozenset(), ["c"], ("a", "b"))


def test_strict_leaves_suspects_out_as_well() -> None:
    found = [finding("a", Verdict.EXCLUDED), finding("b", Verdict.SUSPECT)]
    assert Leaks.of(found, keep=(), strict=True).excluded_names == {"a", "b"}


def test_levels_that_tell_of_events_are_told_from_sources() -> None:
    assert speaks_of_happenings({"email opened": 40, "sms sent": 40, "unreachable": 20})
    assert not speaks_of_happenings({"google": 40, "trade fair": 40, "form submitted": 20})
    assert not speaks_of_happenings({"cellular": 60, "telephone": 40})


def test_a_model_made_of_suspects_alone_waits_for_a_word() -> None:
    dice = np.random.default_rng(4)
    won = dice.random(1500) < 0.3
    columns: dict[str, Column] = {"told": Numbers(1.75 * won + dice.normal(size=1500))}
    assert verdicts(columns, won) == {"told": "suspect"}
    ids, never = [f"L{i}" for i in range(1500)], np.full(1500, NEVER)
    history = History(columns, ids, won, ~won, never, np.full(1500, np.nan), None, None, "id")
    trained = train(history, Mapping())
    assert trained.gate.decision == "needs_word"
    assert trained.metrics_without_suspects is not None
    assert trained.metrics_without_suspects.auc == 0.5


UNTELLABLE = {
    "a number, 1.5 deviations",
    "a pure level, 5 % of buyers",
    "twice as many calls",
}
"""Leaks that look like strong honest fields."""


@pytest.mark.parametrize("kind", sorted(WEAKER.keys() - UNTELLABLE))
def test_a_weaker_leak_is_found_where_it_can_be_told(kind: str, world: World) -> None:
    columns, bought, _ = world
    planted = WEAKER[kind](bought, np.random.default_rng(5))
    assert "planted" in verdicts({**columns, "planted": planted}, bought)


def test_our_own_earlier_score_is_found(world: World) -> None:
    columns, bought, _ = world
    found = findings({**columns, "rank": earlier_score(columns, bought, 1)}, bought)
    assert "earlier score" in found["rank"].reason


def test_an_honest_sum_of_other_fields_is_no_earlier_score(world: World) -> None:
    columns, bought, _ = world
    visits = columns["visits"]
    assert isinstance(visits, Numbers)
    total = Numbers(visits.values * 3 + np.random.default_rng(4).poisson(3, len(bought)))
    assert "total" not in verdicts({**columns, "total": total}, bought)


DAY = 86_400
CREATED = np.arange(400) * DAY
ENDS = np.where(np.arange(400) % 2 == 0, CREATED + 20 * DAY, NEVER)
UNTIL = 500 * DAY


def dated(days: np.ndarray) -> Written | None:
    column = Coded(
        [datetime.fromtimestamp(int(d), UTC).isoformat() for d in days], np.arange(len(days), dtype=np.int32)
    )
    return written_after({"d": column}, ["d"], created=CREATED, ends=ENDS, until=UNTIL, zone=UTC).get("d")


def test_dates_on_which_a_lead_was_worked_on_are_told() -> None:
    assert dated(CREATED + 10 * DAY) == Written(1.0, 0.0)
    assert dated(CREATED + 30 * DAY) == Written(1.0, 1.0)


def test_dates_from_before_the_lead_and_dates_that_are_plans_are_honest() -> None:
    assert dated(CREATED - 10 * DAY) == Written(0.0, 0.0)
    assert dated(CREATED + 200 * DAY) is None


def test_a_field_dated_after_the_outcome_is_excluded_and_after_creation_suspect(world: World) -> None:
    columns, bought, _ = world
    design = gate_design(infer(columns, missing_words=MISSING_WORDS), columns, rows=len(bought), as_of=None)
    for written, verdict in ((Written(0.5, 0.0), Verdict.SUSPECT), (Written(0.5, 0.5), Verdict.EXCLUDED)):
        found = find_leaks(design, bought, filled_gap={}, written={"noise": written})
        assert [(f.field, f.verdict) for f in found] == [("noise", verdict)]


def test_in_a_history_a_date_of_the_last_change_is_excluded(tmp_path: Path) -> None:
    dice = np.random.default_rng(2)
    leads = 1200
    created = np.datetime64("2025-01-01") + np.sort(dice.integers(0, 500, leads))
    visits = dice.poisson(3, leads)
    won = dice.random(leads) < 1 / (1 + np.exp(3 - 0.5 * visits))
    closed = created + dice.integers(5, 40, leads)
    table = pd.DataFrame({
        "id": np.arange(leads), "visits": visits, "created": created, "closed": closed, "won": np.where(won, "yes", "no"),
        "changed": closed + dice.integers(1, 9, leads), "founded": created - dice.integers(300, 3000, leads),
    })  # fmt: skip
    table.to_csv(tmp_path / "leads.csv", index=False)
    mapping = Mapping(id="id", outcome="won", won=("yes",), lost=("no",), created_at="created", closed_at="closed")
    found = train(read_history(tmp_path / "leads.csv", mapping), mapping)
    assert [f.field for f in found.leaks.excluded] == ["changed"]
    assert "after the outcome" in found.leaks.excluded[0].reason

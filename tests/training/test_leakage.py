"""The leakage gate: what knows the outcome is excluded or suspect, what is honest is left alone, whatever its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.leakage import PLANTS, World, clean_world
from scoring.columns import Column, Numbers
from scoring.infer import infer
from scoring.values import MISSING_WORDS
from training.happenings import speaks_of_happenings
from training.history import History, read_history
from training.leakage import Finding, Leaks, Verdict, closed_against_open, find_leaks, gate_design
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

"""`make bench`: one lead in process beside a scikit-learn pipeline, and a million leads beside copying their file."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from benchmarks import million
from scoring.grades import GradeCuts
from scoring.scorecard import Scorecard, to_json
from service.champion import Serving
from service.database import open_database
from service.life.objections import Objections
from service.scoring_routes import scored_body
from training.history import read_history
from training.learn import learn
from training.mapping import read_mapping
from training.simulate import simulate, write_sample

LEADS = 8000
ROUNDS = 5
CALLS = {"leadrank": 2000, "scikit-learn": 50}
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def sample_card(folder: Path) -> tuple[Scorecard, pd.DataFrame, np.ndarray]:
    """A card learned from the sample's leads as they came in, with the same leads and who bought."""
    write_sample(simulate(leads=LEADS, seed=7, until=NOW), folder)
    mapping = read_mapping(folder / "leadrank.toml")
    history = read_history(folder, mapping)
    columns = {name: c for name, c in history.columns.items() if name not in mapping.ignore}
    learned = learn(columns, history.won, as_of=history.created, kinds={}, horizon_days=90, seed=7)
    frame = pd.read_csv(folder / "leads.csv", dtype=str, keep_default_na=False).set_index("lead_id")
    return learned.card, frame.loc[history.ids, [f.name for f in learned.card.fields]], history.won


def one_lead(card: Scorecard, frame: pd.DataFrame, bought: np.ndarray, objections: Objections) -> str:
    """Microseconds for one lead: the service's own function from bytes to answer, beside a pipeline's predict_proba."""
    serving, now = Serving("1", card, GradeCuts()), int(NOW.timestamp())
    bodies = [json.dumps({"id": f"lead-{i}", "fields": row}).encode() for i, row in enumerate(typed_rows(frame)[:200])]
    frame = _typed(frame)
    pipeline = _pipeline(frame, bought)
    rows = [frame.iloc[[i]] for i in range(50)]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_per_call(lambda i: scored_body(bodies[i % 200], serving, objections, now), CALLS["leadrank"]))
        theirs.append(_per_call(lambda i: pipeline.predict_proba(rows[i % 50]), CALLS["scikit-learn"]))
    ratio = median(t / o for t, o in zip(theirs, ours, strict=True))
    return (
        f"one lead with reasons, {len(card.fields)} fields and {len(card.pairs)} pairs, parsed, scored, in words: "
        f"{median(ours) * 1e6:.0f} us; a scikit-learn pipeline's predict_proba {median(theirs) * 1e6:,.0f} us; "
        f"{ratio:,.0f} times (median of {ROUNDS} rounds)"
    )


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers as numbers, as a CRM sends them."""
    typed = {}
    for name, column in frame.items():
        numbers = pd.to_numeric(column, errors="coerce")
        typed[name] = numbers if numbers.notna().mean() > 0.5 else column
    return pd.DataFrame(typed)


def typed_rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Leads as a CRM sends them: numbers as numbers, null for what is missing."""
    return [{k: None if v != v else v for k, v in row.items()} for row in _typed(frame).to_dict("records")]


def _pipeline(frame: pd.DataFrame, bought: np.ndarray) -> object:
    texts = [name for name, column in frame.items() if column.dtype == object or str(column.dtype) == "str"]
    encode = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10, sparse_output=False)
    prepare = make_column_transformer((encode, texts), remainder="passthrough")
    return make_pipeline(prepare, HistGradientBoostingClassifier(random_state=7)).fit(frame, bought)


def _per_call(call: Callable[[int], object], calls: int) -> float:
    start = time.perf_counter()
    for i in range(calls):
        call(i)
    return (time.perf_counter() - start) / calls


def main() -> None:
    """Print both figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        card, frame, bought = sample_card(folder)
        nobody = Objections(open_database(f"sqlite:///{folder / 'empty.db'}"))
        print(one_lead(card, frame, bought, nobody), flush=True)
        (folder / "card.json").write_bytes(to_json(card))
        million.make_leads(folder / "leads.csv", folder / "million.parquet")
        print(million.report(folder / "card.json", folder / "million.parquet"))


if __name__ == "__main__":
    main()

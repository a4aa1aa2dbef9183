"""`make bench-accuracy`: `leadrank train` and `evaluate` on real leads beside LightGBM on the same folds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import lightgbm
import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, train_test_split

from scoring.measure import share_in_top

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
FOLDS = 5
LEAKS = (
    "Tags",
    "Lead Quality",
    "Lead Profile",
    "Last Notable Activity",
    "Last Activity",
    "Lead Number",
    "Asymmetrique Activity Index",
    "Asymmetrique Profile Index",
    "Asymmetrique Activity Score",
    "Asymmetrique Profile Score",
)
FLAGS = ["--id", "Prospect ID", "--target", "Converted", "--won", "1", "--lost", "0"]

Row = dict[str, float]


def leadrank(home: Path, *arguments: str) -> dict[str, object]:
    """What a command prints as JSON."""
    environment = {**os.environ, "LEADRANK_HOME": str(home)}
    command = [str(Path(sys.executable).with_name("leadrank")), *arguments, "--json"]
    found: dict[str, object] = json.loads(
        subprocess.run(command, check=True, capture_output=True, env=environment).stdout
    )
    return found


def ours(folder: Path, train: pd.DataFrame, test: pd.DataFrame) -> Row:
    """A model trained and judged by the commands."""
    train.to_csv(folder / "train.csv", index=False)
    test.to_csv(folder / "test.csv", index=False)
    ignore = [flag for leak in LEAKS for flag in ("--ignore", leak)]
    start = time.perf_counter()
    model = str(leadrank(folder, "train", str(folder / "train.csv"), *FLAGS, *ignore)["model"])
    seconds = time.perf_counter() - start
    metrics = leadrank(folder, "evaluate", model, str(folder / "test.csv"))["metrics"]
    assert isinstance(metrics, dict)
    found = {name: float(metrics[name]) for name in ("auc", "log_loss", "buyers_in_top_20pct")}
    return {**found, "seconds": seconds}


def theirs(train: pd.DataFrame, test: pd.DataFrame) -> Row:
    """LightGBM with its own categories, stopped early on a seventh of its leads."""
    bought, truth = train["Converted"] == "1", test["Converted"] == "1"
    start = time.perf_counter()
    kinds = {name: _kind(train[name]) for name in train.columns if name not in (*LEAKS, "Prospect ID", "Converted")}
    fit, stop = train_test_split(np.arange(len(train)), test_size=0.15, stratify=bought, random_state=1)
    frame = _typed(train, kinds)
    model = lightgbm.LGBMClassifier(n_estimators=1000, learning_rate=0.03, num_leaves=15, verbose=-1, random_state=1)
    model.fit(
        frame.iloc[fit],
        bought.iloc[fit],
        eval_X=frame.iloc[stop],
        eval_y=bought.iloc[stop],
        callbacks=[lightgbm.early_stopping(50, verbose=False)],
    )
    seconds = time.perf_counter() - start
    probability = model.predict_proba(_typed(test, kinds))[:, 1]
    return {
        "auc": float(roc_auc_score(truth, probability)),
        "log_loss": float(log_loss(truth, probability)),
        "buyers_in_top_20pct": share_in_top(truth.to_numpy(), probability, 0.2),
        "seconds": seconds,
    }


def _kind(column: pd.Series) -> pd.CategoricalDtype | None:
    """Categories as the training leads have them; None for a number."""
    given = column[column != ""]
    if pd.to_numeric(given, errors="coerce").notna().all() and given.nunique() > 2:
        return None
    return pd.CategoricalDtype(sorted(given.unique()))


def _typed(frame: pd.DataFrame, kinds: dict[str, pd.CategoricalDtype | None]) -> pd.DataFrame:
    return pd.DataFrame({name: _typed_column(frame[name], kind) for name, kind in kinds.items()})


def _typed_column(column: pd.Series, kind: pd.CategoricalDtype | None) -> pd.Series:
    if kind is None:
        return pd.to_numeric(column, errors="coerce")
    return column.where(column.isin(kind.categories)).astype(kind)


def main() -> None:
    """Print a row for every fold and the means."""
    leads = pd.read_csv(DATA / "x_education_leads.csv.gz", dtype=str, keep_default_na=False)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=1).split(leads, leads["Converted"])
    rows: dict[str, list[Row]] = {"leadrank": [], "LightGBM": []}
    print(f"{'fold':>4}  {'peer':10}    AUC  log loss  top 20 %  seconds")
    for number, (train, test) in enumerate(folds, 1):
        with tempfile.TemporaryDirectory() as folder:
            rows["leadrank"].append(ours(Path(folder), leads.iloc[train], leads.iloc[test]))
        rows["LightGBM"].append(theirs(leads.iloc[train], leads.iloc[test]))
        for peer, found in rows.items():
            _show(str(number), peer, found[-1])
    for peer, found in rows.items():
        _show("mean", peer, {name: float(np.mean([row[name] for row in found])) for name in found[0]})


def _show(fold: str, peer: str, row: Row) -> None:
    figures = f"{row['auc']:.4f}    {row['log_loss']:.4f}    {row['buyers_in_top_20pct']:.4f}  {row['seconds']:7.1f}"
    print(f"{fold:>4}  {peer:10} {figures}", flush=True)


if __name__ == "__main__":
    main()

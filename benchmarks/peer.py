"""One peer fitted and asked, in an environment of its own: `python peer.py PEER TRAIN.csv TEST.csv OUT.json`.

It imports nothing of ours. The tables have text cells, `bought` last; the peer decides what is a number.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold, train_test_split

TARGET = "bought"
AUTOGLUON_SECONDS = 150


def typed(train: pd.DataFrame, test: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Numbers as numbers, the rest as categories of the training rows; and which are categories."""
    seen, later, categories = {}, {}, []
    for name in train.columns.drop(TARGET):
        given = train[name][train[name] != ""]
        if len(given) and pd.to_numeric(given, errors="coerce").notna().mean() > 0.95:
            seen[name], later[name] = (pd.to_numeric(t[name], errors="coerce") for t in (train, test))
        else:
            kind = pd.CategoricalDtype(sorted(given.unique()))
            seen[name], later[name] = (t[name].where(t[name].isin(kind.categories)).astype(kind) for t in (train, test))
            categories.append(name)
    return pd.DataFrame(seen), pd.DataFrame(later), categories


def in_words(table: pd.DataFrame, categories: list[str]) -> pd.DataFrame:
    """Categories as text, with a word for missing."""
    return pd.DataFrame({c: _in_words(table[c]) if c in categories else table[c] for c in table})


def _in_words(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), "missing")


def logistic(x: pd.DataFrame, y: np.ndarray, later: pd.DataFrame, categories: list[str]) -> np.ndarray:
    """Logistic regression on one-hot columns and scaled numbers, its penalty by cross-validation."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [c for c in x.columns if c not in categories]
    prepare = make_column_transformer(
        (OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5), categories),
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), numbers),
    )
    as_text = [in_words(t, categories) for t in (x, later)]
    model = make_pipeline(prepare, LogisticRegression(max_iter=2000))
    search = GridSearchCV(
        model,
        {"logisticregression__C": [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]},
        scoring="neg_log_loss",
        cv=StratifiedKFold(3, shuffle=True, random_state=1),
    )
    return np.asarray(search.fit(as_text[0], y).predict_proba(as_text[1])[:, 1])


def lightgbm(x: pd.DataFrame, y: np.ndarray, later: pd.DataFrame, categories: list[str]) -> np.ndarray:
    """LightGBM with its own categories, stopped early on a seventh of its rows."""
    import lightgbm as gbm

    fit, stop = train_test_split(np.arange(len(x)), test_size=0.15, stratify=y, random_state=1)
    model = gbm.LGBMClassifier(
        n_estimators=2000, learning_rate=0.03, num_leaves=15, min_child_samples=20, verbose=-1, random_state=1, n_jobs=2
    )
    stopping = [gbm.early_stopping(50, verbose=False)]
    model.fit(x.iloc[fit], y[fit], eval_set=[(x.iloc[stop], y[stop])], callbacks=stopping)
    return np.asarray(model.predict_proba(later)[:, 1])


def ebm(x: pd.DataFrame, y: np.ndarray, later: pd.DataFrame, categories: list[str]) -> np.ndarray:
    """The Explainable Boosting Machine as it comes."""
    from interpret.glassbox import ExplainableBoostingClassifier

    kinds = ["nominal" if c in categories else "continuous" for c in x.columns]
    as_text = [in_words(t, categories) for t in (x, later)]
    model = ExplainableBoostingClassifier(feature_types=kinds, random_state=1, n_jobs=2)
    return np.asarray(model.fit(as_text[0], y).predict_proba(as_text[1])[:, 1])


def autogluon(x: pd.DataFrame, y: np.ndarray, later: pd.DataFrame, categories: list[str]) -> np.ndarray:
    """AutoGluon's best quality in 150 seconds."""
    from autogluon.tabular import TabularPredictor

    with tempfile.TemporaryDirectory() as folder:
        made = TabularPredictor(TARGET, eval_metric="log_loss", path=folder, verbosity=0)
        made.fit(x.assign(**{TARGET: y}), presets="best_quality", time_limit=AUTOGLUON_SECONDS, num_cpus=2)
        return np.asarray(made.predict_proba(later)[1])


Peer = Callable[[pd.DataFrame, np.ndarray, pd.DataFrame, list[str]], np.ndarray]
PEERS: dict[str, Peer] = {"logistic": logistic, "lightgbm": lightgbm, "ebm": ebm, "autogluon": autogluon}


def main(peer: str, train: Path, test: Path, out: Path) -> None:
    """Write the peer's probabilities of the test rows, and the seconds that it learned and answered."""
    warnings.filterwarnings("ignore")
    tables = [pd.read_csv(p, dtype=str, keep_default_na=False) for p in (train, test)]
    x, later, categories = typed(*tables)
    start = time.perf_counter()
    found = PEERS[peer](x, tables[0][TARGET].astype(int).to_numpy(), later, categories)
    answer: dict[str, Any] = {"seconds": time.perf_counter() - start, "probability": found.tolist()}
    out.write_text(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:5]))

"""What a model must beat, and what glass costs: base rate, best single field, logistic regression, full boosting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

from scoring.fields import MISSING
from scoring.measure import Metrics, measure

from .boosting import ORDERED, with_values
from .design import Design, marginal_gain
from .folds import random_folds

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

YARDSTICK_LEAVES = 15
"""Leaves of the yardstick's trees: any number of fields may interact."""


@dataclass(frozen=True, slots=True)
class Peers:
    """Every peer's metrics on the same test leads, and the name of the best single field.

    scores: the probabilities behind the metrics, of the test leads, by the names `best_field`, `logistic`, `yardstick`.
    """

    base_rate: Metrics
    best_field: Metrics
    best_field_name: str
    logistic: Metrics
    yardstick: Metrics
    scores: Mapping[str, Floats] = field(default_factory=dict)


def peers(train: Design, train_bought: Flags, test: Design, test_bought: Flags, *, seed: int) -> Peers:
    """Fit all peers on the training leads' codes and judge them on the test leads. Both share one schema."""
    share = np.full(len(test_bought), np.average(train_bought, weights=train.weight))
    name, single = _best_field(train, train_bought, test)
    scores = {
        "best_field": single,
        "logistic": _logistic(train, train_bought, test),
        "yardstick": _full_boosting(train, train_bought, test, seed),
    }
    return Peers(
        base_rate=measure(test_bought, share),
        best_field=measure(test_bought, scores["best_field"]),
        best_field_name=name,
        logistic=measure(test_bought, scores["logistic"]),
        yardstick=measure(test_bought, scores["yardstick"]),
        scores=scores,
    )


def _best_field(train: Design, bought: Flags, test: Design) -> tuple[str, Floats]:
    """The smoothed share of buyers by the code of the one field that explains most by itself."""
    plain = train.plain
    average = float(np.average(bought, weights=train.weight))
    if not plain:
        return "none", np.full(test.rows, average)
    best = max(plain, key=lambda i: (marginal_gain(train, i, bought), -i))
    buyers = np.bincount(train.codes[:, best], weights=train.weights * bought, minlength=train.size(best))
    shares = (buyers + 10 * average) / (train.counts(best) + 10)
    return train.fields[best].name, shares[test.codes[:, best]]


def _logistic(train: Design, bought: Flags, test: Design) -> Floats:
    """Logistic regression on every code and word as a column of its own."""
    encoder = OneHotEncoder(handle_unknown="ignore").fit(train.codes)
    model = LogisticRegression(max_iter=2000, C=0.3).fit(_one_hot(encoder, train), bought, train.weight)
    return np.asarray(model.predict_proba(_one_hot(encoder, test))[:, 1], dtype=np.float64)


def _one_hot(encoder: OneHotEncoder, design: Design) -> object:
    return hstack([encoder.transform(design.codes), *(csr_matrix(w) for w in design.words.values())], format="csr")


def _full_boosting(train: Design, bought: Flags, test: Design, seed: int) -> Floats:
    """Histogram gradient boosting on the same codes, any number of fields together; as many bags as ours."""
    levels = [i for i in train.plain if train.fields[i].kind not in ORDERED]
    seen, later = _matrix(train), _matrix(test)
    total = np.zeros(test.rows)
    folds = random_folds(bought, seed, train.group)
    for fit, stop in folds:
        model = HistGradientBoostingClassifier(
            max_leaf_nodes=YARDSTICK_LEAVES,
            learning_rate=0.05,
            max_iter=500,
            early_stopping=True,
            n_iter_no_change=20,
            categorical_features=levels,
            random_state=seed,
        ).fit(
            with_values(seen[fit]),
            bought[fit],
            None if train.weight is None else train.weight[fit],
            X_val=seen[stop],
            y_val=bought[stop],
            sample_weight_val=None if train.weight is None else train.weight[stop],
        )
        total += model.decision_function(later)
    return np.asarray(expit(total / len(folds)), dtype=np.float64)


def _matrix(design: Design) -> Floats:
    """Codes and words, float64 (n, columns); NaN for a missing number."""
    matrix = np.column_stack([design.codes, *design.words.values()]).astype(np.float64)
    for i, one in enumerate(design.fields):
        if one.kind in ORDERED:
            matrix[design.codes[:, i] == MISSING, i] = np.nan
    return matrix

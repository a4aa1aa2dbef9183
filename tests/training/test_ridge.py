"""The regression on codes is scikit-learn's on the matrix that it never builds."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from training.ridge import Coded, fit_path

ROWS = 800


def leads(seed: int) -> tuple[Coded, NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Blocks, the matrix that they stand for, who bought, and weights."""
    dice = np.random.default_rng(seed)
    blocks = [(dice.integers(0, size, ROWS), dice.normal(size=(size, width))) for size, width in ((3, 3), (20, 5))]
    words = (dice.random((ROWS, 4)) < 0.2) * 2.0
    matrix = np.concatenate([*(table[codes] for codes, table in blocks), words], axis=1)
    bought = dice.random(ROWS) < 1 / (1 + np.exp(1 - 0.5 * matrix[:, 0] + matrix[:, 4]))
    return Coded(blocks, words), matrix, bought, dice.uniform(0.2, 2, ROWS)


def test_products_by_code_are_those_of_the_matrix() -> None:
    coded, matrix, _, weight = leads(1)
    assert np.allclose(coded.gram(weight), matrix.T @ (weight[:, None] * matrix))
    assert np.allclose(coded.sums(weight), matrix.T @ weight)
    assert np.allclose(coded.times(weight[: coded.width]), matrix @ weight[: coded.width])


@pytest.mark.parametrize("seed", range(3))
def test_every_fit_of_the_path_is_that_of_scikit_learn(seed: int) -> None:
    coded, matrix, bought, weight = leads(seed)
    for penalty, (found, intercept) in fit_path(coded, bought, weight, (0.001, 0.1, 10.0)).items():
        model = LogisticRegression(C=penalty, solver="newton-cholesky", tol=1e-8, max_iter=100)
        model.fit(matrix, bought, weight)
        assert np.abs(found - model.coef_[0]).max() < 1e-5
        assert abs(intercept - model.intercept_[0]) < 1e-5


def test_leads_that_a_field_divides_without_an_error_have_finite_weights() -> None:
    codes = np.repeat([0, 1], ROWS // 2)
    coded = Coded([(codes, np.eye(2))], np.zeros((ROWS, 0)))
    found, intercept = fit_path(coded, codes == 1, np.ones(ROWS), (1000.0,))[1000.0]
    assert np.isfinite([*found, intercept]).all()
    assert abs(found[1]) < 50


def test_without_columns_the_intercept_is_the_share_of_buyers() -> None:
    coded = Coded([], np.zeros((ROWS, 0)))
    _, intercept = fit_path(coded, np.arange(ROWS) < ROWS // 4, np.ones(ROWS), (0.1,))[0.1]
    assert intercept == pytest.approx(np.log(1 / 3))

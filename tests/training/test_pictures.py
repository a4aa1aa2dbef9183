"""Pictures are drawn of whatever was promised and happened, with no warning: a warning is an error here."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from training.pictures import pictures_of

LEADS = 30
ONE_BUYER = np.arange(LEADS) == 3
HALF = np.arange(LEADS) % 2 == 0

TOLD: dict[str, tuple[NDArray[np.bool_], NDArray[np.float64]]] = {
    "the usual": (HALF, np.linspace(0.1, 0.9, LEADS)),
    "the same of every lead": (HALF, np.full(LEADS, 0.5)),
    "next to nothing of every lead": (ONE_BUYER, np.full(LEADS, 1e-12)),
    "nothing of every lead": (ONE_BUYER, np.zeros(LEADS)),
    "all that happened": (HALF, HALF.astype(float)),
    "the opposite": (HALF, (~HALF).astype(float)),
    "one buyer": (ONE_BUYER, np.linspace(0.01, 0.2, LEADS)),
    "one lead that did not buy": (~ONE_BUYER, np.linspace(0.01, 0.2, LEADS)),
    "three leads": (np.array([True, False, False]), np.array([0.3, 0.2, 0.1])),
}


@pytest.mark.parametrize(("bought", "probability"), [*TOLD.values()], ids=[*TOLD])
def test_whatever_was_promised_is_drawn(bought: NDArray[np.bool_], probability: NDArray[np.float64]) -> None:
    pictures = pictures_of(bought, probability)
    assert set(pictures) == {"gains.png", "calibration.png", "distribution.png"}
    assert all(data.startswith(b"\x89PNG\r\n") for data in pictures.values())

"""What the tests of learning share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def no_pictures() -> Iterator[None]:
    """Nothing is drawn of a model: its pictures have tests of their own, and take a third of a short training."""
    blank = dict.fromkeys(("gains.png", "calibration.png", "distribution.png"), b"\x89PNG")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.train.pictures_of", lambda _bought, _probability: blank)
        yield

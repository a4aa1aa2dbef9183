"""One home for the commands, with two models on its shelf, and leads to train, judge and score with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.front_door import leadrank
from tests.service.conftest import postgres_url as postgres_url  # a fixture of another room
from tests.training.worlds import lead_rows, write_csv

OUTCOME = ("--target", "outcome", "--won", "won", "--lost", "lost")


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home folder; model 1 serves. Its lab book cannot be opened, and nothing here needs it."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "no-folder").touch()
    write_csv(folder / "history.csv", lead_rows(400))
    write_csv(folder / "later.csv", lead_rows(300, seed=8))
    fresh = [{k: v for k, v in row.items() if k != "outcome"} for row in lead_rows(120, seed=9)]
    write_csv(folder / "fresh.csv", fresh)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADRANK_HOME", str(folder))
        patch.setenv("LEADRANK_MLFLOW_URI", f"sqlite:///{folder}/no-folder/mlflow.db")
        assert leadrank("train", folder / "history.csv", *OUTCOME).code == 0
        yield folder


@pytest.fixture
def home(shared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shared home, named in the environment."""
    monkeypatch.setenv("LEADRANK_HOME", str(shared))
    monkeypatch.setenv("LEADRANK_MLFLOW_URI", f"sqlite:///{shared}/no-folder/mlflow.db")
    return shared

"""Where this installation keeps its state, read from the environment once, at the door."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of LEADRANK_HOME (default `var/` in the working directory) and what lies in it."""

    folder: Path

    @classmethod
    def of_environment(cls) -> Home:
        """The home that LEADRANK_HOME names."""
        return cls(Path(os.environ.get("LEADRANK_HOME", "var")).absolute())

    @property
    def shelf(self) -> Path:
        """The folder of published models."""
        return self.folder / "shelf"

    @property
    def retrained(self) -> Path:
        """The folder of the histories that `leadrank retrain` learned from."""
        return self.folder / "retrain"

    @property
    def database_url(self) -> str:
        """LEADRANK_DATABASE_URL, or SQLite in the home folder."""
        return os.environ.get("LEADRANK_DATABASE_URL") or f"sqlite:///{self.folder / 'leadrank.db'}"

    @property
    def mlflow_uri(self) -> str:
        """The MLflow store: LEADRANK_MLFLOW_URI, or SQLite in the home folder."""
        return os.environ.get("LEADRANK_MLFLOW_URI") or f"sqlite:///{self.folder / 'mlflow.db'}"

    @property
    def mlflow_artifacts(self) -> Path:
        """The folder of MLflow's artifacts."""
        return self.folder / "mlflow-artifacts"

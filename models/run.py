"""A training run as MLflow's lab book keeps it: parameters, metrics, pictures, texts, estimators."""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .manifest import ABOUT, CARD
from .published import Published

if TYPE_CHECKING:
    from mlflow import MlflowClient

COMPRESSION = 3
"""joblib's level: a third of the size for a tenth of the fit's time; it also gives the file a checksum."""

_ODD = re.compile(r"[^A-Za-z0-9_\-. /]")


@dataclass(frozen=True)
class RunRecord:
    """What a training run leaves in the lab book.

    pictures: file name -> PNG. texts: file name -> text. estimators: the fitted scikit-learn estimators, or a
    joblib file of them; kept for data scientists, the service opens none of it.
    """

    parameters: Mapping[str, object] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    estimators: object = None
    tags: Mapping[str, str] = field(default_factory=dict)


def log_run(client: MlflowClient, run_id: str, published: Published, run: RunRecord) -> None:
    """Write a record into a run that was started; metrics that are not finite are left out."""
    for name, value in run.parameters.items():
        client.log_param(run_id, _name(name), str(value))
    for name, value in run.metrics.items():
        if math.isfinite(value):
            client.log_metric(run_id, _name(name), float(value))
    with tempfile.TemporaryDirectory() as folder:
        _lay_out(Path(folder), published, run)
        client.log_artifacts(run_id, folder)


def _lay_out(folder: Path, published: Published, run: RunRecord) -> None:
    files = {f"pictures/{name}": data for name, data in run.pictures.items()}
    files |= {name: text.encode() for name, text in run.texts.items()}
    files |= {name: (published.folder / name).read_bytes() for name in (CARD, ABOUT)}
    for name, data in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    if run.estimators is not None:
        _save_estimators(folder / "estimators", run.estimators)


def _save_estimators(folder: Path, estimators: object) -> None:
    """A joblib file as it is, or one made of the estimators."""
    folder.mkdir()
    place = folder / "estimators.joblib"
    if isinstance(estimators, Path):
        place.write_bytes(estimators.read_bytes())
        return
    import joblib

    joblib.dump(estimators, place, compress=COMPRESSION)


def _name(name: str) -> str:
    """A name that MLflow takes."""
    return _ODD.sub("_", name)

"""The code that travels inside a model logged to MLflow, which runs this file: no leadrank is needed.

It takes its scoring code from the model's own files, never from the Python path, so that every version runs
the code that it was published with, whatever else is installed or loaded.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import sys
import time
from importlib.abc import ExecutionLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext

COLUMNS = ("score", "probability", "log_odds", "grade", "reasons", "warnings")
NUMBERS = {"score": "int64", "probability": "float64", "log_odds": "int64"}


class CarriedCode(MetaPathFinder, ExecutionLoader):
    """Finds the carried scoring code under a package name of its own, from bytes whose hash was checked."""

    def __init__(self, package: str, folder: Path, sources: dict[str, bytes]) -> None:
        self._package = package
        self._files = {_module_name(package, name): (folder / name, data) for name, data in sources.items()}

    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """The module's place, for names of the carried package alone."""
        if fullname not in self._files:
            return None
        return importlib.util.spec_from_loader(fullname, self, is_package=fullname == self._package)

    def get_filename(self, fullname: str) -> str:
        """Where the module's source lies, for tracebacks."""
        return str(self._files[fullname][0])

    def get_source(self, fullname: str) -> str:
        """The module's source."""
        return self._files[fullname][1].decode()

    def is_package(self, fullname: str) -> bool:
        """Whether the module is the package itself."""
        return fullname == self._package


def _module_name(package: str, file: str) -> str:
    stem = file.removesuffix(".py")
    return package if stem == "__init__" else f"{package}.{stem}"


def checked_files(folder: Path) -> dict[str, bytes]:
    """The model's files, path -> bytes, each with the hash that contents.json has of it."""
    expected: dict[str, str] = json.loads((folder / "contents.json").read_bytes())["files"]
    files = {name: (folder / name).read_bytes() for name in expected}
    for name, data in files.items():
        if hashlib.sha256(data).hexdigest() != expected[name]:
            raise MlflowException(f"the model is damaged: {name}: its bytes are not those that were logged")
    return files


def carried_package(folder: Path, files: dict[str, bytes]) -> ModuleType:
    """The scoring code among a model's files, imported under a name made of its hash."""
    sources = {Path(name).name: data for name, data in files.items() if name.startswith("scoring/")}
    digest = hashlib.sha256(repr(sorted(sources.items())).encode()).hexdigest()
    package = f"leadrank_scoring_{digest[:32]}"
    if package not in sys.modules:
        sys.meta_path.append(CarriedCode(package, folder / "scoring", sources))
    return importlib.import_module(package)


class LeadrankModel(PythonModel):  # type: ignore[misc]
    """Scores a table of leads with the scorecard and the scoring code of its own version."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the model's files, import its code, and score its golden rows."""
        folder = Path(context.artifacts["model"])
        files = checked_files(folder)
        package = carried_package(folder, files)
        self._values = importlib.import_module(f"{package.__name__}.values")
        self._cuts = package.GradeCuts(**json.loads(files["cuts.json"]))
        self._card = package.from_json(files["scorecard.json"])
        self._scorer = package.LeadScorer(self._card)
        self._check(json.loads(files["golden.json"]))

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """One row a lead, in the order and with the index of the input.

        Columns that are not there count as absent fields; values of any type are read as one lead's would be.
        params: `as_of`, a moment in ISO 8601 for which dates are aged; empty means now.
        """
        frame = model_input if isinstance(model_input, pd.DataFrame) else pd.DataFrame(model_input)
        as_of = self._moment((params or {}).get("as_of") or "")
        rows = [self._row(lead, as_of) for lead in leads_of(frame)]
        return pd.DataFrame(rows, columns=list(COLUMNS), index=frame.index).astype(NUMBERS)

    def _row(self, lead: dict[str, object], as_of: int) -> tuple[object, ...]:
        found = self._scorer.score(lead, as_of=as_of)
        grade = self._cuts.grade_of(self._card.per_mille_of(found.log_odds))
        reasons = "; ".join(reason_text(r.text, r.points) for r in found.reasons)
        return found.score, found.probability, found.log_odds, grade, reasons, "; ".join(found.warnings)

    def _moment(self, text: str) -> int:
        if not text:
            return int(time.time())
        try:
            return int(self._values.read_moment(text))
        except self._values.NotReadable:
            raise MlflowException.invalid_parameter_value("as_of is no moment in ISO 8601") from None

    def _check(self, golden: dict[str, Any]) -> None:
        for row in golden["rows"]:
            if self._scorer.score(row["lead"], as_of=golden["as_of"]).log_odds != row["log_odds"]:
                raise MlflowException("the model is damaged: a golden row does not have its score")


def reason_text(text: str, points: float) -> str:
    """A reason on one line, as score files hold it: `Lead source: referral (+17)`."""
    return f"{text} ({points:+.0f})" if abs(points) >= 1 else f"{text} ({points:+.1f})"


def leads_of(frame: pd.DataFrame) -> list[dict[str, object]]:
    """The rows as plain fields: Python's own types, None for every kind of missing value."""
    names = [str(name) for name in frame.columns]
    columns = [_plain(frame.iloc[:, i]) for i in range(len(names))]
    if not names:
        return [{} for _ in range(len(frame))]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(column: pd.Series[Any]) -> list[object]:
    missing = column.isna().tolist()
    values = column.astype(object).tolist()
    return [None if gone else _own(value) for value, gone in zip(values, missing, strict=True)]


def _own(value: object) -> object:
    """numpy's numbers as Python's: text made of them would differ."""
    return value.item() if type(value).__module__ == "numpy" and hasattr(value, "item") else value


set_model(LeadrankModel())

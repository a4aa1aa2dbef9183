"""A published model as MLflow's pyfunc: the folder of files that it carries, and what it promises."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

import scoring
from scoring import GradeCuts
from scoring.scorecard import digest_of

from .manifest import CARD, GOLDEN
from .published import Published
from .sealed import json_bytes

CODE = Path(__file__).with_name("serving_code.py")
"""The file that MLflow runs; it is copied into every model."""

REQUIREMENTS = ("mlflow", "pandas", "numpy")
"""Packages that the pyfunc needs; their versions are pinned to those it was logged with."""

OUTPUTS = (
    ("long", "score"),
    ("double", "probability"),
    ("long", "log_odds"),
    ("string", "grade"),
    ("string", "reasons"),
    ("string", "warnings"),
)
"""Type and name of each column of an answer."""


def carry(published: Published, cuts: GradeCuts, folder: Path) -> Path:
    """Fill a folder with what the pyfunc needs: card, golden rows, cuts, scoring code, and their hashes."""
    (folder / "scoring").mkdir(parents=True)
    for name in (CARD, GOLDEN):
        shutil.copyfile(published.folder / name, folder / name)
    (folder / "cuts.json").write_bytes(json_bytes(asdict(cuts)))
    for source in sorted(Path(scoring.__file__).parent.glob("*.py")):
        shutil.copyfile(source, folder / "scoring" / source.name)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    digests = {path.relative_to(folder).as_posix(): digest_of(path.read_bytes()) for path in files}
    (folder / "contents.json").write_bytes(json_bytes({"files": digests}))
    return folder


def described(published: Published) -> dict[str, object]:
    """What MLflow shows of the model: the pyfunc takes any columns, these are those that it reads."""
    card = published.card
    fields = [{"name": field.name, "kind": field.kind.value} for field in card.fields]
    return {"shelf_version": published.version, "horizon_days": card.horizon_days, "fields": fields}

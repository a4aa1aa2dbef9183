"""The house: who may import whom, held against every import statement of every room."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

ROOMS = {
    "scoring": frozenset[str](),
    "models": frozenset({"scoring"}),
    "training": frozenset({"scoring", "models"}),
    "service": frozenset({"scoring", "models"}),
    "cli": frozenset({"scoring", "models", "training", "service"}),
}
"""Every room, and the other rooms that it may import."""

KEYS = {
    "mlflow": ("models/registry.py", "models/serving_code.py"),
    "sklearn": ("training/",),
    "joblib": ("training/", "models/run.py"),
    "pandas": ("training/", "models/serving_code.py"),
    "pyarrow": ("scoring/files.py", "scoring/ranked_file.py", "scoring/scorefile.py", "training/"),
    "matplotlib": ("training/",),
    "lightgbm": (),
    "sqlalchemy": ("service/",),
    "alembic": ("service/",),
    "psycopg": ("service/",),
    "fastapi": ("service/",),
    "starlette": ("service/",),
    "uvicorn": ("service/",),
    "typer": ("cli/",),
    "authlib": ("service/openid/provider.py",),
    "joserfc": ("service/openid/provider.py",),
    "httpx2": ("service/openid/provider.py",),
}
"""Packages that only these files and folders may import."""

ONE_LEAD = {
    f"scoring/{name}.py" for name in ("errors", "values", "fields", "scorecard", "snapshot", "words", "worth", "score")
}
"""What scoring a single lead needs: the standard library alone."""

NOT_PURE = {"socket", "ssl", "urllib", "http", "random", "secrets", "time", "os", "subprocess", "logging", "sqlite3"}
"""Modules by which network, clock, dice or global state would come into scoring."""

LIGHT = {"typer", "cli"}
"""What a command may import before it is called, beside the standard library and the errors of scoring."""


@dataclass(frozen=True)
class Import:
    """One imported module. lazy: inside a function. typed: for the type checker alone, never run."""

    module: str
    line: int
    lazy: bool
    typed: bool

    @property
    def top(self) -> str:
        return self.module.split(".")[0]


def imports_of(source: str) -> Iterator[Import]:
    """Every import of a module's own package (relative ones) left out, those by name in a call included."""
    yield from _inside(ast.parse(source), lazy=False, typed=False)


def _inside(node: ast.AST, lazy: bool, typed: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(name.name, node.lineno, lazy, typed) for name in node.names)
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        yield from (Import(f"{node.module}.{name.name}", node.lineno, lazy, typed) for name in node.names)
    if isinstance(node, ast.ImportFrom) and node.level > 1:
        yield Import("a module above its room", node.lineno, lazy, typed)
    if isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__") and node.args:
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield Import(first.value, node.lineno, lazy, typed)
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        typed = True
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        lazy = True
    for child in ast.iter_child_nodes(node):
        yield from _inside(child, lazy, typed)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def faults(path: str, source: str) -> list[str]:
    """What the imports of one file break, in words. path: from the root, such as `service/app.py`."""
    room = path.split("/")[0]
    return [
        f"{path}:{found.line} imports {found.module}: {why}"
        for found in imports_of(source)
        for why in _broken(path, room, found)
    ]


def _broken(path: str, room: str, found: Import) -> Iterator[str]:
    if found.top in ROOMS and found.top != room and found.top not in ROOMS[room]:
        yield f"{room} may import {', '.join(sorted(ROOMS[room])) or 'no room'}"
    if found.module == "a module above its room":
        yield "a relative import stays inside its room"
    if found.typed:
        return
    if found.top in KEYS and not path.startswith(KEYS[found.top] or "-"):
        yield f"{found.top} is for {', '.join(KEYS[found.top]) or 'nobody'}"
    standard = found.top in sys.stdlib_module_names
    if room == "scoring" and not standard and found.top not in ("numpy", "pyarrow", "scoring"):
        yield "scoring needs the standard library and numpy"
    if path in ONE_LEAD and not standard and found.top != "scoring":
        yield "one lead is scored by the standard library alone"
    if room == "scoring" and found.top in NOT_PURE:
        yield "scoring has no network, no clock, no dice and no global state"
    if room == "cli" and not (
        found.lazy or standard or found.top in LIGHT or found.module.startswith("scoring.errors")
    ):
        yield "a command imports what it needs when it is called"


FILES = sorted(str(p.relative_to(ROOT)) for room in ROOMS for p in (ROOT / room).rglob("*.py"))


def test_there_are_rooms_to_look_at() -> None:
    assert {path.split("/")[0] for path in FILES} == set(ROOMS)


@pytest.mark.parametrize("path", FILES)
def test_a_file_imports_only_what_its_room_may(path: str) -> None:
    assert faults(path, (ROOT / path).read_text(encoding="utf-8")) == []


PLANTED = {
    "service imports training": ("service/app.py", "from training.train import train"),
    "service imports training in a function": ("service/app.py", "def f():\n    import training"),
    "service imports training by name": (
        "service/app.py",
        "import importlib\nimportlib.import_module('training.train')",
    ),
    "service imports training for types": (
        "service/app.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import training",
    ),
    "service imports cli": ("service/app.py", "import cli.home"),
    "training imports service": ("training/train.py", "from service import app"),
    "models imports training": ("models/shelf.py", "from training import learn"),
    "scoring imports models": ("scoring/score.py", "import models"),
    "scoring climbs out of its room": ("scoring/score.py", "from ..models import shelf"),
    "service imports mlflow": ("service/app.py", "import mlflow.pyfunc"),
    "service imports sklearn": ("service/app.py", "from sklearn.base import clone"),
    "service imports pandas": ("service/app.py", "def f():\n    import pandas as pd"),
    "service imports pyarrow": ("service/app.py", "import pyarrow.csv"),
    "service imports joblib": ("service/app.py", "import joblib"),
    "shelf imports mlflow": ("models/shelf.py", "import mlflow"),
    "training imports mlflow": ("training/train.py", "import mlflow"),
    "models imports sklearn": ("models/registry.py", "import sklearn"),
    "scoring imports pandas": ("scoring/files.py", "import pandas"),
    "columns import pyarrow": ("scoring/columns.py", "import pyarrow as pa"),
    "one lead needs numpy": ("scoring/score.py", "import numpy as np"),
    "scoring reads the clock": ("scoring/ranking.py", "import time"),
    "scoring rolls dice": ("scoring/measure.py", "from random import random"),
    "cli imports training at once": ("cli/train.py", "from training.train import train"),
    "cli imports numpy at once": ("cli/train.py", "import numpy"),
    "training has SQL": ("training/history.py", "import sqlalchemy"),
    "a class hides it": (
        "service/app.py",
        "class A:\n    try:\n        import mlflow\n    except ImportError:\n        pass",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_the_check_sees_that(name: str) -> None:
    assert len(faults(*PLANTED[name])) >= 1


ALLOWED = {
    "service imports models": (
        "service/app.py",
        "from models.shelf import Shelf\nfrom scoring import LeadScorer\nimport numpy",
    ),
    "training imports what it needs": (
        "training/boosting.py",
        "import joblib, pandas, pyarrow\nfrom sklearn import base\nimport models",
    ),
    "a command imports when it is called": (
        "cli/train.py",
        "import typer\ndef f():\n    from training.train import train\n    import numpy",
    ),
    "a command knows the errors": ("cli/main.py", "from scoring.errors import LeadrankError\nfrom cli import train"),
    "types of a command": (
        "cli/train.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from training.train import Trained",
    ),
    "relative imports": ("scoring/score.py", "from .fields import Field\nfrom . import words"),
    "the registry": ("models/registry.py", "def f():\n    import mlflow"),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_the_check_lets_pass_that(name: str) -> None:
    assert faults(*ALLOWED[name]) == []


def test_scoring_does_not_ask_what_time_it_is() -> None:
    for path in (ROOT / "scoring").glob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        assert not {_called(call) for call in calls} & {"now", "utcnow", "today", "default_rng", "getenv"}, path.name


PROBE = """
import importlib, pkgutil, sys
import service
for found in pkgutil.walk_packages(service.__path__, "service."):
    if ".migrations" not in found.name:
        importlib.import_module(found.name)
print(*sorted({"mlflow", "sklearn", "pandas", "pyarrow", "joblib", "matplotlib", "training", "cli"} & set(sys.modules)))
"""


def test_the_running_service_has_loaded_nothing_of_training() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (answer.returncode, answer.stdout.strip()) == (0, ""), answer.stderr[-2000:]

"""The service in an environment of its own: what `pip install leadrank` brings without extras, and nothing more."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from models import Shelf
from tests.cards import small_card
from tests.service.conftest import publish
from tests.service.samples import STRONG

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "locks" / f"python-{sys.version_info.major}.{sys.version_info.minor}.txt"
TRAINING = ("sklearn", "scipy", "pandas", "pyarrow", "mlflow", "joblib", "matplotlib")
LEADRANK = ("-c", "from cli.main import main; main()")


def needed() -> set[str]:
    """The project's dependencies without extras, and theirs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    open_ones = [Requirement(text) for text in project["dependencies"]]
    found: set[tuple[str, frozenset[str]]] = set()
    while open_ones:
        one = open_ones.pop()
        name, extras = canonicalize_name(one.name), frozenset(one.extras)
        if (name, extras) in found:
            continue
        found.add((name, extras))
        for asked in map(Requirement, requires(name) or []):
            if asked.marker is None or any(asked.marker.evaluate({"extra": extra}) for extra in extras | {""}):
                open_ones.append(asked)
    return {name for name, _ in found}


def pins(names: set[str]) -> str:
    """The lock's lines of these packages, with their hashes."""
    blocks = re.split(r"\n(?=\S)", LOCK.read_text(encoding="utf-8"))
    return "\n".join(block for block in blocks if canonicalize_name(block.split("==")[0]) in names)


def megabytes(folder: Path) -> float:
    """What a folder's files hold."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of the environment."""
    folder = tmp_path_factory.mktemp("alone")
    venv.create(folder / "venv", with_pip=True)
    found = folder / "venv" / "bin" / "python"
    wanted = folder / "needed.txt"
    wanted.write_text(pins(needed()), encoding="utf-8")
    options = ("--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:", "-r")
    subprocess.run([str(found), "-m", "pip", "install", *options, str(wanted)], check=True)
    subprocess.run([str(found), "-m", "pip", "uninstall", "--quiet", "--yes", "pip", "setuptools"], check=True)
    return found


@contextmanager
def serving(python: Path, environment: dict[str, str]) -> Iterator[int]:
    """The port of `leadrank serve`."""
    process = subprocess.Popen(
        [str(python), *LEADRANK, "serve", "--port", "0"],
        env=environment,
        cwd=environment["LEADRANK_HOME"],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
        assert found, said + process.stdout.read()
        yield int(found[1])
    finally:
        process.terminate()
        process.communicate(timeout=30)


def ask(port: int, method: str, path: str, body: object = None, key: str = "") -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, json.dumps(body), {"Authorization": f"Bearer {key}"} if key else {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.slow
def test_nothing_of_training_is_there_and_the_environment_is_small(python: Path) -> None:
    code = f"import importlib.util as u; print(*[name for name in {TRAINING} if u.find_spec(name)])"
    assert subprocess.run([str(python), "-c", code], check=True, capture_output=True, text=True).stdout.strip() == ""
    assert megabytes(python.parents[1]) < 300


@pytest.mark.slow
def test_it_serves_without_what_training_needs(python: Path, tmp_path: Path) -> None:
    publish(Shelf(tmp_path / "shelf"), small_card())
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LEADRANK_")}
    environment = ours | {"LEADRANK_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [str(python), *LEADRANK, "keys", "create", "--role", "crm", "--json"]
    made = subprocess.run(command, env=environment, cwd=tmp_path, check=True, capture_output=True, text=True)
    key = json.loads(made.stdout)["key"]
    with serving(python, environment) as port:
        assert ask(port, "GET", "/livez") == (200, {"status": "alive"})
        assert ask(port, "GET", "/readyz")[1]["status"] == "ready"
        assert ask(port, "POST", "/v1/score", {"id": "ada", "fields": STRONG})[0] == 401
        status, scored = ask(port, "POST", "/v1/score", {"id": "ada", "fields": STRONG}, key)
        assert status == 200
        assert ask(port, "PUT", "/v1/leads/ada", {"fields": STRONG}, key)[0] == 201
        status, listed = ask(port, "GET", "/v1/leads", key=key)
        assert (status, listed["results"][0]["score"]) == (200, scored["score"])

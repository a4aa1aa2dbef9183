"""The page for the CRM developer is true: its commands run, in order, and are answered as it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models import Shelf
from tests.cards import living_card
from tests.service.conftest import publish

PAGE = Path(__file__).resolve().parents[2] / "docs" / "integrate.md"
BLOCKS = re.findall(r"```(bash|json)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An installation of its own, and the command `leadrank`."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {k: v for k, v in os.environ.items() if not k.startswith("LEADRANK_")}
    return own | {"LEADRANK_HOME": str(tmp_path), "PATH": path}


@pytest.fixture
def port(tmp_path: Path, environment: dict[str, str]) -> Iterator[str]:
    """The port of a service that runs, with a model."""
    publish(Shelf(tmp_path / "shelf"), living_card())
    command = ["leadrank", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            found = re.search(r":(\d+)/", process.stdout.readline())
            assert found
            yield found[1]
        finally:
            process.terminate()


def agrees(said: Any, found: Any) -> bool:
    """Whether an answer has all that the page says of it; of a list the page may show the first few."""
    if isinstance(said, dict):
        return isinstance(found, dict) and all(k in found and agrees(v, found[k]) for k, v in said.items())
    if isinstance(said, list):
        return isinstance(found, list) and len(said) <= len(found) and all(map(agrees, said, found))
    return bool(said == found)


def test_every_command_of_the_page_is_answered_as_it_says(port: str, environment: dict[str, str]) -> None:
    commands = [text.replace("127.0.0.1:8000", f"127.0.0.1:{port}") for kind, text in BLOCKS if kind == "bash"]
    script = "\n".join(f"{command}\nprintf '\\n=====\\n'" for command in commands)
    found = subprocess.run(
        ["bash", "-eu", "-c", script], capture_output=True, text=True, env=environment, timeout=120, check=False
    )
    assert found.returncode == 0, found.stderr
    printed = iter(found.stdout.split("\n=====\n"))
    answers: list[str] = []
    for kind, text in BLOCKS:
        if kind == "bash":
            answers.append(next(printed).strip())
        else:
            assert agrees(json.loads(text), json.loads(answers[-1])), (text, answers[-1])


def test_the_page_shows_an_answer_to_every_call() -> None:
    calls = [text for kind, text in BLOCKS if kind == "bash" and text.startswith("call ")]
    assert len(calls) == sum(kind == "json" for kind, _ in BLOCKS)

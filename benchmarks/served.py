"""Servers as processes of their own: leadrank's, a bare one beside it, MLflow's; and the home that they serve from."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models import Shelf
from scoring.scorecard import Scorecard

LEADRANK = (sys.executable, "-c", "from cli.main import main; main()")
PATIENCE = 90.0
"""Seconds that a server may take to answer first."""


@dataclass(frozen=True)
class Server:
    """A process that answers. started: seconds from its start to its first 200."""

    pid: int
    port: int
    started: float

    def resident_mib(self) -> float:
        """Memory that it holds now."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def pinned(core: int) -> list[str]:
    """The words before a command that keep it on one core, where the machine has two and can do that."""
    return ["taskset", "-c", str(core)] if shutil.which("taskset") and (os.cpu_count() or 1) > 1 else []


def publish(home: Path, card: Scorecard) -> None:
    """Put a card on the home's shelf and let it serve."""
    shelf, now = Shelf(home / "shelf"), datetime.now(UTC)
    shelf.promote(shelf.add(card, about={}, at=now).version, by="benchmark", at=now)


def environment(home: Path, database: str = "") -> dict[str, str]:
    """The environment of an installation; database: its address, SQLite in the home where none is given."""
    ours = {"LEADRANK_HOME": str(home)} | ({"LEADRANK_DATABASE_URL": database} if database else {})
    return {name: value for name, value in os.environ.items() if not name.startswith("LEADRANK_")} | ours


def make_key(settings: Mapping[str, str], *role: str) -> str:
    """A key of the role crm, or of another (`sales --owner Ann`), made as its owner makes it."""
    command = [*LEADRANK, "keys", "create", "--role", *(role or ("crm",)), "--json"]
    made = subprocess.run(command, env=dict(settings), check=True, capture_output=True, text=True)
    key: str = json.loads(made.stdout)["key"]
    return key


@contextmanager
def leadrank(settings: Mapping[str, str]) -> Iterator[Server]:
    """`leadrank serve` with one worker."""
    port = free_port()
    with _serving([*LEADRANK, "serve", "--port", str(port)], port, "/livez", settings) as server:
        yield server


@contextmanager
def bare(answers: Path) -> Iterator[Server]:
    """The bare routes, by the same server with the same settings. answers: the bodies that they give."""
    port = free_port()
    settings = os.environ | {"BARE_ANSWERS": str(answers)}
    command = [sys.executable, "-m", "benchmarks.bare_service", str(port)]
    with _serving(command, port, "/livez", settings) as server:
        yield server


@contextmanager
def mlflow(model: Path) -> Iterator[Server]:
    """`mlflow models serve` with one worker, in this environment."""
    port = free_port()
    program = str(Path(sys.executable).with_name("mlflow"))
    command = [program, "models", "serve", "-m", str(model), "--env-manager", "local", "-p", str(port), "-w", "1"]
    # It starts other programs of this environment by their names.
    path = os.pathsep.join([str(Path(program).parent), os.environ["PATH"]])
    with _serving(command, port, "/ping", os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "PATH": path}) as server:
        yield server


def save_pyfunc(shelf: Shelf, folder: Path) -> Path:
    """The shelf's champion as `leadrank train` registers it with MLflow, in a folder; raises ImportError."""
    from mlflow.pyfunc import save_model

    from models.pyfunc import CODE, carry

    logging.getLogger("mlflow").setLevel(logging.ERROR)  # it has no signature, on purpose
    published, _ = shelf.open_champion()
    carried = carry(published, shelf.cuts(), folder.with_name("carried"))
    save_model(folder, python_model=str(CODE), artifacts={"model": str(carried)}, pip_requirements=[])
    return folder


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def _serving(command: Sequence[str], port: int, path: str, settings: Mapping[str, str]) -> Iterator[Server]:
    """A process of its own group, on the first core, from its first 200 to the end. Raises OSError without one."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [*pinned(0), *command],
        env=dict(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(process, port, path, began + PATIENCE)
        yield Server(process.pid, port, time.perf_counter() - began)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, path: str, until: float) -> None:
    while time.perf_counter() < until and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
            return
        time.sleep(0.01)
    raise OSError(f"nothing answers at {path}")

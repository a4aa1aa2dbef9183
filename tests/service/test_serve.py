"""`leadrank serve` as a process: on this machine alone, soon there, quiet, and gone without cutting anybody off."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from models import Shelf
from scoring import WrongUsage
from service.server import listen
from service.settings import THIS_MACHINE, Settings, hosts_of
from service.upgrade import newest_version, ready_database
from tests.cards import small_card
from tests.service.conftest import bearer, publish
from tests.service.samples import STRONG

COMMAND = [
    sys.executable,
    "-c",
    "import typer; from cli.serve import serve; from scoring import LeadrankError\n"
    "app = typer.Typer(pretty_exceptions_enable=False); app.command()(serve)\n"
    "try: app()\nexcept LeadrankError as error: print(error); raise SystemExit(error.exit_code)",
]
BODY = json.dumps({"id": "ada@acme.example", "fields": STRONG})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a model, and a key whose header lies beside it."""
    publish(Shelf(tmp_path / "shelf"), small_card())
    with ready_database(f"sqlite:///{tmp_path / 'leadrank.db'}") as database:
        (tmp_path / "authorization").write_text(bearer(database))
    return tmp_path


def start(home: Path, *options: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LEADRANK_")} | {"LEADRANK_HOME": str(home)}
    return subprocess.Popen(
        [*COMMAND, *options], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


@pytest.fixture(params=["1", "2"], ids=["one worker", "two workers"])
def server(request: pytest.FixtureRequest, home: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process and its port."""
    process = start(home, "--port", "0", "--workers", request.param)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
        assert found, said + process.stdout.read()
        yield process, int(found[1])
    finally:
        process.terminate()
        process.communicate(timeout=30)


@contextmanager
def started(home: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process with one worker, and its port."""
    process = start(home, "--port", "0")
    try:
        assert process.stdout is not None
        found = re.search(r":(\d+)/", process.stdout.readline())
        assert found
        yield process, int(found[1])
    finally:
        process.terminate()
        process.communicate(timeout=30)


def headers_of(home: Path) -> dict[str, str]:
    return {"Content-Type": "application/json", "Authorization": (home / "authorization").read_text()}


def ask(home: Path, port: int, method: str = "POST", path: str = "/v1/score", body: str = BODY) -> tuple[int, Any]:
    headers = headers_of(home)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_the_server_answers_stores_and_writes_nobodys_data_into_its_log(
    server: tuple[subprocess.Popen[str], int], home: Path
) -> None:
    process, port = server
    assert ask(home, port)[0] == 200
    assert ask(home, port, "PUT", "/v1/leads/ada%40acme.example", json.dumps({"fields": STRONG}))[0] == 201
    assert ask(home, port, "GET", "/v1/leads?limit=1", "")[1]["results"][0]["id"] == "ada@acme.example"
    assert ask(home, port, "PUT", "/v1/leads/ada%40acme.example", '{"fields": [NaN]}')[0] == 422
    process.terminate()
    said, _ = process.communicate(timeout=30)
    assert "ada" not in said
    assert said.strip() == ""


def test_requests_that_were_taken_are_answered_after_the_signal(
    server: tuple[subprocess.Popen[str], int], home: Path
) -> None:
    process, port = server
    ask(home, port)
    batch = json.dumps({"leads": [{"id": str(i), "fields": STRONG} for i in range(1000)]})
    answers: list[int] = []
    begun = threading.Barrier(5)

    def send() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.putrequest("POST", "/v1/score/batch")
        connection.putheader("Content-Length", str(len(batch)))
        connection.putheader("Authorization", (home / "authorization").read_text())
        connection.endheaders(batch[:1000].encode())
        begun.wait()
        time.sleep(0.5)  # the signal comes while the body is on its way
        connection.send(batch[1000:].encode())
        answer = connection.getresponse()
        answers.append(answer.status if json.loads(answer.read())["num_errors"] == 0 else 0)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    begun.wait()
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join()
    assert answers == [200] * 4


def test_a_large_body_with_a_wrong_key_gets_its_answer_and_no_reset(
    server: tuple[subprocess.Popen[str], int], home: Path
) -> None:
    _, port = server
    (home / "authorization").write_text("Bearer lr_000000000000.wrong")
    answers = [ask(home, port, "POST", "/v1/score/batch", "x" * (1 << 20))[0] for _ in range(20)]
    assert answers[0] == 401
    assert set(answers) <= {401, 429}, "each worker counts failures by itself: how many it sees is the kernel's choice"


def test_it_serves_within_seconds(home: Path) -> None:
    began = time.monotonic()
    process = start(home, "--port", "0")
    try:
        assert process.stdout is not None
        found = re.search(r":(\d+)/", process.stdout.readline())
        assert found
        assert ask(home, int(found[1]))[0] == 200
        assert time.monotonic() - began < 10, "two seconds on an idle machine; this one may be busy"
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_an_address_that_others_reach_is_refused_in_one_line(tmp_path: Path) -> None:
    process = start(tmp_path, "--host", "0.0.0.0")
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "set LEADRANK_ALLOWED_HOSTS to what people type" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "example.com", "", "localhost.example.com", "1"])
def test_an_address_that_others_reach_needs_the_names_that_are_allowed(host: str) -> None:
    with pytest.raises(WrongUsage, match="use --host 127"), listen(host, 0):
        pass


def test_an_address_that_others_reach_is_taken_with_a_name_that_is_allowed() -> None:
    with listen("0.0.0.0", 0, allowed_hosts=THIS_MACHINE | {"leads.example.com"}) as door:
        assert door.address == f"http://0.0.0.0:{door.socket.getsockname()[1]}/"


def test_the_names_that_are_allowed_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADRANK_ALLOWED_HOSTS", " Leads.example.com,[2001:db8::1] ,")
    allowed = Settings.of_environment().allowed_hosts
    assert allowed - THIS_MACHINE == {"leads.example.com", "[2001:db8::1]"}
    for wrong in ("https://leads.example.com", "leads.example.com:443", "a b", "*"):
        with pytest.raises(WrongUsage, match="give names alone"):
            hosts_of(wrong)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_address_of_this_machine_is_taken(host: str) -> None:
    with listen(host, 0) as door:
        assert door.address == f"http://{host}:{door.socket.getsockname()[1]}/"


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start(tmp_path, "--port", str(taken.getsockname()[1]))
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "cannot be used: Address already in use; give another --port" in said
    assert said.count("\n") == 1


def test_the_database_command_upgrades_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from cli.database import app

    monkeypatch.setenv("LEADRANK_HOME", str(tmp_path))
    monkeypatch.delenv("LEADRANK_DATABASE_URL", raising=False)
    assert f"from nothing to {newest_version()}" in CliRunner().invoke(app, ["upgrade"]).output
    assert f"is at {newest_version()}" in CliRunner().invoke(app, ["upgrade"]).output


def test_the_service_never_imports_what_belongs_to_training() -> None:
    code = "import sys, service.worker, service.server; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & {"mlflow", "sklearn", "pandas", "pyarrow", "scipy", "joblib", "cli", "training"}


def test_nobody_who_was_taken_is_cut_off_when_it_stops_under_load(
    server: tuple[subprocess.Popen[str], int], home: Path
) -> None:
    """Clients that keep their connection go on until they are told to close; a new connection may be refused."""
    process, port = server
    ask(home, port)
    cut: list[str] = []
    answered: list[int] = []
    begun = threading.Barrier(9)

    def send_until_closed() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.connect()
        begun.wait()
        while True:
            try:
                connection.request("POST", "/v1/score", BODY, headers_of(home))
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as fault:
                cut.append(repr(fault))
                return
            answered.append(answer.status)
            if answer.getheader("Connection") == "close":
                return

    threads = [threading.Thread(target=send_until_closed) for _ in range(8)]
    for thread in threads:
        thread.start()
    begun.wait()
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join()
    assert cut == []
    assert set(answered) == {200}
    assert len(answered) >= 8


def test_who_is_stopping_says_so(home: Path) -> None:
    with started(home) as (process, port):
        assert ask(home, port, "GET", "/readyz", "")[0] == 200
        process.send_signal(signal.SIGTERM)
        statuses = [ask(home, port, "GET", "/readyz", "") for _ in range(3)][-1]
        assert statuses[0] == 503
        assert statuses[1]["type"] == "urn:leadrank:problem:stopping"
        assert ask(home, port)[0] == 200
        assert ask(home, port, "GET", "/livez", "")[0] == 200


def test_the_process_has_no_threads_for_sums(home: Path) -> None:
    with started(home) as (process, port):
        batch = json.dumps({"leads": [{"id": str(i), "fields": STRONG} for i in range(100)]})
        for _ in range(3):
            assert ask(home, port)[0] == 200
            assert ask(home, port, path="/v1/score/batch", body=batch)[0] == 200
        loaded = Path(f"/proc/{process.pid}/maps").read_text()
        assert not re.search("libgomp|libomp|mkl|sklearn|pandas", loaded)
        # The loop, the shelf, rescoring, webhooks, three that watch, and the few that answered these requests.
        assert len(list(Path(f"/proc/{process.pid}/task").iterdir())) <= 11


def test_a_burst_beyond_the_most_is_answered_at_once_and_then_all_is_well(home: Path) -> None:
    """The process is held while 700 requests arrive, so that they all wait for it at the same moment: 256 of them are
    done at once, and as many more are counted before they are."""
    with started(home) as (process, port):
        ask(home, port)
        connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for _ in range(700)]
        for connection in connections:
            connection.connect()
            connection.request("GET", "/livez")
            connection.getresponse().read()
        process.send_signal(signal.SIGSTOP)
        for connection in connections:
            connection.request("POST", "/v1/score", BODY, headers_of(home))
        process.send_signal(signal.SIGCONT)
        answers = [connection.getresponse() for connection in connections]
        statuses = [answer.status for answer in answers if answer.read()]
        assert set(statuses) == {200, 503}
        assert statuses.count(200) >= 256
        for connection in connections:
            connection.close()
        assert ask(home, port)[0] == 200


def test_the_library_of_arrays_starts_no_threads_in_a_worker(home: Path) -> None:
    code = (
        "from service.worker import app_from_environment; app_from_environment()\n"
        "import numpy; from threadpoolctl import threadpool_info\n"
        "print([one['num_threads'] for one in threadpool_info()])"
    )
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"LEADRANK_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(json.loads(done.stdout)) == {1}

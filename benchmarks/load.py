"""A load generator in a process of its own: keep-alive connections that each ask again as soon as they are answered."""

from __future__ import annotations

import gc
import json
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from benchmarks.served import pinned

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
PIECE = 1 << 20
WARMING = 0.5
"""Seconds in which connections find their pace; what is answered later counts, with the times of what began later."""


@dataclass(frozen=True)
class Load:
    """What one server did under load: requests a second, and the p50 and p99 of their times in milliseconds."""

    rate: float
    p50: float
    p99: float


def request(path: str, body: object = None, *, method: str = "POST", key: str = "") -> bytes:
    """One request as bytes."""
    content = b"" if body is None else json.dumps(body).encode()
    signed = f"Authorization: Bearer {key}\r\n" if key else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{signed}"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def load(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    """Ask a server on this machine for so long, in turn with these requests, from a process on the other core."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([r.decode("latin-1") for r in requests], file)
        file.flush()
        command = [sys.executable, "-m", "benchmarks.load", str(port), file.name, str(connections), str(seconds)]
        done = subprocess.run([*pinned(1), *command], check=True, capture_output=True, text=True)
    return Load(**json.loads(done.stdout))


class _Asker:
    """One connection. began: when the request was sent whose answer is awaited."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began, self._answer, self._missing = 0.0, b"", 0

    def ask(self, request: bytes) -> None:
        """Send a request."""
        self.began, self._answer, self._missing = time.perf_counter(), b"", 0
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Read what has come; whether that was all. Raises OSError for an answer that is not 2xx."""
        part = self.socket.recv(PIECE)
        if not part:
            raise OSError("the server closed the connection")
        if self._missing:
            self._missing -= len(part)
            return self._missing == 0
        self._answer += part
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not end:
            return False
        if head[9:10] != b"2":
            raise OSError(f"the server answered {self._answer[:500]!r}")
        found = LENGTH.search(head)
        if found is None:
            raise OSError("an answer without a length")
        self._missing = int(found[1]) - len(body)
        return self._missing == 0


def _drive(port: int, requests: list[bytes], connections: int, seconds: float) -> Load:
    selector, source = selectors.DefaultSelector(), cycle(requests)
    for _ in range(connections):
        asker = _Asker(port)
        selector.register(asker.socket, selectors.EVENT_READ, asker)
        asker.ask(next(source))
    warm, times = time.perf_counter() + WARMING, list[float]()
    answered = 0
    end = warm + seconds
    gc.disable()
    while True:
        for key, _ in selector.select():
            if key.data.is_answered():
                now = time.perf_counter()
                if now > end:
                    return _summed(times, answered / seconds)
                answered += now > warm
                if key.data.began > warm:
                    times.append(now - key.data.began)
                key.data.ask(next(source))


def _summed(times: list[float], rate: float) -> Load:
    times.sort()
    if not times:
        raise OSError("no answer in time")
    p50, p99 = (times[int(len(times) * share)] * 1e3 for share in (0.5, 0.99))
    return Load(rate, p50, p99)


def main(port: str, file: str, connections: str, seconds: str) -> None:
    """Print what was measured."""
    requests = [text.encode("latin-1") for text in json.loads(Path(file).read_text())]
    print(json.dumps(vars(_drive(int(port), requests, int(connections), float(seconds)))))


if __name__ == "__main__":
    main(*sys.argv[1:])

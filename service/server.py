"""The server: takes a port on this machine, prepares the database, runs the application's processes."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address

import uvicorn
from uvicorn.supervisors import Multiprocess

from scoring import WrongUsage

from .database import open_database
from .settings import THIS_MACHINE, Settings
from .upgrade import upgrade

BACKLOG = 2048
"""Connections that may wait to be taken."""

LAST_REQUESTS = 15
"""Seconds that requests get to finish once the server was told to stop."""


@dataclass(frozen=True, slots=True)
class Listening:
    """A port that is ours. address: where a browser finds it."""

    socket: socket.socket
    address: str


@contextmanager
def listen(host: str, port: int, *, allowed_hosts: frozenset[str] = THIS_MACHINE) -> Iterator[Listening]:
    """Take a port of this machine, 0 for any; raises WrongUsage where it is in use, and where others reach it under
    names that nobody has allowed."""
    if not is_loopback(host) and allowed_hosts <= THIS_MACHINE:
        raise WrongUsage(
            f"--host {host} can be reached from other machines, and it is not said under which names",
            "set LEADRANK_ALLOWED_HOSTS to what people type, such as leads.example.com,192.168.1.10, "
            "or use --host 127.0.0.1",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        taken = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as fault:
        raise WrongUsage(
            f"port {port} of {host} cannot be used: {os.strerror(fault.errno or 0)}",
            "give another --port, or 0 for a free one",
        ) from None
    with taken:
        shown = f"[{host}]" if family == socket.AF_INET6 else host
        yield Listening(taken, f"http://{shown}:{taken.getsockname()[1]}/")


def is_loopback(host: str) -> bool:
    """True for an address that only this machine reaches."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def run(door: Listening, *, workers: int = 1) -> None:
    """Upgrade the database once, then serve until told to stop."""
    database = open_database(Settings.of_environment().database_url)
    upgrade(database)
    database.close()
    config = uvicorn.Config(
        "service.worker:app_from_environment",
        factory=True,
        workers=workers,
        log_level="warning",
        access_log=False,  # addresses hold ids of leads
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=LAST_REQUESTS,
    )
    sockets = [door.socket]
    with suppress(KeyboardInterrupt):
        Multiprocess(config, sockets).run() if workers > 1 else uvicorn.Server(config).run(sockets)

"""One POST to a checked place, within a time that no receiver can draw out."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from time import monotonic

from .addresses import Place

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
"""From the look-up of the name to the end of the answer."""

ANSWER_BYTES = 1024
"""How much of an answer is read, so that a receiver can end politely. It is kept nowhere."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a POST ended: the answer's status, or a short word where there was none."""

    status: int | None
    fault: str | None

    @property
    def is_taken(self) -> bool:
        """True where the receiver has it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """True where the receiver wants nothing more."""
        return self.status == http.client.GONE

    @property
    def is_the_receivers(self) -> bool:
        """True where it is the receiver that is in trouble, and not this one message."""
        return self.status is None or self.status >= 500 or self.status == http.client.TOO_MANY_REQUESTS


def post(place: Place, body: bytes, headers: Mapping[str, str], *, trust: ssl.SSLContext, until: float) -> Outcome:
    """Send once and follow no redirect. until: the moment of `time.monotonic` at which it must have ended."""
    cut = threading.Event()
    try:
        with _connected(place, until) as plain, _cut_off_at(plain, until, cut):
            plain.settimeout(max(0.1, until - monotonic()))
            line = trust.wrap_socket(plain, server_hostname=place.host) if place.tls else plain
            with line:
                status = _exchange(line, place, body, headers, cut)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Outcome(None, "timeout" if cut.is_set() else _word_of(error))
    return Outcome(status, None if 200 <= status < 300 else _status_word(status))


def _exchange(line: socket.socket, place: Place, body: bytes, headers: Mapping[str, str], cut: threading.Event) -> int:
    with closing(http.client.HTTPConnection(place.host, place.port)) as connection:
        connection.sock = line
        connection.putrequest("POST", place.path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": place.host_header, "Content-Length": str(len(body)), **headers}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        with connection.getresponse() as answer:
            if cut.is_set():  # to the library a head that breaks off is a short one
                raise TimeoutError
            with suppress(OSError, http.client.HTTPException, ValueError):
                answer.read(ANSWER_BYTES)
            return answer.status


def _connected(place: Place, until: float) -> socket.socket:
    """A connection to the first of the checked addresses that takes it: no name is looked up any more."""
    fault: OSError = TimeoutError()
    for address in place.addresses:
        left = until - monotonic()
        if left <= 0:
            raise TimeoutError
        try:
            return socket.create_connection((address, place.port), timeout=min(CONNECT_SECONDS, left))
        except OSError as error:
            fault = error
    raise fault


@contextmanager
def _cut_off_at(plain: socket.socket, until: float, cut: threading.Event) -> Iterator[None]:
    """Shut the connection at a moment: a socket's own timeout begins anew with every byte."""
    # A second handle, because TLS takes the first one over.
    handle = socket.socket(fileno=os.dup(plain.fileno()))

    def cut_off() -> None:
        cut.set()
        with suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, until - monotonic()), cut_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        handle.close()


def _word_of(error: Exception) -> str:
    for kind, word in _WORDS:
        if isinstance(error, kind):
            return word
    return "unreachable"


_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "timeout"),
    (ssl.SSLError, "tls"),
    (ConnectionRefusedError, "refused"),
    (http.client.RemoteDisconnected, "reset"),
    (ConnectionError, "reset"),
    (http.client.HTTPException, "no-http"),
    (ValueError, "no-http"),
)


def _status_word(status: int) -> str:
    return "redirect" if 300 <= status < 400 else "status"

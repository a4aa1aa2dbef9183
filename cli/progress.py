"""A progress bar on the terminal for what takes more than two seconds; nothing where nobody looks."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int], None]

QUIET_SECONDS = 2.0
"""Work that ends sooner shows no bar."""

WIDTH = 24


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A function (text, done, total) that draws on standard error; total 0 means unknown."""
    start = time.monotonic()
    shown = sys.stderr.isatty()
    drawn = False

    def draw(text: str, done: int, total: int) -> None:
        nonlocal drawn
        if not shown or time.monotonic() - start < QUIET_SECONDS:
            return
        drawn = True
        filled = WIDTH * done // total if total else 0
        bar = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done}/{total}" if total else f"{done:,}"
        sys.stderr.write(f"\r\033[K{text:16} {bar}")
        sys.stderr.flush()

    try:
        yield draw
    finally:
        if drawn:
            sys.stderr.write("\r\033[K")

"""A folder that appears whole or not at all, and the CSV files in it."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import TextIO

from models.files import rename_durably
from scoring import LeadrankError, WrongUsage

TOLD_EVERY = 1_000
"""Rows between two words of how far it is."""


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder to write into, which takes its place once all is written; raises WrongUsage where that is taken."""
    target = target.absolute()
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise WrongUsage(f"{target.name} is not an empty folder", "name a new one, or one with nothing in it")
    draft = target.with_name(f".{target.name}.{token_hex(4)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)  # it holds people's data
        yield draft
        rename_durably(draft, target)
    except OSError as fault:
        raise LeadrankError(
            f"{target} cannot be written: {fault.strerror or fault}",
            "nothing was left there; make room, give the right to write, or name another folder",
        ) from fault
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], told: Callable[[int], None]) -> int:
    """Write a table, every cell in quotes, so that no value is taken for anything but text; how many rows."""
    done = 0
    with _private(path) as out:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(header)
        for done, row in enumerate(rows, 1):
            writer.writerow(row)
            if done % TOLD_EVERY == 0:
                told(done)
    return done


def write_text(path: Path, text: str) -> None:
    """Write a text file."""
    with _private(path) as out:
        out.write(text)


@contextmanager
def _private(path: Path) -> Iterator[TextIO]:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())

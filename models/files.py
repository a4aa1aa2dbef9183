"""Files that outlive a power cut: written whole, fsynced, renamed; and read only where they are plain."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO


def write_durably(path: Path, data: bytes) -> None:
    """Write a file and wait until the disk has it; its name is durable once `sync_folder` has run."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's names."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_durably(path: Path, data: bytes) -> None:
    """Put new content in a file's place at once: readers and power cuts meet the old or the new."""
    draft = path.with_name(f".{path.name}.new")
    write_durably(draft, data)
    draft.replace(path)
    sync_folder(path.parent)


def rename_durably(draft: Path, place: Path) -> None:
    """Move a finished folder to its place."""
    sync_folder(draft)
    draft.rename(place)
    sync_folder(place.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, durably; one that is there is left alone."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


@contextmanager
def exclusive(path: Path) -> Iterator[BinaryIO]:
    """Hold a file's lock against all other processes and threads; the kernel frees it if its holder dies."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


@contextmanager
def held_at_once(path: Path) -> Iterator[bool]:
    """The same without waiting: False where another holds it."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def read_plain(path: Path) -> bytes:
    """A plain file's bytes; OSError for a link, a device or a pipe in its place."""
    with _open_plain(path) as file:
        return file.read()


def digest_plain(path: Path) -> str:
    """SHA-256 of a plain file, in hex, read in pieces."""
    with _open_plain(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open_plain(path: Path) -> BufferedReader:
    # Without O_NONBLOCK a pipe in a file's place would hold the service for ever.
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError("not a plain file")
    return os.fdopen(handle, "rb")

"""The shelf: the folder of published models, and the pointer that says which of them serves."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO
from uuid import uuid4

from scoring import DamagedModel, GradeCuts, LeadrankError, Refused, Scorecard, WrongUsage

from .files import exclusive, make_folder, read_plain, rename_durably, replace_durably
from .pointer import Change, Pointer, Standing, pointer_of
from .published import Published, model_files, read_model, write_model
from .reasons import RULE, is_printable
from .sealed import moment_text

__all__ = ["Published", "Shelf"]

_VERSION = re.compile(r"[1-9][0-9]{0,8}")
_DRAFT = ".new-"
_NONE: Mapping[str, bytes] = MappingProxyType({})


class Shelf:
    """The published models of one installation, on a local disk. Reading needs no lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._models = folder / "models"
        self._pointer = folder / "champion.json"
        self._cuts = folder / "grades.json"

    def add(
        self,
        card: Scorecard,
        *,
        about: Mapping[str, object],
        at: datetime,
        attachments: Mapping[str, bytes] = _NONE,
    ) -> Published:
        """Publish a card under the next version; it serves once it is promoted.

        It is written aside, read back and checked, and only then put in its place: all of it or nothing.
        """
        files = model_files(card, about, attachments)
        created_at = moment_text(at)
        with self._changing() as numbers:
            self._sweep()
            version = self._next(numbers)
            draft = self._models / f"{_DRAFT}{uuid4().hex}"
            try:
                draft.mkdir()
                write_model(draft, files, version=version, created_at=created_at)
                found = read_model(draft, version)
                rename_durably(draft, self._models / version)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
            _note(numbers, version)
        return replace(found, folder=self._models / version)

    def versions(self) -> list[str]:
        """All versions, the oldest first, damaged ones included."""
        try:
            names = os.listdir(self._models)
        except FileNotFoundError:
            return []
        return sorted(filter(_VERSION.fullmatch, names), key=int)

    def open(self, version: str) -> Published:
        """A published model, every byte checked. Raises DamagedModel, and Refused for an unknown version."""
        known = self.versions()
        if version not in known:
            there = f"it has {', '.join(known[-5:])}" if known else "it is empty: run leadrank train"
            raise Refused(f"there is no model {version!r} on the shelf", there)
        return read_model(self._models / version, version)

    def champion(self) -> str | None:
        """The version that serves, None before the first promotion."""
        return self._read_pointer().champion

    def challenger(self) -> str | None:
        """The newest version that has never been promoted."""
        promoted = {change.version for change in self.history()}
        return next((v for v in reversed(self.versions()) if v not in promoted), None)

    def promote(self, version: str, *, by: str, at: datetime, reason: str = "") -> str | None:
        """Let a version serve, once it has been opened and checked; answers which served before. reason: in words.

        A damaged pointer is written anew: naming the champion again is the way out of it.
        """
        moment = moment_text(at)
        found = self.open(version)
        with self._changing():
            pointer = self._readable_pointer()
            standing = Standing(version, found.manifest_digest)
            if pointer.stack[-1:] != (standing,):
                self._write(pointer.promoted(standing, by=by, at=moment, reason=_in_words(reason)))
        return pointer.champion

    def rollback(self, *, by: str, at: datetime, reason: str = "") -> str:
        """Return to the newest earlier champion that opens; answers its version. Refused if none does."""
        moment = moment_text(at)
        with self._changing():
            pointer = self._read_pointer()
            if stack := self._earlier(pointer):
                self._write(pointer.rolled_back(stack, by=by, at=moment, reason=_in_words(reason)))
                return stack[-1].version
        raise Refused("there is no earlier champion that opens", "name a model with: leadrank models promote VERSION")

    def champion_before(self) -> str | None:
        """The version that a rollback would return to; None where no earlier champion opens."""
        stack = self._earlier(self._read_pointer())
        return stack[-1].version if stack else None

    def _earlier(self, pointer: Pointer) -> tuple[Standing, ...]:
        """The part of the stack that ends with the newest earlier champion that opens; empty where none does."""
        ends = (pointer.stack[:end] for end in range(len(pointer.stack) - 1, 0, -1))
        return next((s for s in ends if s[-1].version != pointer.champion and self._opens(s[-1])), ())

    def history(self) -> list[Change]:
        """Every change of the pointer, the oldest first."""
        return list(self._read_pointer().history)

    def stamp(self) -> object:
        """A value that differs once the pointer has changed; costs one look at the file system."""
        try:
            found = self._pointer.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size

    def cuts(self) -> GradeCuts:
        """The cuts of grades.json, or 10, 20, 30 and 40 % where it is not there. Raises DamagedModel."""
        try:
            return GradeCuts(**json.loads(read_plain(self._cuts)))
        except FileNotFoundError:
            return GradeCuts()
        except (OSError, ValueError, TypeError) as fault:
            raise DamagedModel(
                f"the grade cuts in {self._cuts.name} cannot be read: {fault}",
                'write them as {"a": 0.1, "b": 0.3, "c": 0.6, "version": 1}',
            ) from None

    def open_champion(self) -> tuple[Published, str | None]:
        """The champion; where it is damaged, the newest earlier one that opens, and a sentence that says so.

        Raises Refused before the first promotion and DamagedModel where no champion opens.
        """
        stack = self._read_pointer().stack
        if not stack:
            raise self._no_champion()
        faults: dict[str, DamagedModel] = {}
        for standing in reversed(stack):
            try:
                found = self._open_as(standing)
            except DamagedModel as fault:
                faults.setdefault(standing.version, fault)
            else:
                return found, _said(faults.get(stack[-1].version), found.version)
        raise faults[stack[-1].version]

    def _open_as(self, standing: Standing) -> Published:
        return read_model(self._models / standing.version, standing.version, manifest_digest=standing.manifest_sha256)

    def _opens(self, standing: Standing) -> bool:
        try:
            self._open_as(standing)
        except DamagedModel:
            return False
        return True

    def _no_champion(self) -> Refused:
        newest = self.versions()[-1:]
        if newest:
            return Refused("no model serves yet", f"let one serve with: leadrank models promote {newest[0]}")
        return Refused("no model yet", "run leadrank train")

    def _read_pointer(self) -> Pointer:
        try:
            return pointer_of(read_plain(self._pointer))
        except FileNotFoundError:
            return Pointer()
        except (OSError, ValueError) as fault:
            raise DamagedModel(
                f"the shelf's pointer {self._pointer.name} is damaged: {fault}",
                "name the champion again with: leadrank models promote VERSION",
            ) from None

    def _readable_pointer(self) -> Pointer:
        try:
            return self._read_pointer()
        except DamagedModel:
            return Pointer()

    def _write(self, pointer: Pointer) -> None:
        replace_durably(self._pointer, pointer.to_bytes())

    @contextmanager
    def _changing(self) -> Iterator[BinaryIO]:
        """Hold the shelf against other writers; a full disk or a missing right is said in words."""
        try:
            make_folder(self._models)
            with exclusive(self.folder / ".lock") as numbers:
                yield numbers
        except OSError as fault:
            raise LeadrankError(
                f"the shelf in {self.folder} cannot be written: {fault.strerror or fault}",
                "the champion is untouched; make room or give the right to write, and try again",
            ) from fault

    def _sweep(self) -> None:
        """Clear away what killed publishers left; called under the lock, when nobody else is writing."""
        for draft in self._models.glob(f"{_DRAFT}*"):
            shutil.rmtree(draft, ignore_errors=True)

    def _next(self, numbers: BinaryIO) -> str:
        """The next version: above all that are there, and above any that has been there and was removed."""
        noted = numbers.read(16).strip()
        last = int(noted) if noted.isdigit() else 0
        return str(max([last, *map(int, self.versions())]) + 1)


def _in_words(reason: str) -> str:
    """A person's reason, trimmed. Raises WrongUsage for what no page could show."""
    if not is_printable(reason.strip()):
        raise WrongUsage(f"reason: {RULE}", "say it in a line or two")
    return reason.strip()


def _said(fault: DamagedModel | None, serving: str) -> str | None:
    """The sentence about a damaged champion and the one that serves in its place."""
    return None if fault is None else f"{fault.what}; model {serving}, champion before it, serves instead"


def _note(numbers: BinaryIO, version: str) -> None:
    """Keep the last version given in the lock file: scores name their version, so none may be given twice."""
    numbers.seek(0)
    numbers.truncate()
    numbers.write(f"{version}\n".encode())
    numbers.flush()
    os.fsync(numbers.fileno())

"""A published model: how its folder is written, and how it is read with every byte checked first."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoring import BadScorecard, DamagedModel, Scorecard, from_json, to_json
from scoring.scorecard import digest_of

from .files import digest_plain, read_plain, write_durably
from .golden import check_golden, golden_bytes
from .manifest import ABOUT, CARD, GOLDEN, NAME, REPORT, Manifest, manifest_of, refuse_odd_names
from .sealed import json_bytes

WAY_OUT = "restore its folder from a backup, or promote another model with: leadrank models promote VERSION"


@dataclass(frozen=True, slots=True)
class Published:
    """A model on the shelf. digest: SHA-256 of scorecard.json; manifest_digest: of its manifest."""

    version: str
    folder: Path
    card: Scorecard
    about: Mapping[str, Any]
    digest: str
    created_at: str
    manifest_digest: str

    @property
    def report(self) -> Path | None:
        """The page on the model, where it has one."""
        path = self.folder / REPORT
        return path if path.is_file() else None


def model_files(card: Scorecard, about: Mapping[str, object], attachments: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a model but for its manifest, name -> bytes. WrongUsage for an attachment's odd name."""
    refuse_odd_names(attachments)
    own = {CARD: to_json(card), GOLDEN: golden_bytes(card), ABOUT: json_bytes(_finite(about))}
    return {**own, **attachments}


def write_model(folder: Path, files: Mapping[str, bytes], *, version: str, created_at: str) -> None:
    """Write a model's files, the manifest last, into a folder that nobody looks at yet."""
    for name, data in files.items():
        write_durably(folder / name, data)
    manifest = Manifest(version, created_at, {name: digest_of(data) for name, data in files.items()})
    write_durably(folder / NAME, manifest.to_bytes())


def read_model(folder: Path, version: str, *, manifest_digest: str | None = None) -> Published:
    """The model of a folder: all hashes first, then the card, then its golden rows. Raises DamagedModel.

    manifest_digest: the hash that the manifest must have, where it is known.
    """
    if os.path.islink(folder):
        raise _damaged(version, NAME, "the folder is a link to another place")
    data = _read(folder, version, NAME)
    if manifest_digest not in (None, digest_of(data)):
        raise _damaged(version, NAME, "it is not the one that was promoted")
    try:
        manifest = manifest_of(data)
    except ValueError as fault:
        raise _damaged(version, NAME, str(fault)) from None
    if manifest.version != version:
        raise _damaged(version, NAME, f"it belongs to model {manifest.version}")
    return _parsed(folder, manifest, _checked(folder, manifest), digest_of(data))


def _finite(value: object) -> object:
    """Plain data for JSON, which has no NaN: a metric that could not be measured is null."""
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _checked(folder: Path, manifest: Manifest) -> dict[str, bytes]:
    """The bytes of the files that are parsed, once every file has shown the hash that it must have."""
    parsed = {name: _read(folder, manifest.version, name) for name in (CARD, GOLDEN, ABOUT)}
    for name, expected in manifest.files.items():
        found = digest_of(parsed[name]) if name in parsed else _digest(folder, manifest.version, name)
        if found != expected:
            raise _damaged(manifest.version, name, "its bytes are not those that were published")
    return parsed


def _parsed(folder: Path, manifest: Manifest, files: Mapping[str, bytes], manifest_digest: str) -> Published:
    name = CARD
    try:
        card = from_json(files[CARD])
        name = GOLDEN
        check_golden(card, files[GOLDEN])
        name = ABOUT
        about = dict(json.loads(files[ABOUT]))
    except (BadScorecard, ValueError, LookupError, TypeError) as fault:
        raise _damaged(manifest.version, name, str(fault)) from fault
    return Published(
        manifest.version, folder, card, about, digest_of(files[CARD]), manifest.created_at, manifest_digest
    )


def _read(folder: Path, version: str, name: str) -> bytes:
    try:
        return read_plain(folder / name)
    except OSError as fault:
        raise _damaged(version, name, _words(fault)) from None


def _digest(folder: Path, version: str, name: str) -> str:
    try:
        return digest_plain(folder / name)
    except OSError as fault:
        raise _damaged(version, name, _words(fault)) from None


def _words(fault: OSError) -> str:
    return "it is missing" if isinstance(fault, FileNotFoundError) else (fault.strerror or str(fault)).lower()


def _damaged(version: str, name: str, why: str) -> DamagedModel:
    return DamagedModel(f"model {version} is damaged: {name}: {why}", WAY_OUT)

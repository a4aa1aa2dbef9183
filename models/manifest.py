"""The manifest of a published model: its version, when it was made, and the hash of each of its files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from scoring.errors import WrongUsage

from .sealed import seal, unseal

FORMAT = 1
"""Older formats are read for ever; a newer one is refused by name."""

NAME = "manifest.json"
CARD, GOLDEN, ABOUT = "scorecard.json", "golden.json", "about.json"
REPORT = "report.html"
"""The page on a model, for people; models of older versions have none."""

OWN = frozenset({NAME, CARD, GOLDEN, ABOUT})
"""The files that every model has."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """version: of the model. created_at: ISO 8601, UTC. files: name -> SHA-256 in hex."""

    version: str
    created_at: str
    files: Mapping[str, str]

    def to_bytes(self) -> bytes:
        """The sealed JSON form."""
        return seal({**asdict(self), "files": dict(self.files), "format": FORMAT})


def manifest_of(data: bytes) -> Manifest:
    """The manifest of its bytes. ValueError says what is wrong with them."""
    body = unseal(data)
    if body.get("format") != FORMAT:
        raise ValueError(f"format {body.get('format')!r} is not known here: this version reads {FORMAT}")
    try:
        found = Manifest(str(body["version"]), str(body["created_at"]), dict(body["files"]))
        sound = all(_is_plain(name) and _DIGEST.fullmatch(digest) for name, digest in found.files.items())
    except (LookupError, TypeError, ValueError):
        raise ValueError("not a manifest") from None
    if not sound:
        raise ValueError("it names a file outside the model's folder, or none at all")
    if not found.files.keys() >= OWN - {NAME}:
        raise ValueError("it does not name all files of a model")
    return found


def refuse_odd_names(names: Iterable[str]) -> None:
    """WrongUsage for an attachment whose name is no plain file name or that of one of a model's own files."""
    for name in names:
        if not _is_plain(name) or name.casefold() in OWN:
            way_out = "use letters, digits, '.', '_' and '-'"
            raise WrongUsage(f"{name!r} cannot be the name of an attachment", way_out)


def _is_plain(name: str) -> bool:
    return _PLAIN_NAME.fullmatch(name) is not None

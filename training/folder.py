"""The files of a history's folder: which one holds the leads, the outcomes, the activities, and the mapping."""

from __future__ import annotations

from pathlib import Path

from scoring.errors import WrongUsage

from .mapping import Mapping

SUFFIXES = (".parquet", ".csv", ".csv.gz")


def config_of(path: Path) -> Path | None:
    """The TOML file that lies in a history's folder or beside its file, if there is one."""
    beside = path / "leadrank.toml" if path.is_dir() else path.with_name(path.name.split(".")[0] + ".toml")
    return beside if beside.is_file() else None


def named_part(folder: Path, mapping: Mapping, part: str, stem: str) -> Path:
    """A part's file; WrongUsage where there is none."""
    found = part_of(folder, mapping, part, stem)
    if found is None:
        raise WrongUsage(f"{folder.name} holds no {stem}.csv or {stem}.parquet", "a history folder needs leads.*")
    return found


def part_of(folder: Path, mapping: Mapping, part: str, stem: str) -> Path | None:
    """A part's file; one that the mapping names must be there."""
    name = mapping.files.get(part, stem)
    found = [p for s in ("", *SUFFIXES) if (p := folder / f"{name}{s}").is_file()]
    if not found and part in mapping.files:
        raise WrongUsage(f"{folder.name} holds no {name!r}", f"name the file with [{part}] file")
    return found[0] if found else None

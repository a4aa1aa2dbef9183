"""The mapping: which columns of a history are the lead's id, its outcome, its activities; from TOML and flags."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scoring.errors import WrongUsage
from scoring.values import level_key

HORIZON_DAYS = 90
"""The default horizon: a quarter, the period in which sales counts."""

SHORT_HORIZON_DAYS = 30


@dataclass(frozen=True, slots=True)
class Mapping:
    """Names of columns and files, and what the user says of the fields; None where it is left to guessing.

    display: all columns that are shown and never learned from; shown: the same by what they hold (name, phone, ...).
    """

    id: str | None = None
    created_at: str | None = None
    company: str | None = None
    owner: str | None = None
    display: tuple[str, ...] = ()
    shown: MappingType[str, str] = field(default_factory=dict)
    outcome: str | None = None
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    closed_at: str | None = None
    value: str | None = None
    reason: str | None = None
    files: MappingType[str, str] = field(default_factory=dict)
    outcome_id: str | None = None
    activity: MappingType[str, str] = field(default_factory=dict)
    snapshots: MappingType[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    kinds: MappingType[str, str] = field(default_factory=dict)
    monotone: MappingType[str, str] = field(default_factory=dict)
    horizon_days: int = HORIZON_DAYS
    short_horizon_days: int = SHORT_HORIZON_DAYS
    capacity_per_week: float | None = None
    currency: str | None = None
    zone: str = "UTC"

    def with_flags(self, **flags: object) -> Mapping:
        """The same with the command line's flags, which win over the file; None and empty flags change nothing."""
        given = {name: value for name, value in flags.items() if value not in (None, ())}
        if "ignore" in given:
            given["ignore"] = (*self.ignore, *given["ignore"])  # type: ignore[misc]
        if "keep" in given:
            given["keep"] = (*self.keep, *given["keep"])  # type: ignore[misc]
        return _checked(replace(self, **given))  # type: ignore[arg-type]


SHAPE: dict[str, dict[str, str]] = {
    "lead": {"file": "", "id": "id", "created_at": "created_at", "company": "company", "owner": "owner"},
    "display": {"name": "", "phone": "", "link": "", "email": ""},
    "outcome": {
        **{"file": "", "lead_id": "outcome_id", "column": "outcome", "won": "won", "lost": "lost"},
        **{"closed_at": "closed_at", "value": "value", "reason": "reason"},
    },
    "activity": {"file": "", "lead_id": "", "at": "", "kind": "", "amount": ""},
    "fields": {"ignore": "ignore", "keep": "keep", "kind": "kinds", "monotone": "monotone"},
    "model": {"horizon_days": "horizon_days", "short_horizon_days": "short_horizon_days"},
    "team": {"capacity_per_week": "capacity_per_week", "currency": "currency"},
    "time": {"zone": "zone"},
    "snapshots": {"file": "", "lead_id": "", "at": ""},
}
"""Every section and key of the TOML file, with the attribute that it sets."""

LISTS = {"won", "lost", "ignore", "keep"}
TABLES = {"kinds", "monotone"}
NUMBERS = {"horizon_days", "short_horizon_days", "capacity_per_week"}


def names_near(name: str, names: Collection[str]) -> str:
    """What to say of a name that is not there: the closest, else the first few, and how many more there are."""
    close = get_close_matches(name, list(names), n=3)
    if close:
        return f"did you mean {' or '.join(map(repr, close))}?"
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"there are {', '.join(map(repr, list(names)[:8]))}{more}"


def read_mapping(path: Path | None) -> Mapping:
    """The mapping of a TOML file; an unknown section or key is WrongUsage, never passed over."""
    if path is None:
        return Mapping()
    if not path.is_file():
        raise WrongUsage(f"no such file: {path.name}", "give a TOML file with --config")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise WrongUsage(f"{path.name} is not TOML: {fault}", "see docs/data-scientist.md for its form") from None
    found: dict[str, Any] = {"files": {}}
    for section, entries in raw.items():
        if section not in SHAPE or not isinstance(entries, dict):
            raise WrongUsage(f"{path.name}: unknown section [{section}]", f"known are {', '.join(SHAPE)}")
        _read_section(path.name, section, entries, found)
    return _checked(Mapping(**found))


def _read_section(file: str, section: str, entries: dict[str, Any], found: dict[str, Any]) -> None:
    for key, value in entries.items():
        if key not in SHAPE[section]:
            raise WrongUsage(f"{file}: unknown key {key!r} in [{section}]", f"known are {', '.join(SHAPE[section])}")
        target = SHAPE[section][key]
        read = _read_value(f"{file}: [{section}] {key}", target, value)
        if key == "file":
            found["files"][section] = read
        elif section == "display":
            found["display"] = (*found.get("display", ()), read)
            found.setdefault("shown", {})[key] = read
        elif section in ("activity", "snapshots"):
            found.setdefault(section, {})[key] = read
        else:
            found[target] = read


def _read_value(where: str, target: str, value: object) -> object:
    """The value as its attribute takes it; WrongUsage where TOML holds another type."""
    if target in LISTS:
        entries = value if isinstance(value, list) else [value]
        if all(isinstance(entry, str | int | float) for entry in entries):
            return tuple(map(_text, entries))
        raise WrongUsage(f"{where} is {value!r}", "write one text, or texts in brackets")
    if target in TABLES:
        if isinstance(value, dict) and all(isinstance(entry, str) for entry in value.values()):
            return value
        raise WrongUsage(f"{where} is {value!r}", f'write a table: [fields.{where.split()[-1]}] and "column" = "word"')
    if not isinstance(value, str) and target not in NUMBERS:
        raise WrongUsage(f"{where} is {value!r}", "write a text in quotes")
    return value


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _checked(mapping: Mapping) -> Mapping:
    for name in ("horizon_days", "short_horizon_days"):
        days = getattr(mapping, name)
        if type(days) is not int or not 1 <= days <= 3650:
            raise WrongUsage(f"{name} is {days!r}", "give whole days from 1 to 3650")
    capacity = mapping.capacity_per_week
    if capacity is not None and not (type(capacity) in (int, float) and 0 < capacity < math.inf):
        raise WrongUsage(f"capacity_per_week is {capacity!r}", "give a number of leads above 0")
    for name, way in mapping.monotone.items():
        if way not in ("up", "down"):
            raise WrongUsage(f"[fields] monotone of {name!r} is {way!r}", 'say "up" or "down"')
    _refuse_both(mapping.keep, mapping.ignore, "kept and ignored")
    _refuse_both(map(level_key, mapping.won), map(level_key, mapping.lost), "won and lost")
    try:
        ZoneInfo(mapping.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongUsage(f"unknown time zone {mapping.zone!r}", "give a name such as Europe/Berlin") from None
    return mapping


def _refuse_both(some: Iterable[str], others: Iterable[str], what: str) -> None:
    both = sorted(set(some) & set(others))
    if both:
        raise WrongUsage(f"{both[0]!r} is both {what}", "say one of the two")


REMEMBERED = "id created_at outcome outcome_id closed_at value files zone activity horizon_days currency".split()
"""What a model's description keeps of the mapping that it was trained with, beside won and lost."""


def remembered(about: MappingType[str, Any]) -> Mapping:
    """The mapping that a published model was trained with, as its description keeps it."""
    known = about.get("mapping", {})
    lists = {name: tuple(known.get(name) or ()) for name in ("won", "lost")}
    return Mapping().with_flags(**{name: known.get(name) for name in REMEMBERED}, **lists)

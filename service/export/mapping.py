"""The `leadrank.toml` of an exported history: its names, and what the champion was told when it was trained."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from .columns import Columns

FIXED: dict[str, dict[str, object]] = {
    "outcome": {
        **{"lead_id": "lead_id", "column": "outcome", "won": ["won"], "lost": ["lost"]},
        **{"closed_at": "at", "value": "value"},
    },
    "activity": {"lead_id": "lead_id", "at": "at", "kind": "kind", "amount": "amount"},
    "time": {"zone": "UTC"},
}


def mapping_text(columns: Columns, told: Mapping[str, Any], counted: Collection[str]) -> str:
    """The file's text. told: `mapping` of the champion's description. counted: fields that the champion counts."""
    own: dict[str, object] = {"id": columns.own("lead_id"), "created_at": columns.own("created_at")}
    known = {*columns.fields, *counted}
    sections: dict[str, dict[str, object]] = {
        "lead": own | ({"company": columns.own("company")} if columns.has_company else {}),
        **FIXED,
        "snapshots": {"lead_id": columns.own("lead_id"), "at": columns.own("at")},
        "fields": {
            "ignore": sorted(columns.ignored),
            "keep": [n for n in told.get("keep") or () if n in columns.fields],
            "kind": {n: k for n, k in (told.get("kinds") or {}).items() if n in columns.fields},
            "monotone": {n: w for n, w in (told.get("monotone") or {}).items() if n in known},
        },
        "model": {n: told[n] for n in ("horizon_days", "short_horizon_days") if told.get(n)},
        "team": {n: told[n] for n in ("capacity_per_week", "currency") if told.get(n)},
    }
    lines = ["# Which column is what. Written by `leadrank export`."]
    for section, entries in sections.items():
        given = [f"{key} = {_toml(value)}" for key, value in entries.items() if value not in ([], {})]
        lines += ["", f"[{section}]", *given] if given else []
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """A text, number, list or table as TOML writes it; a text as JSON does, but for one letter.

    >>> print(_toml({"a b": ["x", 1]}))
    {"a b" = ["x", 1]}
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_toml(name)} = {_toml(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

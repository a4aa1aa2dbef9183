"""Leads that the small card knows how to read."""

from __future__ import annotations

import random
from typing import Any

STRONG: dict[str, Any] = {
    "Lead source": "referral",
    "Employees": 120,
    "Do not call": False,
    "Job title": "VP Sales",
    "Last funding": "2026-01-15",
    "E-mail": "ada@acme.example",
}
WEAK: dict[str, Any] = {
    "Lead source": "cold list",
    "Employees": 3,
    "Do not call": True,
    "Job title": "intern",
    "Last funding": "2019-01-15",
    "E-mail": "ada@gmail.com",
}


def fields(dice: random.Random) -> dict[str, Any]:
    """A lead's fields by chance: all kinds, some missing, some odd."""
    found: dict[str, Any] = {
        "Lead source": dice.choice(["referral", "web search", "cold list", "carrier pigeon", "", None]),
        "Employees": dice.choice([0, 7, 49.5, "1,200", 10**9, None, "many"]),
        "Do not call": dice.choice([True, False, "yes", "no", 1, 0]),
        "Job title": dice.choice(["VP Sales", "sales intern", "Gärtner", "42"]),
        "Last funding": dice.choice(["2026-02-20", "2025-06-01", "20200101", "soon", None]),
        "E-mail": dice.choice(["a@gmail.com", "b@acme.example", "nobody", None]),
    }
    return {name: value for name, value in found.items() if dice.random() > 0.1 or name == "Job title"}

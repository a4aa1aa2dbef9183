"""How a lead is called and reached: what the CRM sent to be shown of it, else its own fields of that name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scoring.values import as_text

from .words import display_of

WAYS = {
    "email": re.compile(r"[^@\s]{1,100}@[^@\s]{1,200}"),
    "phone": re.compile(r"\+?[0-9(][0-9 ()/.-]{3,30}", re.ASCII),
}
"""Ways to reach a lead, and what such a value looks like: a field `email` that holds yes or no is none."""


def contact_of(display: Mapping[str, str], fields: Mapping[str, object]) -> dict[str, str | None]:
    """All that may be shown of a lead; e-mail and phone from its fields where the CRM sent none to be shown.

    >>> contact_of({"name": "Ada"}, {"E-mail": "ada@acme.example", "phone": False})
    {'name': 'Ada', 'phone': None, 'email': 'ada@acme.example', 'link': None}
    """
    found = display_of(display)
    for way, shape in WAYS.items():
        if not found[way]:
            own = (as_text(value).strip() for name, value in fields.items() if _plain(name) == way)
            found[way] = next(filter(shape.fullmatch, own), None)
    return found


def _plain(name: str) -> str:
    """The letters of a name: `E-mail` and `e_mail` are `email`."""
    return "".join(filter(str.isalpha, name)).casefold()

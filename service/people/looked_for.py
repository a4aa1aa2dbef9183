"""What somebody looks for, and whether a lead has it: in its id, company, name, e-mail, phone or link."""

from __future__ import annotations

import json
import re
from typing import Any

from .contact import contact_of

LONGEST = 200
"""Characters that are looked for."""

_NUMBER = re.compile(r"[+(]?[0-9][0-9 ()/.-]{3,}", re.ASCII)
"""What may be a phone number: then its digits count, however they are grouped."""

_GROUPING = str.maketrans("", "", " +()/.-")
"""What stands between the digits of a phone number."""

_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]')
"""Characters that JSON does not write as they are."""


class LookedFor:
    """Words, all of which a lead must have, in any order and case; a number as it stands, or by its digits."""

    def __init__(self, words: str) -> None:
        self.words = words.strip()[:LONGEST]
        self._digits = _digits_of(self.words) if _NUMBER.fullmatch(self.words) else None
        whole = self.words.casefold()
        self._parts = whole.split() if self._digits is None else [whole]
        self._is_plain = _ESCAPED.search(self.words) is None

    def is_in(self, row: Any) -> bool:
        """Whether a lead (a row with id, company, display, fields) has them all."""
        if self._is_plain and not self._may_be_in(row):
            return False
        shown = contact_of(json.loads(row.display), json.loads(row.fields))
        text = " ".join(filter(None, (row.id, row.company, *shown.values()))).casefold()
        if all(part in text for part in self._parts):
            return True
        return self._digits is not None and self._digits in _digits_of(shown["phone"] or "")

    def _may_be_in(self, row: Any) -> bool:
        """Whether it is worth reading the JSON, which takes most of the time."""
        text = f"{row.id} {row.company} {row.display} {row.fields}".casefold()
        if all(part in text for part in self._parts):
            return True
        return self._digits is not None and self._digits in text.translate(_GROUPING)


def _digits_of(text: str) -> str:
    return "".join(c for c in text if c in "0123456789")

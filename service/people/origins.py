"""Where marketing had a lead from: its campaign and its source, where leads have such fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scoring import Scorecard
from scoring.fields import Field, is_blank
from scoring.values import as_text, level_key

from .funnel import choices

MARKS = {"campaign": ("campaign",), "source": ("source", "channel")}
"""What is asked for, and the words of a field's name that tell it."""

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")

LONGEST = 100
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A field that says where a lead is from. key: `campaign` or `source`."""

    key: str
    field: Field
    missing_words: frozenset[str]

    def of(self, fields: Mapping[str, object]) -> str:
        """What a lead's fields say, spelled as the model knows it; nothing where they do not."""
        value = fields.get(self.field.name)
        if is_blank(value, self.missing_words):
            return ""
        key = level_key(as_text(value))
        known = dict(zip(self.field.levels, self.field.labels or self.field.levels, strict=True))
        return known.get(key, as_text(value).strip()[:LONGEST])


def origins_of(card: Scorecard | None) -> Sequence[Origin]:
    """The fields that say it, of those by which leads are counted too; of several the one with the shortest name."""
    if card is None:
        return ()
    named = {name: {word.casefold() for word in _WORD.findall(name)} for name in choices(card.fields)}
    by_name = {field.name: field for field in card.fields}
    found = []
    for key, marks in MARKS.items():
        fitting = sorted((name for name, words in named.items() if words & set(marks)), key=len)
        found += [Origin(key, by_name[name], frozenset(card.missing_words)) for name in fitting[:1]]
    return found

"""Why a salesperson does not take a lead: one list of codes for feedback, pages and learning, and what each means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from .values import level_key


class Means(StrEnum):
    """What a refusal says of buying. Unknown: nothing can be known from then on. Lost: the lead will not buy from us.

    Nothing: it is no word on buying at all, and time will tell.
    """

    UNKNOWN = "unknown"
    LOST = "lost"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason as people read it, and what it means for learning."""

    words: str
    means: Means


OTHER = "other"

REFUSALS: Mapping[str, Refusal] = MappingProxyType(
    {
        "no_need": Refusal("No need, or not a fit", Means.LOST),
        "no_budget": Refusal("No budget", Means.LOST),
        "bought_elsewhere": Refusal("Bought elsewhere", Means.LOST),
        "wrong_person": Refusal("Wrong person", Means.UNKNOWN),
        "not_reached": Refusal("Cannot be reached", Means.UNKNOWN),
        "bad_data": Refusal("The data is wrong", Means.UNKNOWN),
        "duplicate": Refusal("A duplicate", Means.UNKNOWN),
        OTHER: Refusal("Something else", Means.NOTHING),
    }
)
"""By code, in the order in which people choose. Why each means what: docs/decisions/0008."""


def refusal_code(reason: str | None) -> str:
    """The code of a reason as it was sent: a code or its words, however spelled, and perhaps a note behind a colon.

    Any other text is `other`.

    >>> [refusal_code(r) for r in ("Bad data", "no_need: asked twice", "Wrong person", "too small", None)]
    ['bad_data', 'no_need', 'wrong_person', 'other', 'other']
    """
    key = level_key((reason or "").partition(":")[0])
    code = key.replace(" ", "_").replace("-", "_")
    return code if code in REFUSALS else _BY_WORDS.get(key, OTHER)


_BY_WORDS = {level_key(refusal.words): code for code, refusal in REFUSALS.items()}

"""Why a person changes what serves, or what a model says: a few words, kept beside what was done."""

from __future__ import annotations

LONGEST = 500
"""Characters of a name or of a reason: what stands in a line or two."""

RULE = f"it is longer than {LONGEST} characters, or holds signs that cannot be printed"


def is_printable(text: str) -> bool:
    """True for words that may stand on a page and in a file.

    >>> is_printable("the summer fair is over"), is_printable("a bell: \\x07")
    (True, False)
    """
    return len(text) <= LONGEST and text.replace("\n", " ").replace("\r", " ").isprintable()

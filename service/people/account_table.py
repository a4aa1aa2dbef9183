"""The account as a table: its columns, in which order the groups stand, and the same as rows of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .funnel import NO_REASON, OTHER, Group
from .period import Month, month_named
from .said import REFUSALS

KEY = "key"
"""The column of what is counted by."""

WON = "won"
WORDS = REFUSALS | {NO_REASON: "No reason given"}
"""Why leads are refused, in the order of the buttons."""


@dataclass(frozen=True, slots=True)
class Column:
    """of: the number by which groups are sorted; None, where it is not known, comes last.

    whole, part: a small share beside the number, of what, and of how many of it where that is not the number itself.
    share: whether the number is one. listed: whether the leads behind it can be looked at.
    """

    words: str
    of: Callable[[Group], float | None]
    whole: Callable[[Group], int] | None = None
    part: Callable[[Group], int] | None = None
    share: bool = False
    listed: bool = False

    def portion(self, group: Group) -> float | None:
        """The small share beside a number; None where there is none."""
        part = (self.part or self.of)(group)
        return group.share(int(part), self.whole(group)) if self.whole and part is not None else None


COLUMNS = {
    "arrived": Column("Arrived", lambda g: g.arrived, listed=True),
    "handed": Column("Handed over", lambda g: g.handed, lambda g: g.arrived, listed=True),
    "answered": Column("Answered", lambda g: g.answered, lambda g: g.handed, listed=True),
    "prompt": Column("Within a day", lambda g: g.prompt, lambda g: g.answered, listed=True),
    "accepted": Column("Accepted", lambda g: g.accepted, lambda g: g.answered, listed=True),
    "not_now": Column("Not now", lambda g: g.not_now, lambda g: g.answered, listed=True),
    "refused": Column("Refused", lambda g: g.refused, lambda g: g.answered, listed=True),
    "open": Column("Still open", lambda g: g.open, lambda g: g.accepted, listed=True),
    "lost": Column("Lost", lambda g: g.lost, lambda g: g.handed, lambda g: g.lost_handed, listed=True),
    "won": Column("Won", lambda g: g.won, lambda g: g.handed, lambda g: g.won_handed, listed=True),
    "bought": Column("Of those old enough", lambda g: g.share(g.won_matured, g.matured), share=True),
    "revenue": Column("Revenue", lambda g: g.revenue),
    "young": Column("Too young to know", lambda g: g.share(g.young, g.arrived), share=True),
}
"""By the name under which an address sorts by them, and asks for the leads behind a number."""


def in_order(groups: Sequence[Group], column: str, *, falling: bool) -> list[Group]:
    """Sorted by a column; of equal ones those with most leads come first. What has no name of its own comes last."""
    if column == KEY:
        found = sorted(groups, key=lambda g: g.key.casefold(), reverse=falling)
    else:
        of, sign = COLUMNS[column].of, -1 if falling else 1
        known = [(of(g), g) for g in groups]
        found = [
            g
            for _, g in sorted(
                known,
                key=lambda one: (one[0] is None, sign * (one[0] or 0), -one[1].revenue, -one[1].arrived, one[1].key),
            )
        ]
    return sorted(found, key=lambda g: g.key == OTHER)


def reasons_of(total: Group) -> list[str]:
    """Why leads were refused, the most frequent reason first."""
    places = list(WORDS)
    return sorted(total.why, key=lambda code: (-total.why[code], places.index(code)))


def name_of(group: Group) -> str:
    """A group as people call it: a month in words, a level as it is."""
    month: Month | None = month_named(group.key)
    return month.words if month else group.key


HEADS = (
    *("arrived", "handed_over", "answered", "answered_within_a_day", "accepted", "not_now", "refused"),
    *("accepted_and_still_open", "lost", "lost_of_those_handed_over", "won", "won_of_those_handed_over"),
    *("revenue", "too_young_to_know", "old_enough", "won_of_those_old_enough"),
)


def heads(what: str) -> list[str]:
    """The first row of the file. what: what the leads are counted by."""
    return [what, *HEADS, *(f"refused: {words}" for words in WORDS.values())]


def row_of(group: Group) -> Iterator[object]:
    """A group as a row of the file: counts, no shares, so that they can be added up."""
    yield from (group.key, group.arrived, group.handed, group.answered, group.prompt, group.accepted)
    yield from (group.not_now, group.refused, group.open, group.lost, group.lost_handed)
    yield from (group.won, group.won_handed, group.revenue)
    yield from (group.young, group.matured, group.won_matured)
    yield from (group.why.get(code, 0) for code in WORDS)

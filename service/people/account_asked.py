"""What an address asks of the account: counted by what, of which months, in which order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from scoring.fields import Field

from .account_table import COLUMNS, KEY, WON
from .funnel import choices
from .period import BEGINNING, Period, month_named, period_of

MONTH = "month"
"""What leads are counted by where no field is asked for."""

ACCOUNT = "/account"
LEADS = "/account/leads"


@dataclass(frozen=True, slots=True)
class Asked:
    """by: a field of the model, None for months. column: what the groups are sorted by, falling or rising.

    named: the fields that can be asked for. given: what of it the address said.
    """

    by: Field | None
    period: Period
    column: str
    falling: bool
    named: Sequence[str]
    given: Mapping[str, str]

    @property
    def what(self) -> str:
        """What leads are counted by, as the address says it."""
        return self.by.name if self.by else MONTH

    @property
    def first(self) -> str:
        """The first month, as the address says it."""
        return BEGINNING if self.period.first is None else str(self.period.first)

    @property
    def file_name(self) -> str:
        """What the file is called: what leads are counted by, in letters that a file name may have, and the months."""
        what = "-".join(re.findall("[a-z0-9]+", self.what.casefold())) or "field"
        return f"account-{what}-{self.first}-{self.period.last}.csv"

    def address(self, path: str = ACCOUNT, **more: str) -> str:
        """An address that asks for the same, with what is said in addition or instead; no longer than it must be."""
        said = urlencode(dict(self.given) | more)
        return f"{path}?{said}" if said else path

    def sorted_by(self, column: str) -> str:
        """An address that asks for another order: numbers fall first, names rise; the same column again turns it."""
        falling = not self.falling if column == self.column else column != KEY
        return self.address(sort=f"{'-' if falling else ''}{column}")

    def behind(self, group: str, what: str, why: str | None = None) -> str:
        """The address of the leads behind a number. group: its name, empty for all."""
        more = {"group": group, "what": what, "why": why}
        return self.address(LEADS, **{name: value for name, value in more.items() if value})


def asked_of(given: Mapping[str, str], known: Mapping[str, Field], now: int) -> Asked:
    """What a query string asks for; what it names and there is not is as if it was left out.

    known: the model's fields. now: microseconds since 1970. The newest months come first, of levels those with most
    buyers.
    """
    named = choices(known.values())
    by = known[given["by"]] if given.get("by") in named else None
    sort = given.get("sort", "")
    column = sort.removeprefix("-")
    fits = {
        "by": by is not None,
        "from": given.get("from") == BEGINNING or month_named(given.get("from")) is not None,
        "until": month_named(given.get("until")) is not None,
        "sort": column == KEY or column in COLUMNS,
    }
    said = {name: given[name] for name, fit in fits.items() if fit}
    if not fits["sort"]:
        column, sort = (WON, f"-{WON}") if by else (KEY, f"-{KEY}")
    period = period_of(said.get("from"), said.get("until"), now)
    return Asked(by, period, column, sort.startswith("-"), named, said)

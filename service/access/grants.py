"""What a key or a user is given: a role, and for sales the leads that it sees."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from scoring import WrongUsage

from .roles import Role

TERRITORY = "territory:"
"""How the desk of a territory begins; that of a person is the owner's name as it stands."""

LONGEST = 200
"""Characters of a name, a label, an owner or a territory."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Role and, for sales alone, owner, territories or all leads; raises WrongUsage where they do not fit."""

    role: Role
    owner: str | None = None
    territories: tuple[str, ...] = ()
    all_leads: bool = False

    def __post_init__(self) -> None:
        """Refuse what would see nothing, and what would look like a limit and be none."""
        narrowed = self.owner is not None or bool(self.territories)
        if self.role is not Role.SALES and (narrowed or self.all_leads):
            raise WrongUsage(f"the role {self.role} sees all leads", "leave out --owner, --territory and --all-leads")
        if self.role is Role.SALES and narrowed == self.all_leads:
            raise WrongUsage(
                "the role sales needs to know whose leads it sees",
                "give --owner and --territory as the CRM names them, or --all-leads alone",
            )
        for what, text in (("--owner", self.owner), *(("--territory", t) for t in self.territories)):
            if text is not None:
                checked(what, text)
        if self.owner is not None and self.owner.startswith(TERRITORY):
            raise WrongUsage(f"an owner does not begin with {TERRITORY}", "give it as --territory")

    @property
    def desks(self) -> frozenset[str] | None:
        """Whose leads it sees: owners by name, `territory:NAME`; None for all leads."""
        if self.role is not Role.SALES or self.all_leads:
            return None
        own = [] if self.owner is None else [self.owner]
        return frozenset([*own, *(TERRITORY + t for t in self.territories)])

    def columns(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "role": str(self.role),
            "owner": self.owner,
            "territories": json.dumps(self.territories, ensure_ascii=False),
            "all_leads": self.all_leads,
        }

    @classmethod
    def of_row(cls, row: Row[Any]) -> Grant:
        """As it was stored."""
        return cls(Role(row.role), row.owner, tuple(json.loads(row.territories)), bool(row.all_leads))


def role_of(text: str) -> Role:
    """The role of this name; raises WrongUsage."""
    if text not in list(Role):
        raise WrongUsage("--role names no role", f"use one of {', '.join(Role)}")
    return Role(text)


def checked(what: str, text: str) -> str:
    """A text that can be kept, shown and sent: 1 to 200 printable characters; raises WrongUsage."""
    if not (1 <= len(text) <= LONGEST and text.isprintable() and text == text.strip()):
        raise WrongUsage(f"{what} must be 1 to {LONGEST} printable characters without blanks around them")
    return text

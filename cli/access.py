"""What `leadrank keys` and `leadrank users` share: their options, the database, and how a list looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.home import Home

if TYPE_CHECKING:
    from service.access.grants import Grant
    from service.database import Database

Role = Annotated[str, typer.Option("--role", help="crm, sales, marketing, analyst or admin.")]
Owner = Annotated[
    str | None, typer.Option("--owner", help="For sales: whose leads it sees, as the CRM names the owner.")
]
Territory = Annotated[
    list[str] | None, typer.Option("--territory", help="For sales: a territory whose leads it sees (may be repeated).")
]
AllLeads = Annotated[bool, typer.Option("--all-leads", help="For sales: it sees all leads.")]


def grant(role: str, owner: str | None, territories: list[str] | None, all_leads: bool) -> Grant:
    """What the options give; raises WrongUsage."""
    from service.access.grants import Grant, role_of

    return Grant(role_of(role), owner, tuple(territories or ()), all_leads)


def database() -> AbstractContextManager[Database]:
    """The database of this installation, made where there was none."""
    from service.upgrade import ready_database

    return ready_database(Home.of_environment().database_url)


def sees(line: Mapping[str, Any]) -> str:
    """Whose leads a key or user sees, in words."""
    if line["role"] != "sales" or line["all_leads"]:
        return "all leads"
    return ", ".join([*([line["owner"]] if line["owner"] else []), *(f"territory {t}" for t in line["territories"])])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they must be.

    >>> print(table(["id", "role"], [["lr_1", "crm"]]))
    id    role
    lr_1  crm
    """
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return "\n".join("  ".join(t.ljust(w) for t, w in zip(row, widths, strict=True)).rstrip() for row in [head, *rows])

"""`leadrank users`: the people who sign in with a name and a password."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from getpass import getpass
from typing import Annotated

import typer

from cli import access, options
from scoring.errors import WrongUsage

app = typer.Typer(help="The people who sign in with a name and a password.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The name to sign in with, such as an e-mail address.")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, its first line.")
]
Generate = Annotated[bool, typer.Option("--generate", help="Make a password and show it, once.")]
OpenId = Annotated[
    bool,
    typer.Option("--openid", help="Without a password that anybody knows: for the company's account (OpenID Connect)."),
]


@app.command()
def create(
    name: Name,
    role: access.Role,
    owner: access.Owner = None,
    territory: access.Territory = None,
    all_leads: access.AllLeads = False,
    password_stdin: FromInput = False,
    generate: Generate = False,
    openid: OpenId = False,
) -> None:
    """Add a user; asks for the password, which is not shown."""
    from service.access.users import create_user

    given = access.grant(role, owner, territory, all_leads)
    if openid and (password_stdin or generate):
        raise WrongUsage("--openid is for a user without a password", "leave out --password-stdin and --generate")
    password = _password(password_stdin, generate or openid)
    with access.database() as database:
        create_user(database, name, password, given, now=datetime.now(UTC))
    how = " with the company's account" if openid else ""
    print(f"{name} can sign in{how} as {role}." + _shown(password, generate))


@app.command("list")
def list_(as_json: options.Json = False) -> None:
    """All users, without their passwords."""
    from service.access.users import list_users

    with access.database() as database:
        found = list_users(database)
    if as_json:
        print(json.dumps({"users": found}, ensure_ascii=False))
        return
    rows = [[u["name"], u["role"], u["state"], u["created_at"][:10], access.sees(u)] for u in found]
    empty = "There are no users yet: leadrank users create NAME --role sales --all-leads"
    print(access.table(["name", "role", "state", "created", "sees"], rows) if rows else empty)


@app.command()
def disable(name: Name) -> None:
    """Let a user in no more, within a second; a new password lets him in again."""
    from service.access.users import disable_user

    with access.database() as database:
        disable_user(database, name, now=datetime.now(UTC))
    print(f"{name} is disabled; running services let nobody of this name in within a second.")


@app.command()
def password(name: Name, password_stdin: FromInput = False, generate: Generate = False) -> None:
    """Give a user a new password; the old one is good for a second more."""
    from service.access.users import set_password

    new = _password(password_stdin, generate)
    with access.database() as database:
        set_password(database, name, new, now=datetime.now(UTC))
    print(f"{name} has a new password." + _shown(new, generate))


def _password(from_input: bool, generate: bool) -> str:
    """The password that was asked for, read or made; raises WrongUsage."""
    from service.access.passwords import checked_password, made_password

    if from_input and generate:
        raise WrongUsage("--password-stdin and --generate are two ways to the same thing", "give one of them")
    if generate:
        return made_password()
    if from_input:
        return checked_password(sys.stdin.readline().rstrip("\r\n"))
    if not sys.stdin.isatty():
        raise WrongUsage("there is no terminal to ask for the password", "use --password-stdin or --generate")
    first = checked_password(getpass("Password (not shown): "))
    if getpass("Once more: ") != first:
        raise WrongUsage("the two passwords differ; nothing was changed")
    return first


def _shown(password: str, generated: bool) -> str:
    return f"\nThe password, shown once: {password}" if generated else ""

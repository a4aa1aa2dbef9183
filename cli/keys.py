"""`leadrank keys`: the keys by which programs sign in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli import access, options

if TYPE_CHECKING:
    from service.access.keys import NewKey

app = typer.Typer(help="The keys by which programs sign in.", no_args_is_help=True)

ADDRESS = "http://127.0.0.1:8000"
"""Where `leadrank serve` listens unless told otherwise."""


@app.command()
def create(
    role: access.Role,
    label: Annotated[str, typer.Option("--label", help="What the key is for, in your words.")] = "",
    owner: access.Owner = None,
    territory: access.Territory = None,
    all_leads: access.AllLeads = False,
    expires_days: Annotated[
        int | None, typer.Option("--expires-days", min=1, max=36_500, help="Days for which the key is good.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Make a key and show it, once."""
    from service.access.keys import create_key

    lasts = None if expires_days is None else timedelta(days=expires_days)
    given = access.grant(role, owner, territory, all_leads)
    with access.database() as database:
        made = create_key(database, given, now=datetime.now(UTC), label=label, lasts=lasts)
    print(json.dumps({"id": made.id, "key": made.key}) if as_json else _in_words(made, role))


def _in_words(made: NewKey, role: str) -> str:
    ask = f"curl -s {ADDRESS}/v1/schema -H 'Authorization: Bearer {made.key}'"
    return f"{made.key}\nThis {role} key is shown once: keep it where the program finds it.\nTry it: {ask}"


@app.command("list")
def list_(as_json: options.Json = False) -> None:
    """All keys, without their secrets."""
    from service.access.keys import list_keys

    with access.database() as database:
        found = list_keys(database, now=datetime.now(UTC))
    if as_json:
        print(json.dumps({"keys": found}, ensure_ascii=False))
        return
    rows = [
        [k["id"], k["role"], k["state"], k["created_at"][:10], (k["expires_at"] or "")[:10], access.sees(k), k["label"]]
        for k in found
    ]
    empty = "There are no keys yet: leadrank keys create --role crm"
    print(access.table(["id", "role", "state", "created", "expires", "sees", "label"], rows) if rows else empty)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id, as `leadrank keys list` shows it.")],
) -> None:
    """End a key for good; running services refuse it within a second."""
    from service.access.keys import revoke_key

    with access.database() as database:
        revoke_key(database, key_id, now=datetime.now(UTC))
    print(f"{key_id} is revoked; running services refuse it within a second.")

"""`leadrank export`: the service's own history, as `leadrank train` reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options

if TYPE_CHECKING:
    from service.export import Account


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, or an empty one.")],
    as_json: options.Json = False,
) -> None:
    """Write the service's own history into a folder: leads, what happened to them, what sales said, as it was scored.

    Erased leads are gone, joined ones count once, those that object are left out, and no names or phone numbers leave.
    """
    from cli.progress import progress_bar
    from models import Shelf
    from models.remembered import remembered_by
    from service.export import export as write
    from service.settings import Settings
    from service.upgrade import ready_database

    settings = Settings.of_environment()
    champion = remembered_by(Shelf(settings.shelf))
    with ready_database(settings.database_url) as database, progress_bar() as progress:
        account = write(database, folder, told=champion.mapping, counted=champion.counted, progress=progress)
    if as_json:
        print(json.dumps(account.as_dict(), ensure_ascii=False))
    else:
        print(f"{in_words(account)}\nNext: leadrank train {folder}")


def in_words(account: Account) -> str:
    """What was written, and what was left out, a line each."""
    lines = [f"{part:11} {count:,}" for part, count in account.rows.items()]
    said = (
        (account.objecting, "leads object to being scored: left out"),
        (account.never_sent, "leads were never sent, only events of them: left out"),
        (account.undated, "leads came without created_at: they count from when they were first heard of"),
        (account.fields_left_out, "fields that few leads have are left out"),
    )
    lines += [f"{count:,} {words}" for count, words in said if count]
    if account.emptied:
        lines.append(f"ignored fields are written without their values: {', '.join(account.emptied)}")
    return "\n".join(lines)

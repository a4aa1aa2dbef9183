"""`leadrank db`: looks after the database."""

from __future__ import annotations

import typer

app = typer.Typer(help="Look after the database.", no_args_is_help=True)


@app.callback()
def look_after() -> None:
    """Look after the database."""


@app.command("upgrade")
def upgrade() -> None:
    """Bring the database to the tables of this version; `leadrank serve` does it by itself."""
    from service.database import open_database
    from service.settings import Settings
    from service.upgrade import upgrade as upgrade_database

    database = open_database(Settings.of_environment().database_url)
    before, now = upgrade_database(database)
    database.close()
    typer.echo(
        f"The database is at {now}."
        if before == now
        else f"The database was brought from {before or 'nothing'} to {now}."
    )

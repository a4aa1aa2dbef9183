"""`leadrank sellers`: who calls leads, how many a week, and when not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli import access, options
from scoring.errors import WrongUsage

app = typer.Typer(help="The sellers to whom leads are handed over.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The name, as the CRM names an owner.")]


@app.command("set")
def set_(
    name: Name,
    capacity: Annotated[int, typer.Option("--capacity", help="New calls a week; 0 for none.")],
    territory: Annotated[
        list[str] | None,
        typer.Option("--territory", help="A territory whose leads go to this seller (may be repeated)."),
    ] = None,
    product: Annotated[
        list[str] | None,
        typer.Option("--product", help="A product whose leads may go to this seller (may be repeated); all if none."),
    ] = None,
    away: Annotated[
        str | None, typer.Option("--away", help="FROM..UNTIL: nothing is handed over on these days, both included.")
    ] = None,
) -> None:
    """Add a seller, or replace what was said of one: what is left out is taken back."""
    from service.handover.asked import told_seller
    from service.handover.sellers import MOST_SELLERS, set_seller
    from service.moments import micros_at

    seller = told_seller(name, capacity, territory or (), away, product or ())
    with access.database() as database, database.writing() as connection:
        is_new = set_seller(connection, seller, micros_at(datetime.now(UTC)))
    if is_new is None:
        raise WrongUsage(f"there are {MOST_SELLERS:,} sellers already", "remove one that is gone")
    print(f"{name} {'was added' if is_new else 'was changed'}.\nNext: leadrank handover --dry-run")


@app.command("list")
def list_(as_json: options.Json = False) -> None:
    """All sellers, with the calls that each has room for today."""
    from service.handover.bodies import seller_body
    from service.handover.days import Today
    from service.handover.room import seats_of
    from service.handover.sellers import every_seller
    from service.settings import Settings

    today = Today.of(datetime.now(UTC), Settings.of_environment().zone)
    with access.database() as database, database.reading() as connection:
        found = every_seller(connection)
        rooms = {seat.name: seat.room for seat in seats_of(connection, found, today)}
    if as_json:
        told = [seller_body(seller) | {"room_today": rooms[seller.name]} for seller in found]
        print(json.dumps({"sellers": told}, ensure_ascii=False))
        return
    rows = [
        [
            s.name,
            str(s.capacity),
            str(rooms[s.name]),
            ", ".join(s.territories),
            ", ".join(s.products),
            f"{s.away.first}..{s.away.last}" if s.away else "",
        ]
        for s in found
    ]
    empty = "There are no sellers yet: leadrank sellers set NAME --capacity N"
    print(
        access.table(["name", "calls a week", "room today", "territories", "products", "away"], rows) if rows else empty
    )


@app.command()
def remove(name: Name) -> None:
    """Remove a seller; leads that were handed over to him and have no owner are handed over again."""
    from service.handover.sellers import remove_seller

    with access.database() as database, database.writing() as connection:
        given_back = remove_seller(connection, name)
    if given_back is None:
        raise WrongUsage("no seller has this name", "see `leadrank sellers list`; names are compared verbatim")
    print(f"{name} was removed; {given_back:,} leads were taken back.")

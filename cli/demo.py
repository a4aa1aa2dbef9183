"""`leadrank demo`: a sample CRM history; train, publish, score, rank, serve."""

from __future__ import annotations

import csv
import shutil
import textwrap
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.home import Home

if TYPE_CHECKING:
    from cli.demo_week import Week
    from training.history import History
    from training.mapping import Mapping

SHOWN = 10
"""Leads of the ranked list that the terminal shows."""

DEMO = "leadrank demo"
"""The label of the demo's key."""

FRESH_DAYS = 90
"""The demo ranks leads that came in within the horizon and neither bought nor were lost."""


def demo(
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="End after the ranked list instead of serving it.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port of the page.")] = 8000,
    leads: Annotated[int, typer.Option(help="How many leads the sample has.", min=2000, max=1_000_000)] = 8000,
) -> None:
    """Run the main job end to end on a simulated CRM history, then serve the ranked list."""
    home, now = Home.of_environment(), datetime.now(UTC)
    folder = home.folder / "demo"
    print("1. A sample CRM history")
    _sample(folder, leads, now)
    print("\n2. Learn from it")
    history, mapping = _train(home, folder)
    print("\n3. Score the leads that are still open")
    fresh = folder / "open"
    earlier = _ids_in(fresh)
    ids = _write_fresh(history, folder, fresh, now)
    ranked = folder / "ranked.csv"
    _score(fresh, ranked, now)
    print("\n4. Who to call first")
    print(_list_in_words(ranked))
    print("\n5. A week of life")
    week = _keep(home, fresh, earlier | ids, mapping, now)
    print(
        f"{week.handed} leads were handed over to sellers on six days, and {week.answered} of them answered; "
        f"{week.handed - week.answered} wait for a first call, {week.today} of them since today."
    )
    print(f"\n6. Who may see it\n{_let_in(home, now, week.seller)}")
    print(f"\nThe whole list: {ranked}")
    if no_serve:
        print(f"Next: leadrank serve --port {port}, and open http://127.0.0.1:{port}/")
        return
    from cli.serve import serve

    serve(port=port)


def _sample(folder: Path, leads: int, now: datetime) -> None:
    from cli.sample import sample

    sample(folder, leads=leads, until=now)


def _train(home: Home, folder: Path) -> tuple[History, Mapping]:
    from cli.progress import progress_bar
    from cli.train import in_words, publish_at
    from training.history import config_of, read_history
    from training.mapping import read_mapping
    from training.train import train

    mapping = read_mapping(config_of(folder))
    history = read_history(folder, mapping)
    with progress_bar() as progress:
        trained = train(history, mapping, progress=progress)
        named = mapping.with_flags(created_at=history.created_column)
        published = publish_at(home, trained, named, history.id_column, folder)
    print(in_words(trained, published))
    return history, named


def _write_fresh(history: History, folder: Path, target: Path, now: datetime) -> set[str]:
    """A folder with the leads that came in lately and are still open, and what they did; their ids."""
    assert history.created is not None
    since = int(now.timestamp()) - FRESH_DAYS * 86_400
    open_now = ~history.won & ~history.lost & (history.created >= since)
    ids = {lead for lead, fresh in zip(history.ids, open_now.tolist(), strict=True) if fresh}
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for name, kept in (("leads", ids), ("activities", ids), ("outcomes", set[str]())):
        with (
            (folder / f"{name}.csv").open(newline="", encoding="utf-8") as source,
            (target / f"{name}.csv").open("w", newline="", encoding="utf-8") as out,
        ):
            reader = csv.DictReader(source)
            writer = csv.DictWriter(out, reader.fieldnames or [])
            writer.writeheader()
            writer.writerows(row for row in reader if row["lead_id"] in kept)
    return ids


def _ids_in(folder: Path) -> set[str]:
    """The ids of the leads that an earlier demo put into the database."""
    try:
        with (folder / "leads.csv").open(newline="", encoding="utf-8") as file:
            return {row["lead_id"] for row in csv.DictReader(file)}
    except FileNotFoundError:
        return set()


def _score(leads: Path, out: Path, now: datetime) -> None:
    from cli.score import score

    score(leads, out, as_of=now.isoformat())


def _list_in_words(ranked: Path) -> str:
    """The first leads of a ranked file, each with its reasons on lines of their own."""
    lines = [f"{'rank':>4}  {'lead':8}  score  grade  probability  expected value  readiness"]
    with ranked.open(newline="", encoding="utf-8") as file:
        for row, _ in zip(csv.DictReader(file), range(SHOWN), strict=False):
            probability, worth = f"{float(row['probability']):.1%}", f"{float(row['expected_value']):,.0f}"
            lines.append(
                f"{row['rank']:>4}  {row['lead_id']:8}  {row['score']:>5}  {row['grade']:5}  {probability:>11}"
                f"  {worth:>14}  {row['readiness']}"
            )
            lines += [f"        {textwrap.shorten(reason, 100)}" for reason in row["reasons"].split("; ")]
    return "\n".join(lines)


def _keep(home: Home, folder: Path, gone: Collection[str], mapping: Mapping, now: datetime) -> Week:
    """Put the open leads and what they did into the service's database, as a CRM would, and let a week go by.

    gone: leads that go first, because an earlier demo's leads did other things.
    """
    from cli.demo_week import live_a_week
    from cli.progress import progress_bar
    from models.shelf import Shelf
    from service.champion import Serving
    from service.database import open_database
    from service.loading import PARTS, Load, remove
    from service.moments import now_utc
    from service.settings import Settings
    from service.upgrade import upgrade
    from training.sendings import Sendings

    shelf = Shelf(home.shelf)
    published, _ = shelf.open_champion()
    settings = Settings.of_environment()
    database = open_database(home.database_url, settings.secret_file)
    try:
        upgrade(database)
        remove(database, gone)
        serving = Serving(published.version, published.card, shelf.cuts(), product_field=settings.product_field)
        sendings = Sendings(folder, mapping)
        load = Load(database, serving, now_utc, folder / "load.json")
        with progress_bar() as progress:
            load.run({part: getattr(sendings, part)() for part in PARTS}, lambda part, done: progress(part, done, 0))
        return live_a_week(database, serving, now)
    finally:
        database.close()


def _let_in(home: Home, now: datetime, seller: str) -> str:
    """Give the demo's users new passwords and the demo's CRM a new key: what was shown before is good no more."""
    from service.access.grants import Grant
    from service.access.keys import create_key, list_keys, revoke_key
    from service.access.passwords import made_password
    from service.access.roles import Role
    from service.access.users import create_user, forget_user
    from service.upgrade import ready_database

    lines = ["Sign in on the page with one of these names and passwords:"]
    with ready_database(home.database_url) as database:
        for role in (Role.SALES, Role.MARKETING, Role.ANALYST):
            name, password = f"demo-{role}", made_password()
            forget_user(database, name)
            create_user(database, name, password, Grant(role, seller if role is Role.SALES else None), now=now)
            lines.append(f"  {name:15}  {password}{f'  ({seller})' if role is Role.SALES else ''}")
        for key in list_keys(database, now=now):
            if key["label"] == DEMO and key["state"] == "active":
                revoke_key(database, key["id"], now=now)
        made = create_key(database, Grant(Role.CRM), now=now, label=DEMO)
    return "\n".join([*lines, f"A CRM's key, for Authorization: Bearer\n  {made.key}"])

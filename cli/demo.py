"""`leadrank demo`: a sample CRM history; train, publish, score, rank, serve."""

from __future__ import annotations

import csv
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.home import Home

if TYPE_CHECKING:
    from training.history import History

SHOWN = 10
"""Leads of the ranked list that the terminal shows."""

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
    history = _train(home, folder)
    print("\n3. Score the leads that are still open")
    fresh = _write_fresh(history, folder / "leads.csv", folder / "open-leads.csv", now)
    ranked = folder / "ranked.csv"
    _score(home, fresh, ranked, now)
    print("\n4. Who to call first")
    print(_list_in_words(ranked))
    _keep(home, fresh, now)
    print(f"\nThe whole list: {ranked}")
    if no_serve:
        print(f"Next: leadrank serve --port {port}, and open http://127.0.0.1:{port}/")
        return
    from cli.serve import serve

    serve(port=port)


def _sample(folder: Path, leads: int, now: datetime) -> None:
    from cli.sample import sample

    sample(folder, leads=leads, until=now)


def _train(home: Home, folder: Path) -> History:
    from cli.progress import progress_bar
    from cli.train import in_words, publish_at
    from training.history import config_of, read_history
    from training.mapping import read_mapping
    from training.train import train

    mapping = read_mapping(config_of(folder))
    history = read_history(folder, mapping)
    with progress_bar() as progress:
        trained = train(history, mapping, progress=progress)
        published = publish_at(home, trained, mapping, history.id_column, promote=True)
    print(in_words(trained, published))
    return history


def _write_fresh(history: History, leads: Path, target: Path, now: datetime) -> Path:
    """The rows of leads.csv that came in lately and are still open."""
    assert history.created is not None
    since = int(now.timestamp()) - FRESH_DAYS * 86_400
    open_now = ~history.won & ~history.lost & (history.created >= since)
    ids = {lead for lead, fresh in zip(history.ids, open_now.tolist(), strict=True) if fresh}
    with leads.open(newline="", encoding="utf-8") as source, target.open("w", newline="", encoding="utf-8") as out:
        reader = csv.DictReader(source)
        writer = csv.DictWriter(out, reader.fieldnames or [])
        writer.writeheader()
        writer.writerows(row for row in reader if row["lead_id"] in ids)
    return target


def _score(home: Home, leads: Path, out: Path, now: datetime) -> None:
    from cli.score import score

    score(leads, out, as_of=now.isoformat())


def _list_in_words(ranked: Path) -> str:
    """The first leads of a ranked file, each with its reasons on lines of their own."""
    lines = [f"{'rank':>4}  {'lead':8}  score  grade  probability"]
    with ranked.open(newline="", encoding="utf-8") as file:
        for row, _ in zip(csv.DictReader(file), range(SHOWN), strict=False):
            probability = f"{float(row['probability']):.1%}"
            lines.append(
                f"{row['rank']:>4}  {row['lead_id']:8}  {row['score']:>5}  {row['grade']:5}  {probability:>11}"
            )
            lines += [f"        {textwrap.shorten(reason, 100)}" for reason in row["reasons"].split("; ")]
    return "\n".join(lines)


def _keep(home: Home, leads: Path, now: datetime) -> None:
    """Put the open leads into the service's database, as a CRM would."""
    from models.shelf import Shelf
    from service.asked import kept_lead
    from service.champion import Serving
    from service.database import open_database
    from service.leads import load_leads
    from service.upgrade import upgrade

    shelf = Shelf(home.shelf)
    published, _ = shelf.open_champion()
    database = open_database(home.database_url)
    try:
        upgrade(database)
        serving = Serving(published.version, published.card, shelf.cuts())
        names = [f.name for f in published.card.fields]
        kept = (kept_lead(body, lead, serving.lengths) for lead, body in _bodies(leads, names))
        load_leads(database, serving, kept, now=now)
    finally:
        database.close()


def _bodies(leads: Path, names: list[str]) -> Iterator[tuple[str, dict[str, object]]]:
    """Every lead's id and the body that a CRM would PUT: the fields that the model looks at."""
    with leads.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield row["lead_id"], {"created_at": row["created_at"], "fields": {n: row[n] for n in names}}

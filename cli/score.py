"""`leadrank score`: score and rank the leads of a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli import options
from cli.home import Home
from cli.progress import progress_bar

OLD_DAYS = 400
"""Leads that are older than a year on the day from which they are looked at are hardly open ones."""


def score(
    leads: Annotated[Path, typer.Argument(help="CSV or Parquet file of leads, or a history folder.")],
    out: Annotated[Path, typer.Option("--out", help="File to write: .csv or .parquet.")],
    model: Annotated[
        str | None, typer.Option("--model", help="Version of a published model (default: the champion).")
    ] = None,
    id: options.Id = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Moment to look from, ISO 8601 (default: now).")] = None,
) -> None:
    """Score and rank the leads of a file, best first, each with its reasons."""
    from models.shelf import Shelf
    from scoring.errors import WrongUsage
    from scoring.scorefile import leads_file, score_file
    from scoring.values import NotReadable, read_moment
    from training.folder_lives import lives_of
    from training.mapping import remembered

    shelf = Shelf(Home.of_environment().shelf)
    published, warning = shelf.open_champion() if model in (None, "champion") else (shelf.open(model), None)
    try:
        moment = read_moment(as_of) if as_of else int(datetime.now(UTC).timestamp())
    except NotReadable:
        raise WrongUsage("--as-of is no moment", "write 2026-01-31 or 2026-01-31T12:00:00Z") from None
    source, mapping = leads_file(leads), remembered(published.about)
    with progress_bar() as progress:
        done = score_file(
            published.card,
            shelf.cuts(),
            source,
            out,
            id_column=id or mapping.id,
            as_of=moment,
            lives=lives_of(leads, mapping, published.card.derived),
            progress=progress,
        )
    if warning:
        print(warning)
    print(f"{done.rows:,} leads scored with model {published.version}, best first, in {out}")
    if done.warned:
        print(f"{done.warned:,} of them carry a warning: see the column `warnings`")
    if done.age_days is not None and done.age_days > OLD_DAYS:
        print(f"Half of them came in more than {done.age_days:,.0f} days before: --as-of looks from an earlier day")

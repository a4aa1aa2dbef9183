"""`leadrank sample`: write a simulated CRM history whose truth is known."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer


def sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to.")],
    leads: Annotated[int, typer.Option(help="How many leads.", min=1, max=5_000_000)] = 8000,
    seed: Annotated[int, typer.Option(help="Same seed and day, same files.")] = 7,
    until: Annotated[
        datetime | None, typer.Option(help="Where the history ends (default: today, midnight UTC).")
    ] = None,
) -> None:
    """Write a simulated CRM history: leads, activities, outcomes, and the truth in a folder of its own."""
    from scoring.errors import WrongUsage
    from training.simulate import simulate, write_sample

    end = (until or datetime.now(UTC)).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
    history = simulate(leads=leads, seed=seed, until=end)
    try:
        write_sample(history, folder)
    except OSError as fault:
        raise WrongUsage(f"cannot write into {folder.name}: {fault.strerror}", "name another folder") from None
    print(
        f"{len(history.leads):,} leads, {len(history.activities):,} activities, "
        f"{len(history.outcomes):,} outcomes in {folder}"
    )
    print(f"Next: leadrank train {folder}")

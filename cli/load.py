"""`leadrank load`: what the CRM knows already, into the service's database."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options
from cli.home import Home

if TYPE_CHECKING:
    from service.loading import Account


def load(
    history: Annotated[Path, typer.Argument(help="A history, as `leadrank train` reads it.")],
    config: options.Config = None,
    id: options.Id = None,
    created_at: options.CreatedAt = None,
    target: options.Target = None,
    won: options.Won = None,
    lost: options.Lost = None,
    closed_at: options.ClosedAt = None,
    value: options.Value = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and do nothing.")] = False,
    as_json: options.Json = False,
) -> None:
    """Take leads, activities and outcomes of a history into the service, and score the leads.

    A load that was cut goes on where it was when it is started again; one that is repeated changes nothing.
    """
    from cli.progress import progress_bar
    from cli.rescore import opened
    from service.loading import PARTS, Load
    from service.moments import now_utc
    from training.folder import config_of
    from training.mapping import read_mapping
    from training.sendings import Sendings

    flags = {"id": id, "created_at": created_at, "outcome": target, "closed_at": closed_at, "value": value}
    mapping = read_mapping(config or config_of(history)).with_flags(
        **flags, won=tuple(won or ()), lost=tuple(lost or ())
    )
    database, champion, _ = opened()
    sendings = Sendings(history, mapping)
    parts = {part: getattr(sendings, part)() for part in PARTS}
    work = Load(database, champion.current(), now_utc, _mark(history))
    with progress_bar() as progress:
        found = (work.look if dry_run else work.run)(parts, lambda part, done: progress(part, done, 0))
    database.close()
    print(json.dumps(_as_object(found)) if as_json else _in_words(found, dry_run))


def _mark(history: Path) -> Path:
    """Where a load of these files notes how far it came."""
    files = sorted(p for p in history.iterdir() if p.is_file()) if history.is_dir() else [history]
    said = [f"{p.resolve()}|{p.stat().st_size}|{p.stat().st_mtime_ns}" for p in files]
    return Home.of_environment().folder / f"load-{hashlib.sha256(chr(10).join(said).encode()).hexdigest()[:16]}.json"


def _as_object(found: dict[str, Account]) -> dict[str, object]:
    return {part: {**account.count, "faults": account.faults} for part, account in found.items()}


def _in_words(found: dict[str, Account], dry_run: bool) -> str:
    lines = []
    for part, account in found.items():
        said = ", ".join(f"{count:,} {word}" for word, count in account.count.items() if count)
        lines += [f"{part:11} {said or 'none'}", *(f"            {fault}" for fault in account.faults)]
    next_step = "leadrank load, without --dry-run" if dry_run else "leadrank serve"
    return "\n".join([*lines, f"Next: {next_step}"])

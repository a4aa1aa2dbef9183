"""`leadrank backtest`: what models would have promised, month by month, and what happened."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options
from cli.progress import progress_bar

if TYPE_CHECKING:
    from training.backtest import Backtest, Month


def backtest(
    history: Annotated[Path, typer.Argument(help="CSV, CSV.gz or Parquet file, or a folder with leads.*, outcomes.*.")],
    config: options.Config = None,
    id: options.Id = None,
    target: options.Target = None,
    won: options.Won = None,
    lost: options.Lost = None,
    created_at: options.CreatedAt = None,
    closed_at: options.ClosedAt = None,
    horizon: options.Horizon = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", help="Column not to learn from (may be repeated).")
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option("--keep", help="Column you vouch for: written before sales spoke to the lead.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Leave out fields under suspicion too.")] = False,
    as_json: options.Json = False,
) -> None:
    """Learn before each of the last months from what was known then, and hold its promises against what happened."""
    from training.backtest import backtest as judge
    from training.history import config_of, read_history
    from training.mapping import read_mapping

    mapping = read_mapping(config or config_of(history)).with_flags(
        id=id,
        outcome=target,
        won=tuple(won or ()),
        lost=tuple(lost or ()),
        created_at=created_at,
        closed_at=closed_at,
        horizon_days=horizon,
        ignore=tuple(ignore or ()),
        keep=tuple(keep or ()),
    )
    with progress_bar() as progress:
        read = read_history(history, mapping, now=int(time.time()))
        found = judge(read, mapping, strict=strict, progress=progress)
    print(json.dumps(found.as_dict(), ensure_ascii=False) if as_json else in_words(found))


def in_words(found: Backtest) -> str:
    """A table, a line a month, and what it comes to."""
    head = f"{'came in':8}  {'learned from':>12}  {'leads':>7}  {'buyers':>6}  {'promised':>8}  {'happened':24}  AUC"
    kept, all_ = sum(month.kept for month in found.months), len(found.months)
    return "\n".join(
        [
            f"Promised to buy within {found.horizon_days} days, and bought, by the time at which the leads came in:",
            head,
            *map(_line, found.months),
            f"In {kept} of {all_} what was promised lies within the noise of what happened (* where not).",
            "Next: leadrank train HISTORY",
        ]
    )


def _line(month: Month) -> str:
    auc = "-" if month.auc is None else month.auc.text(".2f")
    happened = month.happened.text(".1%")
    mark = " " if month.kept else "*"
    counts = f"{month.learned_from:>12,}  {month.leads:>7,}  {month.buyers:>6,}"
    return f"{month.name:8}  {counts}  {month.promised:>7.1%}{mark}  {happened:24}  {auc}"

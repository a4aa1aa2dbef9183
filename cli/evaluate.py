"""`leadrank evaluate`: judge a published model on a labelled history."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options
from cli.home import Home

if TYPE_CHECKING:
    from training.intervals import Plain


def plain_in_words(plain: Plain) -> str:
    """Three numbers that marketing and sales can agree on."""
    times = plain.best_against_worst
    worst = "no lead of grade D bought" if times is None else f"grade A buys {times:.1f} times as often as grade D"
    return f"  flagged (A or B): {plain.flagged:.0%} of leads, {plain.buyers_flagged:.0%} of buyers; {worst}"


def evaluate(
    model: Annotated[str, typer.Argument(help="Version of a published model, or `champion`.")],
    history: Annotated[Path, typer.Argument(help="CSV, CSV.gz or Parquet file, or a folder.")],
    config: options.Config = None,
    id: options.Id = None,
    target: options.Target = None,
    won: options.Won = None,
    lost: options.Lost = None,
    created_at: options.CreatedAt = None,
    closed_at: options.ClosedAt = None,
    value: options.Value = None,
    as_json: options.Json = False,
) -> None:
    """Judge a published model on a labelled history; names of columns are those it was trained with, unless given."""
    from models.shelf import Shelf
    from training.evaluate import evaluate as judge
    from training.evaluate import mapping_of
    from training.history import config_of, read_history

    shelf = Shelf(Home.of_environment().shelf)
    published = shelf.open_champion()[0] if model == "champion" else shelf.open(model)
    mapping = mapping_of(published.about, config or config_of(history)).with_flags(
        id=id,
        outcome=target,
        won=tuple(won or ()),
        lost=tuple(lost or ()),
        created_at=created_at,
        closed_at=closed_at,
        value=value,
    )
    found = judge(published.card, read_history(history, mapping, now=int(time.time())), mapping)
    seen = {"rows": found.rows, "buyers": found.buyers} == published.about.get("mature")
    if as_json:
        print(json.dumps({"model": published.version, "looks_like_training_leads": seen, **found.as_dict()}))
        return
    if seen:
        print("As many leads and buyers as the model learned from: if they are the same, these figures flatter it.")
    metrics = found.metrics
    low, high = metrics.auc_ci
    print(
        f"Model {published.version} on {found.rows:,} leads, {found.buyers:,} of them buyers "
        f"({found.buyers / found.rows:.1%}):"
    )
    print(
        f"  AUC {metrics.auc:.4f} ({low:.4f} to {high:.4f}), log loss {metrics.log_loss:.4f}, Brier {metrics.brier:.4f}"
    )
    within = "within" if metrics.calibration_error <= found.noise else "beyond"
    print(f"  calibration error {metrics.calibration_error:.4f}, {within} what chance does (up to {found.noise:.4f})")
    print(f"  {metrics.calibration}")
    print(
        f"  the best 10 % hold {metrics.buyers_in_top_10pct:.1%} of the buyers, "
        f"the best 20 % hold {metrics.buyers_in_top_20pct:.1%}"
    )
    print(plain_in_words(found.plain))

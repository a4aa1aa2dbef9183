"""The flags that several commands share: how a history's columns are named."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None,
    typer.Option(
        "--config", help="TOML file that maps names (default: leadrank.toml in a folder, NAME.toml beside NAME.csv)."
    ),
]
Id = Annotated[str | None, typer.Option("--id", help="Column that names the lead.")]
Target = Annotated[str | None, typer.Option("--target", help="Column that says what became of the lead.")]
Won = Annotated[list[str] | None, typer.Option("--won", help="Its value that means bought (may be repeated).")]
Lost = Annotated[
    list[str] | None, typer.Option("--lost", help="Its value that means lost (may be repeated); anything else is open.")
]
CreatedAt = Annotated[str | None, typer.Option("--created-at", help="Column with the date on which the lead came in.")]
ClosedAt = Annotated[str | None, typer.Option("--closed-at", help="Column with the date of the purchase.")]
Value = Annotated[str | None, typer.Option("--value", help="Column with the deal's value.")]
Horizon = Annotated[int | None, typer.Option("--horizon", help="Days within which a purchase counts (default 90).")]
ShortHorizon = Annotated[
    int | None, typer.Option("--short-horizon", help="Days within which a lead counts as ready now (default 30).")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words.")]

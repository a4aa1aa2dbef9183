"""`leadrank handover`: today's best leads, to sales."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from cli import access, options

BY = "leadrank handover"
"""Who it was, where a program that has a key would have its id."""

SAID = {
    "no_capacity": "for whom the sellers have no room today",
    "owner_away": "whose owner is away",
    "owner_is_no_seller": "whose owner is no seller here",
    "no_seller": "for whom no seller is there",
    "no_seller_of_product": "for whose product no seller is there",
    "not_now": "who asked to be called later",
    "refused": "whom sales refused",
    "not_yet": "whose day is still to come",
    "later": "who are likely to buy later",
    "browsing": "who are only browsing so far",
    "held_back": "whom somebody holds back",
    "objected": "who objected to being scored",
}


def handover(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and do nothing.")] = False,
    as_json: options.Json = False,
) -> None:
    """Hand today's best leads to sales, under capacity: every morning, or on demand.

    Started again on the same day it hands over what there is new room for, and no lead twice.
    """
    from service.handover.bodies import handover_body
    from service.handover.days import Today
    from service.handover.running import hand_over
    from service.settings import Settings

    today = Today.of(datetime.now(UTC), Settings.of_environment().zone)
    with access.database() as database, (database.reading if dry_run else database.writing)() as connection:
        handed = hand_over(connection, today, BY, dry_run=dry_run)
    said = handover_body(handed, dry_run=dry_run)
    print(json.dumps(said, ensure_ascii=False) if as_json else _in_words(said, bool(handed.sellers)))


def _in_words(said: Mapping[str, Any], has_sellers: bool) -> str:
    would = "would be" if said["dry_run"] else "were"
    lines = [f"{said['handed']:,} leads {would} handed over on {said['day']}."]
    if said["results"]:
        lines.append(access.table(["seller", "lead", "grade", "score", "expected value"], _rows(said["results"])))
    lines += [f"{number:,} stay {SAID[why]}." for why, number in said["left_out"].items() if number]
    if said["model"]["version"] is None:
        lines.append("No lead is scored yet: leadrank load HISTORY")
    elif not has_sellers:
        lines.append("There are no sellers yet: leadrank sellers set NAME --capacity N")
    return "\n".join(lines)


def _rows(results: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    return [[r["seller"], r["lead_id"], r["grade"], str(r["score"]), _amount(r["expected_value"])] for r in results]


def _amount(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"

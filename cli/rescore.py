"""`leadrank rescore` and `leadrank verify`: stored scores, aged and checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options

if TYPE_CHECKING:
    from service.champion import Champion
    from service.database import Database

SAMPLE = 10_000
"""Scores of each kind that `verify` makes again where no other number is asked for."""


def rescore(as_json: options.Json = False) -> None:
    """Score all open leads again, as of now: every night, and after a promotion.

    Then scores from before LEADRANK_KEEP_SCORES_DAYS are removed, but the last of each lead and version.
    """
    from cli.progress import progress_bar
    from service.moments import now_utc
    from service.rescoring import age, bring_up_to_date, prune_past

    database, champion, days = opened()
    serving = champion.current()
    with progress_bar() as progress:
        count = age(database, serving, now_utc, lambda: True, lambda done: progress("leads", done, 0))
    bring_up_to_date(database, serving, now_utc, lambda: True)
    pruned = prune_past(database, days, now_utc())
    database.close()
    if as_json:
        print(json.dumps({"model": serving.version, "leads": count, "pruned": pruned}))
        return
    print(f"{count or 0:,} open leads were scored again by model {serving.version}.")
    print(f"{pruned:,} scores from more than {days} days ago were removed.")
    print("Next: leadrank verify")


def verify(
    every: Annotated[bool, typer.Option("--all", help="Make every stored score again, not a sample.")] = False,
    sample: Annotated[int, typer.Option(min=1, help="How many scores of each kind to make again.")] = SAMPLE,
    as_json: options.Json = False,
) -> None:
    """Make stored scores again from what is stored with them, and compare bit for bit."""
    from scoring import Refused
    from service.verify import verify as make_again

    database, champion, _ = opened()
    found = make_again(database, champion.version, None if every else sample)
    database.close()
    if as_json:
        print(json.dumps({"stored": found.stored, "made_again": found.made_again, "different": len(found.different)}))
    else:
        print(f"{found.made_again:,} of {found.stored:,} stored scores were made again.")
    if found.different:
        lead, version = found.different[0]
        raise Refused(
            f"{len(found.different):,} stored scores come out otherwise, the first of lead {lead!r} by model {version}",
            "the database or the shelf was changed from outside; score all again with: leadrank rescore",
        )
    if not as_json:
        print("All are the same, bit for bit.")


def opened() -> tuple[Database, Champion, int]:
    """The database, brought up to date; the champion; how many days scores are kept. Refused without a model."""
    from models import Shelf
    from scoring import Refused
    from service.champion import Champion
    from service.database import open_database
    from service.settings import Settings
    from service.upgrade import upgrade

    settings = Settings.of_environment()
    champion = Champion(Shelf(settings.shelf), settings.product_field)
    champion.refresh()
    if champion.serving is None:
        raise Refused("there is no model to score with", "run leadrank train, or leadrank models promote VERSION")
    database = open_database(settings.database_url, settings.secret_file)
    upgrade(database)
    return database, champion, settings.keep_scores_days

"""`leadrank retrain`: the service's own history out, a model learned from it, promoted if it is better."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli import options
from cli.home import Home

if TYPE_CHECKING:
    from models.remembered import Remembered
    from training.retraining import Retrained


def retrain(as_json: options.Json = False) -> None:
    """Export the service's history, train on it as the champion was, promote the model if better: for a scheduler.

    Whatever fails, the champion serves on. A promoted model's scores are made by `leadrank serve`, or by `rescore`.
    """
    from cli.progress import progress_bar
    from models import Shelf
    from models.registry import Registry
    from service.export import export
    from service.moments import now_utc
    from service.upgrade import ready_database
    from training.retraining import retrain as learn_again

    home = Home.of_environment()
    with progress_bar() as progress:

        def write(folder: Path, champion: Remembered) -> Mapping[str, object]:
            with ready_database(home.database_url) as database:
                account = export(database, folder, told=champion.mapping, counted=champion.counted, progress=progress)
            return account.as_dict()

        found = learn_again(
            write,
            home.retrained,
            Shelf(home.shelf),
            Registry(home.mlflow_uri, home.mlflow_artifacts),
            at=now_utc(),
            progress=progress,
        )
    print(json.dumps(_as_object(found), ensure_ascii=False) if as_json else _in_words(found, home))


def _as_object(found: Retrained) -> dict[str, object]:
    from cli.train import as_object

    return {**as_object(found.run.trained, found.run.published), "retraining": dict(found.told)}


def _in_words(found: Retrained, home: Home) -> str:
    """What changed since the last model, whose words it learned from, and whether it serves."""
    from cli.train import served_in_words

    trained, done, told = found.run.trained, found.run.published, found.told
    low, high = trained.metrics.auc_ci
    moved = [f"  {m['field']}: {m['level']}: {m['before']:+.1f} -> {m['after']:+.1f}" for m in told["moved"]]
    return "\n".join(
        [
            f"Learned from {trained.rows:,} leads, {trained.buyers:,} of them buyers{_since(told)}.",
            *_labels_in_words(told["labels"]),
            *(f"  {note}" for note in trained.notes),
            f"AUC {trained.metrics.auc:.3f} ({low:.3f} to {high:.3f}) on {trained.split.test.rows:,} of the latest.",
            *(["Points that moved most:", *moved] if moved else []),
            *_edits_in_words(told),
            f"History: {home.retrained / told['history']}",
            f"Report: {done.published.report}",
            *served_in_words(trained, done)[:-1],
            *done.notes,
            f"Next: {_next(found)}",
        ]
    )


def _since(told: Mapping[str, Any]) -> str:
    if told["rows_since"] is None or told["buyers_since"] is None:
        return ""
    return f" ({told['rows_since']:+,} leads and {told['buyers_since']:+,} buyers since model {told['before']})"


def _labels_in_words(labels: Mapping[str, Any]) -> list[str]:
    bought, lost = labels["purchases"], labels["losses"]
    unknown = sum(labels["unknown"].values())
    return [
        f"Purchases: {bought['crm']:,} told by the CRM, {bought['sales']:,} by sales alone.",
        f"Losses: {lost['crm']:,} told by the CRM, {lost['sales']:,} by sales, {lost['refused']:,} meant by a refusal.",
        f"Unknown, and not lost: {unknown:,}; handed over and not answered yet: {labels['waiting']:,}.",
    ]


def _edits_in_words(told: Mapping[str, Any]) -> list[str]:
    """What became of the champion's edits by hand."""
    out, dropped = told["left_out"], told["points_dropped"]
    lines = [f"Left out still, by a person's word: {', '.join(out)}."] if out else []
    lines += ["Points set by hand did not last: new data speaks."] if dropped else []
    return lines + [f"  {p['field']}: {p['level']}: {p['after']:+.1f}, by {p['by']}: {p['why']}" for p in dropped]


def _next(found: Retrained) -> str:
    version = found.run.published.published.version
    if found.run.published.promoted:
        return "leadrank rescore, where leadrank serve is not running (it scores all open leads again by itself)"
    if found.run.trained.gate.decision == "needs_word":
        folder = found.told["history"]
        return f"leadrank train {Home.of_environment().retrained / folder} with --keep or --ignore for each suspect"
    return f"leadrank models show {version}"

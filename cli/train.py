"""`leadrank train`: learn a scorecard from a history, judge it, publish it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options
from cli.home import Home
from cli.progress import progress_bar

if TYPE_CHECKING:
    from training.promises import Promises
    from training.publish import Publication
    from training.train import Trained


def train(
    history: Annotated[Path, typer.Argument(help="CSV, CSV.gz or Parquet file, or a folder with leads.*, outcomes.*.")],
    config: options.Config = None,
    id: options.Id = None,
    target: options.Target = None,
    won: options.Won = None,
    lost: options.Lost = None,
    created_at: options.CreatedAt = None,
    closed_at: options.ClosedAt = None,
    value: options.Value = None,
    horizon: options.Horizon = None,
    short_horizon: options.ShortHorizon = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", help="Column not to learn from (may be repeated).")
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option("--keep", help="Column you vouch for: written before sales spoke to the lead.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Leave out fields under suspicion too.")] = False,
    no_promote: Annotated[
        bool, typer.Option("--no-promote", help="Publish, but let the old champion serve on.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Learn a scorecard from a history, judge it on leads it never saw, publish it, promote it if it may serve."""
    from models.registry import Registry
    from models.shelf import Shelf
    from training.folder import config_of
    from training.mapping import read_mapping
    from training.run import run

    mapping = read_mapping(config or config_of(history)).with_flags(
        id=id,
        outcome=target,
        won=tuple(won or ()),
        lost=tuple(lost or ()),
        created_at=created_at,
        closed_at=closed_at,
        value=value,
        horizon_days=horizon,
        short_horizon_days=short_horizon,
        ignore=tuple(ignore or ()),
        keep=tuple(keep or ()),
    )
    home = Home.of_environment()
    with progress_bar() as progress:
        done = run(
            history,
            mapping,
            Shelf(home.shelf),
            Registry(home.mlflow_uri, home.mlflow_artifacts),
            at=datetime.now(UTC),
            by="leadrank train",
            strict=strict,
            promote=not no_promote,
            progress=progress,
        )
    if as_json:
        print(json.dumps(as_object(done.trained, done.published), ensure_ascii=False))
    else:
        print(in_words(done.trained, done.published))


def publish_at(home: Home, trained: Trained, mapping: object, id_column: str | None, history: Path) -> Publication:
    """Publish what was learned from a history in a home folder, now, and promote it if the gate lets it."""
    from models.changes import HISTORY
    from models.registry import Registry
    from models.shelf import Shelf
    from training.publish import publish

    return publish(
        trained,
        mapping,  # type: ignore[arg-type]
        Shelf(home.shelf),
        Registry(home.mlflow_uri, home.mlflow_artifacts),
        id_column=id_column,
        at=datetime.now(UTC),
        by="leadrank train",
        more={HISTORY: str(history.resolve())},
    )


def as_object(trained: Trained, done: Publication) -> dict[str, object]:
    """What `--json` prints."""
    report = str(done.published.report or done.published.folder)
    return {"model": done.published.version, **trained.summary(), "promoted": done.promoted, "report": report}


def in_words(trained: Trained, done: Publication) -> str:
    """What a data scientist reads after a training run."""
    metrics, peers = trained.metrics, trained.peers
    low, high = metrics.auc_ci
    lines = [
        f"Learned from {trained.rows:,} leads, {trained.buyers:,} of them buyers ({trained.buyers / trained.rows:.1%})."
    ]
    lines += [f"  {note}" for note in trained.notes]
    lines += [f"  ALARM: {alarm.name}: {alarm.text}" for alarm in trained.alarms]
    lines += _leaks_in_words(trained)
    lines += [f"  left out: {name} ({reason})" for name, reason in trained.left_out.items()]
    lines += [
        "",
        f"AUC {metrics.auc:.3f} ({low:.3f} to {high:.3f}), log loss {metrics.log_loss:.4f}, Brier {metrics.brier:.4f}, "
        f"calibration error {metrics.calibration_error:.3f}",
        f"Promises on test leads: {metrics.calibration}.",
        f"The best 10 % of test leads hold {metrics.buyers_in_top_10pct:.0%} of the buyers, "
        f"the best 20 % hold {metrics.buyers_in_top_20pct:.0%}.",
        *_promises_in_words(trained.promises),
        "Beside it on the same leads, AUC and buyers in the best 20 %:",
    ]
    for name, peer in (
        ("logistic regression", peers.logistic),
        (f"best single field ({peers.best_field_name})", peers.best_field),
        ("full gradient boosting (the yardstick)", peers.yardstick),
    ):
        lines.append(f"  {peer.auc:.3f}  {peer.buyers_in_top_20pct:.0%}  {name}")
    lines += ["", f"Report: {done.published.report}", *served_in_words(trained, done), *done.notes]
    return "\n".join(lines)


def _promises_in_words(promises: Promises) -> list[str]:
    """What readiness and value were worth on the test leads."""
    lines = [
        f"Ready {name}: {ready.leads:,} test leads, {ready.bought:.1%} of them bought"
        for name, ready in promises.readiness.items()
    ]
    if promises.by_expected_value is not None:
        lines.append(
            f"The best 20 % by expected value brought {promises.by_expected_value:.0%} of all revenue, "
            f"by probability alone {promises.by_probability:.0%}."
        )
    return lines


def _leaks_in_words(trained: Trained) -> list[str]:
    """What knows the outcome, and what may; the question to ask."""
    lines = [f"  EXCLUDED: {f.field}: {f.reason}" for f in trained.leaks.excluded]
    lines += [f"  SUSPECT:  {f.field}: {f.reason}" for f in trained.leaks.suspects]
    if trained.leaks.suspects:
        without = (trained.metrics_without_suspects or trained.metrics).auc
        lines += [
            f"  AUC {trained.metrics.auc:.3f} with the suspects, {without:.3f} without. Of each ask: is it written",
            "  before or after sales has spoken to the lead? Before: --keep FIELD. After: --ignore FIELD.",
        ]
    return lines


def served_in_words(trained: Trained, done: Publication) -> list[str]:
    """Whether the model serves now, why, and what to do next."""
    version, reasons = done.published.version, "; ".join(trained.gate.reasons)
    if done.promoted:
        before = f" (before: {done.before})" if done.before else ""
        return [
            f"Model {version} is the champion now{before}: {reasons}.",
            "Next: leadrank score LEADS.csv --out ranked.csv",
        ]
    if trained.gate.decision == "needs_word":
        again = "Next: train again with --keep or --ignore for each of the suspects, or with --strict"
    else:
        again = f"Next: leadrank models show {version}"
    serves = f"model {done.before} serves on" if done.before else "no model serves"
    return [f"Model {version} is published, {serves}: {reasons}.", again]

"""`leadrank models`: the shelf of published models, and which of them serves."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import edit, options
from cli.home import Home

if TYPE_CHECKING:
    from models import Published, Shelf
    from models.listing import Line, Listing

app = typer.Typer(help="The published models, and which of them serves.", no_args_is_help=True)

Version = Annotated[str, typer.Argument(help="A version as `leadrank models list` shows it.")]

Reason = Annotated[str, typer.Option("--reason", help="Why, for those who read the history later.")]

FIELDS_SHOWN = 12
"""Names of fields that fit on two lines; `--json` has them all."""


app.command("edit")(edit.edit)


@app.command("list")
def list_models(as_json: options.Json = False) -> None:
    """All published models: which one serves, what each learned from and how good it was."""
    from models.listing import listing_of

    shelf = _shelf()
    found = listing_of(shelf)
    if as_json:
        print(json.dumps({**_as_object(found), "notes": _registry_notes(shelf)}, ensure_ascii=False))
        return
    print(_in_words(found))
    sys.stdout.flush()  # MLflow takes seconds to import: the table need not wait for it
    _print_all(_registry_notes(shelf))


@app.command()
def show(
    version: Annotated[str, typer.Argument(help="A version, or `champion`.")], as_json: options.Json = False
) -> None:
    """One published model: its data, its figures, its fields, and when it served."""
    shelf = _shelf()
    published = _named(shelf, version)
    history = [asdict(change) for change in shelf.history() if change.version == published.version]
    if as_json:
        print(json.dumps(_shown(published, shelf, history), ensure_ascii=False))
    else:
        print("\n".join(_show_lines(published, shelf, history)))


@app.command()
def compare(
    first: Annotated[str, typer.Argument(help="A version, or `champion`.")],
    second: Annotated[str, typer.Argument(help="The version to compare with, or `champion`.")],
    on: Annotated[Path, typer.Option("--on", help="History to judge both on; best one that neither learned from.")],
    as_json: options.Json = False,
) -> None:
    """Two models on the same leads: their figures, the differences with intervals, and who ranks better."""
    import time

    from models.moved import moved
    from training.compare import compare as judge
    from training.history import config_of, read_history
    from training.mapping import read_mapping, remembered

    shelf = _shelf()
    one, two = _named(shelf, first), _named(shelf, second)
    first, second = one.version, two.version
    beside = config_of(on)
    mapping = remembered(one.about) if beside is None else read_mapping(beside)
    changed = moved(one.card, two.card)
    found = judge(one.card, two.card, read_history(on, mapping, now=int(time.time())), mapping)
    these = {"rows": found.first.rows, "buyers": found.first.buyers}
    seen = [side.version for side in (one, two) if side.about.get("mature") == these]
    if as_json:
        says = {"models": [first, second], "learned_from_as_many": seen}
        print(json.dumps({**says, **found.as_dict(), "moved": [asdict(m) for m in changed]}))
        return
    for version in seen:
        print(f"As many leads and buyers as model {version} learned from: if they are the same, they flatter it.")
    print(f"{found.first.rows:,} leads, {found.first.buyers:,} of them buyers")
    print(f"{'':22}{'model ' + first:>12}{'model ' + second:>12}  {first} less {second} (95 % interval)")
    for name, interval in found.differences.items():
        values = (getattr(side.metrics, name) for side in (found.first, found.second))
        print(f"{name.replace('_', ' '):22}" + "".join(f"{value:12.4f}" for value in values) + f"  {interval}")
    print(found.in_words(first, second))
    _print_all(["What moved most, main effects:", *map(str, changed)] if changed else [])


@app.command()
def promote(version: Version, reason: Reason = "", as_json: options.Json = False) -> None:
    """Let a published model serve; running services take it within two seconds."""
    shelf = _shelf()
    gate = shelf.open(version).about.get("gate", {})
    before = shelf.promote(version, by=_who(), at=datetime.now(UTC), reason=reason)
    if gate.get("decision", "promote") != "promote":
        typer.echo(f"The gate had not let it pass ({gate['decision']}): {'; '.join(gate['reasons'])}", err=True)
    undo = f"leadrank models show {version}" if before == version else "leadrank models rollback (takes it back)"
    _say_change(shelf, before, version, as_json, undo)


@app.command()
def rollback(reason: Reason = "", as_json: options.Json = False) -> None:
    """Go back to the champion before this one; running services take it within two seconds."""
    shelf = _shelf()
    before = shelf.champion()
    now = shelf.rollback(by=_who(), at=datetime.now(UTC), reason=reason)
    _say_change(shelf, before, now, as_json, f"leadrank models show {now}")


def _shelf() -> Shelf:
    from models import Shelf

    return Shelf(Home.of_environment().shelf)


def _registry_notes(shelf: Shelf) -> list[str]:
    """What MLflow's registry has to say once its aliases follow the shelf."""
    from models.registry import Registry

    home = Home.of_environment()
    return Registry(home.mlflow_uri, home.mlflow_artifacts).reconcile_safely(shelf)


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _print_all(lines: list[str]) -> None:
    for line in lines:
        print(line)


def _say_change(shelf: Shelf, before: str | None, now: str, as_json: bool, after: str) -> None:
    notes = _registry_notes(shelf)
    if as_json:
        print(json.dumps({"before": before, "champion": now, "notes": notes}, ensure_ascii=False))
        return
    print(f"champion: {before or 'none'} -> {now}" if before != now else f"champion: {now}, as before")
    _print_all(notes)
    print(f"Next: {after}")


def _as_object(found: Listing) -> dict[str, Any]:
    lines = [asdict(line) for line in found.lines]
    return {"champion": found.champion, "challenger": found.challenger, "fault": found.fault, "models": lines}


def _in_words(found: Listing) -> str:
    if not found.lines:
        return "No model yet.\nNext: leadrank train HISTORY"
    names = f"{'rows':>10}  {'buyers':>8}  {'AUC':>5}  decision"
    head = f"{'version':>7}  {'serves':10}  {'published':16}  {names}"
    faults = [found.fault] if found.fault else []
    return "\n".join([head, *map(_line_text, found.lines), *faults, *_reports(found), f"Next: {_next(found)}"])


def _reports(found: Listing) -> list[str]:
    """Where the pages on the models that serve or wait are."""
    return [f"report of model {line.version}: {line.report}" for line in found.lines if line.role and line.report]


def _line_text(line: Line) -> str:
    start = f"{line.version:>7}  {line.role:10}"
    if line.fault:
        return f"{start}  {line.fault}"
    when = (line.created_at or "")[:16].replace("T", " ")
    rows, buyers, auc = _figure(line.rows, ","), _figure(line.buyers, ","), _figure(line.auc, ".3f")
    return f"{start}  {when:16}  {rows:>10}  {buyers:>8}  {auc:>5}  {line.decision or '-'}"


def _figure(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _next(found: Listing) -> str:
    if found.champion is None:
        return f"leadrank models promote {found.challenger or found.lines[-1].version}"
    if found.challenger:
        return f"leadrank models show {found.challenger}"
    return "leadrank score LEADS.csv --out ranked.csv"


def _shown(published: Published, shelf: Shelf, history: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "version": published.version,
        "champion": published.version == shelf.champion(),
        "created_at": published.created_at,
        "sha256": published.digest,
        "folder": str(published.folder),
        "report": None if published.report is None else str(published.report),
        "fields": [{"name": f.name, "kind": f.kind.value} for f in published.card.fields],
        "pairs": [[published.card.fields[i].name for i in (p.a, p.b)] for p in published.card.pairs],
        "about": dict(published.about),
        "history": history,
    }


def _named(shelf: Shelf, version: str) -> Published:
    """A version, or the `champion`."""
    return shelf.open_champion()[0] if version == "champion" else shelf.open(version)


def _show_lines(published: Published, shelf: Shelf, history: list[dict[str, Any]]) -> list[str]:
    version, about = published.version, published.about
    serves = version == shelf.champion()
    rows, buyers = _figure(about.get("rows"), ","), _figure(about.get("buyers"), ",")
    return [
        f"Model {version}{', the champion' if serves else ''}, published {published.created_at}",
        f"  learned from {rows} leads, {buyers} of them buyers",
        *_metric_lines(about.get("metrics") or {}),
        *_decision_lines(about.get("gate") or {}),
        *_edit_lines(about),
        f"  {_fields_text(published)}",
        *(
            f"  {change['at']}  {change['action']} by {change['by']}"
            + (f": {change['reason']}" if change["reason"] else "")
            for change in history
        ),
        *([f"  report: {published.report}"] if published.report else []),
        f"  files: {published.folder}",
        f"  scorecard's SHA-256: {published.digest}",
        f"Next: leadrank models {'list' if serves else f'promote {version}'}",
    ]


def _decision_lines(gate: dict[str, Any]) -> list[str]:
    if not gate.get("decision"):
        return []
    return [f"  decision: {gate['decision']} ({'; '.join(gate.get('reasons', []))})"]


def _edit_lines(about: Mapping[str, Any]) -> list[str]:
    """What a person changed, and what holds of earlier changes."""
    from models.changes import EDITED, hand_set_in, vetoed_in

    edit = about.get(EDITED)
    head = [f"  model {edit['parent']} edited by {edit['by']}: {edit['why']}"] if edit else []
    out = [f"  left out by {one['by']}: {one['field']} ({one['why']})" for one in vetoed_in(about)]
    return (
        head
        + _beside_lines(about)
        + out
        + [f"  set by {p['by']}: {p['field']}: {p['level']}: {p['after']:+.1f}" for p in hand_set_in(about)]
    )


def _beside_lines(about: Mapping[str, Any]) -> list[str]:
    """The parent's figures on the leads that an edit was judged on."""
    from models.changes import BESIDE

    found = about.get(BESIDE)
    if not found:
        return []
    before = found["before"]
    return [
        f"  before the edit, on the same {found['leads']:,} leads: AUC {before['auc']:.4f}, log loss "
        f"{before['log_loss']:.4f}, best 20 % {before['buyers_in_top_20pct']:.1%} of buyers; "
        f"{found['grades_changed']:,} leads change their grade"
    ]


def _fields_text(published: Published) -> str:
    names = [field.name for field in published.card.fields]
    more = f" and {len(names) - FIELDS_SHOWN} more" if len(names) > FIELDS_SHOWN else ""
    return f"{len(names)} fields, {len(published.card.pairs)} pairs: {', '.join(names[:FIELDS_SHOWN])}{more}"


def _metric_lines(metrics: Mapping[str, object]) -> Iterator[str]:
    """A figure a line, its interval behind it."""
    from scoring.calibrated import IN_WORDS

    for name, value in metrics.items():
        if name.removesuffix("_ci") not in metrics.keys() - {name}:
            ends = metrics.get(f"{name}_ci")
            said = IN_WORDS.get(name, name.replace("_", " "))
            yield f"  {said}: {_metric_text(value)}" + (f" ({_metric_text(ends)})" if ends else "")


def _metric_text(value: object) -> str:
    if isinstance(value, list):
        return " to ".join(map(_metric_text, value))
    return f"{value:.4f}" if isinstance(value, float) else "not known" if value is None else str(value)

"""`leadrank models edit`: a published model changed by a person, signed, judged, and published anew."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import options
from cli.home import Home

if TYPE_CHECKING:
    from models import Published, Shelf
    from models.changes import Changes
    from training.edit_leads import Source
    from training.edits import EditRun
    from training.history import History
    from training.mapping import Mapping as Names


def edit(
    version: Annotated[str, typer.Argument(help="The version to change, or `champion`; it stays as it is.")],
    history: Annotated[
        Path | None, typer.Argument(help="Leads to judge it on (default: the service's own history).")
    ] = None,
    veto: Annotated[list[str] | None, typer.Option("--veto", help="Field to leave out (may be repeated).")] = None,
    points: Annotated[
        list[str] | None,
        typer.Option("--points", metavar="'FIELD: LEVEL = POINTS'", help="Points of a level or bin (may be repeated)."),
    ] = None,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="Field to let in again from the next training on.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who changes it.")] = "",
    why: Annotated[str, typer.Option("--why", help="Why: it stands in the model's description.")] = "",
    told: Annotated[
        Path | None, typer.Option("--from", help="JSON file with by, why, veto, points and allow, instead of options.")
    ] = None,
    no_promote: Annotated[
        bool, typer.Option("--no-promote", help="Publish, but let the old champion serve on.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Leave fields out of a model or set points by hand: a new version, judged by the same gate as a trained one."""
    from models.changes import Changes, changes_of
    from models.shelf import Shelf
    from scoring.editing import setting_of

    shelf = Shelf(Home.of_environment().shelf)
    parent = shelf.open_champion()[0] if version == "champion" else shelf.open(version)
    if told is None:
        settings = tuple(setting_of(one, parent.card) for one in points or ())
        changes = Changes(by, why, tuple(veto or ()), settings, tuple(allow or ()))
    else:
        _refuse_both(bool(veto or points or allow or by or why))
        changes = changes_of(_bytes_of(told))
    found = _edited(parent, changes, shelf, history, promote=not no_promote)
    print(json.dumps(_as_object(found), ensure_ascii=False) if as_json else _in_words(found))


def _edited(parent: Published, changes: Changes, shelf: Shelf, history: Path | None, *, promote: bool) -> EditRun:
    from models.edit_note import FOLDER
    from models.registry import Registry
    from training.edit_run import run_edit

    home = Home.of_environment()
    at = datetime.now(UTC)
    registry = Registry(home.mlflow_uri, home.mlflow_artifacts)
    sources = [_own(home, at), *_learned_from(parent, at)] if history is None else [_given(history, parent.about, at)]
    return run_edit(parent, changes, shelf, registry, sources, folder=home.folder / FOLDER, at=at, promote=promote)


def _refuse_both(given: bool) -> None:
    from scoring.errors import WrongUsage

    if given:
        raise WrongUsage("--from says it all, and there are other options", "say it in one of the two ways")


def _bytes_of(path: Path) -> bytes:
    from scoring.errors import WrongUsage

    try:
        return path.read_bytes()
    except OSError as fault:
        raise WrongUsage(f"{path.name} cannot be read: {fault.strerror}", "give a JSON file") from None


def _given(history: Path, about: Mapping[str, Any], at: datetime) -> Source:
    """Leads of a file or folder, named as the model was trained unless a TOML file lies beside."""
    from training.edit_leads import Source
    from training.evaluate import mapping_of
    from training.history import config_of, read_history

    mapping = mapping_of(about, config_of(history))
    return Source("the history given", lambda: (read_history(history, mapping, now=int(at.timestamp())), mapping))


def _learned_from(parent: Published, at: datetime) -> Iterator[Source]:
    """The history that the model learned from, where its description names one, with the names that it was read by."""
    from models.changes import HISTORY
    from scoring.errors import Refused
    from training.edit_leads import Source
    from training.evaluate import mapping_of
    from training.history import config_of, read_history

    where = parent.about.get(HISTORY)
    if not isinstance(where, str):
        return
    folder = Path(where)

    def read() -> tuple[History, Names]:
        if not folder.exists():
            raise Refused("it is no longer there", f"bring it back to {folder}")
        mapping = mapping_of(parent.about, config_of(folder))
        history = read_history(folder, mapping, now=int(at.timestamp()))
        counted = {d.field for d in parent.card.derived}
        if not {f.name for f in parent.card.fields} - counted <= history.columns.keys():
            raise Refused("it has not the fields that the model was learned from", f"bring it back to {folder}")
        return history, mapping

    yield Source(f"the history that model {parent.version} was trained on", read)


def _own(home: Home, at: datetime) -> Source:
    """The service's own leads, exported as `leadrank retrain` does; the export is gone once it has been read."""
    from models.edit_note import FOLDER
    from models.remembered import remembered_by
    from models.shelf import Shelf
    from service.export import export
    from service.upgrade import ready_database
    from training.edit_leads import Source
    from training.history import config_of, read_history
    from training.mapping import read_mapping

    def read() -> tuple[History, Names]:
        told = remembered_by(Shelf(home.shelf))
        with TemporaryDirectory(dir=home.folder / FOLDER) as place, ready_database(home.database_url) as database:
            folder = Path(place) / "history"
            export(database, folder, told=told.mapping, counted=told.counted)
            mapping = read_mapping(config_of(folder))
            return read_history(folder, mapping, now=int(at.timestamp())), mapping

    return Source("the service's own leads", read)


def _as_object(found: EditRun) -> dict[str, object]:
    """What `--json` prints."""
    published = found.published.published
    names = ("edited", "vetoed", "hand_set", "metrics", "beside", "judged_on", "gate", "notes")
    return {
        "model": published.version,
        **{name: found.about[name] for name in names},
        "promoted": found.published.promoted,
    }


def _in_words(found: EditRun) -> str:
    """What was changed, what the gate said, and what comes next."""
    edited, gate = found.about["edited"], found.tried.gate
    version, before = found.published.published.version, found.published.before
    serves = f"model {before} serves on" if before else "no model serves"
    if found.published.promoted:
        ended = [f"Model {version} is the champion now (before: {before}): {'; '.join(gate.reasons)}."]
        after = "leadrank rescore, where leadrank serve is not running (it scores all open leads again by itself)"
    else:
        ended = [f"Model {version} is published, {serves}: {'; '.join(gate.reasons)}."]
        after = f"leadrank models promote {version}, where a person decides so"
    return "\n".join(
        [
            f"Model {edited['parent']}, edited by {edited['by']}: {edited['why']}",
            *(f"  left out: {name}" for name in edited["veto"]),
            *(f"  let in again, from the next training on: {name}" for name in edited["allow"]),
            *(
                f"  {p['field']}: {p['level']}: {p['before']:+.1f} -> {p['after']:+.1f} points"
                for p in edited["points"]
            ),
            *(f"  {note}" for note in found.tried.notes),
            *ended,
            *found.published.notes,
            f"Next: {after}",
        ]
    )

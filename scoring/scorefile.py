"""`score`: a file of leads in, a ranked file out; read in pieces, ranked as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from .batch import TableScorer, per_mille_of, probabilities_of
from .errors import Refused, WrongUsage
from .files import FORMULA, Piece, iter_pieces
from .ranking import GradeCuts, best_first
from .scorecard import REFERENCE_STEPS, Scorecard

PIECE = 65_536
"""Rows read, scored and written at a time."""

COLUMNS = ("rank", "score", "grade", "probability", "expected_value", "readiness", "reasons", "warnings")
REASONS = 3

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Scored:
    """What was done: rows scored, and how many of them carry a warning."""

    rows: int
    warned: int
    id_column: str


class _Texts:
    """Different texts, each kept once, and its place."""

    def __init__(self) -> None:
        self._place: dict[object, int] = {}

    def places(self, texts: list[object]) -> NDArray[np.int32]:
        """The place of each text; -1 stays -1 when it indexes the answer's last entry."""
        found = [self._place.setdefault(t, len(self._place)) for t in texts]
        return np.array([*found, -1], dtype=np.int32)

    def all(self) -> list[object]:
        """All texts in the order of their places."""
        return list(self._place)


@dataclass
class _Gathered:
    """The scores of all rows so far: 40 bytes a row and the ids."""

    ids: list[pa.Array]
    log_odds: list[NDArray[np.int64]]
    reasons: list[NDArray[np.int32]]
    warnings: list[NDArray[np.int32]]


def score_file(
    card: Scorecard,
    cuts: GradeCuts,
    leads: Path,
    out: Path,
    *,
    id_column: str | None,
    as_of: int,
    progress: Progress | None = None,
) -> Scored:
    """Score and rank the leads of a CSV or Parquet file into another, best first. as_of: seconds since 1970.

    id_column: whose values name the leads; None calls them row-1, row-2, ... Raises Refused and WrongUsage.
    """
    _refuse_collision(id_column)
    write = _writer_for(out, leads)
    scorer, texts, warnings = TableScorer(card), _Texts(), _Texts()
    gathered = _Gathered([], [], [], [])
    done = 0
    for piece in iter_pieces(leads, rows=PIECE, wanted=scorer.names, id_column=id_column):
        rows = piece.rows
        _refuse_strangers(piece, leads, scorer.names)
        found = scorer.score(piece.columns, rows, as_of=np.full(rows, as_of, dtype=np.int64), reasons=REASONS)
        gathered.ids.append(_row_ids(done, rows) if piece.ids is None else piece.ids)
        gathered.log_odds.append(found.log_odds)
        gathered.reasons.append(texts.places(list(found.reason_texts))[found.reasons])
        gathered.warnings.append(warnings.places(list(found.warning_texts))[found.warnings])
        done += rows
        if progress:
            progress("scoring", done, 0)
    if not done:
        raise Refused(f"{leads.name} has a header and no leads", "nothing to score")
    name = id_column or "id"
    warned = write(out, name, _ranked(card, cuts, gathered), texts.all(), warnings.all())
    return Scored(done, warned, name)


def _refuse_strangers(piece: Piece, leads: Path, names: list[str]) -> None:
    if not piece.columns:
        raise Refused(f"{leads.name} has none of the model's fields", f"it looks at {', '.join(sorted(names)[:5])}")


def _refuse_collision(id_column: str | None) -> None:
    if id_column in COLUMNS:
        raise WrongUsage(f"the id column {id_column!r} has the name of an output column", "rename it in the file")


def _row_ids(done: int, rows: int) -> pa.Array:
    return pa.array([f"row-{i}" for i in range(done + 1, done + rows + 1)], pa.string())


@dataclass(frozen=True)
class _Ranked:
    """Everything that is written, in rank order."""

    ids: pa.Array
    score: NDArray[np.int64]
    grade: NDArray[np.int8]
    probability: NDArray[np.float64]
    reasons: NDArray[np.int32]
    warnings: NDArray[np.int32]


def _ranked(card: Scorecard, cuts: GradeCuts, gathered: _Gathered) -> _Ranked:
    log_odds = np.concatenate(gathered.log_odds)
    probability = probabilities_of(log_odds)
    ids = pa.concat_arrays(gathered.ids)
    order = best_first(probability, log_odds, ids)
    per_mille = per_mille_of(card, log_odds[order])
    grades = np.array(["ABCD".index(cuts.grade_of(p)) for p in range(REFERENCE_STEPS + 1)], dtype=np.int8)
    return _Ranked(
        ids.take(pa.array(order)),
        per_mille * 100 // REFERENCE_STEPS,
        grades[per_mille],
        probability[order],
        np.concatenate(gathered.reasons)[order],
        np.concatenate(gathered.warnings)[order],
    )


Writer = Callable[[Path, str, _Ranked, list[Any], list[Any]], int]


def _writer_for(out: Path, leads: Path) -> Writer:
    if out.resolve() == leads.resolve():
        raise WrongUsage(f"{out.name} is the file of leads itself", "give --out another name")
    if not out.parent.is_dir():
        raise WrongUsage(
            f"no folder {out.parent.name!r} to write {out.name} into", "make it, or give --out another place"
        )
    if out.name.casefold().endswith((".parquet", ".pq")):
        return _write_parquet
    if out.name.casefold().endswith(".csv"):
        return _write_csv
    raise WrongUsage(f"{out.name} is neither CSV nor Parquet", "end the name of --out with .csv or .parquet")


def _plain_columns(ranked: _Ranked, part: slice) -> list[pa.Array]:
    rows = len(ranked.score[part])
    grade = pa.DictionaryArray.from_arrays(pa.array(ranked.grade[part]), pa.array(list("ABCD")))
    return [
        ranked.ids[part.start : part.stop],
        pa.array(np.arange(part.start + 1, part.start + rows + 1)),
        pa.array(ranked.score[part]),
        grade,
        pa.array(ranked.probability[part]),
        pa.nulls(rows, pa.float64()),
        pa.nulls(rows, pa.string()),
    ]


def _parts(rows: int) -> Iterator[slice]:
    for start in range(0, rows, PIECE):
        yield slice(start, min(start + PIECE, rows))


def _write_parquet(out: Path, name: str, ranked: _Ranked, texts: list[Any], warnings: list[Any]) -> int:
    reasons, warned = pa.array(texts, pa.string()), pa.array(map(list, warnings), pa.list_(pa.string()))
    writer: pq.ParquetWriter | None = None
    temporary = out.with_name(f".{out.name}.part")
    for part in _parts(len(ranked.score)):
        lists = _lists(ranked.reasons[part], reasons)
        columns = [*_plain_columns(ranked, part), lists, warned.take(pa.array(ranked.warnings[part]))]
        table = pa.Table.from_arrays(columns, names=[name, *COLUMNS])
        writer = writer or pq.ParquetWriter(temporary, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()
    temporary.replace(out)
    return _warned(ranked, warnings)


def _lists(places: NDArray[np.int32], texts: pa.Array) -> pa.Array:
    """A list of texts for every row; -1 is no text."""
    given = places >= 0
    offsets = np.concatenate(([0], np.cumsum(given.sum(axis=1)))).astype(np.int32)
    values = pa.DictionaryArray.from_arrays(pa.array(places[given]), texts)
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def _write_csv(out: Path, name: str, ranked: _Ranked, texts: list[Any], warnings: list[Any]) -> int:
    reasons = pa.array(texts, pa.string())
    warned = pa.array(["; ".join(w) for w in warnings], pa.string())
    temporary = out.with_name(f".{out.name}.part")
    options = pacsv.WriteOptions(quoting_style="needed")
    writer: pacsv.CSVWriter | None = None
    for part in _parts(len(ranked.score)):
        joined = pc.binary_join_element_wise(
            *(reasons.take(pa.array(p, mask=p < 0)) for p in ranked.reasons[part].T), "; ", null_handling="skip"
        )
        plain = _plain_columns(ranked, part)
        plain[3] = plain[3].cast(pa.string())
        columns = [_no_formula(plain[0]), *plain[1:], _no_formula(joined), warned.take(pa.array(ranked.warnings[part]))]
        table = pa.Table.from_arrays(columns, names=[name, *COLUMNS])
        writer = writer or pacsv.CSVWriter(temporary, table.schema, write_options=options)
        writer.write_table(table)
    assert writer is not None
    writer.close()
    temporary.replace(out)
    return _warned(ranked, warnings)


def _no_formula(texts: pa.Array) -> pa.Array:
    """Cells that a spreadsheet would run are led by an apostrophe; reading them back takes it off."""
    risky = pc.match_substring_regex(texts, FORMULA)
    if not pc.any(risky).as_py():
        return texts
    return pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)


def _warned(ranked: _Ranked, warnings: list[object]) -> int:
    carries = np.array([bool(w) for w in warnings])
    return int(carries[ranked.warnings].sum())


def leads_file(path: Path) -> Path:
    """The file itself, or the leads of a history folder."""
    if not path.is_dir():
        return path
    found = [p for s in (".parquet", ".csv", ".csv.gz") if (p := path / f"leads{s}").is_file()]
    if not found:
        raise WrongUsage(f"{path.name} holds no leads.csv or leads.parquet", "give a file of leads")
    return found[0]

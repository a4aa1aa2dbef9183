"""`score`: a file of leads in, a ranked file out; read in pieces, ranked as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .batch import Scores, TableScorer, per_mille_of, worth_of
from .columns import Column
from .errors import Refused, WrongUsage
from .file_lives import FileLives
from .files import Piece, iter_pieces
from .grades import GradeCuts
from .ranked_file import COLUMNS, PIECE, Ranked, writer_for
from .ranking import best_first
from .scorecard import REFERENCE_STEPS, Scorecard

REASONS = 3

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Scored:
    """What was done: rows scored, and how many of them carry a warning. age_days: the median, None if not known."""

    rows: int
    warned: int
    id_column: str
    age_days: float | None


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
    """The scores of all rows so far: 40 bytes a row, 8 more a head, and the ids."""

    ids: list[pa.Array] = field(default_factory=list)
    log_odds: list[NDArray[np.int64]] = field(default_factory=list)
    short: list[NDArray[np.int64]] = field(default_factory=list)
    value: list[NDArray[np.int64]] = field(default_factory=list)
    reasons: list[NDArray[np.int32]] = field(default_factory=list)
    warnings: list[NDArray[np.int32]] = field(default_factory=list)
    ages: list[NDArray[np.float32]] = field(default_factory=list)
    rows: int = 0

    def add(self, found: Scores, ids: pa.Array, reasons: NDArray[np.int32], warnings: NDArray[np.int32]) -> None:
        """One more piece."""
        self.ids.append(ids)
        self.log_odds.append(found.log_odds)
        if found.short_log_odds is not None:
            self.short.append(found.short_log_odds)
        if found.log_value is not None:
            self.value.append(found.log_value)
        self.reasons.append(reasons)
        self.warnings.append(warnings)
        self.rows += len(found.log_odds)


def score_file(
    card: Scorecard,
    cuts: GradeCuts,
    leads: Path,
    out: Path,
    *,
    id_column: str | None,
    as_of: int,
    lives: FileLives | None = None,
    progress: Progress | None = None,
) -> Scored:
    """Score and rank the leads of a CSV or Parquet file into another, best first. as_of: seconds since 1970.

    id_column: whose values name the leads; None calls them row-1, row-2, ... lives: what is known of the leads beside
    the file. Raises Refused and WrongUsage.
    """
    _refuse_collision(id_column)
    write = writer_for(out, leads)
    scorer, texts, warnings = TableScorer(card), _Texts(), _Texts()
    gathered, known = _Gathered(), lives or FileLives()
    wanted = [*scorer.names, *([known.created_column] if known.created_column else [])]
    for piece in iter_pieces(leads, rows=PIECE, wanted=wanted, id_column=id_column):
        moments = np.full(piece.rows, as_of, dtype=np.int64)
        table = _table(piece, leads, scorer, known, moments, gathered)
        found = scorer.score(table, piece.rows, as_of=moments, reasons=REASONS)
        ids = _row_ids(gathered.rows, piece.rows) if piece.ids is None else piece.ids
        reasons = texts.places(list(found.reason_texts))[found.reasons]
        gathered.add(found, ids, reasons, warnings.places(list(found.warning_texts))[found.warnings])
        if progress:
            progress("scoring", gathered.rows, 0)
    if not gathered.rows:
        raise Refused(f"{leads.name} has a header and no leads", "nothing to score")
    name = id_column or "id"
    warned = write(out, name, _ranked(card, cuts, gathered), texts.all(), warnings.all())
    ages = np.concatenate(gathered.ages) if gathered.ages else np.full(1, np.nan)
    age = None if np.isnan(ages).all() else float(np.nanmedian(ages))
    return Scored(gathered.rows, warned, name, age)


def _table(
    piece: Piece, leads: Path, scorer: TableScorer, lives: FileLives, as_of: NDArray[np.int64], gathered: _Gathered
) -> dict[str, Column]:
    """The columns that the card looks at: those of the file, and what is counted from the leads' lives."""
    table = {name: column for name, column in piece.columns.items() if name in scorer.known}
    if not table:
        raise Refused(
            f"{leads.name} has none of the model's fields", f"it looks at {', '.join(sorted(scorer.names)[:5])}"
        )
    counted, ages = lives.counted(scorer.card.derived, piece, as_of)
    if ages is not None:
        gathered.ages.append(ages.astype(np.float32))
    return {**table, **counted}


def _refuse_collision(id_column: str | None) -> None:
    if id_column in COLUMNS:
        raise WrongUsage(f"the id column {id_column!r} has the name of an output column", "rename it in the file")


def _row_ids(done: int, rows: int) -> pa.Array:
    return pa.array([f"row-{i}" for i in range(done + 1, done + rows + 1)], pa.string())


def _ranked(card: Scorecard, cuts: GradeCuts, gathered: _Gathered) -> Ranked:
    nothing = np.zeros(0, dtype=np.int32)
    short, value = (np.concatenate(parts) if parts else None for parts in (gathered.short, gathered.value))
    scores = Scores(np.concatenate(gathered.log_odds), short, value, nothing, [], nothing, [])
    worth = worth_of(card, scores)
    ids = pa.concat_arrays(gathered.ids)
    ranked_by = worth.probability if worth.expected_value is None else worth.expected_value
    order = best_first(ranked_by, scores.log_odds, ids)
    per_mille = per_mille_of(card, scores.log_odds[order])
    grades = np.array(["ABCD".index(cuts.grade_of(p)) for p in range(REFERENCE_STEPS + 1)], dtype=np.int8)
    return Ranked(
        ids.take(pa.array(order)),
        per_mille * 100 // REFERENCE_STEPS,
        grades[per_mille],
        worth.probability[order],
        None if worth.expected_value is None else worth.expected_value[order],
        None if worth.readiness is None else worth.readiness[order],
        np.concatenate(gathered.reasons)[order],
        np.concatenate(gathered.warnings)[order],
    )


def leads_file(path: Path) -> Path:
    """The file itself, or the leads of a history folder."""
    if not path.is_dir():
        return path
    found = [p for s in (".parquet", ".csv", ".csv.gz") if (p := path / f"leads{s}").is_file()]
    if not found:
        raise WrongUsage(f"{path.name} holds no leads.csv or leads.parquet", "give a file of leads")
    return found[0]

"""The ranked file: what is written of every lead, best first, as CSV or Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from .errors import WrongUsage
from .files import FORMULA
from .worth import READINESS

PIECE = 65_536
"""Rows written at a time."""

COLUMNS = ("rank", "score", "grade", "probability", "expected_value", "readiness", "reasons", "warnings")


@dataclass(frozen=True)
class Ranked:
    """Everything that is written, in rank order. grade, readiness: places in their names; -1 for none."""

    ids: pa.Array
    score: NDArray[np.int64]
    grade: NDArray[np.int8]
    probability: NDArray[np.float64]
    expected_value: NDArray[np.float64] | None
    readiness: NDArray[np.int8] | None
    reasons: NDArray[np.int32]
    warnings: NDArray[np.int32]


Writer = Callable[[Path, str, Ranked, list[Any], list[Any]], int]
"""Takes the file, the id column's name, the leads, the different reasons and warnings; how many carry a warning."""


def writer_for(out: Path, leads: Path) -> Writer:
    """What writes ranked leads into `out`. WrongUsage where that is the file of leads, or no CSV or Parquet."""
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


def _plain_columns(ranked: Ranked, part: slice) -> list[pa.Array]:
    rows = len(ranked.score[part])
    return [
        ranked.ids[part.start : part.stop],
        pa.array(np.arange(part.start + 1, part.start + rows + 1)),
        pa.array(ranked.score[part]),
        _named(ranked.grade[part], "ABCD"),
        pa.array(ranked.probability[part]),
        pa.nulls(rows, pa.float64()) if ranked.expected_value is None else pa.array(ranked.expected_value[part]),
        pa.nulls(rows, pa.string()) if ranked.readiness is None else _named(ranked.readiness[part], READINESS),
    ]


def _named(places: NDArray[np.int8], names: Sequence[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(places), pa.array(list(names)))


def _parts(rows: int) -> Iterator[slice]:
    for start in range(0, rows, PIECE):
        yield slice(start, min(start + PIECE, rows))


def _write_parquet(out: Path, name: str, ranked: Ranked, texts: list[Any], warnings: list[Any]) -> int:
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


def _write_csv(out: Path, name: str, ranked: Ranked, texts: list[Any], warnings: list[Any]) -> int:
    reasons = pa.array(texts, pa.string())
    warned = pa.array(["; ".join(w) for w in warnings], pa.string())
    temporary = out.with_name(f".{out.name}.part")
    options = pacsv.WriteOptions(quoting_style="needed")
    writer: pacsv.CSVWriter | None = None
    for part in _parts(len(ranked.score)):
        joined = _joined(reasons, ranked.reasons[part])
        plain = _plain_columns(ranked, part)
        plain[3], plain[6] = plain[3].cast(pa.string()), plain[6].cast(pa.string())
        columns = [_no_formula(plain[0]), *plain[1:], _no_formula(joined), warned.take(pa.array(ranked.warnings[part]))]
        table = pa.Table.from_arrays(columns, names=[name, *COLUMNS])
        writer = writer or pacsv.CSVWriter(temporary, table.schema, write_options=options)
        writer.write_table(table)
    assert writer is not None
    writer.close()
    temporary.replace(out)
    return _warned(ranked, warnings)


def _joined(texts: pa.Array, places: NDArray[np.int32]) -> pa.Array:
    """Every row's texts as one, shape (n,); a place of -1 is no text."""
    if (places < 0).all():
        return pa.array([""] * len(places))  # of nulls alone pyarrow makes no rows at all
    columns = [texts.take(pa.array(p, mask=p < 0)) for p in places.T]
    return pc.binary_join_element_wise(*columns, "; ", null_handling="skip")


def _no_formula(texts: pa.Array) -> pa.Array:
    """Cells that a spreadsheet would run are led by an apostrophe; reading them back takes it off."""
    risky = pc.match_substring_regex(texts, FORMULA)
    if not pc.any(risky).as_py():
        return texts
    return pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)


def _warned(ranked: Ranked, warnings: list[object]) -> int:
    carries = np.array([bool(w) for w in warnings])
    return int(carries[ranked.warnings].sum())

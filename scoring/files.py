"""CSV and Parquet as columns: the edge where pyarrow is met. Texts stay as written: 00123 and NA are not touched."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from .columns import Coded, Column, Numbers
from .errors import Refused, WrongUsage
from .values import as_text

DELIMITERS = ",;\t|"
BLOCK = 1 << 20
"""Bytes read at a time where a whole file is looked at."""

EXACT = 2**53
"""Whole numbers beyond this are not exact as floats: such a column is kept as text."""

BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class FileTable:
    """What a file holds. notes: what was done about its separator, encoding and the like, in words."""

    columns: dict[str, Column]
    rows: int
    notes: list[str] = field(default_factory=list)


def read_table(path: Path) -> FileTable:
    """The whole of a CSV (also .gz) or Parquet file. Refused or WrongUsage where it is none."""
    notes: list[str] = []
    batches = list(_batches(path, notes, rows=1 << 20))
    table = pa.Table.from_batches(batches) if batches else pa.table({})
    with _refusing(path):
        columns = {name: _column(table.column(name)) for name in table.column_names}
    return FileTable(columns, table.num_rows, notes)


@dataclass(frozen=True)
class Piece:
    """Some rows of a file: the columns asked for that it has, and the ids as text, verbatim."""

    columns: dict[str, Column]
    ids: pa.Array | None
    rows: int


def iter_pieces(path: Path, *, rows: int, wanted: Collection[str], id_column: str | None) -> Iterator[Piece]:
    """The columns asked for, some rows at a time, in bounded memory. WrongUsage where the id column is not there."""
    columns = [*wanted, *([id_column] if id_column else [])]
    for batch in _ahead(_batches(path, [], rows=rows, wanted=columns, plain=id_column)):
        names = batch.schema.names
        if id_column and id_column not in names:
            raise WrongUsage(f"no column {id_column!r} in {path.name}", "name the id column with --id")
        with _refusing(path):
            found = {n: _column(pa.chunked_array([batch.column(i)])) for i, n in enumerate(names) if n in wanted}
            ids = _id_texts(batch.column(names.index(id_column))) if id_column else None
        yield Piece(found, ids, batch.num_rows)


def _ahead(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same batches, the next one read by another thread while this one is worked on."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


def _batches(
    path: Path, notes: list[str], *, rows: int, wanted: Collection[str] | None = None, plain: str | None = None
) -> Iterator[pa.RecordBatch]:
    """A file's rows; of Parquet only the wanted columns, with texts dictionary-encoded but for `plain`."""
    if not path.is_file():
        raise WrongUsage(f"no such file: {path.name}", "give a CSV, CSV.gz or Parquet file")
    if path.stat().st_size == 0:
        raise Refused(f"{path.name} is empty", "a table needs a header and rows")
    name = path.name.casefold()
    with _refusing(path):
        if name.endswith((".parquet", ".pq")):
            yield from _parquet_batches(path, rows, wanted, plain)
        elif name.endswith((".csv", ".csv.gz", ".txt", ".txt.gz", ".tsv", ".tsv.gz")):
            yield from _csv_batches(path, notes)
        else:
            raise WrongUsage(f"{path.name} is neither CSV nor Parquet", "save it as .csv, .csv.gz or .parquet")


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """What fails inside is a Refused that names the file."""
    try:
        yield
    except (pa.ArrowException, csv.Error, OSError, UnicodeError, EOFError) as fault:
        raise Refused(f"{path.name} cannot be read: {_why(fault)}", "mend the file or save it again") from None


_RAGGED = re.compile(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)")


def _why(fault: BaseException) -> str:
    """The fault without the row's own text, which may hold personal data."""
    if isinstance(fault, UnicodeError):
        return f"its text is not valid {fault.encoding}" if isinstance(fault, UnicodeDecodeError) else "its encoding"
    if ragged := _RAGGED.search(str(fault)):
        row, expected, got = ragged.groups()
        return f"{f'row {row}' if row else 'a row'} has {got} cells where the header has {expected}"
    return next(iter(str(fault).splitlines()), type(fault).__name__).partition("'")[0][:200]


def _parquet_batches(
    path: Path, rows: int, wanted: Collection[str] | None, plain: str | None
) -> Iterator[pa.RecordBatch]:
    schema = pq.ParquetFile(path).schema_arrow
    _refuse_twins(path, schema.names)
    texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
    file = pq.ParquetFile(path, read_dictionary=[name for name in texts if name != plain])
    columns = None if wanted is None else [name for name in schema.names if name in wanted]
    yield from file.iter_batches(batch_size=rows, columns=columns)
    if not file.metadata.num_rows:
        kept = [schema.field(name) for name in (schema.names if columns is None else columns)]
        yield pa.RecordBatch.from_pylist([], schema=pa.schema(kept))


def _csv_batches(path: Path, notes: list[str]) -> Iterator[pa.RecordBatch]:
    encoding = _encoding(path, notes)
    header, delimiter, rowless = _header(path, encoding)
    if delimiter != ",":
        notes.append(f"{path.name}: the separator is {_NAMES[delimiter]}")
    _refuse_twins(path, header)
    if rowless:
        yield pa.RecordBatch.from_pylist([], schema=pa.schema(dict.fromkeys(header, pa.string())))
        return
    with pa.input_stream(str(path), compression="gzip" if path.suffix == ".gz" else None) as stream:
        # One thread: with more, a fault does not say in which row it stands.
        reader = pacsv.open_csv(
            stream,
            read_options=pacsv.ReadOptions(encoding=encoding, block_size=4 * BLOCK, use_threads=False),
            parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False, check_utf8=True
            ),
        )
        yield from reader


_NAMES = {";": "a semicolon", "\t": "a tab", "|": "a bar"}


def _encoding(path: Path, notes: list[str]) -> str:
    """The encoding of a text file: its byte-order mark, else UTF-8 where all of it is, else Latin-1."""
    with pa.input_stream(str(path), compression="gzip" if path.suffix == ".gz" else None) as stream:
        head = stream.read(4)
        for bom, name in BOMS.items():
            if head.startswith(bom):
                return name
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(head)
            while block := stream.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            notes.append(f"{path.name}: not UTF-8, read as Latin-1")
            return "latin-1"
    return "utf-8"


def _header(path: Path, encoding: str) -> tuple[list[str], str, bool]:
    """The names of the columns, what separates them, and whether nothing comes after them."""
    with pa.input_stream(str(path), compression="gzip" if path.suffix == ".gz" else None) as stream:
        text = codecs.getincrementaldecoder(encoding)("replace").decode(stream.read(BLOCK))
    text = text.lstrip("\r\n")
    outside = "".join(text.split('"')[::2]).splitlines()
    first = outside[0] if outside else ""
    delimiter = max(DELIMITERS, key=lambda d: (first.count(d), -DELIMITERS.index(d)))
    lines = io.StringIO(text, newline="")
    header = next(csv.reader(lines, delimiter=delimiter), [])
    if not any(name.strip() for name in header):
        raise Refused(f"{path.name} has no header", "the first line names the columns")
    return header, delimiter, not lines.read().strip("\r\n")


def _refuse_twins(path: Path, names: list[str]) -> None:
    twins = [name for name, count in Counter(names).items() if count > 1]
    if twins:
        raise Refused(f"{path.name} has more than one column named {twins[0]!r}", "rename or remove one of them")


def _column(array: pa.ChunkedArray) -> Column:
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _coded(array.unify_dictionaries().combine_chunks())
    whole = pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale <= 0)
    if pa.types.is_floating(kind) or (_exact(array) if whole else pa.types.is_decimal(kind)):
        return _numbers(array.cast(pa.float64()))
    if whole or pa.types.is_nested(kind) or _is_bytes(kind) or isinstance(kind, pa.BaseExtensionType):
        array = pa.chunked_array([_written(array)])
    return _coded(array.combine_chunks().dictionary_encode())


def _is_bytes(kind: pa.DataType) -> bool:
    return any(test(kind) for test in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary))


def _written(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Values of other types as text; bytes, which some writers use for texts, as UTF-8."""
    texts = [v.decode(errors="backslashreplace") if isinstance(v, bytes) else v for v in array.to_pylist()]
    return pa.array([None if v is None else str(v) for v in texts], pa.string())


def _exact(array: pa.ChunkedArray) -> bool:
    ends = pc.min_max(array).as_py()
    return all(v is None or abs(v) <= EXACT for v in ends.values())


def _numbers(array: pa.ChunkedArray) -> Numbers:
    values = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
    return Numbers(pc.fill_null(values, float("nan")).to_numpy(zero_copy_only=False))


def _coded(array: pa.Array | pa.ChunkedArray) -> Coded:
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], pa.string()).dictionary_encode()
    index = pc.fill_null(array.indices.cast(pa.int32()), -1).to_numpy(zero_copy_only=False)
    return Coded(array.dictionary.to_pylist(), np.ascontiguousarray(index))


FORMULA = r"^([=@\t\r]|[+\-].*[^0-9.,+\-])"
"""What a spreadsheet would run as a formula; signed numbers and phone numbers are left alone."""


def _id_texts(array: pa.Array) -> pa.Array:
    """Ids as text, verbatim where they were text, without the apostrophe that guards a formula; null is empty."""
    if pa.types.is_decimal(array.type):
        array = _written(array)
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        column = _column(pa.chunked_array([array]))
        return pa.array(texts_of(column), pa.string())
    texts = pc.fill_null(array.cast(pa.string()), "")
    guarded = pc.starts_with(texts, "'")
    if not pc.any(guarded).as_py():
        return texts
    return pa.array([_unguarded(t) for t in texts.to_pylist()], pa.string())


def texts_of(column: Column) -> list[str]:
    """Every row's value as text, verbatim where it was text, without the apostrophe that guards a formula: for ids."""
    coded = column.coded() if isinstance(column, Numbers) else column
    found = [*(_unguarded(as_text(v)) for v in coded.values), ""]
    return [found[i] for i in coded.index.tolist()]


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.search(text[1:]) else text


_FORMULA = re.compile(FORMULA)

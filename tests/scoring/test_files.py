"""CSV and Parquet as people and programs write them: nothing guessed, nothing lost, nothing echoed."""

from __future__ import annotations

import codecs
import gzip
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import Refused, WrongUsage
from scoring.columns import Column, Numbers
from scoring.files import iter_pieces, read_table, texts_of
from scoring.ranked_file import _no_formula

from .strategies import quick


def written(folder: Path, data: bytes, name: str = "leads.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def values_of(column: Column) -> list[object]:
    coded = column.coded() if isinstance(column, Numbers) else column
    return [None if i < 0 else coded.values[i] for i in coded.index.tolist()]


def read(path: Path) -> dict[str, list[object]]:
    return {name: values_of(column) for name, column in read_table(path).columns.items()}


ROWS = {"id": ["00123", "1.0"], "city": ["Köln", "NA"]}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_and_said(tmp_path: Path, separator: str) -> None:
    lines = "\n".join(separator.join(row) for row in [ROWS, *zip(*ROWS.values(), strict=True)])
    path = written(tmp_path, lines.encode())
    assert read(path) == ROWS
    assert len(read_table(path).notes) == (separator != ",")


def test_a_comma_in_a_quoted_name_is_no_separator(tmp_path: Path) -> None:
    path = written(tmp_path, b'id;"size, in heads, about, so";b\n1;"2,5";3\n')
    assert read(path) == {"id": ["1"], "size, in heads, about, so": ["2,5"], "b": ["3"]}


TEXT = "id,city\r\n00123,Köln\r\n1.0,NA\r\n"
ENCODED: dict[str, tuple[bytes, str]] = {
    "UTF-8": (TEXT.encode(), "leads.csv"),
    "UTF-8 with a mark": (codecs.BOM_UTF8 + TEXT.encode(), "leads.csv"),
    "UTF-16, little end first": (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "leads.csv"),
    "UTF-16, big end first": (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "leads.csv"),
    "Latin-1": (TEXT.encode("latin-1"), "leads.csv"),
    "gz": (gzip.compress(TEXT.encode()), "leads.csv.gz"),
    "gz of UTF-16": (gzip.compress(codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")), "leads.csv.gz"),
    "lines end as on Unix": (TEXT.replace("\r\n", "\n").encode(), "leads.csv"),
    "lines end as on old Macs": (TEXT.replace("\r\n", "\r").encode(), "leads.csv"),
    "no end of the last line": (TEXT.strip().encode(), "leads.csv"),
    "empty lines": (("\r\n\r\n" + TEXT.replace("00123", "\r\n00123")).encode(), "leads.csv"),
    "another ending": (TEXT.encode(), "LEADS.TXT"),
}


@pytest.mark.parametrize("name", ENCODED)
def test_a_csv_is_read_whatever_its_encoding_and_line_ends(tmp_path: Path, name: str) -> None:
    assert read(written(tmp_path, *ENCODED[name])) == ROWS


def test_latin_1_is_said(tmp_path: Path) -> None:
    assert "Latin-1" in read_table(written(tmp_path, TEXT.encode("latin-1"))).notes[0]


def test_a_letter_that_is_no_utf_8_far_into_the_file_is_found(tmp_path: Path) -> None:
    data = b"id,city\n" + b"1,Bonn\n" * 400_000 + "2,Köln\n".encode("latin-1")
    assert read(written(tmp_path, data))["city"][-1] == "Köln"


def test_a_character_on_the_border_of_a_block_is_still_utf_8(tmp_path: Path) -> None:
    for shift in range(4):
        data = b"id,city\n" + b"x" * shift + ("é" * 1_200_000).encode() + b",1\n"
        assert read_table(written(tmp_path, data)).notes == []


def test_texts_stay_as_written(tmp_path: Path) -> None:
    cells = ["00123", "NA", "null", "1e3", " x ", "", "true", "2026-01-01", "-", "NaN"]
    assert read(written(tmp_path, "\n".join(["id,a", *(f"r,{c}" for c in cells)]).encode()))["a"] == cells


def test_quotes_may_hold_lines_separators_and_quotes(tmp_path: Path) -> None:
    path = written(tmp_path, b'id,"a ""b""\nc"\n"1\n2","x, ""y"""\n')
    assert read(path) == {"id": ["1\n2"], 'a "b"\nc': ['x, "y"']}


def test_quoted_lines_may_lie_across_the_border_of_a_block(tmp_path: Path) -> None:
    cell = "a\n" * 333
    path = written(tmp_path, b"id,a\n" + f'1,"{cell}"\n'.encode() * 14_000)
    assert path.stat().st_size > 9_000_000
    found = read_table(path)
    assert (found.rows, set(values_of(found.columns["a"]))) == (14_000, {cell})


def test_columns_named_alike_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="more than one column named 'a'"):
        read_table(written(tmp_path, b"a,b,a\n1,2,3\n"))
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), tmp_path / "t.parquet")
    with pytest.raises(Refused, match="more than one column named 'a'"):
        read_table(tmp_path / "t.parquet")


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.csv", b"", "is empty"),
    "empty Parquet": ("a.parquet", b"", "is empty"),
    "only line ends": ("a.csv", b"\n\n\n", "has no header"),
    "only separators": ("a.csv", b" , , \n1,2,3\n", "no header"),
    "ragged": ("a.csv", b"id,a\n1,2\nsecret@acme.com,3,4\n", "row 3 has 3 cells where the header has 2"),
    "ragged, too few": ("a.csv", b"id,a\n1,2\nsecret@acme.com\n", "row 3 has 1 cells where the header has 2"),
    "ragged, with a colon": ("a.csv", b"id,a\nsecret: Row: x,3,4\n", "has 3 cells"),
    "a quote that never ends": ("a.csv", b'"' + b"secret " * 30_000, "cannot be read"),
    "no gz": ("a.csv.gz", b"secret", "cannot be read"),
    "half a gz": ("a.csv.gz", gzip.compress(b"id,secret\n" * 999)[:-9], "cannot be read"),
    "half a UTF-16": ("a.csv", codecs.BOM_UTF16_LE + "id,a\n1,secret\n".encode("utf-16-le")[:-1], "cannot be read"),
    "no Parquet": ("a.parquet", b"id,a\n1,secret\n", "cannot be read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_table_is_refused_without_its_text(tmp_path: Path, name: str) -> None:
    file, data, why = REFUSED[name]
    with pytest.raises(Refused, match=why) as refused:
        read_table(written(tmp_path, data, file))
    assert file in str(refused.value)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("place", range(0, 2000, 97))
def test_a_damaged_parquet_file_is_refused_or_read_but_never_fails_otherwise(tmp_path: Path, place: int) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": [f"lead {i}" for i in range(200)], "n": list(range(200))}), path)
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= 0xFF
    path.write_bytes(data)
    try:
        read_table(path)
    except Refused:
        pass


def test_no_file_and_another_format_are_wrong_usage(tmp_path: Path) -> None:
    for name in ("none.csv", "."):
        with pytest.raises(WrongUsage, match="no such file"):
            read_table(tmp_path / name)
    with pytest.raises(WrongUsage, match="neither CSV nor Parquet"):
        read_table(written(tmp_path, b"x", "leads.xlsx"))


@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
def test_a_header_alone_is_a_table_with_columns_and_no_rows(tmp_path: Path, end: str) -> None:
    found = read_table(written(tmp_path, f"id;a{end}".encode()))
    assert (list(found.columns), found.rows) == (["id", "a"], 0)


def test_a_parquet_file_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": pa.array([], pa.string()), "n": pa.array([], pa.float64())}), tmp_path / "a.parquet")
    found = read_table(tmp_path / "a.parquet")
    assert (list(found.columns), found.rows) == (["id", "n"], 0)


PARQUET: dict[str, tuple[pa.Array, list[object], list[str]]] = {
    "texts": (pa.array(["a", None, "00123"]), ["a", None, "00123"], ["a", "", "00123"]),
    "large texts": (pa.array(["a", None], pa.large_string()), ["a", None], ["a", ""]),
    "text views": (pa.array(["a", None], pa.string_view()), ["a", None], ["a", ""]),
    "dictionary": (pa.array(["a", None, "b", "a"]).dictionary_encode(), ["a", None, "b", "a"], ["a", "", "b", "a"]),
    "dictionary of numbers": (pa.array([1, None, 1]).dictionary_encode(), [1, None, 1], ["1", "", "1"]),
    "whole numbers with gaps": (pa.array([1, None, -3]), [1.0, None, -3.0], ["1", "", "-3"]),
    "small whole numbers": (pa.array([1, None], pa.uint8()), [1.0, None], ["1", ""]),
    "whole numbers beyond floats": (
        pa.array([2**60 + 1, None, 3]),
        [str(2**60 + 1), None, "3"],
        [str(2**60 + 1), "", "3"],
    ),
    "the largest": (pa.array([2**64 - 1, None], pa.uint64()), [str(2**64 - 1), None], [str(2**64 - 1), ""]),
    "the lowest": (pa.array([-(2**63)], pa.int64()), [str(-(2**63))], [str(-(2**63))]),
    "the last exact": (pa.array([2**53]), [float(2**53)], [str(2**53)]),
    "floats": (pa.array([1.5, None, float("nan"), 2.0]), [1.5, None, None, 2.0], ["1.5", "", "", "2"]),
    "half floats": (pa.array([1.5, None], pa.float16()), [1.5, None], ["1.5", ""]),
    "decimals": (pa.array([Decimal("1.50"), None]), [1.5, None], ["1.50", ""]),
    "whole decimals": (pa.array([Decimal(7), None], pa.decimal128(38, 0)), [7.0, None], ["7", ""]),
    "decimals beyond floats": (
        pa.array([Decimal(12345678901234567890), None], pa.decimal128(38, 0)),
        ["12345678901234567890", None],
        ["12345678901234567890", ""],
    ),
    "yes and no": (pa.array([True, None, False]), [True, None, False], ["true", "", "false"]),
    "dates": (pa.array([date(2026, 1, 31), None]), [date(2026, 1, 31), None], ["2026-01-31", ""]),
    "timestamps": (
        pa.array([datetime(2026, 1, 31, 12), None], pa.timestamp("us")),
        [datetime(2026, 1, 31, 12), None],
        ["2026-01-31 12:00:00", ""],
    ),
    "timestamps of a zone": (
        pa.array([datetime(2026, 1, 31, 12, tzinfo=UTC), None], pa.timestamp("ms", "Europe/Berlin")),
        [datetime(2026, 1, 31, 12, tzinfo=UTC), None],
        ["2026-01-31 13:00:00+01:00", ""],
    ),
    "nanoseconds": (
        pa.array([datetime(2026, 1, 31), None], pa.timestamp("ns")),
        [datetime(2026, 1, 31), None],
        ["2026-01-31 00:00:00", ""],
    ),
    "nothing": (pa.nulls(2), [None, None], ["", ""]),
    "bytes of text": (pa.array(["Köln".encode(), None]), ["Köln", None], ["Köln", ""]),
    "bytes": (pa.array([b"\xff"]), ["\\xff"], ["\\xff"]),
    "lists": (pa.array([["a", "b"], None]), ["['a', 'b']", None], ["['a', 'b']", ""]),
    "objects": (pa.array([{"a": 1}, None]), ["{'a': 1}", None], ["{'a': 1}", ""]),
    "uuids": (
        pa.ExtensionArray.from_storage(pa.uuid(), pa.array([UUID(int=5).bytes, None], pa.binary(16))),
        [str(UUID(int=5)), None],
        [str(UUID(int=5)), ""],
    ),
}


@pytest.mark.parametrize("name", PARQUET)
def test_a_parquet_column_keeps_its_values_and_as_ids_its_texts(tmp_path: Path, name: str) -> None:
    array, values, ids = PARQUET[name]
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"c": array}), path)
    assert read(path) == {"c": values}
    pieces = list(iter_pieces(path, rows=1, wanted=[], id_column="c"))
    assert [i for piece in pieces if piece.ids is not None for i in piece.ids.to_pylist()] == ids


def test_a_dictionary_that_changes_from_group_to_group_is_one_column(tmp_path: Path) -> None:
    texts = [f"level {i // 10}" for i in range(1000)]
    pq.write_table(pa.table({"c": pa.array(texts).dictionary_encode()}), tmp_path / "a.parquet", row_group_size=90)
    assert read(tmp_path / "a.parquet") == {"c": texts}
    pieces = iter_pieces(tmp_path / "a.parquet", rows=70, wanted=["c"], id_column=None)
    assert [v for piece in pieces for v in values_of(piece.columns["c"])] == texts


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_pieces_hold_the_columns_asked_for_and_the_ids(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    if suffix == "csv":
        path.write_bytes(b"lead,a,b\n00123,x,1\n007,y,2\n")
    else:
        pq.write_table(pa.table({"lead": ["00123", "007"], "a": ["x", "y"], "b": ["1", "2"]}), path)
    (piece,) = iter_pieces(path, rows=10, wanted=["a", "none"], id_column="lead")
    assert piece.ids is not None
    assert (piece.ids.to_pylist(), list(piece.columns), piece.rows) == (["00123", "007"], ["a"], 2)
    with pytest.raises(WrongUsage, match="no column 'nr'"):
        list(iter_pieces(path, rows=10, wanted=["a"], id_column="nr"))


DANGEROUS = ["=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+cmd|x", "-2+3+cmd", "\t=1", "\r=1", "+E5", "=", "+1\n=x"]
HARMLESS = ["-5", "+49301234567", "+1.5", "-1,234.5", "-", "a=b", "00123", "", "'quoted'", "o'brien", " =x"]


def guarded(texts: list[str]) -> list[str]:
    answer: list[str] = _no_formula(pa.array(texts, pa.string())).to_pylist()
    return answer


def test_what_a_spreadsheet_would_run_is_led_by_an_apostrophe_and_nothing_else() -> None:
    assert guarded(DANGEROUS) == [f"'{text}" for text in DANGEROUS]
    assert guarded(HARMLESS) == HARMLESS


def as_ids(folder: Path, texts: list[str]) -> list[str]:
    path = folder / "ids.parquet"
    pq.write_table(pa.table({"id": pa.array(texts, pa.string())}), path)
    assert texts_of(read_table(path).columns["id"]) == [
        i
        for piece in iter_pieces(path, rows=100, wanted=[], id_column="id")
        if piece.ids is not None
        for i in piece.ids.to_pylist()
    ]
    return texts_of(read_table(path).columns["id"])


def test_the_apostrophe_is_taken_off_when_ids_are_read_back(tmp_path: Path) -> None:
    assert as_ids(tmp_path, guarded([*DANGEROUS, *HARMLESS])) == [*DANGEROUS, *HARMLESS]


@given(st.lists(st.text(st.sampled_from("=+-@'\t\r\n 15aE.,"), max_size=6), min_size=1, max_size=5))
@quick
def test_guarding_is_undone_for_any_text_that_was_not_guarded_before(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    texts = [text.lstrip("'") for text in texts]
    assert as_ids(tmp_path_factory.mktemp("ids"), guarded(texts)) == texts


def test_empty_ids_and_gaps_are_empty_texts(tmp_path: Path) -> None:
    assert as_ids(tmp_path, ["", "a"]) == ["", "a"]
    assert texts_of(Numbers(np.array([1.0, np.nan]))) == ["1", ""]

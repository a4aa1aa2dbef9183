"""Whatever a file holds, `leadrank train` ends in a valid model or in one line that says why not.

Never a traceback, and a refusal leaves the champion as it was, byte for byte.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.shelf import Shelf
from scoring import from_json, to_json
from tests.front_door import Ended, leadrank

from .worlds import lead_rows, write_csv

pytestmark = pytest.mark.usefixtures("no_pictures")

ROWS = 150
OUTCOME = ("--target", "outcome", "--won", "won", "--lost", "lost")

Row = dict[str, object]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose lab book cannot be opened: these tests are of the data, and the shelf goes on without it."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "no-folder").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADRANK_HOME", str(folder))
        patch.setenv("LEADRANK_MLFLOW_URI", f"sqlite:///{folder}/no-folder/mlflow.db")
        yield folder


@pytest.fixture(scope="module")
def champion(home: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The version that serves before anything goes wrong."""
    path = write_csv(tmp_path_factory.mktemp("good") / "good.csv", lead_rows(400))
    assert leadrank("train", path, *OUTCOME).code == 0
    serving = Shelf(home / "shelf").champion()
    assert serving is not None
    return serving


def digest(folder: Path) -> str:
    """SHA-256 of every file of the shelf, with its name."""
    found = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        found.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def changed(change: Callable[[int, Row], Row] = lambda i, row: row, rows: int = ROWS) -> list[Row]:
    return [change(i, row) for i, row in enumerate(lead_rows(rows))]


def with_column(name: str, value: Callable[[int], object], rows: int = ROWS) -> list[Row]:
    """The usual leads with one more column."""
    return changed(lambda i, row: {**row, name: value(i)}, rows)


def as_text(rows: list[Row], **options: object) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), **{"lineterminator": "\n", **options})  # type: ignore[arg-type]
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


Maker = Callable[[Path], Path]


def file(content: str | bytes, name: str = "leads.csv") -> Maker:
    def made(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        return path

    return made


def lines(rows: list[Row]) -> Maker:
    return file(as_text(rows))


def parquet(columns: dict[str, object]) -> Maker:
    """The usual leads as Parquet, some columns replaced or added."""

    def made(folder: Path) -> Path:
        usual = {name: [row[name] for row in lead_rows(ROWS)] for name in lead_rows(1)[0]}
        pq.write_table(pa.table({**usual, **columns}), folder / "leads.parquet")
        return folder / "leads.parquet"

    return made


def twins(rows: list[Row], **other: object) -> list[Row]:
    return [*rows, *({**row, **other} for row in rows[:20])]


USUAL = as_text(changed())
DAYS = (
    "0001-01-01",
    "1900-02-28",
    "9999-12-31",
    "2999-01-01",
    "2024-02-29",
    "2024-03-31T02:30:00",
    "2024-03-31T02:30:00+02:00",
)

REFUSED: dict[str, tuple[Maker, str]] = {
    "an empty file": (file(""), "leads.csv is empty"),
    "a header alone": (file("lead_id,source,outcome\n"), "a header and no leads"),
    "line ends alone": (file("\n\r\n\n"), "leads.csv"),
    "one row": (lines(changed(rows=1)), "lead"),
    "three rows": (file("lead_id,n,outcome\na,1,won\nb,2,lost\nc,3,lost\n"), "only 3 leads"),
    "lost leads alone": (lines(changed(lambda i, r: {**r, "outcome": "lost"})), "no lead has an outcome of 'won'"),
    "won leads alone": (lines(changed(lambda i, r: {**r, "outcome": "won"})), "all 150 known leads bought"),
    "a single buyer": (
        lines(changed(lambda i, r: {**r, "outcome": "lost" if i else "won"})),
        "only 1 buyers among 150",
    ),
    "a single loser": (
        lines(changed(lambda i, r: {**r, "outcome": "won" if i else "lost"})),
        "only 1 leads that did not buy",
    ),
    "nothing but constants": (
        lines([{"lead_id": r["lead_id"], "a": 1, "b": "x", "outcome": r["outcome"]} for r in changed()]),
        "no field to learn from",
    ),
    "nothing but ids": (
        lines([{"lead_id": r["lead_id"], "outcome": r["outcome"]} for r in changed()]),
        "no field to learn from",
    ),
    "nothing but what gives the outcome away": (
        lines([{"lead_id": r["lead_id"], "deal": f"{r['outcome']} deal", "outcome": r["outcome"]} for r in changed()]),
        "deal",
    ),
    "one id on leads that differ": (
        lines(twins(changed(), source="Other")),
        "20 ids in 'lead_id' stand on leads that differ",
    ),
    "one id won and lost": (
        lines(changed(lambda i, r: {**r, "lead_id": f"L{i // 2}", "source": "x", "staff": 1, "visits": 1})),
        "stand on leads that differ",
    ),
    "a lead without id": (
        lines(changed(lambda i, r: {**r, "lead_id": "" if i == 7 else r["lead_id"]})),
        "1 leads have no id",
    ),
    "two columns of one name": (file(USUAL.replace("staff", "visits", 1)), "more than one column named 'visits'"),
    "a quote that never ends": (file(USUAL + 'x,"a,1,2,won\n'), "leads.csv cannot be read"),
    "rows of different lengths": (file(USUAL + "a,b\nc,d,e,f,g,h,i\n"), "leads.csv cannot be read"),
    "bytes of a picture": (file(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20), "leads.csv"),
    "zeros": (file(bytes(5000)), "a header and no leads"),
    "half of a gzip file": (file(gzip.compress(USUAL.encode())[:400], "leads.csv.gz"), "leads.csv.gz"),
    "text that is called gzip": (file(USUAL, "leads.csv.gz"), "leads.csv.gz"),
    "text that is called Parquet": (file(USUAL, "leads.parquet"), "leads.parquet"),
    "half of a Parquet file": (file(b"PAR1" + bytes(500), "leads.parquet"), "leads.parquet"),
}
"""What no model can come of: how it is made, and words of the line that says so."""

DATED_REFUSED: dict[str, tuple[Maker, str]] = {
    "creation dates as milliseconds": (
        lines(with_column("born", lambda i: 1_612_051_200_000 + i * 86_400_000)),
        "150 leads have no readable date in 'born'",
    ),
    "creation dates as seconds": (
        lines(with_column("born", lambda i: 1_612_051_200 + i)),
        "no readable date in 'born'",
    ),
    "a creation date that is none": (
        lines(with_column("born", lambda i: "soon" if i == 3 else "2024-01-01")),
        "1 leads have no readable date",
    ),
    "a creation date that is blank": (
        lines(with_column("born", lambda i: "" if i < 2 else "2024-01-01")),
        "2 leads have no readable date",
    ),
}

ODD_TEXTS = (
    "😀🚀",
    "שלום עולם",
    "مرحبا",
    "e\u0301\u0301\u0301",
    "a\u200bb\u200d",
    "\u202eevil",
    "ﷺ",
    "𝔘𝔫𝔦",
    "I\u0307",
    "ß",
    "\u2028",
    "x\u0000y",
)

VALID: dict[str, Maker] = {
    "the usual": lines(changed()),
    "the least there can be": lines(
        [{**r, "outcome": "won" if i < 10 else "lost"} for i, r in enumerate(changed(rows=50))]
    ),
    "rows that stand twice": lines(twins(changed())),
    "a column that gives the outcome away": lines(changed(lambda i, r: {**r, "deal": f"{r['outcome']} deal"})),
    "latin-1 bytes": file(as_text(with_column("town", lambda i: ("Köln", "Århus")[i % 2])).encode("latin-1")),
    "latin-1 bytes within UTF-8": file(
        USUAL.encode() + "L-x,Köln,1,2,won\n".encode("latin-1") + "L-y,Köln,1,2,lost\n".encode()
    ),
    "bytes of a lone surrogate": file(USUAL.encode() + b"L-x,\xed\xa0\x80,1,2,won\n"),
    "UTF-16": file(USUAL.encode("utf-16")),
    "a byte-order mark": file(b"\xef\xbb\xbf" + USUAL.encode()),
    "carriage returns and quotes": file(
        as_text(
            with_column("note", lambda i: ('say "hi"', "a,b;c", "two\r\nlines", "'", '""')[i % 5]),
            lineterminator="\r\n",
        )
    ),
    "all in quotes": file(as_text(changed(), quoting=csv.QUOTE_ALL)),
    "blank lines between": file(USUAL.replace("\n", "\n\n")),
    "a tab between": file(USUAL.replace(",", "\t"), "leads.tsv"),
    "decimal commas": file(as_text(with_column("share", lambda i: f"{i % 17},{i % 10}"), delimiter=";")),
    "ids like formulas and numbers": lines(
        changed(lambda i, r: {**r, "lead_id": ("=1+{}", "00{}", "1e{}", "+{}")[i % 4].format(i)})
    ),
    "outcomes in mixed case": lines(
        changed(lambda i, r: {**r, "outcome": (str(r["outcome"]).upper(), f" {r['outcome']} ")[i % 2]})
    ),
    "outcomes that are open": lines(
        changed(lambda i, r: {**r, "outcome": "talking" if i % 3 == 0 else r["outcome"]}, rows=250)
    ),
    "a text and nothing else": lines(
        [
            {"lead_id": r["lead_id"], "about": f"{r['source']} visit {i} of {r['visits']}x", "outcome": r["outcome"]}
            for i, r in enumerate(changed())
        ]
    ),
    "typed columns of every kind": parquet(
        {
            "source": pa.array(["a", "b", None] * (ROWS // 3)).dictionary_encode(),
            "yes": [i % 2 == 0 for i in range(ROWS)],
            "size": [None if i % 4 == 0 else float(("inf", "nan", i, -i)[i % 4]) for i in range(ROWS)],
            "money": [Decimal(i) / 7 for i in range(ROWS)],
            "day": [date(2024, 1, 1) + timedelta(days=i) for i in range(ROWS)],
            "moment": [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=i) for i in range(ROWS)],
            "clock": [time(i % 24, 5) for i in range(ROWS)],
            "span": [timedelta(minutes=i) for i in range(ROWS)],
            "list": [["a"] * (i % 3) for i in range(ROWS)],
            "map": [{"a": i % 2} for i in range(ROWS)],
            "bytes": [bytes([i % 4]) for i in range(ROWS)],
            "huge": [2**60 + i % 5 for i in range(ROWS)],
            "none": pa.nulls(ROWS),
        }
    ),
}
"""What a model comes of."""

ODD: dict[str, dict[str, Callable[[int], object]]] = {
    "columns with little in them": {
        "same": lambda i: "x",
        "gap": lambda i: "",
        "words for missing": lambda i: ("n/a", "Select", "-", "NULL", " ")[i % 5],
        "one value": lambda i: "x" if i == 5 else "",
        "one number": lambda i: 7 if i == 5 else "",
        "two texts": lambda i: "a b" if i < 2 else "",
    },
    "odd numbers": {
        "serial": lambda i: 100_000 + i,
        "infinite": lambda i: ("inf", "-inf", "Infinity", i, i + 1)[i % 5],
        "none": lambda i: ("nan", "NaN", i)[i % 3],
        "large": lambda i: ("1e308", "-1e308", "1e309", "1e-320", i)[i % 5],
        "beyond 64 bits": lambda i: 10**30 + i * 10**28,
        "dressed": lambda i: ("12 000", "1,234.5", "45%", "€ 7", "many")[i % 5],
        "milliseconds": lambda i: 1_612_051_200_000 + i * 86_400_123,
        "padded": lambda i: f"{i % 9:05}",
        "minus zero": lambda i: ("-0", "0", "-0.0", "+0")[i % 4],
    },
    "odd texts": {
        "all scripts": lambda i: ODD_TEXTS[i % 11],
        "with NUL": lambda i: ODD_TEXTS[i % 12],
        "essay": lambda i: "word " * 200_000 if i < 2 else f"short text {i % 7}",
        "blob": lambda i: "x" * 1_000_000 if i < 2 else ("a", "b")[i % 2],
        "token": lambda i: uuid.UUID(int=i * 7919),
        "mail": lambda i: f"p{i}@{('gmail.com', 'firm.io')[i % 2]}",
        "phone": lambda i: f"+49 170 {1_000_000 + i}",
        "day": lambda i: DAYS[i % 7],
    },
    "odd names": {
        "class": lambda i: i % 3,
        "first\nsecond": lambda i: i % 3,
        'a "b", c': lambda i: i % 3,
        "": lambda i: i % 3,
        "n" * 5000: lambda i: i % 3,
        "=1+1": lambda i: i % 3,
        "SOURCE": lambda i: i % 3,
        "🚀": lambda i: i % 3,
        "__proto__": lambda i: i % 3,
    },
}
"""Columns beside the usual ones, by what is odd about them."""


@pytest.mark.parametrize(("make", "words"), [*REFUSED.values()], ids=[*REFUSED])
def test_it_is_refused_in_one_line_and_the_champion_serves_on(
    make: Maker, words: str, home: Path, champion: str, tmp_path: Path
) -> None:
    before = digest(home / "shelf")
    ended = leadrank("train", make(tmp_path), *OUTCOME)
    assert ended.code == 3, ended
    assert words in ended.err
    assert ended.is_one_line
    assert digest(home / "shelf") == before
    assert Shelf(home / "shelf").champion() == champion


@pytest.mark.parametrize(("make", "words"), [*DATED_REFUSED.values()], ids=[*DATED_REFUSED])
def test_dates_that_are_none_are_refused_in_one_line(
    make: Maker, words: str, home: Path, champion: str, tmp_path: Path
) -> None:
    before = digest(home / "shelf")
    ended = leadrank("train", make(tmp_path), *OUTCOME, "--created-at", "born")
    assert ended.code == 3
    assert ended.is_one_line
    assert words in ended.err
    assert digest(home / "shelf") == before


def is_a_valid_model(home: Path, ended: Ended, before: list[str]) -> None:
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err
    shelf = Shelf(home / "shelf")
    (version,) = set(shelf.versions()) - set(before)
    card = shelf.open(version).card
    assert from_json(to_json(card)) == card
    assert card.fields
    assert f"Model {version} is " in ended.out
    serving, warning = shelf.open_champion()
    assert warning is None
    assert serving.version in ended.out


@pytest.mark.parametrize("make", [*VALID.values()], ids=[*VALID])
def test_it_ends_in_a_valid_model(make: Maker, home: Path, champion: str, tmp_path: Path) -> None:
    before = Shelf(home / "shelf").versions()
    is_a_valid_model(home, leadrank("train", make(tmp_path), *OUTCOME), before)


@pytest.mark.parametrize("columns", [*ODD.values()], ids=[*ODD])
def test_every_odd_column_is_a_field_or_named_as_left_out(
    columns: dict[str, Callable[[int], object]], home: Path, champion: str, tmp_path: Path
) -> None:
    path = lines(changed(lambda i, r: {**r, **{name: value(i) for name, value in columns.items()}}))(tmp_path)
    ended = leadrank("train", path, *OUTCOME, "--json")
    assert ended.code == 0, ended.err
    said = json.loads(ended.out)
    card = Shelf(home / "shelf").open(said["model"]).card
    assert from_json(to_json(card)) == card
    fields, left_out = {f.name for f in card.fields}, {out["field"] for out in said["excluded_fields"]}
    assert fields | left_out == {"source", "staff", "visits", *columns}
    assert not fields & left_out
    assert not {"serial", "token", "phone", "gap", "same"} & fields


DATES: dict[str, Callable[[int], object]] = {
    "from the year 1 on": lambda i: f"{1 + i * 13:04}-03-01",
    "to the year 9999": lambda i: ("9999-12-31", "2023-05-05")[i % 2],
    "all on one day": lambda i: "2024-03-31",
    "in a gap of the clock": lambda i: f"2024-03-31 02:{i % 60:02}:00",
    "with and without a zone": lambda i: f"2024-01-{1 + i % 28:02}T10:00:00{('', 'Z', '+05:30')[i % 3]}",
}


@pytest.mark.parametrize("day", [*DATES.values()], ids=[*DATES])
def test_odd_creation_dates_end_in_a_valid_model(
    day: Callable[[int], object], home: Path, champion: str, tmp_path: Path
) -> None:
    before = Shelf(home / "shelf").versions()
    make = lines(with_column("born", day))
    (tmp_path / "leads.toml").write_text('[time]\nzone = "Europe/Berlin"\n')
    is_a_valid_model(home, leadrank("train", make(tmp_path), *OUTCOME, "--created-at", "born"), before)


LABELS: dict[str, tuple[object, object, str]] = {
    "ones and zeros": (1, 0, "1.0"),
    "decimals": (1.0, 0.0, "1"),
    "truths": (True, False, "true"),
    "truths asked for as a number": (True, False, "1"),
}


@pytest.mark.parametrize(("won", "lost", "asked"), [*LABELS.values()], ids=[*LABELS])
def test_an_outcome_may_be_of_any_type(
    won: object, lost: object, asked: str, home: Path, champion: str, tmp_path: Path
) -> None:
    before = Shelf(home / "shelf").versions()
    rows = changed(lambda i, r: {**r, "outcome": won if r["outcome"] == "won" else lost})
    pd.DataFrame(rows).to_parquet(tmp_path / "leads.parquet")
    ended = leadrank("train", tmp_path / "leads.parquet", "--target", "outcome", "--won", asked)
    assert "only other outcome" in ended.out
    is_a_valid_model(home, ended, before)


def test_a_negative_revenue_is_no_value(home: Path, champion: str, tmp_path: Path) -> None:
    before = Shelf(home / "shelf").versions()
    make = lines(with_column("revenue", lambda i: (-500, 0, "1e308", 700)[i % 4]))
    is_a_valid_model(home, leadrank("train", make(tmp_path), *OUTCOME, "--value", "revenue"), before)


@pytest.mark.slow
def test_two_thousand_columns_end_in_a_valid_model(home: Path, champion: str, tmp_path: Path) -> None:
    before = Shelf(home / "shelf").versions()
    dice = np.random.default_rng(1)
    make = lines(changed(lambda i, r: {**r, **{f"c{j}": int(v) for j, v in enumerate(dice.integers(0, 4, 2000))}}))
    ended = leadrank("train", make(tmp_path), *OUTCOME)
    is_a_valid_model(home, ended, before)
    assert "more than 200 fields" in ended.out


@pytest.mark.slow
def test_a_hundred_thousand_levels_end_in_a_valid_model(home: Path, champion: str, tmp_path: Path) -> None:
    before = Shelf(home / "shelf").versions()
    dice = np.random.default_rng(1)
    visits = dice.poisson(3, 115_000)
    table = pa.table(
        {
            "lead_id": [f"L{i}" for i in range(115_000)],
            "place": [f"place{i}" if i < 100_000 else ("Rome", "Oslo")[i % 2] for i in range(115_000)],
            "visits": visits,
            "outcome": np.where(dice.random(115_000) < 0.05 * visits, "won", "lost"),
        }
    )
    pq.write_table(table, tmp_path / "leads.parquet")
    is_a_valid_model(home, leadrank("train", tmp_path / "leads.parquet", *OUTCOME), before)


def test_rows_in_another_order_end_in_the_same_card(home: Path, champion: str, tmp_path: Path) -> None:
    rows = changed()
    shelf = Shelf(home / "shelf")
    cards = []
    for order in (range(ROWS), np.random.default_rng(3).permutation(ROWS)):
        assert leadrank("train", lines([rows[i] for i in order])(tmp_path), *OUTCOME).code == 0
        cards.append(shelf.open(shelf.versions()[-1]).digest)
    assert cards[0] == cards[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--target", "stage"), "no column 'stage'"),
        (("--target", "outcome"), "which value of the outcome means bought"),
        ((), "which column says what became of a lead"),
        ((*OUTCOME, "--id", "nr"), "no column 'nr'"),
        ((*OUTCOME, "--ignore", "nr"), "no column 'nr'"),
        ((*OUTCOME, "--horizon", "0"), "horizon_days is 0"),
        ((*OUTCOME, "--config", "none.toml"), "no such file: none.toml"),
        (("--target", "outcome", "--won", "won", "--lost", "WON"), "'won' is both won and lost"),
    ],
)
def test_wrong_usage_ends_with_its_own_code_and_the_champion_serves_on(
    words: tuple[str, ...], said: str, home: Path, champion: str, tmp_path: Path
) -> None:
    before = digest(home / "shelf")
    ended = leadrank("train", lines(changed())(tmp_path), *words)
    assert ended.code == 2
    assert ended.is_one_line
    assert said in ended.err
    assert digest(home / "shelf") == before


@pytest.mark.parametrize("name", ["none.csv", "leads.xlsx", "leads"])
def test_what_is_no_table_is_wrong_usage(name: str, champion: str, tmp_path: Path) -> None:
    if name != "none.csv":
        file(USUAL, name)(tmp_path)
    ended = leadrank("train", tmp_path / name, *OUTCOME)
    assert ended.code == 2
    assert ended.is_one_line
    assert name in ended.err

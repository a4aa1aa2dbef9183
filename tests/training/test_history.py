"""Reading a history: one table or a folder, names from a mapping or guessed aloud, and nothing changed in silence."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scoring.columns import Column, Numbers
from scoring.errors import Refused, WrongUsage
from training.history import History, config_of, read_history
from training.mapping import Mapping
from training.outcomes import NEVER

from .worlds import lead_rows, moment, write_csv

ONE = Mapping().with_flags(outcome="outcome", won=("won",), lost=("lost",))


def cells(column: Column) -> list[object]:
    if isinstance(column, Numbers):
        return column.values.tolist()
    return [None if i < 0 else column.values[i] for i in column.index.tolist()]


def table(folder: Path, **columns: list[object]) -> Path:
    """A CSV file of the columns given."""
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return write_csv(folder / "history.csv", rows)


def read(path: Path, mapping: Mapping = ONE, **flags: object) -> History:
    return read_history(path, mapping.with_flags(**flags))


def test_one_table_reads_the_same_from_csv_gz_and_parquet(tmp_path: Path) -> None:
    rows = lead_rows(60)
    plain = write_csv(tmp_path / "a.csv", rows)
    packed = tmp_path / "b.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    pd.DataFrame(rows).to_parquet(tmp_path / "c.parquet")
    found = [read(p) for p in (plain, packed, tmp_path / "c.parquet")]
    for history in found:
        assert history.ids == [r["lead_id"] for r in rows]
        assert history.won.tolist() == [r["outcome"] == "won" for r in rows]
        assert (history.won ^ history.lost).all()
        assert list(history.columns) == ["source", "staff", "visits"]
    assert cells(found[0].columns["source"]) == cells(found[2].columns["source"])


def test_what_is_guessed_is_said(tmp_path: Path) -> None:
    found = read(
        write_csv(tmp_path / "a.csv", lead_rows(60), delimiter=";"), Mapping(), outcome="outcome", won=("won",)
    )
    said = "\n".join(found.notes)
    assert "the separator is a semicolon" in said
    assert "the id is taken from 'lead_id'" in said
    assert "lost is taken to be 'lost', the only other outcome" in said


def test_ids_are_kept_verbatim(tmp_path: Path) -> None:
    path = table(tmp_path, id=["00123", "1.0", "1", " x ", "1e5", "NA"], a=[1] * 6, outcome=["won"] * 3 + ["lost"] * 3)
    assert read(path).ids == ["00123", "1.0", "1", " x ", "1e5", "NA"]


def test_without_an_id_leads_are_called_by_their_row(tmp_path: Path) -> None:
    found = read(table(tmp_path, a=[1, 2], outcome=["won", "lost"]))
    assert found.ids == ["row-1", "row-2"]
    assert found.id_column is None
    assert any("no id column" in note for note in found.notes)


@pytest.mark.parametrize("name", ["ID", "Lead_ID", "lead-id", "Prospect ID", "Contact Id", "uuid"])
def test_an_id_is_recognised_in_any_spelling(tmp_path: Path, name: str) -> None:
    assert read(table(tmp_path, **{name: ["a", "b"], "outcome": ["won", "lost"]})).id_column == name


def test_a_column_that_the_user_ignores_is_never_taken_for_id_or_date(tmp_path: Path) -> None:
    path = table(tmp_path, id=["a", "b"], created=["2024-01-01", "2024-01-02"], outcome=["won", "lost"])
    found = read(path, ignore=("id", "created"))
    assert found.id_column is None
    assert found.created is None
    assert set(found.columns) == {"id", "created"}


def test_a_lead_without_an_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="1 leads have no id in 'id'"):
        read(table(tmp_path, id=["a", " ", "c"], outcome=["won", "lost", "lost"]))


def test_a_null_id_of_a_parquet_file_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1.0, None, 3.0], "outcome": ["won", "lost", "lost"]}), tmp_path / "a.parquet")
    with pytest.raises(Refused, match="1 leads have no id"):
        read(tmp_path / "a.parquet")


def test_rows_that_stand_twice_and_alike_count_once(tmp_path: Path) -> None:
    path = table(tmp_path, id=["a", "b", "a"], n=[1, 2, 1], outcome=["won", "lost", "won"])
    found = read(path)
    assert found.ids == ["a", "b"]
    assert "1 rows stand twice and alike: counted once" in found.notes


@pytest.mark.parametrize(
    "other",
    [
        {"n": 2},
        {"outcome": "lost"},
        {"created": "2024-01-09"},
        {"closed": "2024-03-09"},
        {"value": 20},
    ],
)
def test_two_leads_under_one_id_that_differ_are_refused(tmp_path: Path, other: dict[str, object]) -> None:
    first = {"id": "a", "n": 1, "created": "2024-01-01", "closed": "2024-02-01", "value": 10, "outcome": "won"}
    path = write_csv(tmp_path / "a.csv", [first, {**first, "id": "b"}, {**first, **other}])
    with pytest.raises(Refused, match="1 ids in 'id' stand on leads that differ .the first on lead 3 of the table"):
        read(path, created_at="created", closed_at="closed", value="value")


@pytest.mark.parametrize("won", ["1", "1.0", "01", " 1 "])
@pytest.mark.parametrize("cell", ["1", "1.0", " 1", "+1", "1e0"])
def test_won_is_compared_as_a_number_where_both_are(tmp_path: Path, won: str, cell: str) -> None:
    found = read(table(tmp_path, id=["a", "b"], outcome=[cell, "0"]), won=(won,), lost=("0.0",))
    assert found.won.tolist() == [True, False]
    assert found.lost.tolist() == [False, True]


@pytest.mark.parametrize("cell", ["Closed Won", " closed  won ", "CLOSED WON", "Ｃlosed Won"])
def test_won_is_compared_trimmed_and_case_folded(tmp_path: Path, cell: str) -> None:
    found = read(
        table(tmp_path, id=["a", "b", "c"], outcome=[cell, "Closed Lost", "Won later"]),
        won=("Closed Won",),
        lost=("closed lost",),
    )
    assert found.won.tolist() == [True, False, False]
    assert found.lost.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("values", "won"),
    [
        ([True, False, None], "1"),
        ([True, False, None], "true"),
        ([True, False, None], "TRUE"),
        ([1, 0, None], "1.0"),
        ([1.0, 0.0, None], "1"),
        (["yes", "no", None], "Yes"),
    ],
)
def test_a_typed_outcome_matches_and_null_is_open(tmp_path: Path, values: list[object], won: str) -> None:
    pq.write_table(pa.table({"id": ["a", "b", "c"], "outcome": values}), tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet", Mapping(), outcome="outcome", won=(won,))
    assert found.won.tolist() == [True, False, False]
    assert found.lost.tolist() == [False, True, False]


def test_blank_is_open_where_one_other_outcome_is_taken_for_lost(tmp_path: Path) -> None:
    path = table(tmp_path, id=list("abcd"), outcome=["won", "lost", "", "-"])
    assert read(path, Mapping(), outcome="outcome", won=("won",)).lost.tolist() == [False, True, False, False]


def test_with_three_outcomes_the_user_must_say_which_mean_lost(tmp_path: Path) -> None:
    path = table(tmp_path, id=list("abc"), outcome=["won", "lost", "open"])
    with pytest.raises(WrongUsage, match="open is not lost: which values mean lost"):
        read(path, Mapping(), outcome="outcome", won=("won",))


def test_an_outcome_that_is_nowhere_won_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no lead has an outcome of 'bought'; say --won; there are 'lost', 'won'"):
        read(table(tmp_path, id=list("abc"), outcome=["won", "lost", "lost"]), won=("bought",))


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"outcome": "stage"}, "no column 'stage' for the outcome column"),
        ({"id": "nr"}, "no column 'nr' for the id; name it with --id"),
        ({"created_at": "born"}, "no column 'born' for the creation date"),
        ({"closed_at": "shut"}, "no column 'shut' for the closing date"),
        ({"value": "eur"}, "no column 'eur' for the deal value"),
        ({"company": "firm"}, "no column 'firm' for the company, owner or display"),
        ({"display": ("tel",)}, "no column 'tel'"),
        ({"reason": "why"}, "no column 'why'"),
    ],
)
def test_a_name_that_is_not_there_is_refused_by_name(tmp_path: Path, flags: dict[str, object], words: str) -> None:
    with pytest.raises(WrongUsage, match=words):
        read(table(tmp_path, id=list("ab"), outcome=["won", "lost"]), **flags)


def test_without_a_target_the_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="which column says what became of a lead.*there are 'outcome'"):
        read_history(table(tmp_path, id=list("ab"), outcome=["won", "lost"]), Mapping())


def test_what_routes_or_shows_a_lead_is_no_field(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        id=list("ab"),
        firm=["F", "G"],
        rep=["r", "s"],
        tel=["1", "2"],
        why=["x", "y"],
        n=[1, 2],
        outcome=["won", "lost"],
    )
    found = read(path, company="firm", owner="rep", display=("tel",), reason="why")
    assert list(found.columns) == ["n"]


def test_the_id_may_be_shown_too(tmp_path: Path) -> None:
    path = table(tmp_path, mail=["a@x.io", "b@x.io"], n=[1, 2], outcome=["won", "lost"])
    assert list(read(path, id="mail", display=("mail",)).columns) == ["n"]


def test_a_column_without_a_name_is_not_lost(tmp_path: Path) -> None:
    assert "" in read(table(tmp_path, **{"": [1, 2], "id": list("ab"), "outcome": ["won", "lost"]})).columns


def test_naive_times_are_in_the_zone_and_it_is_said(tmp_path: Path) -> None:
    path = table(
        tmp_path, id=list("ab"), born=["2024-07-01 12:00:00", "2024-07-01T12:00:00+00:00"], outcome=["won", "lost"]
    )
    found = read(path, created_at="born", zone="Europe/Berlin")
    assert found.created is not None
    assert found.created.tolist() == [moment("2024-07-01T10:00:00"), moment("2024-07-01T12:00:00")]
    assert "times without a zone are in Europe/Berlin" in found.notes


@pytest.mark.parametrize(
    ("zone", "end"),
    [
        ("UTC", "2024-07-01T23:59:59"),
        ("Europe/Berlin", "2024-07-01T21:59:59"),
        ("America/New_York", "2024-07-02T03:59:59"),
    ],
)
@pytest.mark.parametrize("written", ["2024-07-01", "20240701", "01.07.2024", "1.7.2024"])
def test_a_date_alone_is_the_end_of_its_day(tmp_path: Path, zone: str, end: str, written: str) -> None:
    path = table(tmp_path, id=list("ab"), born=[written, written], outcome=["won", "lost"])
    found = read(path, created_at="born", zone=zone)
    assert found.created is not None
    assert found.created.tolist() == [moment(end)] * 2


def test_a_typed_date_reads_as_its_text_does(tmp_path: Path) -> None:
    days = pd.to_datetime(["2024-07-01T08:00:00Z", "2024-07-02T09:30:00Z"])
    frame = pd.DataFrame({"id": ["a", "b"], "born": days, "outcome": ["won", "lost"]})
    frame.to_parquet(tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet", created_at="born")
    assert found.created is not None
    assert found.created.tolist() == [moment("2024-07-01T08:00:00"), moment("2024-07-02T09:30:00")]


@pytest.mark.parametrize("odd", ["soon", "1612051200000", "1612051200", "31/31/2024", "2024-13-01"])
def test_a_creation_date_that_cannot_be_read_is_refused(tmp_path: Path, odd: str) -> None:
    path = table(tmp_path, id=list("ab"), born=["2024-01-01", odd], outcome=["won", "lost"])
    with pytest.raises(Refused, match="1 leads have no readable date in 'born'"):
        read(path, created_at="born")


def test_a_guessed_creation_date_with_gaps_is_left_alone_and_said(tmp_path: Path) -> None:
    found = read(table(tmp_path, id=list("ab"), created=["2024-01-01", ""], outcome=["won", "lost"]))
    assert found.created is None
    assert "created" in found.columns
    assert any("1 leads have no readable date in 'created'" in note for note in found.notes)


def test_a_history_knows_no_more_than_now(tmp_path: Path) -> None:
    path = table(
        tmp_path, id=list("abc"), created=["2024-01-01", "2024-02-01", "2204-01-01"], outcome=["won", "lost", "lost"]
    )
    now = moment("2024-03-01T12:00:00")
    assert read_history(path, ONE).until == moment("2204-01-01T23:59:59")
    found = read_history(path, ONE, now=now)
    assert found.until == now
    assert any("dates lie in the future" in note for note in found.notes)


def test_today_is_not_the_future(tmp_path: Path) -> None:
    path = table(tmp_path, id=list("ab"), created=["2024-01-01", "2024-03-01"], outcome=["won", "lost"])
    found = read_history(path, ONE, now=moment("2024-03-01T12:00:00"))
    assert found.until == moment("2024-03-01T23:59:59")
    assert not any("future" in note for note in found.notes)


def test_values_that_are_no_money_are_none(tmp_path: Path) -> None:
    path = table(tmp_path, id=list("abcde"), eur=["1200", "-5", "0", "n/a", "1,300.50"], outcome=["won"] * 4 + ["lost"])
    found = read(path, value="eur")
    assert np.allclose(found.value, [1200, np.nan, np.nan, np.nan, 1300.5], equal_nan=True)
    assert "eur" not in found.columns


def test_the_only_columns_may_be_names(tmp_path: Path) -> None:
    found = read(table(tmp_path, id=list("ab"), outcome=["won", "lost"]))
    assert found.columns == {}
    assert len(found.value) == found.rows == 2


def test_an_empty_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,outcome\n")
    with pytest.raises(Refused, match="a header and no leads"):
        read(tmp_path / "a.csv")


# A folder


Folder = Callable[..., Path]


@pytest.fixture
def crm(tmp_path: Path) -> Folder:
    """A folder with four leads and the outcomes given."""

    def made(outcomes: list[dict[str, object]] | None, activities: list[dict[str, object]] | None = None) -> Path:
        leads = [{"lead_id": f"L{i}", "created_at": f"2024-01-0{i}", "n": i} for i in range(1, 5)]
        write_csv(tmp_path / "leads.csv", leads)
        if outcomes is not None:
            write_csv(tmp_path / "outcomes.csv", outcomes)
        if activities is not None:
            write_csv(tmp_path / "activities.csv", activities)
        return tmp_path

    return made


def event(lead: str, outcome: str, at: str = "", value: object = "") -> dict[str, object]:
    return {"lead_id": lead, "outcome": outcome, "at": at, "value": value}


EVENTS = [
    event("L1", "won", "2024-03-01", 100),
    event("L1", "won", "2024-02-01", 70),
    event("L1", "lost", "2024-01-15"),
    event("L2", "lost", "2024-02-02"),
    event("L3", "won", "2024-02-03", 30),
    event("L3", "won", "2024-02-03", 40),
    event("L3", "lost", "2024-05-01"),
]


def test_a_folder_joins_leads_and_outcomes(crm: Folder) -> None:
    found = read_history(crm(EVENTS), Mapping())
    assert found.won.tolist() == [True, False, True, False]
    assert found.lost.tolist() == [False, True, False, False]
    assert found.won_at.tolist()[0] == moment("2024-02-01T23:59:59")
    assert found.value.tolist()[0] == 70
    assert found.won_at[1] == found.won_at[3] == NEVER
    assert found.until == moment("2024-05-01T23:59:59")
    assert list(found.columns) == ["n"]


@pytest.mark.parametrize("seed", range(5))
def test_outcomes_mean_the_same_in_any_order(crm: Folder, seed: int) -> None:
    expected = read_history(crm(EVENTS), Mapping())
    rows = [EVENTS[i] for i in np.random.default_rng(seed).permutation(len(EVENTS))]
    found = read_history(crm(rows), Mapping())
    for name in ("won", "lost", "won_at", "value"):
        assert np.array_equal(getattr(found, name), getattr(expected, name), equal_nan=name == "value")


def test_outcomes_of_unknown_leads_are_left_out_and_counted(crm: Folder) -> None:
    found = read_history(crm([*EVENTS, event("L9", "won", "2024-02-01")]), Mapping())
    assert "1 outcomes speak of leads that are not in the history: left out" in found.notes


def test_activities_say_how_far_the_history_reaches(crm: Folder) -> None:
    found = read_history(crm(EVENTS, [{"lead_id": "L1", "at": "2024-09-01", "kind": "visit"}]), Mapping())
    assert found.until == moment("2024-09-01T23:59:59")


def test_a_lead_that_stands_twice_and_alike_counts_once_in_a_folder_too(crm: Folder) -> None:
    folder = crm(EVENTS)
    leads = (folder / "leads.csv").read_text()
    (folder / "leads.csv").write_text(leads + "L1,2024-01-01,1\n")
    found = read_history(folder, Mapping())
    assert found.ids == ["L1", "L2", "L3", "L4"]
    assert found.won.tolist() == [True, False, True, False]


def test_a_folder_may_name_its_files_and_columns(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    write_csv(
        tmp_path / "export" / "people.csv",
        [{"nr": "a", "born": "2024-01-01", "n": 1}, {"nr": "b", "born": "2024-01-02", "n": 2}],
    )
    write_csv(
        tmp_path / "deals.csv",
        [
            {"who": "a", "stage": "Signed", "day": "2024-02-01", "eur": 9},
            {"who": "b", "stage": "Dead", "day": "", "eur": ""},
        ],
    )
    write_csv(tmp_path / "log.csv", [{"who": "a", "when": "2024-12-01T10:00:00Z"}])
    mapping = Mapping(
        id="nr",
        created_at="born",
        outcome="stage",
        outcome_id="who",
        won=("signed",),
        lost=("dead",),
        closed_at="day",
        value="eur",
        files={"lead": "export/people", "outcome": "deals.csv", "activity": "log"},
        activity={"at": "when"},
    )
    found = read_history(tmp_path, mapping)
    assert found.ids == ["a", "b"]
    assert found.won.tolist() == [True, False]
    assert found.value[0] == 9
    assert found.until == moment("2024-12-01T10:00:00")


def test_the_outcome_may_stand_in_the_table_of_leads(crm: Folder) -> None:
    folder = crm(None, [{"lead_id": "L1", "at": "2024-09-01", "kind": "visit"}])
    write_csv(
        folder / "leads.csv",
        [
            {"lead_id": f"L{i}", "created_at": "2024-01-01", "n": i, "stage": "won" if i < 3 else "lost"}
            for i in range(1, 5)
        ],
    )
    found = read_history(folder, Mapping(outcome="stage", won=("won",), lost=("lost",)))
    assert found.won.tolist() == [True, True, False, False]
    assert found.until == moment("2024-09-01T23:59:59")
    assert list(found.columns) == ["n"]


@pytest.mark.parametrize("part", ["lead", "outcome", "activity"])
def test_a_file_that_the_mapping_names_must_be_there(crm: Folder, part: str) -> None:
    with pytest.raises(WrongUsage, match=rf"holds no 'deals'; name the file with \[{part}\] file"):
        read_history(crm(EVENTS), Mapping(files={part: "deals"}))


def test_a_folder_without_leads_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match=r"holds no leads\.csv or leads\.parquet"):
        read_history(tmp_path, Mapping())


def test_a_time_of_closing_that_is_misspelt_is_refused_in_a_folder_too(crm: Folder) -> None:
    with pytest.raises(WrongUsage, match="no column 'shut' for the closing date"):
        read_history(crm(EVENTS), Mapping(closed_at="shut"))


def test_the_mapping_lies_in_the_folder_or_beside_the_file(tmp_path: Path) -> None:
    folder, file = tmp_path / "crm", tmp_path / "leads.csv.gz"
    folder.mkdir()
    assert config_of(folder) is None
    assert config_of(file) is None
    (folder / "leadrank.toml").touch()
    (tmp_path / "leads.toml").touch()
    assert config_of(folder) == folder / "leadrank.toml"
    assert config_of(file) == tmp_path / "leads.toml"

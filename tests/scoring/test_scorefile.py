"""A file of leads in, a ranked file out: the same scores whatever the format, the order and the pieces."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scoring import GradeCuts, LeadScorer, Refused, WrongUsage
from scoring.batch import reason_line
from scoring.file_lives import FileLives
from scoring.files import read_table, texts_of
from scoring.lives import Lives
from scoring.ranked_file import PIECE
from scoring.scorecard import POINTS
from scoring.scorefile import leads_file, score_file
from scoring.snapshot import Activity
from scoring.values import DAY, read_moment
from tests.cards import living_card, small_card

from .strategies import AS_OF

CARD = small_card()
CUTS = GradeCuts()
COLUMNS = ["lead", "rank", "score", "grade", "probability", "expected_value", "readiness", "reasons", "warnings"]
SOURCES = ["Referral", "Web search", "cold list", "zeppelin", "", "Select"]
TITLES = ["VP Sales", "intern", 'Head, "of" sales; x', "baker", "", "vp\nsales"]


def some_leads(n: int = 300) -> dict[str, list[str]]:
    dice = np.random.default_rng(11)
    return {
        "lead": [f"{i:05d}" for i in dice.permutation(n)],
        "Lead source": [SOURCES[i] for i in dice.integers(0, len(SOURCES), n)],
        "Employees": [str(v) if v else "many" for v in dice.integers(0, 500, n)],
        "Do not call": ["yes" if v else "no" for v in dice.integers(0, 2, n)],
        "Job title": [TITLES[i] for i in dice.integers(0, len(TITLES), n)],
        "Last funding": [f"2026-0{m}-15" for m in dice.integers(1, 6, n)],
        "E-mail": [f"a{i}@gmail.com" if i % 2 else "" for i in range(n)],
        "Colour": ["red"] * n,
    }


def save(path: Path, leads: dict[str, Any]) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.table(leads), path, row_group_size=70)
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([leads, *zip(*leads.values(), strict=True)])
    return path


def scored(source: Path, out: Path, id_column: str | None = "lead", as_of: int = AS_OF) -> list[dict[str, Any]]:
    score_file(CARD, CUTS, source, out, id_column=id_column, as_of=as_of)
    if out.suffix == ".parquet":
        rows: list[dict[str, Any]] = pq.read_table(out).to_pylist()
        return rows
    with out.open(newline="", encoding="utf-8") as file:
        return [as_typed(row) for row in csv.DictReader(file)]


def as_typed(row: dict[str, str]) -> dict[str, Any]:
    """A CSV row with the types that the Parquet file has."""
    lists = {name: row[name].split("; ") if row[name] else [] for name in ("reasons", "warnings")}
    numbers = {"rank": int(row["rank"]), "score": int(row["score"]), "probability": float(row["probability"])}
    return {**row, **lists, **numbers, "expected_value": None, "readiness": None}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("leads")
    return {suffix: save(folder / f"leads.{suffix}", some_leads()) for suffix in ("csv", "parquet")}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_columns_are_the_id_and_those_promised(files: dict[str, Path], tmp_path: Path, suffix: str) -> None:
    rows = scored(files["csv"], tmp_path / f"out.{suffix}")
    assert list(rows[0]) == COLUMNS
    assert len(rows) == 300


def test_csv_and_parquet_agree_in_and_out(files: dict[str, Path], tmp_path: Path) -> None:
    found = [scored(files[a], tmp_path / f"{a}.{b}") for a in ("csv", "parquet") for b in ("csv", "parquet")]
    assert found[0] == found[1] == found[2] == found[3]


def test_every_row_is_what_one_lead_alone_gets(files: dict[str, Path], tmp_path: Path) -> None:
    leads = some_leads()
    names = [f.name for f in CARD.fields]
    scorer = LeadScorer(CARD)
    rows = {row["lead"]: row for row in scored(files["csv"], tmp_path / "out.csv")}
    for i, lead in enumerate(leads["lead"]):
        one = scorer.score({name: leads[name][i] for name in names}, as_of=AS_OF)
        row = rows[lead]
        assert (row["score"], row["probability"]) == (one.score, one.probability)
        assert row["reasons"] == [reason_line(r.text, round(r.points / POINTS)) for r in one.reasons]
        assert row["warnings"] == list(one.warnings)
        assert row["grade"] == CUTS.grade_of(CARD.per_mille_of(one.log_odds))


def test_rows_come_best_first_and_ties_by_id(files: dict[str, Path], tmp_path: Path) -> None:
    rows = scored(files["csv"], tmp_path / "out.csv")
    assert [row["rank"] for row in rows] == list(range(1, 301))
    assert [(-row["probability"], row["lead"]) for row in rows] == sorted(
        (-row["probability"], row["lead"]) for row in rows
    )


def test_shuffled_rows_give_the_same_file(files: dict[str, Path], tmp_path: Path) -> None:
    order = np.random.default_rng(2).permutation(300)
    shuffled = {name: [column[i] for i in order] for name, column in some_leads().items()}
    turned = dict(reversed(shuffled.items()))
    for suffix in ("csv", "parquet"):
        expected, out = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
        scored(files["csv"], expected)
        scored(save(tmp_path / "shuffled.csv", turned), out)
        assert out.read_bytes() == expected.read_bytes()


def test_split_files_give_every_lead_the_same_score_to_the_bit(files: dict[str, Path], tmp_path: Path) -> None:
    whole = {row["lead"]: row for row in scored(files["parquet"], tmp_path / "out.parquet")}
    for start in range(0, 300, 100):
        part = {name: column[start : start + 100] for name, column in some_leads().items()}
        for row in scored(save(tmp_path / "part.csv", part), tmp_path / "part-out.parquet"):
            assert row | {"rank": 0} == whole[row["lead"]] | {"rank": 0}


def test_a_file_of_several_pieces_is_ranked_as_a_whole(tmp_path: Path) -> None:
    few = some_leads()
    dice = np.random.default_rng(5).integers(0, 300, PIECE + 5_000)
    table = pa.table(few).take(pa.array(dice)).set_column(0, "lead", pa.array([f"L{i}" for i in range(len(dice))]))
    pq.write_table(table, tmp_path / "many.parquet")
    scored_rows = score_file(
        CARD, CUTS, tmp_path / "many.parquet", tmp_path / "o.parquet", id_column="lead", as_of=AS_OF
    )
    found = pq.read_table(tmp_path / "o.parquet")
    expected = {row["lead"]: row for row in scored(save(tmp_path / "few.csv", few), tmp_path / "few.parquet")}
    assert scored_rows.rows == len(dice) == found.num_rows
    assert found["rank"].to_pylist() == list(range(1, len(dice) + 1))
    probability = found["probability"].to_numpy()
    assert (np.diff(probability) <= 0).all()
    by_id = np.argsort([int(lead[1:]) for lead in found["lead"].to_pylist()])
    assert probability[by_id].tolist() == [expected[few["lead"][i]]["probability"] for i in dice]
    reasons = found["reasons"].to_pylist()
    assert [reasons[place] for place in by_id[-500:]] == [expected[few["lead"][i]]["reasons"] for i in dice[-500:]]


def test_the_moment_is_looked_at(files: dict[str, Path], tmp_path: Path) -> None:
    now = scored(files["csv"], tmp_path / "now.csv")
    later = scored(files["csv"], tmp_path / "later.csv", as_of=AS_OF + 500 * 86_400)
    assert {r["lead"]: r["probability"] for r in now} != {r["lead"]: r["probability"] for r in later}


def test_leads_without_ids_are_numbered(files: dict[str, Path], tmp_path: Path) -> None:
    rows = scored(files["csv"], tmp_path / "out.csv", id_column=None)
    named = scored(files["csv"], tmp_path / "named.csv")
    leads = some_leads()["lead"]
    by_number = {row["id"]: row["probability"] for row in rows}
    assert {row["lead"]: row["probability"] for row in named} == {
        lead: by_number[f"row-{i}"] for i, lead in enumerate(leads, 1)
    }


def test_ids_are_verbatim_and_formulas_are_guarded_in_csv_alone(tmp_path: Path) -> None:
    ids = ["00123", "1.0", "NA", "=1+1", "@x", "+49301", " a ", "é", "", "'", 'x,"y"\nz']
    source = save(tmp_path / "leads.csv", {"lead": ids, "Employees": ["7"] * len(ids)})
    assert {row["lead"] for row in scored(source, tmp_path / "out.parquet")} == set(ids)
    raw = {row["lead"] for row in scored(source, tmp_path / "out.csv")}
    assert raw == set(ids) - {"=1+1", "@x"} | {"'=1+1", "'@x"}
    assert set(texts_of(read_table(tmp_path / "out.csv").columns["lead"])) == set(ids)


def test_ids_of_parquet_may_be_numbers(tmp_path: Path) -> None:
    ids = pa.array([2**60 + 1, 7, None])
    source = save(tmp_path / "leads.parquet", {"lead": ids, "Employees": [1, 2, 3]})
    assert {row["lead"] for row in scored(source, tmp_path / "out.csv")} == {str(2**60 + 1), "7", ""}


def test_rows_of_one_id_are_all_kept(tmp_path: Path) -> None:
    source = save(tmp_path / "leads.csv", {"lead": ["a", "a"], "Employees": ["1", "400"]})
    assert [row["lead"] for row in scored(source, tmp_path / "out.csv")] == ["a", "a"]


def test_what_was_done_is_counted_and_told(files: dict[str, Path], tmp_path: Path) -> None:
    said: list[tuple[str, int, int]] = []
    done = score_file(
        CARD, CUTS, files["csv"], tmp_path / "o.csv", id_column="lead", as_of=AS_OF, progress=lambda *a: said.append(a)
    )
    rows = scored(files["csv"], tmp_path / "o.csv")
    assert (done.rows, done.id_column) == (300, "lead")
    assert done.warned == sum(bool(row["warnings"]) for row in rows) > 0
    assert said[-1] == ("scoring", 300, 0)


@pytest.mark.parametrize("name", ["rank", "score", "reasons"])
def test_an_id_column_named_like_an_output_column_is_refused(tmp_path: Path, name: str) -> None:
    source = save(tmp_path / "leads.csv", {name: ["a"], "Employees": ["1"]})
    with pytest.raises(WrongUsage, match=f"'{name}' has the name of an output column"):
        scored(source, tmp_path / "out.csv", id_column=name)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_without_any_known_field_is_refused(tmp_path: Path, suffix: str) -> None:
    source = save(tmp_path / f"leads.{suffix}", {"lead": ["a"], "Colour": ["red"]})
    for id_column in ("lead", None):
        with pytest.raises(Refused, match="none of the model's fields"):
            scored(source, tmp_path / "out.csv", id_column=id_column)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_header_without_leads_is_refused(tmp_path: Path, suffix: str) -> None:
    empty: list[str] = []
    leads: dict[str, Any] = {"lead": empty, "Employees": empty}
    if suffix == "parquet":
        leads = {name: pa.array([], pa.string()) for name in leads}
    with pytest.raises(Refused, match="no leads"):
        scored(save(tmp_path / f"leads.{suffix}", leads), tmp_path / "out.csv")


def test_wrong_names_are_refused_and_nothing_is_left_behind(files: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="no column 'number'"):
        scored(files["csv"], tmp_path / "out.csv", id_column="number")
    with pytest.raises(WrongUsage, match="neither CSV nor Parquet"):
        scored(files["csv"], tmp_path / "out.xlsx")
    with pytest.raises(WrongUsage, match="no folder 'none'"):
        scored(files["csv"], tmp_path / "none" / "out.csv")
    with pytest.raises(WrongUsage, match="no such file"):
        scored(tmp_path / "none.csv", tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []


def test_the_leads_are_never_written_over(tmp_path: Path) -> None:
    source = save(tmp_path / "leads.csv", some_leads(5))
    before = source.read_bytes()
    with pytest.raises(WrongUsage, match="the file of leads itself"):
        scored(source, tmp_path / ".." / tmp_path.name / "leads.csv")
    assert source.read_bytes() == before


def test_a_ragged_file_leaves_an_older_answer_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    scored(save(tmp_path / "leads.csv", some_leads(5)), out)
    before = out.read_bytes()
    (tmp_path / "ragged.csv").write_text("lead,Employees\na,1\nb,2,3\n")
    with pytest.raises(Refused, match="row 3 has 3 cells"):
        scored(tmp_path / "ragged.csv", out)
    assert out.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["leads.csv", "out.csv", "ragged.csv"]


def test_the_leads_of_a_folder_are_found(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match=r"holds no leads\.csv"):
        leads_file(tmp_path)
    path = save(tmp_path / "leads.csv", some_leads(2))
    assert leads_file(tmp_path) == leads_file(path) == path


LIVING = living_card()


def lives_of(happened: dict[str, list[Activity]]) -> tuple[Lives, dict[str, int]]:
    """The activities of some leads as a file of them is read."""
    place = {lead: i for i, lead in enumerate(happened)}
    rows = [(place[lead], a.at, ("demo", "call").index(a.kind)) for lead, life in happened.items() for a in life]
    lead, at, kind = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return Lives.of(lead, at, kind.astype(np.int32), np.full(len(rows), np.nan), ("demo", "call")), place


def test_a_lead_of_a_file_is_worth_what_it_alone_is_with_all_that_happened_to_it(tmp_path: Path) -> None:
    dice = np.random.default_rng(3)
    leads = some_leads() | {"since": ["2026-05-01"] * 150 + [""] * 150}
    happened = {
        lead: [
            Activity(AS_OF - int(dice.integers(-5, 60)) * DAY, ("demo", "call")[int(dice.integers(2))])
            for _ in range(4)
        ]
        for lead in leads["lead"][::2]
    }
    lives, place = lives_of(happened)
    out = tmp_path / "out.parquet"
    known = FileLives(lives, place, created_column="since")
    source = save(tmp_path / "leads.csv", leads)
    done = score_file(LIVING, CUTS, source, out, id_column="lead", as_of=AS_OF, lives=known)
    rows = {row["lead"]: row for row in pq.read_table(out).to_pylist()}
    scorer, born = LeadScorer(LIVING), read_moment("2026-05-01")
    for i, lead in enumerate(leads["lead"]):
        fields = {f.name: leads[f.name][i] for f in CARD.fields}
        created = born if leads["since"][i] else None
        snapshot = scorer.snapshot(fields, created=created, activities=happened.get(lead, []), as_of=AS_OF)
        one, row = scorer.score(snapshot, as_of=AS_OF), rows[lead]
        assert (row["probability"], row["expected_value"], row["readiness"]) == (
            one.probability,
            one.expected_value,
            one.readiness,
        )
        assert row["warnings"] == list(one.warnings)
    assert {row["readiness"] for row in rows.values()} == {"now", "later", "browsing"}
    assert done.age_days == (AS_OF - born) // DAY


def test_leads_with_a_value_are_ranked_by_what_is_expected_of_them(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    score_file(LIVING, CUTS, save(tmp_path / "leads.csv", some_leads()), out, id_column="lead", as_of=AS_OF)
    rows = pq.read_table(out).to_pylist()
    expected = [row["expected_value"] for row in rows]
    assert expected == sorted(expected, reverse=True)
    assert [row["probability"] for row in rows] != sorted((row["probability"] for row in rows), reverse=True)


def test_a_file_without_activities_says_so_once_a_lead(tmp_path: Path) -> None:
    leads = some_leads()
    out = tmp_path / "out.parquet"
    score_file(LIVING, CUTS, save(tmp_path / "leads.csv", leads), out, id_column="lead", as_of=AS_OF)
    for row in pq.read_table(out).to_pylist():
        assert row["warnings"][-2:] == ["missing:activities", "missing:created_at"]


def test_what_a_file_counted_itself_is_used_where_nothing_else_is_known(tmp_path: Path) -> None:
    counted = some_leads() | {"demo in 30 days": [str(i % 5) for i in range(300)]}
    out = tmp_path / "out.parquet"
    score_file(LIVING, CUTS, save(tmp_path / "leads.csv", counted), out, id_column="lead", as_of=AS_OF)
    assert not any("missing:activities" in row["warnings"] for row in pq.read_table(out).to_pylist())


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_card_that_says_the_same_of_all_leads_is_written_without_reasons(tmp_path: Path, suffix: str) -> None:
    flat = replace(CARD, mains=(), pairs=())
    source, out = save(tmp_path / "leads.csv", some_leads()), tmp_path / f"out.{suffix}"
    assert score_file(flat, CUTS, source, out, id_column="lead", as_of=AS_OF).rows == 300
    assert read_table(out).rows == 300

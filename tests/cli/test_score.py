"""`leadrank score`: a ranked file out of a file of leads."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from models.shelf import Shelf
from scoring import LeadScorer
from tests.front_door import leadrank
from tests.training.worlds import write_csv


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype={"lead_id": str}, keep_default_na=False)


def test_leads_are_ranked_best_first_with_reasons(home: Path, tmp_path: Path) -> None:
    ended = leadrank("score", home / "fresh.csv", "--out", tmp_path / "ranked.csv")
    champion = Shelf(home / "shelf").champion()
    assert ended.out == f"120 leads scored with model {champion}, best first, in {tmp_path / 'ranked.csv'}\n"
    ranked = read(tmp_path / "ranked.csv")
    assert list(ranked.columns) == [
        *("lead_id", "rank", "score", "grade", "probability", "expected_value", "readiness", "reasons", "warnings")
    ]
    assert ranked["rank"].tolist() == list(range(1, 121))
    assert ranked["probability"].is_monotonic_decreasing
    assert set(ranked["lead_id"]) == {f"L-{i:05}" for i in range(120)}
    assert ranked["reasons"].str.contains(r"\([+-]\d").all()


def test_a_row_scores_as_the_single_lead_does(home: Path, tmp_path: Path) -> None:
    leadrank("score", home / "fresh.csv", "--out", tmp_path / "ranked.csv")
    published, _ = Shelf(home / "shelf").open_champion()
    ranked = read(tmp_path / "ranked.csv").set_index("lead_id")
    for lead in read(home / "fresh.csv").astype(str).to_dict("records"):
        alone = LeadScorer(published.card).score({k: v for k, v in lead.items() if k != "lead_id"})
        assert ranked.loc[lead["lead_id"], "probability"] == alone.probability


def test_csv_and_parquet_hold_the_same(home: Path, tmp_path: Path) -> None:
    leadrank("score", home / "fresh.csv", "--out", tmp_path / "a.csv")
    read(home / "fresh.csv").to_parquet(tmp_path / "fresh.parquet")
    leadrank("score", tmp_path / "fresh.parquet", "--out", tmp_path / "b.parquet")
    one, two = read(tmp_path / "a.csv"), pd.read_parquet(tmp_path / "b.parquet")
    for name in ("lead_id", "rank", "score", "grade", "probability"):
        assert one[name].tolist() == two[name].tolist()


def test_a_version_may_be_named_and_champion_is_one(home: Path, tmp_path: Path) -> None:
    assert "with model 1," in leadrank("score", home / "fresh.csv", "--out", tmp_path / "a.csv", "--model", "1").out
    champion = Shelf(home / "shelf").champion()
    ended = leadrank("score", home / "fresh.csv", "--out", tmp_path / "b.csv", "--model", "champion")
    assert f"with model {champion}," in ended.out


def test_a_folder_of_a_history_is_scored_by_its_leads(home: Path, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_bytes((home / "fresh.csv").read_bytes())
    assert leadrank("score", tmp_path, "--out", tmp_path / "ranked.csv").code == 0
    assert len(read(tmp_path / "ranked.csv")) == 120


def test_levels_that_training_never_saw_are_scored_and_said(home: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "odd.csv", [{"lead_id": "x", "source": "Carrier pigeon", "staff": "lots", "visits": 2}])
    ended = leadrank("score", path, "--out", tmp_path / "ranked.csv")
    assert "1 of them carry a warning" in ended.out
    assert read(tmp_path / "ranked.csv")["warnings"][0] == "unseen:source; invalid:staff"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nowhere.csv", "--out", "out.csv"), 2, "no such file: nowhere.csv"),
        (("fresh.csv", "--out", "out.txt"), 2, "neither CSV nor Parquet"),
        (("fresh.csv", "--out", "no/where/out.csv"), 2, "out.csv"),
        (("fresh.csv", "--out", "out.csv", "--model", "99"), 3, "there is no model '99'"),
        (("fresh.csv", "--out", "out.csv", "--id", "nr"), 2, "no column 'nr'"),
        (("fresh.csv", "--out", "out.csv", "--as-of", "soon"), 2, "--as-of is no moment"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_one_line(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = leadrank("score", home / words[0], *words[1:])
    assert (ended.code, ended.is_one_line) == (code, True)
    assert said in ended.err
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_leads_is_never_written_over(home: Path) -> None:
    before = (home / "fresh.csv").read_bytes()
    ended = leadrank("score", home / "fresh.csv", "--out", home / "fresh.csv")
    assert (ended.code, ended.is_one_line) == (2, True)
    assert (home / "fresh.csv").read_bytes() == before


def test_leads_with_none_of_the_model_s_fields_are_refused(home: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "strangers.csv", [{"lead_id": "a", "colour": "red"}])
    ended = leadrank("score", path, "--out", tmp_path / "out.csv")
    assert (ended.code, ended.is_one_line) == (3, True)
    assert "none of the model's fields" in ended.err


def test_a_damaged_champion_is_not_used_in_silence(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(home / "shelf", tmp_path / "shelf")
    monkeypatch.setenv("LEADRANK_HOME", str(tmp_path))
    champion = Shelf(tmp_path / "shelf").champion()
    card = tmp_path / "shelf" / "models" / str(champion) / "scorecard.json"
    card.write_bytes(card.read_bytes().replace(b"1", b"2", 1))
    ended = leadrank("score", home / "fresh.csv", "--out", tmp_path / "out.csv")
    assert f"model {champion} is damaged" in ended.out + ended.err
    assert ended.code == 3 or "serves instead" in ended.out

"""`leadrank models` says what is on the shelf and changes who serves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mlflow import MlflowClient
from typer.testing import CliRunner

from cli.models import app
from models import Shelf
from models.registry import NAME, Registry, RunRecord
from scoring import DamagedModel, Refused
from tests.cards import small_card
from tests.models.shelves import ABOUT, AT, shelf_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # SQLAlchemy's, raised by MLflow's own queries


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with three models; the second serves, the first did before."""
    monkeypatch.setenv("LEADRANK_HOME", str(tmp_path))
    monkeypatch.delenv("LEADRANK_MLFLOW_URI", raising=False)
    shelf_of(tmp_path / "shelf", models=3, champions=("1", "2"))
    return tmp_path


def run(*words: str) -> str:
    """What a command prints; an error in words is raised, as the front door would see it."""
    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_the_list_shows_who_serves_and_what_comes_next(home: Path) -> None:
    assert run("list").splitlines() == [
        "version  serves      published               rows    buyers    AUC  decision",
        "      1              2026-03-01 12:00      12,000     1,204  0.842  promote",
        "      2  champion    2026-03-01 12:00      12,000     1,204  0.842  promote",
        "      3  challenger  2026-03-01 12:00      12,000     1,204  0.842  promote",
        "Next: leadrank models show 3",
    ]
    assert sorted(p.name for p in home.iterdir()) == ["shelf"]


def test_a_damaged_version_is_listed_as_damaged(home: Path) -> None:
    (home / "shelf" / "models" / "2" / "scorecard.json").write_bytes(b"{}")

    lines = run("list").splitlines()

    assert lines[2].startswith("      2  champion    model 2 is damaged: scorecard.json: ")
    assert len(lines) == 5


def test_an_empty_shelf_says_to_train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADRANK_HOME", str(tmp_path))

    assert run("list") == "No model yet.\nNext: leadrank train HISTORY\n"
    assert json.loads(run("list", "--json"))["models"] == []


def test_the_list_as_json_is_one_object(home: Path) -> None:
    (home / "shelf" / "models" / "1" / "golden.json").unlink()

    found = json.loads(run("list", "--json"))

    assert (found["champion"], found["challenger"], found["notes"], found["fault"]) == ("2", "3", [], None)
    damaged, serving, _ = found["models"]
    assert damaged["fault"] == "model 1 is damaged: golden.json: it is missing"
    assert serving == {
        "version": "2",
        "role": "champion",
        "created_at": "2026-03-01T12:00:00Z",
        "rows": 12_000,
        "buyers": 1_204,
        "auc": 0.8421,
        "decision": "promote",
        "report": None,
        "fault": None,
    }


def test_show_tells_a_models_figures_fields_and_past(home: Path) -> None:
    told = run("show", "2")

    assert told == run("show", "champion")
    for words in (
        "Model 2, the champion, published 2026-03-01T12:00:00Z",
        "learned from 12,000 leads, 1,204 of them buyers",
        "auc: 0.8421 (0.8200 to 0.8600)",
        "decision: promote (better than chance)",
        "6 fields, 1 pairs: Lead source, Employees",
        "promote by test",
    ):
        assert words in told
    assert json.loads(run("show", "3", "--json"))["about"]["rows"] == 12_000
    with pytest.raises(Refused, match="no model '9' on the shelf"):
        run("show", "9")


def test_the_page_on_a_model_is_told_where_it_is(home: Path) -> None:
    shelf = Shelf(home / "shelf")
    made = shelf.add(small_card(), about=ABOUT, at=AT, attachments={"report.html": b"<!DOCTYPE html>"})
    page = made.folder / "report.html"
    assert page.read_bytes() == b"<!DOCTYPE html>"
    assert f"report of model {made.version}: {page}" in run("list").splitlines()
    assert json.loads(run("list", "--json"))["models"][-1]["report"] == str(page)
    assert f"  report: {page}" in run("show", made.version).splitlines()
    assert json.loads(run("show", made.version, "--json"))["report"] == str(page)
    assert json.loads(run("show", "1", "--json"))["report"] is None


def test_promote_and_rollback_print_what_changed(home: Path) -> None:
    first = run("promote", "3").splitlines()
    assert (first[0], first[-1]) == ("champion: 2 -> 3", "Next: leadrank models rollback (takes it back)")
    assert Shelf(home / "shelf").champion() == "3"
    again = run("promote", "3").splitlines()
    assert (again[0], again[-1]) == ("champion: 3, as before", "Next: leadrank models show 3")
    assert run("rollback").splitlines()[0] == "champion: 3 -> 2"
    assert json.loads(run("rollback", "--json")) == {"before": "2", "champion": "1", "notes": []}
    with pytest.raises(Refused, match="no earlier champion"):
        run("rollback")
    run("promote", "3", "--reason", "the fair is over")
    assert "promote by " in run("show", "3")
    assert run("show", "3").count(": the fair is over") == 1


def test_a_damaged_model_is_not_promoted(home: Path) -> None:
    (home / "shelf" / "models" / "3" / "about.json").unlink()

    with pytest.raises(DamagedModel, match="model 3"):
        run("promote", "3")
    assert Shelf(home / "shelf").champion() == "2"


def test_an_alias_moved_in_mlflow_is_told_by_the_list_and_follows_a_promotion(home: Path) -> None:
    uri, shelf = f"sqlite:///{home / 'mlflow.db'}", Shelf(home / "shelf")
    registry = Registry(uri, home / "mlflow-artifacts")
    for version in shelf.versions():
        registry.record(shelf.open(version), RunRecord())
    registry.reconcile(shelf)
    MlflowClient(uri, registry_uri=uri).set_registered_model_alias(NAME, "champion", "1")

    assert "the alias champion had been moved to model 1 in MLflow" in run("list").splitlines()[-1]
    assert registry.alias("champion") == "2"

    run("promote", "3")
    assert registry.alias("champion") == "3"


def test_an_mlflow_that_does_not_answer_holds_up_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADRANK_MLFLOW_URI", "http://127.0.0.1:9")

    told = run("promote", "3").splitlines()

    assert told[0] == "champion: 2 -> 3"
    assert told[1].startswith("MLflow did not answer: ")

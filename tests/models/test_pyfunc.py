"""The model that MLflow keeps scores as the shelf's does, alone, anywhere, with its own code."""

from __future__ import annotations

import json
import os
import shutil
import signal
import site
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException

import scoring
from models import Published, Shelf
from models.registry import Registry, RunRecord
from scoring import GradeCuts, LeadScorer
from scoring.batch import reason_line
from scoring.scorecard import points_of
from scoring.values import read_moment
from tests.models.shelves import shelf_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # SQLAlchemy's, raised by MLflow's own queries

ROOT = Path(__file__).parents[2]
AS_OF = "2026-02-01T00:00:00Z"

LEADS: tuple[dict[str, Any], ...] = (
    {"Lead source": "Referral", "Employees": 120, "Do not call": False, "Job title": "VP Sales",
     "Last funding": "2026-01-15", "E-mail": "a@example.com"},
    {"Lead source": "Cold list", "Employees": 3.5, "Do not call": True, "Job title": "Intern",
     "Last funding": "2024-01-15", "E-mail": "a@gmail.com"},
    {"Lead source": "never seen", "Employees": None, "Do not call": None, "Job title": None,
     "Last funding": "soon", "E-mail": None},
    {"Lead source": "  web SEARCH ", "Employees": "1,250", "Do not call": "yes", "Job title": "sales, sales",
     "Last funding": "", "E-mail": "nothing"},
)  # fmt: skip


@dataclass(frozen=True)
class Logged:
    """A shelf whose champion is in an MLflow store."""

    shelf: Shelf
    uri: str
    folder: Path

    def load(self, alias: str = "champion") -> Any:
        """The model that an alias names, loaded by MLflow as any user would."""
        mlflow.set_tracking_uri(self.uri)
        try:
            return mlflow.pyfunc.load_model(f"models:/leadrank@{alias}")
        finally:
            mlflow.set_tracking_uri(None)  # the process's other tests have stores of their own


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Logged:
    """Two models; grades by cuts of their own."""
    folder = tmp_path_factory.mktemp("home")
    shelf = shelf_of(folder / "shelf", models=2, champions=("1",))
    (folder / "shelf" / "grades.json").write_text('{"a": 0.3, "b": 0.5, "c": 0.7, "version": 2}')
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    registry = Registry(uri, folder / "artifacts")
    registry.record(shelf.open("1"), RunRecord(), cuts=shelf.cuts())
    registry.reconcile(shelf)
    return Logged(shelf, uri, folder)


@pytest.fixture(scope="module")
def model(logged: Logged) -> Any:
    """The champion as MLflow loads it."""
    return logged.load()


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder with an unrelated package called `scoring`."""
    (tmp_path / "scoring").mkdir()
    (tmp_path / "scoring" / "__init__.py").write_text("raise RuntimeError('the wrong scoring')\n")
    return tmp_path


def expected(published: Published, leads: Sequence[dict[str, Any]], cuts: GradeCuts) -> list[dict[str, Any]]:
    """The answer that the shelf's own scorer gives."""
    scorer = LeadScorer(published.card)
    found = [scorer.score(lead, as_of=read_moment(AS_OF)) for lead in leads]
    return [
        {
            "score": one.score,
            "probability": one.probability,
            "log_odds": one.log_odds,
            "grade": cuts.grade_of(published.card.per_mille_of(one.log_odds)),
            "reasons": "; ".join(f"{r.text} ({r.points:+.{0 if abs(r.points) >= 1 else 1}f})" for r in one.reasons),
            "warnings": "; ".join(one.warnings),
        }
        for one in found
    ]


def answers(model: Any, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """What the model answers, as of the moment of these tests."""
    found: list[dict[str, Any]] = model.predict(frame, params={"as_of": AS_OF}).to_dict("records")
    return found


def test_a_table_scores_as_its_leads_do_one_by_one(model: Any, logged: Logged) -> None:
    found = answers(model, pd.DataFrame(LEADS))

    assert found == expected(logged.shelf.open("1"), LEADS, GradeCuts(0.3, 0.5, 0.7, 2))
    assert found[0]["reasons"] == "Job title: vp, sales (+14); Lead source: Referral (+13); Employees: 50 to 249 (+10)"
    assert "unseen:Lead source; missing:Employees" in found[2]["warnings"]


@pytest.mark.filterwarnings("ignore::UserWarning")  # MLflow's own, on the first import of mlflow.pyfunc
def test_a_reason_reads_as_in_a_file_of_scores() -> None:
    from models.serving_code import reason_text

    for value in (1, -1, 75_000, -151_274, 151_275, 2_000_000, -3_333_333):
        assert reason_text("Lead source: referral", points_of(value)) == reason_line("Lead source: referral", value)


def test_answers_have_the_promised_columns_and_the_rows_index(model: Any) -> None:
    found = model.predict(pd.DataFrame(LEADS, index=[7, 3, 9, 1]), params={"as_of": AS_OF})

    assert list(found.index) == [7, 3, 9, 1]
    types = {name: str(kind) for name, kind in found.dtypes.items()}
    assert list(types) == ["score", "probability", "log_odds", "grade", "reasons", "warnings"]
    assert (types["score"], types["probability"], types["log_odds"]) == ("int64", "float64", "int64")


def test_absent_columns_are_warned_of_and_scored(model: Any, logged: Logged) -> None:
    leads = [{"Lead source": "Referral"}, {"Lead source": "Cold list"}]

    found = answers(model, pd.DataFrame(leads))

    assert found == expected(logged.shelf.open("1"), leads, GradeCuts(0.3, 0.5, 0.7, 2))
    assert "missing:Employees" in found[0]["warnings"]


def test_no_column_no_row_and_unknown_columns_are_answered(model: Any) -> None:
    assert len(answers(model, pd.DataFrame(index=range(2)))) == 2
    assert answers(model, pd.DataFrame({"Lead source": []})) == []
    (one,) = answers(model, pd.DataFrame({"Favourite colour": ["blue"]}))
    assert "unknown:Favourite colour" in one["warnings"]


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("Employees", [120, 120.0, "120", np.float32(120), np.int8(120), np.float64(120)]),
        ("Do not call", [True, "yes", np.True_, 1, 1.0, "Y", np.float32(1)]),
        ("Lead source", ["Referral", "referral", np.str_("Referral"), "REFERRAL "]),
        ("Last funding", ["2026-01-15", date(2026, 1, 15), pd.Timestamp("2026-01-15T23:59:59Z")]),
        ("Job title", [None, float("nan"), pd.NA, pd.NaT, "", "n/a"]),
    ],
)
def test_a_value_means_the_same_whatever_its_type(model: Any, name: str, same: list[object]) -> None:
    mixed = pd.DataFrame({name: pd.Series(same, dtype=object)})
    found = [answers(model, mixed), *(answers(model, pd.DataFrame({name: [value]})) for value in same)]

    assert len({one["log_odds"] for rows in found for one in rows}) == 1


@pytest.mark.parametrize("kind", ["int64", "Int64", "float32", "string", "category", "int64[pyarrow]", "object"])
def test_columns_of_any_type_are_taken(model: Any, kind: str) -> None:
    values = ["20", "120"] if kind in ("string", "category") else [20, 120]
    column = pd.Series(values).astype(kind)

    found = answers(model, pd.DataFrame({"Employees": column}))

    assert [one["log_odds"] for one in found] == [
        one["log_odds"] for one in answers(model, pd.DataFrame({"Employees": [20.0, 120.0]}))
    ]


def test_dates_are_aged_as_of_the_moment_that_is_asked_for(model: Any) -> None:
    lead = pd.DataFrame({"Last funding": ["2026-01-15"]})

    soon, late, now = (
        model.predict(lead, params=params)["log_odds"][0]
        for params in ({"as_of": "2026-01-20"}, {"as_of": "2027-12-31"}, None)
    )

    assert soon > late
    assert now in {model.predict(lead, params={"as_of": pd.Timestamp.now("UTC").isoformat()})["log_odds"][0]}
    with pytest.raises(MlflowException, match="as_of is no moment"):
        model.predict(lead, params={"as_of": "yesterday"})


def test_mlflow_knows_what_the_model_reads_and_answers(model: Any) -> None:
    metadata = model.metadata
    assert [c.name for c in metadata.get_output_schema()] == [
        "score", "probability", "log_odds", "grade", "reasons", "warnings"
    ]  # fmt: skip
    assert metadata.metadata["shelf_version"] == "1"
    assert {"name": "Job title", "kind": "text"} in metadata.metadata["fields"]


def test_one_flipped_bit_in_card_or_code_is_refused(logged: Logged, tmp_path: Path) -> None:
    source = next((logged.folder / "artifacts").rglob("MLmodel")).parent
    for name in ("scorecard.json", "golden.json", "cuts.json", "scoring/score.py"):
        copy = shutil.copytree(source, tmp_path / name.replace("/", "_"))
        file = copy / "artifacts" / "model" / name
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        with pytest.raises(MlflowException, match=f"{name}: its bytes are not those that were logged"):
            mlflow.pyfunc.load_model(str(copy))


def test_loading_leaves_no_compiled_code_beside_the_model(logged: Logged) -> None:
    logged.load()

    assert not list((logged.folder / "artifacts").rglob("scoring/__pycache__"))


def run_alone(script: str, folder: Path, **environment: str) -> str:
    """Run a script with this environment's packages, but without leadrank; answers what it prints."""
    packages = os.pathsep.join(site.getsitepackages())
    done = subprocess.run(
        # -S: the links of installed projects are not followed, so that leadrank is not there.
        [sys.executable, "-S", "-c", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": packages, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_needs_no_leadrank_and_minds_no_other_scoring(logged: Logged, foreign: Path) -> None:
    script = f"""
import importlib.util, json, sys
assert importlib.util.find_spec("models") is None
assert importlib.util.find_spec("scoring").origin.startswith({str(foreign)!r})
import mlflow, pandas as pd
mlflow.set_tracking_uri({logged.uri!r})
model = mlflow.pyfunc.load_model("models:/leadrank@champion")
leads = json.loads({json.dumps(json.dumps(LEADS))})
print("ANSWER" + json.dumps(model.predict(pd.DataFrame(leads), params={{"as_of": {AS_OF!r}}}).to_dict("records")))
assert "scoring" not in sys.modules
"""
    answer = run_alone(script, foreign).partition("ANSWER")[2]

    assert json.loads(answer) == expected(logged.shelf.open("1"), LEADS, GradeCuts(0.3, 0.5, 0.7, 2))


def test_two_versions_in_one_process_run_their_own_code(logged: Logged, tmp_path: Path) -> None:
    for room in ("models", "scoring", "tests"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "scoring" / "scorecard.py").open("a") as changed:
        changed.write("\n\nScorecard.score_of = lambda self, log_odds: 7\n")
    script = f"""
import scoring; assert scoring.__file__.startswith({str(tmp_path)!r})
from pathlib import Path
from models import Shelf
from models.registry import Registry, RunRecord
folder = Path({str(logged.folder)!r})
Registry({logged.uri!r}, folder / "artifacts").record(Shelf(folder / "shelf").open("2"), RunRecord())
Registry({logged.uri!r}, folder / "artifacts").reconcile(Shelf(folder / "shelf"))
"""
    run_alone(script, tmp_path, PYTHONPATH=os.pathsep.join([str(tmp_path), *site.getsitepackages()]))

    first, second, again = logged.load("champion"), logged.load("challenger"), logged.load("champion")

    scores = [one["score"] for one in expected(logged.shelf.open("1"), LEADS, GradeCuts())]
    assert [one["score"] for one in answers(second, pd.DataFrame(LEADS))] == [7, 7, 7, 7] != scores
    for old in (first, again):
        assert [one["score"] for one in answers(old, pd.DataFrame(LEADS))] == scores
    assert scoring.LeadScorer(logged.shelf.open("1").card).score(LEADS[0]).score != 7


@pytest.fixture
def served(logged: Logged, foreign: Path) -> Iterator[str]:
    """`mlflow models serve` on the champion, started where another `scoring` lies; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    options = ["-m", "models:/leadrank@champion", "--env-manager", "local", "-h", "127.0.0.1", "-p", port]
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "models", "serve", *options],
        cwd=foreign,
        env={**os.environ, "MLFLOW_TRACKING_URI": logged.uri, "MLFLOW_DISABLE_TELEMETRY": "true"}
        | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield _answering(f"http://127.0.0.1:{port}", process)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=30)


def _answering(address: str, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/ping", timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return address
    process.kill()
    raise AssertionError(process.communicate()[0].decode())


def post(address: str, body: dict[str, Any]) -> tuple[int, Any]:
    """Status and answer of one scoring request."""
    request = urllib.request.Request(
        f"{address}/invocations", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def test_mlflow_serves_the_very_same_scores(served: str, logged: Logged) -> None:
    champion, cuts = logged.shelf.open("1"), logged.shelf.cuts()
    wanted = expected(champion, LEADS, cuts)
    columns = list(LEADS[0])
    split = {"columns": columns, "data": [[lead[name] for name in columns] for lead in LEADS]}
    params = {"as_of": AS_OF}

    assert post(served, {"dataframe_records": list(LEADS), "params": params}) == (200, {"predictions": wanted})
    assert post(served, {"dataframe_split": split, "params": params}) == (200, {"predictions": wanted})
    for lead in LEADS:
        status, answer = post(served, {"dataframe_records": [lead], "params": params})
        assert (status, answer["predictions"]) == (200, expected(champion, [lead], cuts))

    few: list[dict[str, Any]] = [{"Lead source": "Referral"}, {"Employees": 120}]
    status, answer = post(served, {"dataframe_records": few, "params": params})
    scores = [one["score"] for one in expected(champion, few, cuts)]
    assert (status, [one["score"] for one in answer["predictions"]]) == (200, scores)
    assert post(served, {"dataframe_records": few, "params": {"as_of": "yesterday"}})[0] == 400

"""MLflow's registry follows the shelf; what is changed in it by hand is told and not obeyed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import pytest
from mlflow import MlflowClient
from sklearn.linear_model import LogisticRegression

from models import Shelf
from models.registry import NAME, NoRegistry, Registry, RunRecord
from tests.models.shelves import AT, publish, shelf_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # SQLAlchemy's, raised by MLflow's own queries

ESTIMATOR = LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])

RECORD = RunRecord(
    parameters={"fields": 6, "families (tried)": "boosted", "long": "x" * 10_000},
    metrics={"auc": 0.84, "not measured": float("nan")},
    pictures={"gains.png": b"\x89PNG"},
    texts={"report.md": "# Report\n"},
    estimators={"logistic": ESTIMATOR},
    tags={"gate": "promote"},
)


@dataclass(frozen=True)
class Room:
    """A shelf, its registry, and MLflow's own client to look into it."""

    shelf: Shelf
    registry: Registry
    client: MlflowClient

    @property
    def aliases(self) -> dict[str, str | None]:
        """What the aliases name, as models of the shelf."""
        return {name: self.registry.alias(name) for name in ("champion", "challenger")}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty MLflow store: making its tables takes seconds, so that each test takes a copy."""
    place = tmp_path_factory.mktemp("store") / "mlflow.db"
    Registry(f"sqlite:///{place}", place.parent).alias("champion")
    return str(place)


@pytest.fixture
def room(tmp_path: Path, store: str) -> Room:
    """A shelf of three models, the first of them champion, and a registry that knows the first two."""
    (tmp_path / "mlflow.db").write_bytes(Path(store).read_bytes())
    shelf = shelf_of(tmp_path / "shelf", models=3, champions=("1",))
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    registry = Registry(uri, tmp_path / "mlflow-artifacts")
    for version in ("1", "2"):
        registry.record(shelf.open(version), RunRecord())
    return Room(shelf, registry, MlflowClient(uri, registry_uri=uri))


def test_a_training_run_is_recorded_with_all_that_it_left(room: Room, tmp_path: Path) -> None:
    run_id = room.registry.record(room.shelf.open("3"), RECORD)

    run = room.client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.metrics == {"auc": 0.84}
    assert run.data.params == {"fields": "6", "families _tried_": "boosted", "long": "x" * 6_000}
    assert run.data.tags["gate"] == "promote"
    files = Path(room.client.download_artifacts(run_id, "", str(tmp_path)))
    assert (files / "pictures" / "gains.png").read_bytes() == b"\x89PNG"
    assert (files / "report.md").read_text() == "# Report\n"
    assert (files / "scorecard.json").read_bytes() == (room.shelf.open("3").folder / "scorecard.json").read_bytes()
    kept = joblib.load(files / "estimators" / "estimators.joblib")["logistic"]
    assert np.array_equal(kept.coef_, ESTIMATOR.coef_)


def test_the_estimators_may_come_as_a_file(room: Room, tmp_path: Path) -> None:
    joblib.dump(ESTIMATOR, tmp_path / "kept.joblib", compress=3)

    run_id = room.registry.record(room.shelf.open("3"), RunRecord(estimators=tmp_path / "kept.joblib"))

    found = Path(room.client.download_artifacts(run_id, "estimators/estimators.joblib", str(tmp_path)))
    assert found.read_bytes() == (tmp_path / "kept.joblib").read_bytes()


def test_a_registered_version_says_which_model_of_the_shelf_it_is(room: Room) -> None:
    versions = room.client.search_model_versions(f"name = '{NAME}'")

    tags = {v.tags["shelf_version"]: v.tags["scorecard_sha256"] for v in versions}
    assert tags == {version: room.shelf.open(version).digest for version in ("1", "2")}


def test_all_files_lie_in_the_folder_for_artifacts(room: Room, tmp_path: Path) -> None:
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mlflow-artifacts", "mlflow.db", "shelf"]
    assert list((tmp_path / "mlflow-artifacts").rglob("serving_code.py"))
    assert not (Path.cwd() / "mlruns").exists()


def test_the_aliases_follow_the_shelf_and_a_missing_model_is_registered(room: Room) -> None:
    assert room.registry.reconcile(room.shelf) == [
        "model 3 was not in MLflow: registered now, without the details of its run"
    ]
    assert room.aliases == {"champion": "1", "challenger": "3"}
    assert room.registry.reconcile(room.shelf) == []

    room.shelf.promote("3", by="test", at=AT)
    assert room.registry.reconcile(room.shelf) == []
    assert room.aliases == {"champion": "3", "challenger": "2"}

    room.shelf.promote("2", by="test", at=AT)
    assert room.registry.reconcile(room.shelf) == []
    assert room.aliases == {"champion": "2", "challenger": None}


def test_an_alias_moved_by_hand_is_told_and_not_obeyed(room: Room) -> None:
    room.registry.reconcile(room.shelf)
    two = next(v.version for v in room.client.search_model_versions() if v.tags["shelf_version"] == "2")

    room.client.set_registered_model_alias(NAME, "champion", two)
    (said,) = room.registry.reconcile(room.shelf)

    assert said.startswith(
        "the alias champion had been moved to model 2 in MLflow; it follows the shelf and was set back to model 1"
    )
    assert room.shelf.champion() == "1"
    assert room.aliases["champion"] == "1"
    assert room.registry.reconcile(room.shelf) == []


def test_an_alias_moved_by_hand_and_then_promoted_is_in_order(room: Room) -> None:
    room.registry.reconcile(room.shelf)
    two = next(v.version for v in room.client.search_model_versions() if v.tags["shelf_version"] == "2")
    room.client.set_registered_model_alias(NAME, "champion", two)

    room.shelf.promote("2", by="test", at=AT)

    assert room.registry.reconcile(room.shelf) == []
    assert room.aliases["champion"] == "2"


def test_an_alias_deleted_by_hand_is_told_and_put_back(room: Room) -> None:
    room.registry.reconcile(room.shelf)
    room.client.delete_registered_model_alias(NAME, "champion")

    (said,) = room.registry.reconcile(room.shelf)

    assert "the alias champion had been deleted in MLflow" in said
    assert room.aliases["champion"] == "1"


def test_an_alias_on_a_model_of_others_is_told(room: Room) -> None:
    room.registry.reconcile(room.shelf)
    other = room.client.create_model_version(NAME, source=f"file://{room.registry.artifacts}")
    room.client.set_registered_model_alias(NAME, "challenger", other.version)

    (said,) = room.registry.reconcile(room.shelf)

    assert f"MLflow's version {other.version}, which is not on the shelf" in said
    assert room.aliases["challenger"] == "3"


def test_models_of_an_earlier_shelf_with_the_same_number_are_not_mistaken(room: Room, tmp_path: Path) -> None:
    other = Shelf(tmp_path / "another")
    publish(other, shift=5.0)
    other.promote("1", by="test", at=AT)

    assert len(room.registry.reconcile(other)) == 1
    newest = room.client.get_model_version_by_alias(NAME, "champion")
    assert newest.tags["scorecard_sha256"] == other.open("1").digest


def test_a_damaged_champion_leaves_the_alias_where_it_is(room: Room) -> None:
    room.registry.reconcile(room.shelf)
    (room.shelf.open("1").folder / "golden.json").unlink()

    (said,) = room.registry.reconcile(room.shelf)

    assert said.startswith("the alias champion in MLflow stays where it is: model 1 is damaged")
    assert room.aliases["champion"] == "1"


def test_a_registry_that_is_down_is_one_line_and_no_more(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path / "shelf", models=1, champions=("1",))
    published = shelf.open("1")
    (tmp_path / "no folder").write_text("")
    for uri in ("http://127.0.0.1:9", f"sqlite:///{tmp_path / 'no folder' / 'mlflow.db'}", "no-such-scheme://x"):
        registry = Registry(uri, tmp_path / "artifacts")
        with pytest.raises(NoRegistry, match="MLflow did not answer"):
            registry.record(published, RunRecord())
        (line,) = registry.record_safely(published, RunRecord(), shelf)
        assert "\n" not in line
        assert line.endswith("the shelf goes on without it")
        assert len(line) < 250


def test_a_home_without_an_mlflow_store_is_left_without_one(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path / "shelf", models=1, champions=("1",))

    assert Registry(f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path / "artifacts").reconcile_safely(shelf) == []

    assert [p.name for p in tmp_path.iterdir()] == ["shelf"]


def test_what_is_safe_records_follows_and_answers_what_it_found(room: Room) -> None:
    published = publish(room.shelf)

    assert room.registry.record_safely(published, RECORD, room.shelf) == []

    assert room.aliases == {"champion": "1", "challenger": "4"}


def test_mlflow_says_nothing_on_the_terminal(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from models import Shelf; from models.registry import Registry, RunRecord;"
        "from tests.models.shelves import shelf_of;"
        "shelf = shelf_of(Path('shelf'), models=1, champions=('1',));"
        "registry = Registry('sqlite:///mlflow.db', Path('artifacts'));"
        "registry.record(shelf.open('1'), RunRecord()); print(registry.reconcile(shelf), registry.alias('champion'))"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.stdout, done.stderr) == ("[] 1\n", "")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["artifacts", "mlflow.db", "shelf"]

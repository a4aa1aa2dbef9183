"""MLflow beside the shelf: each model's training run and registered version, and aliases that follow."""

from __future__ import annotations

import importlib.util
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING

from scoring import DamagedModel, GradeCuts, LeadrankError

from .aliases import NAME, find_registered, set_alias, shelf_version, tags_of
from .published import Published
from .pyfunc import CODE, OUTPUTS, REQUIREMENTS, carry, described
from .run import RunRecord, log_run
from .shelf import Shelf

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.models.model import ModelInfo

__all__ = ["NAME", "NoRegistry", "Registry", "RunRecord"]

SQLITE = "sqlite:///"

_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "GIT_PYTHON_REFRESH": "quiet",
}
"""Where the environment says nothing: no telemetry, and a server that is down costs seconds, not minutes."""


class NoRegistry(LeadrankError):
    """MLflow did not do what it was asked; the shelf is complete without it."""


class Registry:
    """One MLflow store. uri: of tracking and registry. artifacts: folder of a store without server."""

    def __init__(self, uri: str, artifacts: Path) -> None:
        self.uri = uri
        self.artifacts = artifacts

    def record(self, published: Published, run: RunRecord, *, cuts: GradeCuts | None = None) -> str:
        """Log a training run and register its model; answers the run's id. Raises NoRegistry."""
        with _asked(self.uri) as client:
            return self._record(client, published, run, cuts or GradeCuts())

    def record_safely(self, published: Published, run: RunRecord, shelf: Shelf) -> list[str]:
        """`record` and `reconcile`; what was found otherwise, or the line that says why it failed."""
        try:
            self.record(published, run, cuts=shelf.cuts())
            return self.reconcile(shelf)
        except LeadrankError as fault:
            return [str(fault)]

    def reconcile_safely(self, shelf: Shelf) -> list[str]:
        """`reconcile` where there is an MLflow and a store of it; answers as `record_safely` does."""
        store = Path(self.uri.removeprefix(SQLITE))
        if importlib.util.find_spec("mlflow") is None or (self.uri.startswith(SQLITE) and not store.exists()):
            return []
        try:
            return self.reconcile(shelf)
        except LeadrankError as fault:
            return [str(fault)]

    def alias(self, name: str) -> str | None:
        """The shelf's version that an alias names, None where it names none. Raises NoRegistry."""
        with _asked(self.uri) as client:
            _make_model(client)
            found = client.get_registered_model(NAME).aliases.get(name)
            return None if found is None else shelf_version(client, found)

    def reconcile(self, shelf: Shelf) -> list[str]:
        """Let the aliases champion and challenger follow the shelf; a sentence on what was found otherwise.

        An alias that was moved in MLflow is set back and named. A model that is not in MLflow is registered,
        without the details of its run. Raises NoRegistry.
        """
        wanted = {"champion": shelf.champion(), "challenger": shelf.challenger()}
        with _asked(self.uri) as client:
            _make_model(client)
            return [said for name in wanted for said in self._follow(client, shelf, name, wanted[name])]

    def _follow(self, client: MlflowClient, shelf: Shelf, name: str, version: str | None) -> Iterator[str]:
        target = None
        if version is not None:
            try:
                published = shelf.open(version)
            except DamagedModel as fault:
                yield f"the alias {name} in MLflow stays where it is: {fault.what}"
                return
            target = find_registered(client, published)
            if target is None:
                self._record(client, published, RunRecord(), shelf.cuts())
                target = find_registered(client, published)
                yield f"model {version} was not in MLflow: registered now, without the details of its run"
        by_hand = set_alias(client, name, target)
        if by_hand:
            yield by_hand

    def _record(self, client: MlflowClient, published: Published, run: RunRecord, cuts: GradeCuts) -> str:
        tags = {**tags_of(published), **run.tags}
        experiment = self._make_experiment(client)
        started = client.create_run(experiment, run_name=f"model {published.version}", tags=tags)
        run_id = str(started.info.run_id)
        try:
            log_run(client, run_id, published, run)
            _register(client, run_id, published, cuts)
        except BaseException:
            client.set_terminated(run_id, "FAILED")
            raise
        client.set_terminated(run_id)
        return run_id

    def _make_experiment(self, client: MlflowClient) -> str:
        found = client.get_experiment_by_name(NAME)
        if found is None:
            local = not self.uri.startswith(("http:", "https:", "databricks"))
            return str(client.create_experiment(NAME, self.artifacts.absolute().as_uri() if local else None))
        if found.lifecycle_stage == "deleted":
            client.restore_experiment(found.experiment_id)
        return str(found.experiment_id)


@contextmanager
def _asked(uri: str) -> Iterator[MlflowClient]:
    """A client of the store, MLflow's own talk kept off the terminal; whatever goes wrong is a NoRegistry."""
    try:
        with _quiet():
            if uri.startswith(SQLITE):
                Path(uri.removeprefix(SQLITE)).parent.mkdir(parents=True, exist_ok=True)
            from mlflow import MlflowClient

            with _tracked_by(uri):
                yield MlflowClient(uri, registry_uri=uri)
    except LeadrankError:
        raise
    # MLflow passes on whatever its store, server or network raises, and none of it may stop a publication.
    except Exception as fault:
        what = f"MLflow did not answer: {_one_line(fault)}"
        raise NoRegistry(what, "the shelf goes on without it") from fault


@contextmanager
def _quiet() -> Iterator[None]:
    """No telemetry, no progress bars, no warnings and no log lines below an error."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _register(client: MlflowClient, run_id: str, published: Published, cuts: GradeCuts) -> None:
    _make_model(client)
    with tempfile.TemporaryDirectory() as folder:
        model = _log_pyfunc(run_id, published, carry(published, cuts, Path(folder, "model")))
    client.create_model_version(
        NAME,
        source=model.model_uri,
        run_id=run_id,
        tags=tags_of(published),
        description=f"leadrank model {published.version}, published {published.created_at}",
        model_id=model.model_id,
    )


def _log_pyfunc(run_id: str, published: Published, folder: Path) -> ModelInfo:
    """Log the model's folder, from code. It has no input signature: MLflow would drop or refuse columns."""
    import mlflow
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

    signature = ModelSignature(
        outputs=Schema([ColSpec(kind, name) for kind, name in OUTPUTS]),
        params=ParamSchema([ParamSpec("as_of", "string", default="")]),
    )
    with mlflow.start_run(run_id, nested=True):
        return mlflow.pyfunc.log_model(
            name=NAME,
            python_model=str(CODE),
            artifacts={"model": str(folder)},
            signature=signature,
            pip_requirements=[f"{package}=={installed_version(package)}" for package in REQUIREMENTS],
            metadata=described(published),
        )


@contextmanager
def _tracked_by(uri: str) -> Iterator[None]:
    """MLflow's own functions know one store at a time, for the whole process: lend it ours."""
    import mlflow

    before = mlflow.get_tracking_uri() if mlflow.is_tracking_uri_set() else None
    mlflow.set_tracking_uri(uri)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(before)


def _make_model(client: MlflowClient) -> None:
    if not client.search_registered_models(f"name = '{NAME}'"):
        client.create_registered_model(NAME, description="Lead scoring: the models of the shelf.")


def _one_line(fault: Exception) -> str:
    """What went wrong, without the trail of nested errors that MLflow's texts carry."""
    line = next((line.strip() for line in str(fault).splitlines() if line.strip()), type(fault).__name__)
    return line.split(" with exception ")[0][:160]

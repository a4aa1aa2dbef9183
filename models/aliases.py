"""Which registered version is which model of the shelf, and where MLflow's aliases point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .published import Published

if TYPE_CHECKING:
    from mlflow import MlflowClient

NAME = "leadrank"
"""Of the experiment and of the registered model."""

SHELF_VERSION, DIGEST = "shelf_version", "scorecard_sha256"
"""Tags of a registered version: which model of the shelf it is."""

SET_TO = "leadrank.set."
"""Tag of the registered model, with an alias's name: where leadrank put it, so that a move by hand shows."""


def tags_of(published: Published) -> dict[str, str]:
    """The tags that tie a registered version, or a run, to a model of the shelf."""
    return {SHELF_VERSION: published.version, DIGEST: published.digest}


def find_registered(client: MlflowClient, published: Published) -> str | None:
    """The registry's newest version that is this model of the shelf."""
    found = client.search_model_versions(f"name = '{NAME}' and tags.{DIGEST} = '{published.digest}'")
    mine = [int(v.version) for v in found if v.tags.get(SHELF_VERSION) == published.version]
    return str(max(mine)) if mine else None


def shelf_version(client: MlflowClient, registered: str) -> str | None:
    """The model of the shelf that a registered version is, None for one that was registered by others."""
    found: str | None = client.get_model_version(NAME, registered).tags.get(SHELF_VERSION)
    return found


def set_alias(client: MlflowClient, name: str, target: str | None) -> str | None:
    """Let an alias name a registered version, or nothing; a sentence where it had been changed by hand."""
    model = client.get_registered_model(NAME)
    now, left_at = _text(model.aliases.get(name)), _text(model.tags.get(SET_TO + name))
    by_hand = _said(client, name, now, target) if now not in (left_at, target) else None
    if now != target:
        _point(client, name, target)
    if left_at != target:
        client.set_registered_model_tag(NAME, SET_TO + name, target or "")
    return by_hand


def _text(value: object) -> str | None:
    """A version as text: MLflow's stores answer numbers here and texts there."""
    return str(value) if value else None


def _point(client: MlflowClient, name: str, target: str | None) -> None:
    if target is None:
        client.delete_registered_model_alias(NAME, name)
    else:
        client.set_registered_model_alias(NAME, name, target)


def _said(client: MlflowClient, name: str, now: str | None, target: str | None) -> str:
    was = f"moved to {_model_text(client, now)}" if now else "deleted"
    back = f"set back to {_model_text(client, target)}" if target else "taken away"
    return (
        f"the alias {name} had been {was} in MLflow; it follows the shelf and was {back} "
        "(what moves it: leadrank models promote VERSION)"
    )


def _model_text(client: MlflowClient, registered: str) -> str:
    version = shelf_version(client, registered)
    return f"model {version}" if version else f"MLflow's version {registered}, which is not on the shelf"

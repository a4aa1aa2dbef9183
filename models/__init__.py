"""The shelf: what a published model is, and which serves. `models.registry` keeps MLflow in step."""

from .pointer import Change
from .published import Published
from .shelf import Shelf

__all__ = ["Change", "Published", "Shelf"]

"""What each server process runs: the application of its environment."""

from __future__ import annotations

from fastapi import FastAPI

from .app import create_app
from .settings import Settings


def app_from_environment() -> FastAPI:
    """The application of LEADRANK_HOME and LEADRANK_DATABASE_URL; the database must be upgraded already."""
    return create_app(Settings.of_environment())

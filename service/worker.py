"""What each server process runs: the application of its environment."""

from __future__ import annotations

import os

from fastapi import FastAPI

from .app import create_app
from .settings import Settings


def app_from_environment() -> FastAPI:
    """The application of LEADRANK_HOME and LEADRANK_DATABASE_URL; the database must be upgraded already."""
    # Arrays are used for look-ups alone: their library need not start a thread for each processor.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return create_app(Settings.of_environment())

"""The peers' own environments, made where they are missing: they want other versions than ours."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ENVIRONMENTS = {
    "peers": ("scikit-learn", "lightgbm", "interpret-core", "pandas", "scipy"),
    "autogluon": ("autogluon.tabular[lightgbm,catboost,xgboost]",),
}


def python_of(peer: str, environments: Path) -> Path | None:
    """The Python that has the peer; None, said aloud, where it could not be installed."""
    name = "autogluon" if peer == "autogluon" else "peers"
    folder = environments / name
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    ready = folder / ".ready"
    if not ready.exists():
        print(f"setting up the environment of {peer}", file=sys.stderr, flush=True)
        venv.create(folder, with_pip=True)
        done = subprocess.run([str(python), "-m", "pip", "install", "--quiet", *ENVIRONMENTS[name]], check=False)
        if done.returncode:
            print(f"{peer} is left out: it could not be installed", file=sys.stderr, flush=True)
            return None
        ready.touch()
    return python

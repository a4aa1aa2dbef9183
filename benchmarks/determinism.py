"""`python -m benchmarks.determinism`: one model file, by SHA-256, on one and two threads and from shuffled rows."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-c", "from cli.main import main; main()"]


def run(home: Path, threads: int, *arguments: str) -> str:
    """What a command prints, with so many threads and dice of its own for hashing."""
    settings = {"LEADRANK_HOME": str(home), "OMP_NUM_THREADS": str(threads), "PYTHONHASHSEED": str(threads)}
    settings |= {"OPENBLAS_NUM_THREADS": str(threads), "PYTHONPATH": str(HOUSE)}
    return subprocess.run(
        [*COMMAND, *arguments], check=True, capture_output=True, text=True, cwd=HOUSE, env={**os.environ, **settings}
    ).stdout


def shuffled(history: Path, target: Path, seed: int) -> Path:
    """The same history with the rows of every table in another order."""
    target.mkdir()
    for file in sorted(f for f in history.iterdir() if f.is_file()):
        if file.suffix != ".csv":
            (target / file.name).write_bytes(file.read_bytes())
            continue
        with file.open(newline="") as source:
            head, *rows = csv.reader(source)
        random.Random(seed).shuffle(rows)
        with (target / file.name).open("w", newline="") as written:
            csv.writer(written).writerows([head, *rows])
    return target


def digest(home: Path, history: Path, threads: int) -> str:
    """SHA-256 of the card that `leadrank train` publishes."""
    report = json.loads(run(home, threads, "train", str(history), "--no-promote", "--json"))["report"]
    return hashlib.sha256((Path(report).parent / "scorecard.json").read_bytes()).hexdigest()


def main() -> None:
    """Print the digest of each way to learn, and whether they are one. Exit code 1 where they are not."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--leads", type=int, default=3000)
    leads = options.parse_args().leads
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        history, home = folder / "history", folder / "home"
        run(home, 1, "sample", str(history), "--leads", str(leads))
        other = shuffled(history, folder / "shuffled", seed=5)
        found = {}
        for said, source, threads in (
            ("one thread", history, 1),
            ("two threads", history, 2),
            ("rows shuffled, two threads", other, 2),
        ):
            found[said] = digest(home, source, threads)
            print(f"{found[said]}  {said}", flush=True)
    same = len(set(found.values())) == 1
    print("one SHA-256" if same else "DIFFERENT")
    sys.exit(not same)


if __name__ == "__main__":
    main()

"""A million leads from Parquet to Parquet, beside reading and writing the same files alone; each in its own process."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 1_000_000
ROUNDS = 3


def make_leads(source: Path, target: Path, rows: int = ROWS) -> None:
    """A Parquet file of `rows` leads drawn from a CSV's, numbers as doubles, each with an id of its own."""
    import pandas as pd

    table = pd.read_csv(source, dtype=str, keep_default_na=False).drop(columns=["lead_id"])
    for name in table.columns:
        numbers = pd.to_numeric(table[name].where(table[name] != ""), errors="coerce")
        if (numbers.notna() | (table[name] == "")).all() and numbers.nunique() > 2:
            table[name] = numbers
    drawn = table.iloc[np.random.default_rng(1).integers(0, len(table), rows)].reset_index(drop=True)
    drawn.insert(0, "lead_id", [f"L{i:07d}" for i in range(rows)])
    pq.write_table(pa.Table.from_pandas(drawn, preserve_index=False), target)


def copy(source: Path, target: Path) -> None:
    """Read a Parquet file in pieces and write it again: what any program that reads and writes it must pay."""
    file = pq.ParquetFile(source)
    with pq.ParquetWriter(target, file.schema_arrow) as writer:
        for batch in file.iter_batches(batch_size=131_072):
            writer.write_batch(batch)


def score(card: Path, source: Path, target: Path) -> None:
    """`leadrank score` without its command line."""
    from scoring.grades import GradeCuts
    from scoring.scorecard import from_json
    from scoring.scorefile import score_file

    score_file(from_json(card.read_bytes()), GradeCuts(), source, target, id_column="lead_id", as_of=1_790_000_000)


def timed(step: str, *paths: Path) -> tuple[float, float]:
    """Seconds and peak MiB of one step in a fresh process, imports not counted."""
    command = [sys.executable, "-m", "benchmarks.million", step, *map(str, paths)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found["seconds"], found["mib"]


def report(card: Path, leads: Path) -> str:
    """Rows a second of scoring beside copying, in turn, and the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.parquet"
        pairs = [(timed("score", card, leads, out), timed("copy", leads, out)) for _ in range(ROUNDS)]
    ratio = sorted(copied[0] / scored[0] for scored, copied in pairs)[ROUNDS // 2]
    scored = min(s for (s, _), _ in pairs)
    copied = min(c for _, (c, _) in pairs)
    memory = max(m for (_, m), _ in pairs)
    return (
        f"a million leads, Parquet to Parquet: {ROWS / scored:,.0f} rows a second; reading and writing the same file "
        f"alone {ROWS / copied:,.0f}; ratio {ratio:.2f} (median of {ROUNDS}); peak memory {memory:,.0f} MiB"
    )


def _run(step: str, paths: list[Path]) -> None:
    import scoring.scorefile  # noqa: F401 (imported before the clock starts)

    start = time.perf_counter()
    {"score": score, "copy": copy}[step](*paths)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "mib": _peak_mib()}))


def _peak_mib() -> float:
    """This process's own peak; getrusage would count what the parent held before the program was started."""
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    _run(sys.argv[1], [Path(p) for p in sys.argv[2:]])

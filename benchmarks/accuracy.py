"""`make bench-accuracy`: `leadrank train` and `score` on real sets beside peers, on the same folds and fields."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.ahead import METRICS, lead_over, mean_ranks, metrics_of
from benchmarks.environments import python_of
from benchmarks.sets import CREATED, ID, SETS, TARGET, TUNED_ON, Real
from scoring.batch import TableScorer
from scoring.files import read_table
from scoring.measure import calibration_error
from training.intervals import calibration_noise
from training.learn import learn

HOUSE = Path(__file__).resolve().parent.parent
OUT = HOUSE / "bench-out"
OURS = "leadrank"
HORIZON = 90
"""Days; the default of `train`."""

WELL = 0.02
"""A calibration error up to here is none to speak of."""
PEERS = ("logistic", "lightgbm", "ebm", "autogluon")
USUAL = PEERS[:3]
"""AutoGluon takes 150 s a fold: only where it is asked for."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Answer:
    """Probabilities of a fold's judged leads, and the seconds that learning and answering took.

    whole: the seconds of our commands, which also judge on leads held back, learn again, report and publish.
    """

    probability: Floats
    seconds: float
    whole: float = 0.0


Answers = list[tuple[Flags, Answer]]
"""A peer's answers with who bought, one a fold."""


def ours(folder: Path, train: pd.DataFrame, test: pd.DataFrame) -> Answer:
    """A model learned and asked by the commands; every field kept, since all peers get these fields."""
    train.to_csv(folder / "train.csv", index=False)
    test.drop(columns=TARGET).to_csv(folder / "test.csv", index=False)
    fields = [c for c in train.columns if c not in (ID, TARGET, CREATED)]
    flags = ["--id", ID, "--target", TARGET, "--won", "1", "--lost", "0"]
    flags += ["--created-at", CREATED] if CREATED in train else []
    flags += [flag for name in fields for flag in ("--keep", name)]
    start = time.perf_counter()
    found = _run(folder, "train", str(folder / "train.csv"), *flags, "--no-promote", "--json")
    model = str(json.loads(found)["model"])
    _run(folder, "score", str(folder / "test.csv"), "--out", str(folder / "out.csv"), "--model", model, "--id", ID)
    whole = time.perf_counter() - start
    with (folder / "out.csv").open(newline="") as file:
        by_id = {row[ID]: float(row["probability"]) for row in csv.DictReader(file)}
    return Answer(np.array([by_id[i] for i in test[ID]]), _learning(folder, train), whole)


def _learning(folder: Path, train: pd.DataFrame) -> float:
    """The seconds of learning once and asking, as peers do it, without reading files."""
    columns = [
        {n: c for n, c in read_table(folder / name).columns.items() if n not in (ID, TARGET, CREATED)}
        for name in ("train.csv", "test.csv")
    ]
    moments = None
    if CREATED in train:
        since = pd.to_datetime(train[CREATED], utc=True) - pd.Timestamp(0, tz="UTC")
        moments = since.dt.total_seconds().to_numpy(np.int64)
    bought = (train[TARGET] == "1").to_numpy()
    start = time.perf_counter()
    horizon = None if moments is None else HORIZON
    card = learn(columns[0], bought, as_of=moments, kinds={}, horizon_days=horizon, seed=7).card
    TableScorer(card).log_odds(columns[1], len(next(iter(columns[1].values()))))
    return time.perf_counter() - start


def _run(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "LEADRANK_HOME": str(folder / "home"), "PYTHONPATH": str(HOUSE)}
    command = [sys.executable, "-c", "from cli.main import main; main()", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment, cwd=HOUSE).stdout


def theirs(peer: str, python: Path, folder: Path, *, train: pd.DataFrame, test: pd.DataFrame) -> Answer:
    """A peer in its own environment."""
    for name, table in (("train", train), ("test", test)):
        table.drop(columns=[ID, CREATED], errors="ignore").to_csv(folder / f"{name}.csv", index=False)
    paths = [str(folder / name) for name in ("train.csv", "test.csv", "out.json")]
    subprocess.run([str(python), str(HOUSE / "benchmarks" / "peer.py"), peer, *paths], check=True, capture_output=True)
    found = json.loads((folder / "out.json").read_text())
    return Answer(np.array(found["probability"]), found["seconds"])


def cached(key: str, train: pd.DataFrame, test: pd.DataFrame, fit: Callable[[Path], Answer]) -> Answer:
    """What the same peer answered on the same tables before; ours is asked anew."""
    digest = hashlib.sha256(pd.util.hash_pandas_object(pd.concat([train, test])).to_numpy().tobytes())
    digest.update(f"{key} {len(train)}".encode())
    digest.update((HOUSE / "benchmarks" / "peer.py").read_bytes())
    place = OUT / "cache" / f"{key}-{digest.hexdigest()[:16]}.json"
    if not place.exists():
        with tempfile.TemporaryDirectory() as folder:
            answer = fit(Path(folder))
        place.parent.mkdir(parents=True, exist_ok=True)
        body = json.dumps({"probability": answer.probability.tolist(), "seconds": answer.seconds})
        place.with_suffix(".part").write_text(body)
        place.with_suffix(".part").rename(place)
    found = json.loads(place.read_text())
    return Answer(np.array(found["probability"]), found["seconds"])


def run_set(real: Real, peers: dict[str, Path], folds: int, folder: Path) -> dict[str, Answers]:
    """Every peer's answers on the last `folds` folds."""
    found: dict[str, Answers] = {p: [] for p in (OURS, *peers)}
    for number, (seen, held) in list(enumerate(real.folds()))[-folds:]:
        train, test = real.table.iloc[seen], real.table.iloc[held]
        bought = (test[TARGET] == "1").to_numpy()
        found[OURS].append((bought, ours(folder, train, test)))
        for peer, python in peers.items():
            fit = partial(theirs, peer, python, train=train, test=test)
            answer = cached(f"{real.name}-{number}-{peer}", train, test, fit)
            found[peer].append((bought, answer))
        print(f"  {real.name}: fold {number + 1} done", file=sys.stderr, flush=True)
    return found


def means_of(answers: Answers) -> dict[str, float]:
    """The metrics' means over the folds, and the mean seconds."""
    rows = [{**metrics_of(b, a.probability), "seconds": a.seconds} for b, a in answers]
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def compared(found: dict[str, Answers], peer: str) -> dict[str, tuple[float, float, float]]:
    """By how much ours is ahead of a peer, by metric, with an interval."""
    pairs = zip(found[OURS], found[peer], strict=True)
    folds = [(b, mine.probability, other.probability) for (b, mine), (_, other) in pairs]
    return {metric: lead_over(folds, metric) for metric in METRICS}


def show_set(real: Real, found: dict[str, Answers]) -> None:
    """One table: a peer a row; beyond the noise of a paired bootstrap `+` says that ours is ahead, `-` behind."""
    share = np.mean([b.mean() for b, _ in found[OURS]])
    how = "forward in time" if real.dated else "at random"
    print(
        f"\n{real.name}: {len(real.table):,} leads, {len(real.table.columns) - 2 - real.dated} fields, {share:.1%} buy"
    )
    print(f"  {len(found[OURS])} folds {how}\n  {'peer':10}     AUC   log loss    top 10 %   top 20 %   seconds")
    for peer, answers in found.items():
        mean = means_of(answers)
        marks = dict.fromkeys(METRICS, " ")
        if peer != OURS:
            gaps = compared(found, peer).items()
            marks = {m: "+" if low > 0 else "-" if high < 0 else " " for m, (_, low, high) in gaps}
        cells = "   ".join(f"{mean[m]:.4f} {marks[m]}" for m in METRICS)
        print(f"  {peer:10}  {cells} {mean['seconds']:7.1f}", flush=True)
    whole = np.mean([a.whole for _, a in found[OURS]])
    print(f"  leadrank's commands took {whole:.1f} s: held back, judged, learned again, reported, published, scored")
    print(f"  calibration error of leadrank {_calibration(found[OURS])}", flush=True)


def _calibration(answers: Answers) -> str:
    """Of all folds together, beside what chance alone explains in 95 of 100 tests as large; then of each fold."""
    together = (np.concatenate([b for b, _ in answers]), np.concatenate([a.probability for _, a in answers]))
    parts = [together, *((b, a.probability) for b, a in answers)]
    errors = [(calibration_error(b, p), calibration_noise(p)) for b, p in parts]
    said = ["{:.3f} ({:.3f}{})".format(e, n, "" if e <= max(WELL, n) else ", MISSED") for e, n in errors]
    return f"{said[0]}; by fold {', '.join(said[1:])}; in brackets what chance explains"


def show_summary(means: dict[str, dict[str, dict[str, float]]], noise: dict[str, dict[str, str]]) -> None:
    """Mean ranks, mean leads over each peer on the sets that were tuned on and on the others, and who is ahead."""
    print(f"\nmean rank over {len(means)} sets (1 is the best)")
    for metric in METRICS:
        ranks = mean_ranks({s: {p: row[metric] for p, row in rows.items()} for s, rows in means.items()}, metric)
        said = ", ".join(f"{p} {r:.2f}" for p, r in sorted(ranks.items(), key=lambda kv: kv[1]))
        print(f"  {metric:9} {said}")
    peers = sorted({p for rows in means.values() for p in rows} - {OURS})
    for label, tuned in (("tuned on", True), ("others", False)):
        for peer in peers:
            both = [row for s, row in means.items() if (s in TUNED_ON) is tuned and peer in row]
            if both:
                gaps = [f"{m} {np.mean([r[OURS][m] - r[peer][m] for r in both]):+.4f}" for m in METRICS]
                print(f"  {label}: leadrank minus {peer} on {len(both)} sets: {', '.join(gaps)}")
    for peer in peers:
        times = [row[peer]["seconds"] / row[OURS]["seconds"] for row in means.values() if peer in row]
        worst = min((r[OURS]["auc"] - r[peer]["auc"], s) for s, r in means.items() if peer in r)
        print(
            f"  {peer}: {np.median(times):.2f} times leadrank's seconds in the median, {min(times):.2f} to "
            f"{max(times):.2f}; leadrank's AUC is furthest behind on {worst[1]}: {worst[0]:+.4f}"
        )
    behind = [f"{s}: {p} ({m})" for s, row in noise.items() for p, m in row.items()]
    print(f"  ahead of leadrank beyond noise: {'; '.join(behind) or 'nobody'}", flush=True)


def main() -> None:
    """Print a table a set and a summary; write both as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sets", nargs="*", choices=list(SETS), default=list(SETS))
    options.add_argument("--peers", nargs="*", choices=PEERS, default=list(USUAL))
    options.add_argument("--quick", action="store_true", help="one fold of each set")
    options.add_argument("--environments", type=Path, default=OUT / "environments", help="where the peers live")
    asked = options.parse_args()
    peers = {peer: python for peer in asked.peers if (python := python_of(peer, asked.environments)) is not None}
    means: dict[str, dict[str, dict[str, float]]] = {}
    noise: dict[str, dict[str, str]] = {}
    for name in asked.sets:
        real = SETS[name]()
        with tempfile.TemporaryDirectory() as folder:
            found = run_set(real, peers, 1 if asked.quick else 99, Path(folder))
        show_set(real, found)
        means[name] = {peer: means_of(answers) for peer, answers in found.items()}
        worse = {p: [m for m, (_, _, high) in compared(found, p).items() if high < 0] for p in peers}
        noise[name] = {p: ", ".join(m) for p, m in worse.items() if m}
    show_summary(means, noise)
    OUT.mkdir(exist_ok=True)
    (OUT / "accuracy.json").write_text(json.dumps({"means": means, "ahead_of_leadrank": noise}, indent=1))


if __name__ == "__main__":
    main()

"""`make bench-service`: the service over HTTP beside a bare FastAPI route and MLflow's server, in turn, in one run."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy.exc import OperationalError

from benchmarks import kept, served
from benchmarks.load import Load, load, request
from benchmarks.scoring import sample_card, typed_rows
from benchmarks.table import Line, table
from models import Shelf
from scoring.scorecard import Scorecard

POSTGRES = os.environ.get("LEADRANK_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
CONNECTIONS = (1, 8, 64)
BATCH = 1_000
REQUESTS = 10_000
"""How many a worker has answered when its memory is looked at."""

FIRST_PAGE = 10_000
"""Leads in the smaller of the two lists."""


@dataclass(frozen=True)
class Run:
    """What a run measures by: the card's home, its key, the sample's leads, and how long each measure takes."""

    folder: Path
    card: Scorecard
    rows: list[kept.Fields]
    key: str
    rounds: int
    seconds: float

    @property
    def home(self) -> Path:
        """The home of the installation that serves."""
        return self.folder / "home"

    def lead(self, number: int) -> dict[str, object]:
        """A lead as a CRM sends it to be scored."""
        return {"id": f"00Q5g-{number:05d}", "fields": self.rows[number % len(self.rows)]}

    def one(self) -> list[bytes]:
        """Requests of one lead each."""
        return [request("/v1/score", self.lead(i), key=self.key) for i in range(200)]

    def many(self) -> list[bytes]:
        """A request of a thousand leads."""
        return [request("/v1/score/batch", {"leads": [self.lead(i) for i in range(BATCH)]}, key=self.key)]


@contextmanager
def prepared(rounds: int, seconds: float) -> Iterator[Run]:
    """A home with a model of the sample, published, and a key."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say("learning a model from the sample")
        card, frame, _ = sample_card(folder)
        served.publish(folder / "home", card)
        key = served.make_key(served.environment(folder / "home"))
        print(f"the model looks at {len(card.fields)} fields and {len(card.pairs)} pairs of fields")
        yield Run(folder, card, typed_rows(frame), key, rounds, seconds)


def beside_others(run: Run) -> list[Line]:
    """One lead at several connections, and a thousand leads, beside the bare routes and MLflow's server."""
    with ExitStack() as stack:
        ours = stack.enter_context(served.leadrank(served.environment(run.home)))
        bare = stack.enter_context(served.bare(_answers(run, ours)))
        mlflow = _mlflow(run, stack)
        lines = []
        for connections in CONNECTIONS:
            say(f"one lead, {connections} connections")
            lines += _one_lead(run, ours, bare, mlflow, connections)
        say("a thousand leads")
        loads = [
            [load(s.port, run.many(), connections=1, seconds=run.seconds) for s in (ours, bare)]
            for _ in range(run.rounds)
        ]
        lines.append(_beside("1,000 leads, beside a bare route", loads, aim=0.7, least=0.7))
    return lines


def _answers(run: Run, server: served.Server) -> Path:
    """What leadrank answers, for the bare routes to answer the same."""
    sender, file = kept.Sender(server, run.key), run.folder / "answers.json"
    one = sender.ask("POST", "/v1/score", run.lead(0))
    batch = sender.ask("POST", "/v1/score/batch", {"leads": [run.lead(i) for i in range(BATCH)]})
    texts = {
        name: json.dumps(body, separators=(",", ":"), ensure_ascii=False)
        for name, body in (("one", one), ("batch", batch))
    }
    file.write_text(json.dumps(texts), encoding="utf-8")
    return file


def _mlflow(run: Run, stack: ExitStack) -> served.Server | None:
    """MLflow's server with the same champion; None, said aloud, where it does not start."""
    say("starting mlflow models serve")
    try:
        return stack.enter_context(served.mlflow(served.save_pyfunc(Shelf(run.home / "shelf"), run.folder / "pyfunc")))
    except (OSError, ImportError) as fault:
        say(f"mlflow models serve is left out: {fault}")
        return None


def _one_lead(
    run: Run, ours: served.Server, bare: served.Server, mlflow: served.Server | None, connections: int
) -> list[Line]:
    one, theirs = run.one(), [request("/invocations", {"dataframe_records": [row]}) for row in run.rows[:50]]
    beside_bare, beside_mlflow = [], []
    for _ in range(run.rounds):
        mine = load(ours.port, one, connections=connections, seconds=run.seconds)
        beside_bare.append([mine, load(bare.port, one, connections=connections, seconds=run.seconds)])
        if mlflow is not None:
            beside_mlflow.append([mine, load(mlflow.port, theirs, connections=connections, seconds=run.seconds)])
    what = f"one lead, {connections} connection{'s' * (connections > 1)}"
    lines = [_beside(f"{what}, beside a bare route", beside_bare, aim=0.85, least=0.7)]
    if beside_mlflow:
        lines.append(_beside(f"{what}, beside mlflow models serve", beside_mlflow, aim=40, least=20))
    return lines


def _beside(what: str, rounds: list[list[Load]], *, aim: float, least: float) -> Line:
    ratio = median(ours.rate / theirs.rate for ours, theirs in rounds)
    said = []
    for name, column in zip(("leadrank", "beside"), zip(*rounds, strict=True), strict=True):
        rate, p50, p99 = (median(getattr(one, part) for one in column) for part in ("rate", "p50", "p99"))
        said.append(f"{name} {rate:,.1f}/s, p50 {p50:.2f} ms, p99 {p99:.2f} ms")
    return Line(what, ratio, f"{aim:g}, at least {least:g}", ratio >= least, "; ".join(said), reached=ratio >= aim)


def storing(run: Run) -> list[Line]:
    """Rows a second that are stored and scored on each database, in turn."""
    with ExitStack() as stack:
        urls = {"SQLite": ""}
        try:
            urls["PostgreSQL"] = stack.enter_context(kept.database_of_its_own(POSTGRES))
        except OperationalError:
            say("PostgreSQL is left out: no server answers (LEADRANK_TEST_POSTGRES)")
        senders = {}
        for name, url in urls.items():
            settings = served.environment(run.home, url)
            key = served.make_key(settings)
            senders[name] = kept.Sender(stack.enter_context(served.leadrank(settings)), key)
        say("storing and scoring")
        found: dict[str, list[float]] = {}
        for number in range(run.rounds):
            for what in ("new", "replaced"):
                for name, sender in senders.items():
                    rate = kept.stored_a_second(sender, run.rows, f"round-{number}", calls=5)
                    found.setdefault(f"{what} leads stored and scored, {name}", []).append(rate)
    return [Line(what, None, "", None, f"{median(rates):,.0f} rows/s") for what, rates in found.items()]


def long_lists(run: Run, leads: int) -> Iterator[Line]:
    """The first page of all leads, and a seller's list, out of many leads beside the same out of few."""
    homes = []
    for count in (FIRST_PAGE, leads):
        say(f"filling a table of {count:,} leads")
        home = run.folder / f"home-{count}"
        served.publish(home, run.card)
        kept.fill(f"sqlite:///{home / 'leadrank.db'}", run.card, run.rows[:500], count)
        homes.append(home)
    for what, path, role in (
        ("first page", "/v1/leads", ()),
        (f"a seller's {kept.CALLS} leads of today", "/today", ("sales", "--owner", kept.SELLER)),
    ):
        say(what)
        short, long = kept.page_seconds(homes, path, 40 * run.rounds, *role)
        times = f"{long * 1e3:.1f} ms; {short * 1e3:.1f} ms"
        said = f"{what} out of {leads:,}, in times of the same out of {FIRST_PAGE:,}"
        yield Line(said, long / short, "near 1, at most 1.5", long / short <= 1.5, times)


def one_worker(run: Run) -> list[Line]:
    """What one worker holds after many requests, and how soon it answers."""
    say("memory and start-up")
    settings, started = served.environment(run.home), []
    for _ in range(run.rounds):
        with served.leadrank(settings) as server:
            started.append(server.started)
    with served.leadrank(settings) as server:
        sender = kept.Sender(server, run.key)
        for i in range(REQUESTS):
            sender.ask("POST", "/v1/score", run.lead(i))
        mib = server.resident_mib()
    return [
        Line(f"MiB of a worker after {REQUESTS:,} requests", mib, "below 150", mib < 150, ""),
        Line("seconds from start to first answer", median(started), "below 2", median(started) < 2, ""),
    ]


def say(text: str) -> None:
    """Tell what goes on, beside the table."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000_000, help="leads in the long list; 0 leaves it out")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured, in turn")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each measure takes")
    asked = parser.parse_args()
    with prepared(asked.rounds, asked.seconds) as run:
        lines = [*beside_others(run), *storing(run), *one_worker(run)]
        if asked.leads:
            lines += long_lists(run, asked.leads)
    print(table(lines))


if __name__ == "__main__":
    main()

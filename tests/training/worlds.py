"""Small worlds whose truth is planted, as columns, histories and files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import erf, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Coded, Column, Numbers
from scoring.values import DAY, MISSING_WORDS
from training.design import Design, design_of, with_counts
from training.history import History
from training.outcomes import NEVER

SOURCES = ("Referral", "Web search", "Cold list", "Fair")
TITLES = ("VP Sales", "Head of Sales", "Intern", "Buyer Europe", "Engineer Plant", "Sales Engineer", "VP Purchase")
TOWNS = ("Berlin", "Paris", "Rome", "Oslo", "Bern", "Wien", "Prague", "London")


def texts(values: Sequence[str | None]) -> Coded:
    """A column of texts; None is missing."""
    places: dict[str, int] = {}
    index = [-1 if v is None else places.setdefault(v, len(places)) for v in values]
    return Coded(list(places), np.array(index, dtype=np.int32))


def numbers(values: Iterable[float]) -> Numbers:
    """A column of numbers; NaN is missing."""
    return Numbers(np.array(list(values), dtype=np.float64))


@dataclass(frozen=True)
class World:
    """n leads as columns, who bought, and the log-odds that they were drawn with."""

    columns: dict[str, Column]
    bought: NDArray[np.bool_]
    truth: NDArray[np.float64]

    def shuffled(self, seed: int) -> World:
        """The same leads in another order."""
        rows = np.random.default_rng(seed).permutation(len(self.bought))
        return World({n: c.rows(rows) for n, c in self.columns.items()}, self.bought[rows], self.truth[rows])


def world(rows: int = 3000, seed: int = 1) -> World:
    """A category, a number with gaps, a count, a flag and a text; referrals and visits interact."""
    dice = np.random.default_rng(seed)
    source = dice.integers(0, 4, rows)
    staff = np.round(dice.lognormal(4, 1.2, rows))
    staff[dice.random(rows) < 0.15] = np.nan
    visits = dice.poisson(3, rows).astype(float)
    call = dice.random(rows) < 0.2
    title = dice.integers(0, len(TITLES), rows)
    town = dice.integers(0, len(TOWNS), rows)
    z = np.array([1.0, 0.2, -1.2, 0.0])[source] + 0.5 * np.nan_to_num(np.log(staff + 1) - 4) - 0.8 * call - 1.0
    z += np.where(source == 0, 0.5, -0.1) * (visits - 3) + 0.9 * (title < 2) - 1.2 * (title == 2)
    columns: dict[str, Column] = {
        "staff": numbers(staff),
        "source": texts([SOURCES[s] for s in source]),
        "visits": numbers(visits),
        "do not call": texts([("no", "yes")[int(c)] for c in call]),
        "about": texts(
            [f"{TITLES[t]} at the {TOWNS[w]} office {i % 97}" for i, (t, w) in enumerate(zip(title, town, strict=True))]
        ),
    }
    return World(columns, dice.random(rows) < 1 / (1 + np.exp(-z)), z)


def noise(rows: int, seed: int, share: float = 0.3) -> World:
    """Fields that say nothing of who buys."""
    dice = np.random.default_rng(seed)
    columns: dict[str, Column] = {
        "a": numbers(np.round(dice.normal(0, 10, rows), 1)),
        "b": texts([f"level {i}" for i in dice.integers(0, 6, rows)]),
        "c": numbers(dice.poisson(4, rows)),
    }
    return World(columns, dice.random(rows) < share, np.full(rows, np.log(share / (1 - share))))


def design_in(found: World) -> Design:
    """A world's codes, by the schema that is inferred from it."""
    from scoring.infer import infer

    inferred = infer(found.columns, missing_words=MISSING_WORDS)
    made = design_of(inferred.fields, found.columns, MISSING_WORDS, rows=len(found.bought), as_of=None)
    return with_counts(made, found.bought)


def history(
    created: Sequence[int] | None = None,
    *,
    won_after: Sequence[int | None] | None = None,
    won: Sequence[bool] | None = None,
    lost: Sequence[bool] | None = None,
    until: int | None = None,
    ids: Sequence[str] | None = None,
) -> History:
    """Leads created and won on days (whole numbers); won_after: days from creation to purchase, None for never."""
    rows = len(next(x for x in (created, won, lost, ids) if x is not None))
    born = None if created is None else np.array(created, dtype=np.int64) * DAY
    won_at = np.full(rows, NEVER, dtype=np.int64)
    for i, days in enumerate(won_after or ()):
        if days is not None and created is not None:
            won_at[i] = (created[i] + days) * DAY
    is_won = won_at != NEVER if won is None else np.array(won, dtype=bool)
    is_lost = np.zeros(rows, dtype=bool) if lost is None else np.array(lost, dtype=bool)
    stamps = [*(created or ()), *(int(w // DAY) for w in won_at.tolist() if w != NEVER)]
    return History(
        columns={"n": numbers(range(rows))},
        ids=list(ids or (f"L{i:05}" for i in range(rows))),
        won=is_won,
        lost=is_lost,
        won_at=won_at,
        value=np.full(rows, np.nan),
        created=born,
        until=None if created is None else (max(stamps) if until is None else until) * DAY,
        id_column="id",
    )


def moment(text: str) -> int:
    """Seconds since 1970 of an ISO text in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def write_csv(
    path: Path, rows: Sequence[Mapping[str, object]], *, delimiter: str = ",", encoding: str = "utf-8"
) -> Path:
    """Rows as a CSV file with a header."""
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def lead_rows(rows: int = 240, seed: int = 3) -> list[dict[str, object]]:
    """Leads as a CRM exports them: an id, a source, staff, visits and what became of them; a third bought."""
    dice = np.random.default_rng(seed)
    found: list[dict[str, object]] = []
    for i in range(rows):
        source, visits = SOURCES[int(dice.integers(0, 4))], int(dice.poisson(3))
        z = -1.6 + 0.35 * visits + (source == "Referral") * 1.2
        found.append(
            {
                "lead_id": f"L-{i:05}",
                "source": source,
                "staff": int(dice.integers(1, 400)),
                "visits": visits,
                "outcome": "won" if dice.random() < 1 / (1 + np.exp(-z)) else "lost",
            }
        )
    return found


@dataclass(frozen=True)
class Market:
    """n leads with all of their future. truth: the chance to buy within 90 days of creation. Moments in seconds."""

    columns: dict[str, Column]
    created: NDArray[np.int64]
    won_at: NDArray[np.int64]
    lost_at: NDArray[np.int64]
    truth: NDArray[np.float64]

    def known_at(self, until: int) -> History:
        """What the company knows at a moment, of the leads that have come in by then."""
        here = np.flatnonzero(self.created <= until)
        won_at, lost_at = (np.where(m <= until, m, NEVER)[here] for m in (self.won_at, self.lost_at))
        lost_at = np.where(won_at == NEVER, lost_at, NEVER)
        return History(
            columns={name: column.rows(here) for name, column in self.columns.items()},
            ids=[f"L{i:05}" for i in here.tolist()],
            won=won_at != NEVER,
            lost=lost_at != NEVER,
            won_at=won_at,
            value=np.full(len(here), np.nan),
            created=self.created[here],
            until=until,
            id_column="id",
            lost_at=lost_at,
        )


def market(rows: int, days: int, *, seed: int = 1, lost: float = 0.5) -> Market:
    """Leads of so many days: keen sources buy oftener and sooner, `lost` of those that never buy are closed in time."""
    dice = np.random.default_rng(seed)
    source, staff = dice.integers(0, 4, rows), np.round(dice.lognormal(4, 1.2, rows))
    keen = np.array([1.0, 0.5, -1.0, 0.0])[source]
    ever = 1 / (1 + np.exp(-(-2.0 + keen + 0.4 * (np.log(staff + 1) - 4))))
    median = 40 * np.exp(-0.3 * keen)
    created = np.sort(dice.integers(0, days * DAY, rows))
    bought_after = median * np.exp(dice.normal(0, 1, rows)) * DAY
    lost_after = 40 * np.exp(dice.normal(0, 0.8, rows)) * DAY
    buys = dice.random(rows) < ever
    given_up = ~buys & (dice.random(rows) < lost)
    in_time = np.array([0.5 * (1 + erf(z / sqrt(2))) for z in np.log(90 / median).tolist()])
    return Market(
        columns={"source": texts([SOURCES[s] for s in source]), "staff": numbers(staff)},
        created=created,
        won_at=np.where(buys, created + bought_after.astype(np.int64), NEVER),
        lost_at=np.where(given_up, created + lost_after.astype(np.int64), NEVER),
        truth=ever * in_time,
    )

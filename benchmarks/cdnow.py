"""`python -m benchmarks.cdnow`: a customer's next purchase within 90 days and its value, all after a cut hidden."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pandas as pd

from scoring.batch import worth_of
from scoring.columns import Numbers
from scoring.lives import Lives
from scoring.measure import auc, calibration_error, share_in_top
from scoring.scorecard import Scorecard
from scoring.values import DAY
from training.fitting import Fitting
from training.history import History
from training.labels import label
from training.mapping import Mapping
from training.outcomes import NEVER
from training.snapshots import Snapshots

from .follow_up import WAYS, fitted, hidden_after, resolved_only

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "cdnow_purchases.txt.gz"
HORIZON = 90
EVERY = 4
"""One customer in so many, by number, so that all takes minutes."""

CUTS = ("1997-03-01", "1997-04-01", "1997-10-01")
"""Two months of history, three, and nine."""

JUDGED_DAYS = 90
"""Purchases of so many days after a cut are looked at."""

DAYS = (0, 7, 30)
TOP = 0.2


def read(path: Path) -> pd.DataFrame:
    """One row for each day on which a customer bought: customer, at (seconds since 1970), discs, value, number."""
    names = ["customer", "date", "discs", "value"]
    rows = pd.read_csv(path, sep=r"\s+", names=names, skiprows=1, dtype={"customer": str, "date": str})
    rows = rows[rows["customer"].astype(int) % EVERY == 0]
    bought = rows.groupby(["customer", "date"], as_index=False)[["discs", "value"]].sum()
    bought["at"] = pd.to_datetime(bought["date"], format="%Y%m%d").astype("datetime64[s]").astype("int64")
    bought["number"] = bought.groupby("customer").cumcount()
    return bought


def history_of(bought: pd.DataFrame) -> History:
    """Every purchase as a lead for the customer's next one, whose activities are all purchases so far."""
    customer, at = pd.factorize(bought["customer"])[0], bought["at"].to_numpy()
    value = bought["value"].to_numpy(dtype=np.float64)
    again = np.append(customer[1:] == customer[:-1], False)
    next_at, next_value = np.append(at[1:], NEVER), np.append(value[1:], np.nan)
    worth = np.where(again & (next_value > 0), next_value, np.nan)
    whose, what = _earlier(customer)
    lives = Lives.of(whose, at[what], np.zeros(len(what), dtype=np.int32), value[what], ("purchase",))
    return History(
        columns={
            "discs": Numbers(bought["discs"].to_numpy(dtype=np.float64)),
            "amount": Numbers(value),
            "purchases": Numbers(bought["number"].to_numpy(dtype=np.float64) + 1),
        },
        ids=[f"{c} {n}" for c, n in zip(bought["customer"], bought["number"], strict=True)],
        won=again,
        lost=np.zeros(len(at), dtype=bool),
        won_at=np.where(again, next_at, NEVER),
        value=worth,
        created=at,
        until=int(at.max()),
        id_column="id",
        lost_at=np.full(len(at), NEVER),
        lives=lives,
        company=Numbers(customer.astype(np.float64)),
    )


def _earlier(customer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For every purchase, by place, all of the same customer up to it."""
    first = np.searchsorted(customer, customer)
    many = np.arange(len(customer)) - first + 1
    whose = np.repeat(np.arange(len(customer)), many)
    return whose, np.arange(len(whose)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)


def later_looks(whole: History, cut: int, days: int, *, new: bool) -> Snapshots:
    """Looks so many days after each purchase that followed the cut, while there was no next one."""
    assert whole.created is not None
    number = whole.columns["purchases"]
    assert isinstance(number, Numbers)
    mine = (whole.created > cut) & (whole.created <= cut + JUDGED_DAYS * DAY) & ((number.values == 1) | (not new))
    as_of = whole.created + days * DAY
    lead = np.flatnonzero(mine & ((whole.won_at > as_of) | (days == 0)) & (as_of + HORIZON * DAY <= (whole.until or 0)))
    return Snapshots(lead, as_of[lead], np.ones(len(lead)), np.zeros(len(lead), dtype=np.int8))


def figures(whole: History, card: Scorecard, looks: Snapshots) -> str:
    """How well a card told who bought and what for."""
    assert looks.as_of is not None
    fitting = Fitting(whole, whole.columns, label(whole, HORIZON), Mapping(), 0)
    scores = fitting.score(card, looks)
    worth, score = worth_of(card, scores), scores.log_odds.astype(np.float64)
    bought = whole.won_at[looks.lead] <= looks.as_of + HORIZON * DAY
    value = np.nan_to_num(whole.value[looks.lead])
    assert worth.expected_value is not None
    tops = [share_in_top(bought, by, TOP, value) for by in (worth.expected_value, score)]
    promised, happened = worth.probability.sum(), int(bought.sum())
    error = calibration_error(bought, worth.probability)
    return (
        f"{looks.rows:6d} {happened:6d}  {auc(bought, score):.4f}  {promised / happened:8.2f}  {error:10.4f}  "
        f"{worth.expected_value.sum() / value[bought].sum():8.2f}  {tops[0]:8.3f}  {tops[1]:8.3f}"
    )


def main() -> None:
    """Print a row for every cut, way and day."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data", type=Path, nargs="?", default=DATA, help="cdnow_purchases.txt.gz")
    whole = history_of(read(options.parse_args().data))
    print(
        f"{'cut':10}  {'learned from':17}  {'who':4}  day  looks buyers     AUC  promised  cal. error   revenue  "
        "by value  by prob."
    )
    for text in CUTS:
        cut = int(pd.Timestamp(text, tz="UTC").timestamp()) - 1
        for title, way in {**WAYS, "closed leads only": resolved_only}.items():
            known = way(hidden_after(whole, cut), whole, cut, HORIZON)
            if known.bought.all():
                print(f"{text}  {title:17}  all that are closed have bought: nothing to learn from", flush=True)
                continue
            card = fitted(way, whole, cut, HORIZON)
            for who in ("new", "all"):
                for day in DAYS:
                    looks = later_looks(whole, cut, day, new=who == "new")
                    if looks.rows:
                        print(f"{text}  {title:17}  {who:4} {day:4d} {figures(whole, card, looks)}", flush=True)


if __name__ == "__main__":
    main()

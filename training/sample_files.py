"""The simulated history as files: what the CRM exports, the mapping, an explanation, and the truth apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from scoring.errors import WrongUsage

MAPPING = """\
# Which column is what; see docs. Written by `leadrank sample`.

[lead]
id = "lead_id"
created_at = "created_at"
company = "company"
owner = "owner"

[display]  # shown to sales, never learned from
name = "contact"
phone = "phone"
link = "link"

[outcome]
column = "outcome"
won = ["won"]
lost = ["lost"]
closed_at = "at"
value = "value"

[activity]
lead_id = "lead_id"
at = "at"
kind = "kind"
amount = "amount"

[fields]
ignore = ["email", "tracking_id"]  # a person's address; a number that differs for every lead

[model]
horizon_days = 90
short_horizon_days = 30

[team]
capacity_per_week = {capacity}
currency = "EUR"

[time]
zone = "UTC"
"""

EXPLANATION = """\
# A simulated CRM history

{leads} leads from {first} to {last}, {activities} activities, {won} won and {lost} lost, as known on {until}.
Made by `leadrank sample`; every person and company in it is invented.

- `leads.csv`: one row a lead, as written down at its creation. Gaps: blank, "unknown", "Select", "N/A", "-".
- `activities.csv`: what happened to leads, and the earlier purchases of old customers. `onboarding_call`,
  `support_ticket` and `invoice` come only after a purchase.
- `outcomes.csv`: won (`at`, `value`) and lost (`at`, a reason where the seller gave one). A lead without a
  row is open: it may still buy, or it is dead and nobody wrote that down.
- `leadrank.toml`: which column is what.
- `truth/truth.csv`: what only the simulator knows, also beyond {until}: the true probability of buying within
  90 and 30 days of creation, the expected value given a purchase, the purchase that came or will come, intent
  and fit (log-odds). For judging a model; training reads nothing from `truth/`.
"""

CAPACITY_SHARE = 0.15  # of the weekly inflow: what a busy team can call


@dataclass(frozen=True)
class SampleHistory:
    """A simulated history as known at `until`, and the truth behind it."""

    leads: pd.DataFrame  # one row a lead, fields as known at creation
    activities: pd.DataFrame  # lead_id, at, kind, amount
    outcomes: pd.DataFrame  # lead_id, outcome (won or lost), at, value, reason; no row = open
    truth: pd.DataFrame  # lead_id, true probabilities, purchase (also after `until`), intent and fit
    until: datetime  # nothing in leads, activities and outcomes is later


def write_sample(history: SampleHistory, folder: Path) -> None:
    """Write the history into `folder` (made if absent): CSV files, mapping, README.md, truth/."""
    if (folder / "leads.csv").exists() and not (folder / "truth").is_dir():
        raise WrongUsage(f"{folder.name} holds leads that are no sample", "name another folder")
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    _write_table(history.leads, folder / "leads.csv")
    _write_table(history.activities, folder / "activities.csv")
    _write_table(history.outcomes, folder / "outcomes.csv")
    _write_table(history.truth, folder / "truth" / "truth.csv")
    _write_text(MAPPING.format(capacity=_weekly_capacity(history)), folder / "leadrank.toml")
    _write_text(_explanation(history), folder / "README.md")


def _write_table(table: pd.DataFrame, path: Path) -> None:
    stamps = table.select_dtypes("datetimetz")
    table.assign(**{name: _iso(stamps[name]) for name in stamps}).to_csv(
        path, index=False, lineterminator="\n", encoding="utf-8"
    )


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _iso(stamps: pd.Series) -> np.ndarray:
    """Return UTC stamps as text such as 2026-03-01T14:05:00Z, blank where there is none."""
    texts = np.datetime_as_string(stamps.dt.tz_localize(None).to_numpy().astype("datetime64[s]"), unit="s")
    return np.where(stamps.isna(), "", np.strings.add(texts, "Z"))


def _weekly_capacity(history: SampleHistory) -> int:
    created = history.leads["created_at"]
    weeks = max((created.max() - created.min()).days / 7, 1.0)
    return max(1, int(CAPACITY_SHARE * len(created) / weeks))


def _explanation(history: SampleHistory) -> str:
    created, outcome = history.leads["created_at"], history.outcomes["outcome"]
    return EXPLANATION.format(
        leads=len(history.leads),
        first=f"{created.min():%Y-%m-%d}",
        last=f"{created.max():%Y-%m-%d}",
        activities=len(history.activities),
        won=int((outcome == "won").sum()),
        lost=int((outcome == "lost").sum()),
        until=f"{history.until:%Y-%m-%d}",
    )

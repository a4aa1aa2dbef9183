"""Test leads that the judged model never saw: the latest where there are dates, else a stratified fifth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from scoring.values import DAY

from .censoring import Labels as Censored
from .censoring import Method, censored
from .history import History
from .labels import MIN_BUYERS, Labels, label
from .snapshots import Snapshots, at_creation, drawn, one_each

Rows = NDArray[np.intp]
Flags = NDArray[np.bool_]

TEST_SHARE = 0.2

SOUND_BUYERS = 30
"""Test buyers from which on the whole horizon is judged; with fewer, or with leads of less time than the horizon to
learn from, a shorter one is, if it has more of them."""

SHORTER = (1.0, 2 / 3, 1 / 2, 1 / 3, 1 / 6)
SHORTEST_DAYS = 7


@dataclass(frozen=True)
class Known:
    """Looks that may be learned from, and what is known of them. censored: None where labels are as given."""

    looks: Snapshots
    bought: Flags
    censored: Censored | None = None

    def take(self, rows: Flags) -> Known:
        """What is known of some of the looks, by flag."""
        censored = None if self.censored is None else self.censored.take(rows)
        return Known(self.looks.take(rows), self.bought[rows], censored)


@dataclass(frozen=True)
class Split:
    """kind: `forward` or `stratified`. train: as known at the cut. test: one look a lead, all of them resolved.

    horizon_days: what is judged, shorter than the model's where too few test leads have lived through that.
    """

    kind: str
    train: Known
    test: Snapshots
    test_bought: Flags
    cut: int | None
    horizon_days: int | None
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        return {
            "kind": self.kind,
            "train": len(np.unique(self.train.looks.lead)),
            "test": self.test.rows,
            "train_buyers": len(np.unique(self.train.looks.lead[self.train.bought])),
            "test_buyers": int(self.test_bought.sum()),
            "cut": moment_text(self.cut),
            "judged_horizon_days": self.horizon_days,
        }


def everything(history: History, labels: Labels, horizon_days: int | None) -> Known:
    """All that is known at the history's end. horizon_days: None where labels are as given."""
    if horizon_days is None:
        rows = np.flatnonzero(labels.known)
        return Known(at_creation(history, rows), labels.bought[rows])
    return known_at(history, labels, horizon_days, history.until or 0)


def known_at(history: History, labels: Labels, horizon_days: int, until: int) -> Known:
    """Several looks at each lead created by `until`, labelled as known then; the unresolved ones are among them."""
    looks = drawn(history, until=until)
    looks = looks.take(~labels.odd[looks.lead])
    found = censored(history, looks, horizon_days, until=until)
    if found.method is not Method.HAZARD:
        found, looks = found.take(found.known), looks.take(found.known)
    return Known(looks, found.bought, found)


def split(history: History, labels: Labels) -> Split:
    """Forward in time where dates allow it: trained as known at the cut, judged on the leads after it."""
    if history.created is None:
        return _stratified(history, labels, ())
    horizons = _horizons(labels.horizon_days)
    found = [part for days in horizons if (part := _forward(history, labels, days)) is not None]
    if not found:
        note = "too short for a test forward in time with matured labels: split at random within won and lost"
        return _stratified(history, labels, (note,))
    sound = [part for part in found if _fewest(part.test_bought) >= SOUND_BUYERS and _has_a_past(history, part)]
    return sound[0] if sound else max(found, key=lambda part: (_fewest(part.test_bought), part.horizon_days or 0))


def _horizons(days: int | None) -> list[int | None]:
    if days is None:
        return [None]
    return [days, *(d for share in SHORTER[1:] if (d := round(days * share)) >= SHORTEST_DAYS)]


def _has_a_past(history: History, part: Split) -> bool:
    """Whether the judged model was learned from a time at least as long as what it promises."""
    if history.created is None or part.cut is None or part.horizon_days is None:
        return True
    return part.cut - int(history.created.min()) >= part.horizon_days * DAY


def _fewest(bought: Flags) -> int:
    return min(int(bought.sum()), int((~bought).sum()))


def _forward(history: History, labels: Labels, days: int | None) -> Split | None:
    assert history.created is not None
    if days is None:
        return _as_given(history, labels)
    full = days == labels.horizon_days
    judged = labels if full else label(history, days)
    known = np.flatnonzero(judged.known)
    if len(known) < MIN_BUYERS:
        return None
    cut = int(np.quantile(history.created[known], 1 - TEST_SHARE, method="lower"))
    leads = known[history.created[known] > cut]
    test = one_each(history, leads, until=(history.until or 0) - days * DAY)
    assert test.as_of is not None
    test = test.take(test.as_of + days * DAY <= history.followed(history.until or 0)[test.lead])
    assert test.as_of is not None
    bought = history.won_at[test.lead] <= test.as_of + days * DAY
    train = known_at(history, judged, days, cut)
    note = f"too few leads have lived through {labels.horizon_days} days since: judged on purchases within {days} days"
    made = Split("forward", train, test, bought, cut, days, () if full else (note,))
    return made if _is_enough(made) else None


def _as_given(history: History, labels: Labels) -> Split | None:
    """Dated leads whose outcomes have no dates."""
    assert history.created is not None
    known = np.flatnonzero(labels.known)
    if not len(known):
        return None
    cut = int(np.quantile(history.created[known], 1 - TEST_SHARE, method="lower"))
    early, late = known[history.created[known] <= cut], known[history.created[known] > cut]
    train = Known(at_creation(history, early), labels.bought[early])
    made = Split("forward", train, at_creation(history, late), labels.bought[late], cut, None)
    return made if _is_enough(made) else None


def _is_enough(split: Split) -> bool:
    leads = len(np.unique(split.train.looks.lead))
    first = split.train.looks.age == 0
    buyers = min(_fewest(split.train.bought[first]), _fewest(split.test_bought))
    return leads >= 2 * split.test.rows and buyers >= MIN_BUYERS


def _stratified(history: History, labels: Labels, notes: tuple[str, ...]) -> Split:
    """A fifth of the buyers and of the others, drawn by the leads' keys: the same leads in any order of the file."""
    train, test = [], []
    for group in (labels.known & labels.bought, labels.known & ~labels.bought):
        rows = np.flatnonzero(group)
        rows = rows[np.argsort(history.keys[rows], kind="stable")]
        cut = max(1, round(TEST_SHARE * len(rows)))
        test.append(rows[:cut])
        train.append(rows[cut:])
    in_train, in_test = np.sort(np.concatenate(train)), np.sort(np.concatenate(test))
    known = Known(at_creation(history, in_train), labels.bought[in_train])
    looks = at_creation(history, in_test)
    return Split("stratified", known, looks, labels.bought[in_test], None, labels.horizon_days, notes)


def moment_text(moment: int | None) -> str | None:
    """Seconds since 1970 as ISO 8601 in UTC."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")

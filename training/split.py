"""Test leads that the judged model never saw: the latest where there are dates, else a stratified fifth."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from .history import History
from .labels import MIN_BUYERS, Labels, dated, label

Rows = NDArray[np.intp]

TEST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Split:
    """Rows of the history. kind: `forward` or `stratified`. bought: labels of each part, as known at the cut."""

    kind: str
    train: Rows
    test: Rows
    train_bought: NDArray[np.bool_]
    test_bought: NDArray[np.bool_]
    cut: int | None
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Plain data for people and programs."""
        return {
            "kind": self.kind,
            "train": len(self.train),
            "test": len(self.test),
            "train_buyers": int(self.train_bought.sum()),
            "test_buyers": int(self.test_bought.sum()),
            "cut": moment_text(self.cut),
        }


def split(history: History, labels: Labels) -> Split:
    """Forward in time where dates allow it: trained as known at the cut, judged on the leads after it."""
    if history.created is None:
        return _stratified(history, labels, ())
    forward = _forward(history, labels)
    if forward is None:
        note = "too short for a test forward in time with matured labels: split at random within won and lost"
        return _stratified(history, labels, (note,))
    return forward


def _forward(history: History, labels: Labels) -> Split | None:
    assert history.created is not None
    known = np.flatnonzero(labels.known)
    cut = int(np.quantile(history.created[known], 1 - TEST_SHARE, method="lower"))
    test = known[history.created[known] > cut]
    then = label(history, labels.horizon_days, until=cut) if dated(history) and labels.horizon_days else labels
    train = np.flatnonzero(then.known & (history.created <= cut))
    if len(train) < 2 * len(test):
        return None
    split = Split("forward", train, test, then.bought[train], labels.bought[test], cut)
    buyers = (split.train_bought, ~split.train_bought, split.test_bought, ~split.test_bought)
    return split if min(int(b.sum()) for b in buyers) >= MIN_BUYERS else None


def _stratified(history: History, labels: Labels, notes: tuple[str, ...]) -> Split:
    """A fifth of the buyers and of the others, drawn by a hash of the id: the same leads in any order of the file."""
    draws = np.array([_draw(lead) for lead in history.ids])
    train, test = [], []
    for group in (labels.known & labels.bought, labels.known & ~labels.bought):
        rows = np.flatnonzero(group)
        rows = rows[np.argsort(draws[rows], kind="stable")]
        cut = max(1, round(TEST_SHARE * len(rows)))
        test.append(rows[:cut])
        train.append(rows[cut:])
    in_train, in_test = np.sort(np.concatenate(train)), np.sort(np.concatenate(test))
    bought = labels.bought
    return Split("stratified", in_train, in_test, bought[in_train], bought[in_test], None, notes)


def _draw(lead: str) -> int:
    return int.from_bytes(hashlib.sha256(lead.encode("utf-8", "surrogatepass")).digest()[:7], "big")


def moment_text(moment: int | None) -> str | None:
    """Seconds since 1970 as ISO 8601 in UTC."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")

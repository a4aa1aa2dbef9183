"""Purchases from before a lead came in are activities, for learning and for scoring alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from scoring.snapshot import Measure, named
from training.folder_lives import lives_of
from training.history import read_history
from training.mapping import Mapping

from .worlds import moment, write_csv


def crm(
    folder: Path, outcomes: Sequence[tuple[str, str, str, int]], activities: Sequence[tuple[str, str]] = ()
) -> Path:
    """Four leads created on the first four days of March, and what became of them before and after."""
    write_csv(folder / "leads.csv", [{"lead_id": f"L{i}", "created_at": f"2024-03-0{i}", "n": i} for i in range(1, 5)])
    rows = [{"lead_id": who, "outcome": what, "at": at, "value": worth} for who, what, at, worth in outcomes]
    write_csv(folder / "outcomes.csv", rows)
    if activities:
        write_csv(folder / "activities.csv", [{"lead_id": who, "at": at, "kind": "Visit"} for who, at in activities])
    return folder


AGAIN = [("L1", "won", "2023-05-05", 70), ("L1", "won", "2024-04-01", 30), ("L2", "won", "2024-04-02", 5)]
AGAIN += [("L3", "lost", "2024-04-03", 0), ("L4", "won", "2023-08-01", 9), ("L3", "won", "2024-03-20", 8)]


def test_a_customer_who_asks_again_is_a_lead_whose_next_purchase_counts(tmp_path: Path) -> None:
    found = read_history(crm(tmp_path, AGAIN), Mapping())
    assert found.won.tolist() == [True, True, True, False]
    assert found.value[:3].tolist() == [30, 5, 8]
    assert found.lives is not None
    assert [found.lives.kinds[k] for k in found.lives.kind] == ["purchase", "purchase"]
    assert found.lives.lead.tolist() == [0, 3]
    assert found.lives.at.tolist()[0] == moment("2023-05-05T23:59:59")
    assert any("2 purchases lie before their lead came in" in note for note in found.notes)


def test_purchases_join_the_other_activities_in_order_of_time(tmp_path: Path) -> None:
    found = read_history(
        crm(tmp_path, AGAIN, [("L1", "2023-01-01"), ("L1", "2024-03-05"), ("L4", "2023-08-02")]), Mapping()
    )
    assert found.lives is not None
    said = [(int(who), found.lives.kinds[k]) for who, k in zip(found.lives.lead, found.lives.kind, strict=True)]
    assert said == [(0, "visit"), (0, "purchase"), (0, "visit"), (3, "purchase"), (3, "visit")]


def test_where_most_purchases_lie_before_their_leads_the_creation_dates_are_not_believed(tmp_path: Path) -> None:
    odd = [("L1", "won", "2023-05-05", 70), ("L2", "won", "2023-04-01", 30), ("L3", "won", "2024-04-02", 5)]
    found = read_history(crm(tmp_path, odd), Mapping())
    assert found.lives is None
    assert found.won.tolist() == [True, True, True, False]


def test_scoring_a_folder_sees_purchases_where_the_model_counts_them(tmp_path: Path) -> None:
    folder = crm(tmp_path, AGAIN, [("L1", "2023-01-01"), ("L9", "2023-01-01")])
    purchases = [named(Measure.COUNT, "purchase")]
    known = lives_of(folder, Mapping(), purchases)
    assert known.lives is not None
    kinds = np.array(known.lives.kinds)[known.lives.kind]
    assert (kinds == "purchase").sum() == 5
    visits = lives_of(folder, Mapping(), [named(Measure.COUNT, "visit")])
    assert visits.lives is not None
    assert "purchase" not in visits.lives.kinds
    assert lives_of(folder, Mapping(), []).lives is None
    assert lives_of(folder / "leads.csv", Mapping(), purchases).lives is None

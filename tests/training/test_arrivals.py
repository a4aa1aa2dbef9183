"""What a model remembers of the leads that it learned from is what the service counts of the very same leads."""

from __future__ import annotations

import numpy as np

from scoring.columns import Coded, Column
from service.watching.arrivals import bins_of, published_bins
from tests.cards import small_card
from tests.service.samples import STRONG, WEAK
from training.arrivals import _counted

LEADS = [
    STRONG,
    WEAK,
    STRONG | {"Lead source": "pigeon", "Employees": "many"},
    WEAK | {"Job title": None, "E-mail": ""},
]
AS_OF = 1_772_452_800


def column(name: str) -> Column:
    return Coded([lead[name] for lead in LEADS], np.arange(len(LEADS), dtype=np.int32))


def test_training_and_service_count_alike() -> None:
    card, rows = small_card(), len(LEADS)
    as_of = np.full(rows, AS_OF, dtype=np.int64)
    fields = {field.name: _counted(column(field.name), field, rows, as_of) for field in card.fields}
    published = published_bins(card, {"arrivals": {"leads": rows, "fields": fields}})
    assert published == bins_of(card, [(lead, AS_OF) for lead in LEADS])


def test_a_column_that_is_not_there_is_missing() -> None:
    for field in small_card().fields:
        found = _counted(None, field, 3, np.zeros(3, dtype=np.int64))
        assert (np.array(found["counts"]).sum(), found["strange"]) == (3, 0)

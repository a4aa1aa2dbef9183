"""The leads of one request: each is scored as if it had come alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import LeadScorer
from scoring.many import ManyScorer
from tests.cards import small_card

from .strategies import AS_OF, cards, leads, quick


@given(st.data())
@quick
def test_leads_together_say_what_each_says_alone(data: st.DataObject) -> None:
    card = data.draw(cards())
    rows = [*data.draw(leads(card)), *data.draw(leads(card))]
    moments = [data.draw(st.sampled_from([AS_OF, AS_OF - 86_400, None])) for _ in rows]
    scorer = LeadScorer(card)
    alone = [scorer.score(lead, as_of=at) for lead, at in zip(rows, moments, strict=True)]
    assert repr(ManyScorer(scorer).score(rows, moments)) == repr(alone)


def test_no_leads_have_no_scores() -> None:
    assert ManyScorer(LeadScorer(small_card())).score([], []) == []


@pytest.mark.parametrize("odd", [10**400, 2**53 + 1, float("nan"), None, True, "12", float("-inf")])
def test_an_odd_number_does_not_change_its_neighbours(odd: object) -> None:
    scorer = LeadScorer(small_card())
    number = next(f.name for f in scorer.card.fields if f.kind == "number")
    rows = [{number: 3.5}, {number: odd}, {number: -7}]
    assert ManyScorer(scorer).score(rows, [AS_OF] * 3) == [scorer.score(row, as_of=AS_OF) for row in rows]

"""Points set on a published card, said of the same leads on the card that it was judged by."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import LeadScorer, from_json, to_json
from scoring.editing import Setting, edited
from tests.cards import living_card, small_card
from tests.scoring.strategies import AS_OF, leads, quick
from training.carried import carried, with_border


@quick
@given(st.data())
def test_a_border_more_changes_no_score(data: st.DataObject) -> None:
    card = living_card()
    place = data.draw(st.sampled_from([1, 4, 6, 7]))
    made = from_json(to_json(with_border(card, place, data.draw(st.floats(-50, 500)))))
    lead = data.draw(leads(card, most=1))[0]
    assert LeadScorer(made).score(lead, as_of=AS_OF).log_odds == LeadScorer(card).score(lead, as_of=AS_OF).log_odds
    assert [sum(f.counts) for f in made.fields] == [sum(f.counts) for f in card.fields]


@pytest.mark.parametrize("employees", [9, 10, 40, 49, 50, 99, 249, 250, 5000])
def test_a_bin_is_set_for_the_same_leads_where_the_bins_are_others(employees: int) -> None:
    field = replace(small_card().fields[1], edges=(20.0, 60.0, 250.0))
    judged = replace(small_card(), fields=(small_card().fields[0], field, *small_card().fields[2:]), pairs=())
    wanted = [Setting("Employees", "10 to 49", 7.0)]
    there = carried(wanted, small_card(), judged)
    made = edited(there.card, points=there.points).card
    found = {r.text: r.points for r in LeadScorer(made).points({"Employees": employees})}
    points = next(points for text, points in found.items() if text.startswith("Employees: "))
    assert (points == pytest.approx(7, abs=1e-4)) is (10 <= employees < 50)
    assert there.lost == ()


def test_a_level_that_was_not_known_then_is_named() -> None:
    field = replace(small_card().fields[0], levels=("referral", "web search", "fair"))
    judged = replace(small_card(), fields=(field, *small_card().fields[1:]))
    there = carried(
        [Setting("Lead source", "cold list", 3), Setting("Lead source", "not given", 2), Setting("Job title", "vp", 1)],
        small_card(),
        judged,
    )
    assert there.lost == ("Lead source: cold list",)
    assert there.points == (Setting("Lead source", 0, 2), Setting("Job title", 2, 1))
    assert there.card == judged


def test_a_field_that_was_not_there_then_is_named() -> None:
    card = living_card()
    name = card.fields[6].name
    assert carried([Setting(name, 1, 1.0)], card, small_card()).lost == (f"{name}: 1",)

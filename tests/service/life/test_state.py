"""A lead's state is the fold of its events: the order in which they happened counts, the order of arrival does not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.life.state import DAY, Event, Said, Source, Standing, state_of

CRM, SELLER, MARKETING = Source.OUTCOME, Source.FEEDBACK, Source.HANDOVER


def event(source: Source, said: Said, day: float, **more: object) -> Event:
    return Event(source, f"{source}-{said}-{day}", said, int(day * DAY), **more)  # type: ignore[arg-type]


HISTORIES = st.lists(
    st.builds(
        Event,
        st.sampled_from(Source),
        st.sampled_from("123456789"),
        st.sampled_from(Said),
        st.integers(0, 40).map(lambda day: day * DAY),
        value=st.none() | st.floats(0, 1e6),
        deal_id=st.none() | st.sampled_from("ab"),
        withdraws=st.none() | st.sampled_from("123456789"),
    ),
    max_size=12,
    unique_by=lambda event: (event.source, event.event_id),
)


@given(HISTORIES, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_count(events: list[Event], dice: random.Random) -> None:
    shuffled = [*events]
    dice.shuffle(shuffled)
    assert state_of(shuffled) == state_of(events)


def test_a_lead_of_which_nothing_was_said_is_new() -> None:
    assert state_of([]).standing is Standing.NEW


@pytest.mark.parametrize("said", [s for s in Said if s is not Said.WITHDRAWN])
def test_the_last_word_is_the_state(said: Said) -> None:
    found = state_of([event(MARKETING, Said.HANDED_OVER, 1), event(SELLER, said, 2, reason="why")])
    assert found.standing.value == ("new" if said is Said.OPEN else said.value)
    assert (found.since, found.reason) == (2 * DAY, "why")


def test_a_customer_who_buys_again_keeps_both_purchases() -> None:
    found = state_of([event(CRM, Said.WON, 90, value=70.0), event(CRM, Said.WON, 10, value=30.0)])
    assert (found.standing, found.won_value) == (Standing.BOUGHT_AGAIN, 100.0)
    assert [p.at for p in found.purchases] == [10 * DAY, 90 * DAY]


def test_a_purchase_told_by_the_seller_and_by_the_crm_is_one_and_the_crm_knows_its_value() -> None:
    told = event(SELLER, Said.WON, 10, value=1.0)
    assert state_of([told]).won_value == 1.0
    found = state_of([told, event(CRM, Said.WON, 12, value=2.0)])
    assert (found.standing, found.won_value) == (Standing.WON, 2.0)
    assert state_of([told, event(CRM, Said.WON, 40, value=2.0)]).won_value == 3.0


def test_of_one_deal_the_last_word_counts() -> None:
    won = event(CRM, Said.WON, 10, value=5.0, deal_id="d")
    dearer = event(CRM, Said.WON, 11, value=7.0, deal_id="d")
    undone = event(CRM, Said.LOST, 12, deal_id="d")
    assert state_of([won, dearer]).won_value == 7.0
    assert state_of([won, dearer, undone]).purchases == ()


def test_a_lead_that_is_taken_up_again_is_new_and_its_purchase_stays() -> None:
    found = state_of([event(CRM, Said.WON, 1, value=5.0), event(CRM, Said.OPEN, 2)])
    assert (found.standing, found.won_value) == (Standing.NEW, 5.0)


def test_what_was_taken_back_was_never_said() -> None:
    handed, refused = event(MARKETING, Said.HANDED_OVER, 1), event(SELLER, Said.REFUSED, 2)
    back = event(SELLER, Said.WITHDRAWN, 3, withdraws=refused.event_id)
    for arrived in ([handed, refused, back], [back, handed, refused]):
        assert state_of(arrived) == state_of([handed])
    won = event(SELLER, Said.WON, 4, value=9.0)
    assert state_of([won, event(SELLER, Said.WITHDRAWN, 5, withdraws=won.event_id)]).won_value is None


def test_nobody_takes_back_what_another_source_said() -> None:
    won = event(CRM, Said.WON, 4, value=9.0)
    assert state_of([won, event(SELLER, Said.WITHDRAWN, 5, withdraws=won.event_id)]).won_value == 9.0

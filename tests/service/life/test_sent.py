"""What was sent of a lead is joined by when it was true: late and disordered sends end alike."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.life.sent import Content

FIELDS = st.dictionaries(st.sampled_from("abc"), st.integers(0, 9), max_size=3)
OWN = st.dictionaries(st.sampled_from(("owner", "company")), st.sampled_from("xyz"), max_size=2)
SENDS = st.lists(st.tuples(st.sampled_from(("replace", "merge")), FIELDS, OWN), min_size=1, max_size=4).map(
    lambda sends: [(how, fields, own, at) for at, (how, fields, own) in enumerate(sends, 1)]
)


def after(sends: Any) -> tuple[Any, ...]:
    content = Content()
    for how, fields, own, at in sends:
        getattr(content, how)(fields, own, at)
    return content.fields, content.own, content.updated_at


@given(SENDS)
def test_any_order_and_any_repetition_ends_alike(sends: list[Any]) -> None:
    expected = after(sends)
    for order in permutations(sends):
        assert after(order) == expected
        assert after([*order, order[0]]) == expected


def test_a_change_of_one_field_leaves_the_others() -> None:
    content = Content()
    content.replace({"a": 1, "b": 1}, {}, 1)
    content.merge({"b": 2}, {"owner": "Ann"}, 2)
    assert (content.fields, content.own) == ({"a": 1, "b": 2}, {"owner": "Ann"})


def test_what_is_older_than_all_that_is_known_is_not_taken() -> None:
    content = Content()
    content.replace({"a": 1}, {}, 5)
    assert not content.replace({"a": 2}, {}, 4)
    assert not content.merge({"a": 2}, {}, 4)
    assert content.fields == {"a": 1}


@pytest.mark.parametrize("how", ["replace", "merge"])
def test_a_send_that_does_not_say_when_is_taken_as_it_comes(how: str) -> None:
    content = Content()
    content.replace({"a": 1}, {}, 5)
    assert getattr(content, how)({"a": 2}, {}, None)
    assert content.fields == {"a": 2}
    assert content.updated_at == 5

"""The scorecard as data: exact JSON, nothing else accepted, probability and score by their definitions."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import BadScorecard, Kind, LeadScorer, Scorecard, from_json, probability_of, to_json
from scoring.batch import TableScorer
from scoring.scorecard import REFERENCE_STEPS, SCALE, digest_of, points_of, reference_from
from tests.cards import small_card

from .strategies import AS_OF, as_columns, cards, leads, quick

CARD = small_card()
RAW: dict[str, Any] = json.loads(to_json(CARD))


@given(cards())
@quick
def test_a_card_comes_back_from_its_json_exactly(card: Scorecard) -> None:
    data = to_json(card)
    assert from_json(data) == card
    assert to_json(from_json(data)) == data


def test_the_json_is_canonical_whatever_the_order_of_its_keys() -> None:
    shuffled = json.dumps(dict(reversed(RAW.items())), indent=2).encode()
    assert to_json(from_json(shuffled)) == to_json(CARD)
    assert list(RAW) == sorted(RAW)
    assert digest_of(to_json(small_card())) == digest_of(to_json(CARD))
    assert digest_of(to_json(small_card(0.1))) != digest_of(to_json(CARD))


@pytest.mark.parametrize("cut", [0, 1, 10, 0.5, 0.99, -1])
def test_a_truncated_card_is_refused(cut: float) -> None:
    data = to_json(CARD)
    with pytest.raises(BadScorecard):
        from_json(data[: int(cut * len(data)) if isinstance(cut, float) else cut])


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[]", b"1", b'"x"', b"{}", b"\xff\xfe", b"\x00", b'{"format":1}', b"[" * 200_000, b"9" * 6000],
    ids=range(11),
)
def test_what_is_no_card_is_refused(data: bytes) -> None:
    with pytest.raises(BadScorecard):
        from_json(data)


@pytest.mark.parametrize("number", [0, 3, 99, -1, "1", 1.0, True, None, [1], "x" * 5000])
def test_another_format_is_refused_by_its_number(number: object) -> None:
    with pytest.raises(BadScorecard, match="format") as refused:
        from_json(json.dumps(RAW | {"format": number}).encode())
    assert len(str(refused.value)) < 200


BREAKAGES: dict[str, tuple[tuple[str | int, ...], object]] = {
    "base is a fraction": (("base",), 0.5),
    "base is yes": (("base",), True),
    "base is a text": (("base",), "1"),
    "base is huge": (("base",), 10**30),
    "fields are none": (("fields",), None),
    "fields are a text": (("fields",), "abc"),
    "a field is a list": (("fields", 0), []),
    "a field has no such kind": (("fields", 0, "kind"), "colour"),
    "a field has another's name": (("fields", 0, "name"), "Employees"),
    "a name is a number": (("fields", 0, "name"), 5),
    "a name is half a character": (("fields", 0, "name"), "\ud800"),
    "edges fall": (("fields", 1, "edges"), [50.0, 10.0, 250.0]),
    "edges are equal": (("fields", 1, "edges"), [10.0, 10.0, 250.0]),
    "an edge is a text": (("fields", 1, "edges"), [10.0, "50", 250.0]),
    "an edge is NaN": (("fields", 1, "edges"), [10.0, math.nan, 250.0]),
    "an edge is infinite": (("fields", 1, "edges"), [10.0, 50.0, math.inf]),
    "an edge is missing": (("fields", 1, "edges"), [10.0, 50.0]),
    "the decimal is a word": (("fields", 1, "decimal"), "point"),
    "the lowest is a text": (("fields", 1, "lowest"), "0"),
    "levels are a text": (("fields", 0, "levels"), "abc"),
    "a level is null": (("fields", 0, "levels"), ["referral", None, "cold list"]),
    "a label is missing": (("fields", 0, "labels"), ["Referral", "Web search"]),
    "a flag has three levels": (("fields", 2, "levels"), ["no", "yes", "maybe"]),
    "an e-mail has other levels": (("fields", 5, "levels"), ["a", "b"]),
    "a count is negative": (("fields", 0, "counts"), [-1, 20, 300, 400, 250]),
    "counts are too few": (("fields", 0, "counts"), [1]),
    "buyers are too few": (("fields", 0, "buyers"), [1]),
    "a count is a fraction": (("fields", 0, "counts"), [0.5, 20, 300, 400, 250]),
    "a field has a key too many": (("fields", 0, "colour"), "red"),
    "a table is of no field": (("mains", 0, "field"), 6),
    "a table is of the last field, counted backwards": (("mains", 5, "field"), -1),
    "a table's field is yes": (("mains", 1, "field"), True),
    "two tables are of one field": (("mains", 4, "field"), 1),
    "a table is short": (("mains", 0, "table"), [0, 0, 0]),
    "a table holds a fraction": (("mains", 0, "table"), [0, 0, 0, 0, 0.5]),
    "a table holds a text": (("mains", 0, "table"), [0, 0, 0, 0, "1"]),
    "a table holds null": (("mains", 0, "table"), [0, 0, 0, 0, None]),
    "a table holds a number beyond 64 bits": (("mains", 0, "table"), [0, 0, 0, 0, 2**63]),
    "a table is an object": (("mains", 0, "table"), {"0": 1}),
    "a main has a key too many": (("mains", 0, "colour"), 1),
    "a pair is of a text": (("pairs", 0, "a"), 3),
    "a pair is of no field": (("pairs", 0, "b"), 17),
    "a pair's row is negative": (("pairs", 0, "rows"), [0, 0, 1, 2, -1]),
    "a pair's row is beyond its table": (("pairs", 0, "rows"), [0, 0, 1, 2, 3]),
    "a pair's rows are few": (("pairs", 0, "rows"), [0, 2]),
    "a pair's columns are fractions": (("pairs", 0, "columns"), [0, 1, 1, 2, 2.0]),
    "a pair's table is short": (("pairs", 0, "table"), [0]),
    "the reference is short": (("reference",), [0] * 999),
    "the reference falls": (("reference",), [1] + [0] * 999),
    "the reference holds fractions": (("reference",), [0.0] * 1000),
    "a word for missing is a number": (("missing_words",), [5]),
    "the horizon is nothing": (("horizon_days",), 0),
    "the horizon is a text": (("horizon_days",), "90"),
    "the share of buyers is NaN": (("buyers_share",), math.nan),
    "the share of buyers is above 1": (("buyers_share",), 1.5),
    "the card has a key too many": (("colour",), "red"),
}


def broken(path: tuple[str | int, ...], value: object) -> bytes:
    raw = copy.deepcopy(RAW)
    place: Any = raw
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(raw).encode()


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_card_is_refused_where(name: str) -> None:
    with pytest.raises(BadScorecard):
        from_json(broken(*BREAKAGES[name]))


@pytest.mark.parametrize("key", RAW)
def test_a_card_without_one_of_its_parts_is_refused(key: str) -> None:
    if key == "format":
        return
    with pytest.raises(BadScorecard):
        from_json(json.dumps({k: v for k, v in RAW.items() if k != key}).encode())


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
@quick
def test_a_card_that_is_accepted_after_any_change_can_score(data: st.DataObject) -> None:
    card = data.draw(cards())
    raw = json.loads(to_json(card))
    place: Any = raw
    while True:
        steps = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not steps:
            return
        step = data.draw(st.sampled_from(steps))
        if isinstance(place[step], dict | list) and place[step] and data.draw(st.booleans()):
            place = place[step]
            continue
        place[step] = data.draw(any_json)
        break
    try:
        changed = from_json(json.dumps(raw).encode())
    except BadScorecard:
        return
    assert from_json(to_json(changed)) == changed
    rows = data.draw(leads(changed))
    for lead in rows:
        LeadScorer(changed).score(lead, as_of=AS_OF)
    TableScorer(changed).score(as_columns(rows), len(rows))


@given(cards(), st.data())
@quick
def test_a_cut_or_flipped_file_is_refused_or_another_sound_card(card: Scorecard, data: st.DataObject) -> None:
    found = bytearray(to_json(card))
    found[data.draw(st.integers(0, len(found) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        from_json(bytes(found))
    except BadScorecard:
        pass


@given(st.integers(-(1 << 26), 1 << 26), st.integers(1, 1 << 22))
@quick
def test_probability_rises_with_log_odds(log_odds: int, step: int) -> None:
    assert 0 <= probability_of(log_odds) <= probability_of(log_odds + step) <= 1
    assert probability_of(log_odds) <= probability_of(log_odds + 1)


def test_probability_is_the_logistic_function() -> None:
    assert probability_of(0) == 0.5
    assert probability_of(SCALE) == pytest.approx(1 / (1 + math.exp(-1)), rel=1e-15)
    assert probability_of(-SCALE) == pytest.approx(1 - probability_of(SCALE), rel=1e-15)
    assert probability_of(10**30) == 1.0
    assert 0 < probability_of(-(10**30)) < 1e-300


def test_ten_points_double_the_odds() -> None:
    step = round(SCALE * math.log(2))
    assert points_of(step) == pytest.approx(10, abs=1e-5)
    odds = [p / (1 - p) for p in (probability_of(0), probability_of(step))]
    assert odds[1] / odds[0] == pytest.approx(2, rel=1e-6)


reference_leads = st.lists(st.integers(-50, 50), min_size=1, max_size=2500)


@given(reference_leads, st.integers(-60, 60))
@quick
def test_score_and_per_mille_are_the_floor_of_the_share_below(raw: list[int], log_odds: int) -> None:
    card = replace(CARD, reference=reference_from(raw))
    below = Fraction(sum(r < log_odds for r in raw), len(raw))
    assert card.per_mille_of(log_odds) == math.floor(1000 * below)
    assert card.score_of(log_odds) == math.floor(100 * below)


@given(reference_leads)
@quick
def test_the_reference_is_a_thousand_rising_steps_of_given_leads(raw: list[int]) -> None:
    steps = reference_from(raw)
    assert len(steps) == REFERENCE_STEPS
    assert list(steps) == sorted(steps)
    assert set(steps) <= set(raw)
    assert reference_from(list(reversed(raw))) == steps


def test_a_fields_kind_is_known_in_every_card() -> None:
    assert {f.kind for f in CARD.fields} == set(Kind)

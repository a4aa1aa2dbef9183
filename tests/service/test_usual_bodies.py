"""Bodies of the usual shape: what the quick reader takes, the strict one takes alike; the rest it leaves to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.asked import AskedLead, asked_lead
from service.problems import Problem
from service.strict_json import parse
from service.usual_bodies import usual_lead, usual_leads

LEAD = '{"id": "7", "fields": {"Industry": "retail", "Employees": 12.5, "Budget": null, "Open": true, "Visits": 3}}'

names = st.sampled_from(["a", "b", 'quo"te', "name:", "x :y", "", "é", "\\", "z" * 1001]) | st.text(max_size=3)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**65), 2**65),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(['":', '" :', "\0", "\ud800", "x" * 1001, [], {}, {"a": 1}, -0.0, 5e-324, 1e308]),
)
moments = st.sampled_from(["2026-01-31", "2026-01-31T09:30:00Z", "no day", "1066-10-14", None, 5])
leads = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["7", "", "x" * 201, "a\0b", 7, None]),
        "fields": st.dictionaries(names, values, max_size=4) | values,
        "created_at": moments,
        "as_of": moments,
        "activities": st.just([]),
        "Stray": st.just(1),
    },
)


def strictly(body: bytes) -> AskedLead | None:
    try:
        return asked_lead(parse(body), {})
    except Problem:
        return None


def same(quick: AskedLead | None, body: bytes) -> bool:
    """Whether a reading is none, or to the last type the strict one."""
    return quick is None or repr(quick) == repr(strictly(body))


@given(leads, st.sampled_from([None, 1]), st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]), st.booleans())
@settings(max_examples=400)
def test_what_is_read_quickly_is_what_is_read_strictly(lead: Any, indent: Any, between: Any, ascii: bool) -> None:
    text = json.dumps(lead, indent=indent, separators=between, ensure_ascii=ascii)
    body = text.encode("utf-8", "surrogatepass")
    assert same(usual_lead(body), body)
    many = b'{"leads": [' + body + b", " + body + b"]}"
    found = usual_leads(many, 2)
    assert found is None or [repr(one) for one in found] == [repr(strictly(body))] * 2


@given(st.lists(st.sampled_from([*'{}[]":, \\a1.e-\n', '"id"', '"fields"', '"7"', "null", "NaN", "\\u0041"])))
@settings(max_examples=400)
def test_broken_texts_are_left_to_the_strict_reader(parts: list[str]) -> None:
    body = "".join(parts).encode()
    assert same(usual_lead(body), body)


@pytest.mark.parametrize(
    "text",
    [
        LEAD.replace('"Visits": 3', '"Visits": 3, "Visits": 4'),
        LEAD.replace('"id": "7"', '"id": "7", "id": "8"'),
        LEAD.replace('"Visits": 3', '"Visits" : 3, "Visits": 4, "Note": "x\\":"'),
        LEAD.replace("12.5", "1e999"),
        LEAD.replace("12.5", "NaN"),
        LEAD.replace("12.5", str(2**63)),
        LEAD.replace("retail", "\\ud800"),
        LEAD.replace("retail", "\\udc00x"),
        LEAD.replace("retail", "\\u0000"),
        LEAD.replace("retail", "x" * 1001),
        "\ufeff" + LEAD,
        LEAD + "x",
        "[" * 5_000,
    ],
)
def test_what_breaks_a_rule_is_never_taken_quickly(text: str) -> None:
    assert usual_lead(text.encode()) is None
    assert usual_leads(f'{{"leads": [{text}]}}'.encode(), 10) is None


def test_the_usual_is_taken_quickly() -> None:
    body = LEAD.encode()
    assert usual_lead(body) == strictly(body)
    with_moments = LEAD.replace(
        '"fields"', '"created_at": "2026-01-31", "as_of": "2026-03-01T12:00:00Z", "fields"'
    ).encode()
    assert usual_lead(with_moments) == strictly(with_moments)
    assert usual_leads(b'{"leads":[' + body + b"]}", 1) == [strictly(body)]
    assert usual_leads(b'{"leads":[' + body + b"," + body + b"]}", 1) is None, (
        "too many are refused by the strict reader"
    )

"""What a bin, a level, a text or a pair is called."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import Field, Kind
from scoring.fields import MISSING, OTHER, Warn
from scoring.snapshot import NEVER_DAYS
from scoring.words import code_text, fact_text, main_text, number_text, pair_text, text_text
from tests.cards import FIELDS, small_card

from .strategies import fields, quick

SOURCE, SIZE, CALL, TITLE, FUNDING, MAIL = FIELDS


@pytest.mark.parametrize(
    ("field", "texts"),
    [
        (SOURCE, ["not given", "other", "Referral", "Web search", "Cold list"]),
        (SIZE, ["not given", "9 or less", "10 to 49", "50 to 249", "250 or more"]),
        (CALL, ["not given", "no", "yes"]),
        (MAIL, ["not given", "free mail", "company mail"]),
        (
            FUNDING,
            ["not given", "29 or less days ago", "30 to 89 days ago", "90 to 364 days ago", "365 or more days ago"],
        ),
        (Field("x", Kind.NUMBER, edges=(0.5, 1.25)), ["not given", "under 0.5", "0.5 to 1.25", "1.25 or more"]),
        (Field("x", Kind.NUMBER, edges=(1.0, 2.0), lowest=0.0), ["not given", "0", "1", "2 or more"]),
        (
            Field("days since visit", Kind.NUMBER, edges=(7.0, NEVER_DAYS)),
            ["not given", "6 or less", "7 or more", "never"],
        ),
        (Field("days since visit", Kind.NUMBER, edges=(NEVER_DAYS,)), ["not given", "at some time", "never"]),
        (
            Field("cost", Kind.NUMBER, edges=(7.0, NEVER_DAYS)),
            ["not given", "6 or less", "7 to 36,524", "36,525 or more"],
        ),
        (Field("x", Kind.NUMBER), ["not given", "given"]),
        (Field("x", Kind.DATE), ["not given", "given"]),
        (
            Field("x", Kind.NUMBER, edges=(1e6, 2.5e6)),
            ["not given", "999,999 or less", "1,000,000 to 2,499,999", "2,500,000 or more"],
        ),
    ],
)
def test_every_code_has_a_name(field: Field, texts: list[str]) -> None:
    assert [code_text(field, code) for code in range(field.size)] == texts


@given(st.sampled_from([k for k in Kind if k is not Kind.TEXT]).flatmap(lambda kind: fields("Field", kind)))
@quick
def test_the_names_of_a_fields_codes_are_told_apart(field: Field) -> None:
    if field.kind is Kind.NUMBER and any(abs(e) > 1e5 or e != round(e, 3) for e in field.edges):
        return
    texts = [code_text(field, code) for code in range(field.size)]
    assert len(set(texts)) == len(texts)


def test_a_warning_does_not_change_the_name() -> None:
    assert code_text(SOURCE, OTHER | Warn.UNSEEN) == "other"
    assert code_text(SIZE, MISSING | Warn.INVALID) == "not given"


def test_terms_are_named_by_field_and_value() -> None:
    assert main_text(SOURCE, 2) == "Lead source: Referral"
    assert pair_text(SOURCE, 2, SIZE, 3) == "Lead source: Referral with Employees: 50 to 249"


def test_a_text_is_named_by_the_three_words_that_weigh_most() -> None:
    table = (0, 0, 5, -9, 7)
    assert text_text(TITLE, (OTHER, 2, 3, 4), table) == "Job title: sales, intern, vp"
    four = replace(TITLE, levels=("a", "b", "c", "d"), labels=("a", "b", "c", "d"))
    assert text_text(four, (OTHER, 2, 3, 4, 5), (0, 0, 1, 2, 3, 4)) == "Job title: d, c, b"
    assert text_text(TITLE, (OTHER,), table) == "Job title: no known word"
    for warning in (0, Warn.MISSING, Warn.INVALID):
        assert text_text(TITLE, (MISSING | warning,), table) == "Job title: not given"


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234567.0, "1,234,567"), (0.1, "0.1"), (-5.0, "-5"), (1e20, "1e+20"), (1234.5678, "1,234.57"), (0.0, "0")],
)
def test_numbers_are_written_as_people_do(value: float, text: str) -> None:
    assert number_text(value) == text


def test_a_fact_is_quoted_where_enough_leads_and_the_sign_carry_it() -> None:
    card = small_card()
    assert fact_text(card, SOURCE, 2, +13.0) == "41 % of 300 such leads bought; 17 % of all"
    assert fact_text(card, SOURCE, 2, -13.0) is None
    assert fact_text(card, SOURCE, 2, 0.0) is None
    assert fact_text(card, SOURCE, MISSING, -13.0) is None
    assert fact_text(card, SOURCE, OTHER, -13.0) is None
    assert fact_text(card, replace(SOURCE, counts=(), buyers=()), 2, +13.0) is None

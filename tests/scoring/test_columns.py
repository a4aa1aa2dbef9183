"""Columns give the codes that single values give."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring import Field, Kind
from scoring.columns import UNDATED, Coded, Numbers, ages_of, encode, encode_words
from scoring.fields import ABSENT, MISSING, Warn, coder, word_coder
from scoring.values import MISSING_WORDS

from .strategies import AS_OF, as_columns, fields, quick, values

NUMBER = Field("Employees", Kind.NUMBER, edges=(10.0, 1000.0))


@given(st.data())
@quick
def test_a_columns_codes_are_those_of_its_values(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([k for k in Kind if k is not Kind.TEXT]))
    field = data.draw(fields("Field", kind))
    column = data.draw(
        st.lists(values(field), min_size=1, max_size=12) | st.lists(st.floats(), min_size=1, max_size=12)
    )
    as_of = data.draw(st.sampled_from([None, AS_OF]))
    moments = None if as_of is None else np.full(len(column), as_of, dtype=np.int64)
    table = as_columns([{"Field": v} for v in column])
    codes = encode(table["Field"], field, MISSING_WORDS, rows=len(column), as_of=moments)
    one = coder(field, MISSING_WORDS, as_of)
    assert codes.tolist() == [one(v) for v in column]


@given(st.data())
@quick
def test_a_texts_codes_are_those_of_its_values(data: st.DataObject) -> None:
    field = data.draw(fields("Field", Kind.TEXT))
    column = data.draw(st.lists(values(field), min_size=1, max_size=12))
    found, place = encode_words(
        as_columns([{"Field": v} for v in column])["Field"], field, MISSING_WORDS, rows=len(column)
    )
    one = word_coder(field, MISSING_WORDS)
    assert [found[p] for p in place] == [one(v) for v in column]


def test_no_column_is_absent_in_every_row() -> None:
    assert encode(None, NUMBER, MISSING_WORDS, rows=2).tolist() == [coder(NUMBER, MISSING_WORDS)(ABSENT)] * 2
    text = Field("Title", Kind.TEXT, levels=("vp",), labels=("vp",))
    found, place = encode_words(None, text, MISSING_WORDS, rows=2)
    assert [found[p] for p in place] == [(MISSING | Warn.MISSING,)] * 2


def test_a_table_without_rows_has_no_codes() -> None:
    assert encode(Coded([], np.array([], dtype=np.int32)), NUMBER, MISSING_WORDS, rows=0).tolist() == []


def test_numbers_become_values_and_places_with_gaps_as_minus_one() -> None:
    coded = Numbers(np.array([2.0, np.nan, 1.0, 2.0])).coded()
    assert [None if i < 0 else coded.values[i] for i in coded.index] == [2.0, None, 1.0, 2.0]


def test_rows_can_be_chosen_and_repeated() -> None:
    rows = np.array([2, 0, 0], dtype=np.intp)
    assert Numbers(np.array([1.0, 2.0, 3.0])).rows(rows).values.tolist() == [3.0, 1.0, 1.0]
    coded = Coded(["a", "b"], np.array([0, 1, -1], dtype=np.int32)).rows(rows)
    assert (coded.index.tolist(), len(coded)) == ([-1, 0, 0], 3)


def test_every_rows_age_counts_from_its_own_moment() -> None:
    column = Coded(["2026-01-01T00:00:00Z", "never", None], np.array([0, 0, 1, 2, -1], dtype=np.int32))
    day = 86_400
    start = 1_767_225_600
    moments = np.array([start, start + 10 * day + 5, start, start, start], dtype=np.int64)
    assert ages_of(column, moments).tolist() == [0, 10, UNDATED, UNDATED, UNDATED]


def test_a_later_date_has_a_negative_age() -> None:
    column = Coded(["2026-01-02T00:00:00Z"], np.array([0], dtype=np.int32))
    assert ages_of(column, np.array([1_767_225_600], dtype=np.int64)).tolist() == [-1]


def test_different_rows_of_one_date_get_the_codes_of_their_own_moments() -> None:
    field = Field("Founded", Kind.DATE, edges=(5.0,))
    column = Coded(["2026-01-01T00:00:00Z"], np.array([0, 0], dtype=np.int32))
    moments = np.array([1_767_225_600, 1_767_225_600 + 5 * 86_400], dtype=np.int64)
    assert encode(column, field, MISSING_WORDS, rows=2, as_of=moments).tolist() == [1, 2]

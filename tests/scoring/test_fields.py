"""Every kind of field against every kind of value: which code, which warning, and never an exception."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import Field, Kind
from scoring.fields import ABSENT, MISSING, OTHER, Warn, coder, is_blank, word_coder
from scoring.values import MISSING_WORDS

from .strategies import AS_OF, fields, quick, values

NUMBER = Field("Employees", Kind.NUMBER, edges=(10.0, 1000.0, 100_000.0))
COMMA = Field("Revenue", Kind.NUMBER, edges=(10.0, 1000.0, 100_000.0), decimal=",")
CATEGORY = Field("Industry", Kind.CATEGORY, levels=("5", "retail"), labels=("5", "Retail"))
FLAG = Field("Opt in", Kind.FLAG, levels=("no", "yes"), labels=("no", "yes"))
DATE = Field("Founded", Kind.DATE, edges=(30.0, 365.0))
TEXT = Field("Title", Kind.TEXT, levels=("vp", "sales"), labels=("vp", "sales"))
EMAIL = Field("E-mail", Kind.EMAIL, levels=("free mail", "company mail"), labels=("free mail", "company mail"))

GONE = (MISSING, "missing")
BAD = (MISSING, "invalid")
NEW = (OTHER, "unseen")
NO_WORD = (OTHER, "")

# value: number, number with decimal comma, category, flag, date, text, e-mail
CELLS: dict[str, tuple[object, tuple[object, ...]]] = {
    "absent": (ABSENT, (GONE, GONE, GONE, GONE, GONE, GONE, GONE)),
    "null": (None, (GONE, GONE, GONE, GONE, GONE, GONE, GONE)),
    "NaN": (float("nan"), (GONE, GONE, GONE, GONE, GONE, GONE, GONE)),
    "empty": ("", (GONE, GONE, GONE, GONE, GONE, GONE, GONE)),
    "blanks": (" \t ", (GONE, GONE, GONE, GONE, GONE, GONE, GONE)),
    "a word for missing": ("Select", (GONE, GONE, GONE, GONE, GONE, GONE, GONE)),
    "unseen level": ("zeppelins", (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "known level": ("Retail", (BAD, BAD, 3, BAD, BAD, NO_WORD, BAD)),
    "true": (True, (BAD, BAD, NEW, 2, BAD, NO_WORD, BAD)),
    "false": (False, (BAD, BAD, NEW, 1, BAD, NO_WORD, BAD)),
    "list": (["retail"], (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "object": ({"vp": 1}, (BAD, BAD, NEW, BAD, BAD, (OTHER, 2), BAD)),
    "inf": (float("inf"), (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "-inf": (float("-inf"), (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "1e999": ("1e999", (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "12 000": ("12 000", (3, 3, NEW, BAD, BAD, NO_WORD, BAD)),
    "1.234,5": ("1.234,5", (BAD, 3, NEW, BAD, BAD, NO_WORD, BAD)),
    "1,5": ("1,5", (BAD, 1, NEW, BAD, BAD, NO_WORD, BAD)),
    "5": (5, (1, 1, 2, BAD, BAD, NO_WORD, BAD)),
    "5.0": (5.0, (1, 1, 2, BAD, BAD, NO_WORD, BAD)),
    "'5'": ("5", (1, 1, 2, BAD, BAD, NO_WORD, BAD)),
    "1": (1, (1, 1, NEW, 2, BAD, NO_WORD, BAD)),
    "0.0": (0.0, (1, 1, NEW, 1, BAD, NO_WORD, BAD)),
    "border": (1000, (3, 3, NEW, BAD, BAD, NO_WORD, BAD)),
    "below the border": (999.999, (2, 2, NEW, BAD, BAD, NO_WORD, BAD)),
    "huge int": (10**30, (4, 4, NEW, BAD, BAD, NO_WORD, BAD)),
    "int beyond floats": (-(10**400), (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "int beyond texts": (10**5000, (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "emoji": ("😀", (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "RTL": ("\u202eliater", (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "Arabic digits": ("٣", (1, 1, NEW, BAD, BAD, NO_WORD, BAD)),
    "combining": ("retai\u0301l", (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "full width": ("ＲＥＴＡＩＬ", (BAD, BAD, 3, BAD, BAD, NO_WORD, BAD)),
    "1 MB": ("x" * 1_000_000, (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "1 MB of digits": ("7" * 1_000_000, (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "NUL": ("retail\x00", (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "lone surrogate": ("\ud800", (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "yes": ("Yes", (BAD, BAD, NEW, 2, BAD, NO_WORD, BAD)),
    "yes, shouted": (" YES ", (BAD, BAD, NEW, 2, BAD, NO_WORD, BAD)),
    "date text": ("2026-05-30", (BAD, BAD, NEW, BAD, 1, NO_WORD, BAD)),
    "German date": ("1.1.2026", (BAD, BAD, NEW, BAD, 2, NO_WORD, BAD)),
    "date": (date(2020, 1, 1), (BAD, BAD, NEW, BAD, 3, NO_WORD, BAD)),
    "first date": (date.min, (BAD, BAD, NEW, BAD, 3, NO_WORD, BAD)),
    "later date": (datetime(9999, 12, 31, tzinfo=UTC), (BAD, BAD, NEW, BAD, 1, NO_WORD, BAD)),
    "impossible date": ("2026-02-30", (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
    "words": ("Sales, VP sales", (BAD, BAD, NEW, BAD, BAD, (OTHER, 3, 2), BAD)),
    "free mail": ("vp@gmail.com", (BAD, BAD, NEW, BAD, BAD, NO_WORD, 1)),
    "company mail": ("a@corp.io", (BAD, BAD, NEW, BAD, BAD, NO_WORD, 2)),
    "no mail": ("a@corp", (BAD, BAD, NEW, BAD, BAD, NO_WORD, BAD)),
}
FIELDS = (NUMBER, COMMA, CATEGORY, FLAG, DATE, TEXT, EMAIL)


def read(field: Field, value: object) -> tuple[int, ...]:
    if field.kind is Kind.TEXT:
        return word_coder(field, MISSING_WORDS)(value)
    return (coder(field, MISSING_WORDS, AS_OF)(value),)


def decided(cell: object) -> tuple[tuple[int, ...], str]:
    if isinstance(cell, int):
        return (cell,), ""
    assert isinstance(cell, tuple)
    return (cell[:1], cell[1]) if isinstance(cell[1], str) else (cell, "")


@pytest.mark.parametrize("place", range(len(FIELDS)), ids=lambda i: f"{FIELDS[i].kind}-{FIELDS[i].decimal}")
@pytest.mark.parametrize("name", CELLS)
def test_every_value_has_a_decided_code_and_warning(name: str, place: int) -> None:
    value, cells = CELLS[name]
    codes, warning = decided(cells[place])
    found = read(FIELDS[place], value)
    assert (found[0] & Warn.MASK, *found[1:]) == codes
    assert Warn.NAMES[found[0] >> Warn.SHIFT] == warning


@given(st.data())
@quick
def test_any_value_of_any_field_has_a_code_within_its_table(data: st.DataObject) -> None:
    field = data.draw(fields("Field"))
    for code in read(field, data.draw(values(field))):
        assert 0 <= code & Warn.MASK < field.size


def test_a_gap_that_training_often_saw_is_no_warning_but_an_absent_field_is() -> None:
    often = Field("Industry", Kind.CATEGORY, levels=("a",), labels=("a",), counts=(500, 0, 500), buyers=(1, 0, 1))
    seldom = Field("Industry", Kind.CATEGORY, levels=("a",), labels=("a",), counts=(5, 0, 995), buyers=(1, 0, 1))
    assert coder(often, MISSING_WORDS)(None) == coder(often, MISSING_WORDS)("Select") == MISSING
    assert coder(seldom, MISSING_WORDS)(None) == MISSING | Warn.MISSING
    assert coder(often, MISSING_WORDS)(ABSENT) == MISSING | Warn.MISSING


def test_the_usual_spelling_and_the_unusual_one_have_one_code() -> None:
    code = coder(CATEGORY, MISSING_WORDS)
    assert code("Retail") == code("retail") == code("RETAIL") == code("  reTail\n") == 3


def test_a_date_without_a_moment_to_count_from_is_unreadable() -> None:
    assert coder(DATE, MISSING_WORDS, None)("2026-01-01") == MISSING | Warn.INVALID
    assert coder(DATE, MISSING_WORDS, None)("") == MISSING | Warn.MISSING


def test_a_day_is_24_hours() -> None:
    code = coder(DATE, MISSING_WORDS, AS_OF)
    at = datetime.fromtimestamp(AS_OF - 30 * 86_400, UTC)
    assert code(at) == 2
    assert code(datetime.fromtimestamp(AS_OF - 30 * 86_400 + 1, UTC)) == 1


def test_a_word_counts_once_and_an_address_is_no_word() -> None:
    assert word_coder(TEXT, MISSING_WORDS)("VP vp Vp") == (OTHER, 2)
    assert word_coder(TEXT, MISSING_WORDS)("vp@sales.com") == (OTHER,)


class NotAvailable:
    """Like a table's NA: it will not say whether it equals anything."""

    def __ne__(self, other: object) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return "<NA>"


def test_a_tables_na_is_missing() -> None:
    assert is_blank(NotAvailable(), MISSING_WORDS)
    assert read(NUMBER, NotAvailable()) == (MISSING | Warn.MISSING,)


def test_size_counts_every_code() -> None:
    assert [f.size for f in FIELDS] == [5, 5, 4, 3, 4, 4, 3]

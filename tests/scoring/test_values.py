"""How one written value is read."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.values import (
    MISSING_WORDS,
    NotReadable,
    as_text,
    level_key,
    mail_kind,
    read_flag,
    read_moment,
    read_number,
    words_of,
)

from .strategies import ODD, quick

READERS = (
    as_text,
    read_number,
    read_flag,
    read_moment,
    mail_kind,
    lambda v: level_key(as_text(v)),
    lambda v: words_of(as_text(v)),
)
plain_values = st.one_of(st.sampled_from(ODD), st.text(), st.floats(), st.integers(), st.datetimes(), st.dates())


@given(plain_values)
@quick
def test_every_value_is_read_or_said_to_be_unreadable(value: object) -> None:
    for read in READERS:
        try:
            read(value)
        except NotReadable:
            pass


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *[(5, 5.0), (5.0, 5.0), ("5", 5.0), (" 5 ", 5.0), ("+5", 5.0), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0)],
        *[
            ("12 000", 12000.0),
            ("12\u00a0000", 12000.0),
            ("12\u202f000", 12000.0),
            ("12'000", 12000.0),
            ("1_000", 1000.0),
        ],
        *[("1,234.5", 1234.5), ("1,234,567", 1234567.0), ("12,34,567", 1234567.0), ("€ 99", 99.0), ("45%", 45.0)],
        *[("-3", -3.0), ("٣", 3.0), (10**300, 1e300), (np.float64(2.5), 2.5), ("0" * 400 + "7", 7.0)],
    ],
)
def test_a_number_is_read_as_people_write_it(value: object, number: float) -> None:
    assert read_number(value) == number


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("1.234,5", 1234.5),
        ("1,5", 1.5),
        ("12", 12.0),
        ("1.234.567", 1234567.0),
        ("1.234.567,89", 1234567.89),
        (1.5, 1.5),
    ],
)
def test_a_number_with_a_decimal_comma(value: object, number: float) -> None:
    assert read_number(value, ",") == number


@pytest.mark.parametrize("value", ["1,5", "1.234,5", "12,50", "0,125", "1,2,3", "1,234,56.7"])
def test_a_comma_that_separates_no_thousands_is_not_dropped(value: str) -> None:
    with pytest.raises(NotReadable):
        read_number(value)


@pytest.mark.parametrize("value", ["1.5", "1234.5", "1,234.5"])
def test_a_point_that_separates_no_thousands_is_not_dropped_where_commas_are_decimal(value: str) -> None:
    with pytest.raises(NotReadable):
        read_number(value, ",")


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        "",
        "abc",
        "1e999",
        "-1e999",
        float("inf"),
        float("nan"),
        "inf",
        "nan",
        10**400,
        "5 apples",
        "1.2.3",
        [],
        "--5",
    ],
)
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    with pytest.raises(NotReadable):
        read_number(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
@quick
def test_a_number_and_its_text_are_the_same_number(number: float) -> None:
    assert read_number(repr(number)) == number == read_number(number)


def test_whole_floats_and_their_texts_are_one_level() -> None:
    assert {level_key(as_text(v)) for v in (5, 5.0, "5", " 5 ", np.float64(5))} == {"5"}
    assert as_text(np.float64(5.5)) == as_text(5.5) == "5.5"
    assert as_text(-0.0) == "0"


def test_a_whole_number_of_any_length_has_a_text() -> None:
    assert as_text(10**5000).startswith("0x")
    assert as_text(10**5000) != as_text(10**5000 + 1)


@pytest.mark.parametrize(
    ("a", "b"),
    [("Größe", "GRÖSSE"), ("é", "e\u0301"), ("ＡＢＣ", "abc"), (" a \t b\n", "A B"), ("ﬁne", "FINE"), ("İ", "i\u0307")],
)
def test_spellings_of_one_level_have_one_key(a: str, b: str) -> None:
    assert level_key(a) == level_key(b)


@given(st.text())
@quick
def test_a_key_has_no_white_space_but_single_blanks(text: str) -> None:
    key = level_key(text)
    assert key == " ".join(key.split())


def test_na_is_namibia_and_select_is_missing() -> None:
    assert "na" not in MISSING_WORDS
    assert {"", "select", "n/a", "unknown", "nan"} <= MISSING_WORDS
    assert all(level_key(word) == word for word in MISSING_WORDS)


@pytest.mark.parametrize("value", [True, "Yes", "y", "TRUE", "on", 1, 1.0, "1", " t "])
def test_yes_in_many_spellings(value: object) -> None:
    assert read_flag(value) is True


@pytest.mark.parametrize("value", [False, "No", "n", "false", "OFF", 0, 0.0, "0", "f"])
def test_no_in_many_spellings(value: object) -> None:
    assert read_flag(value) is False


@pytest.mark.parametrize("value", ["maybe", 2, 0.5, "", "yesno", []])
def test_what_is_neither_yes_nor_no_is_refused(value: object) -> None:
    with pytest.raises(NotReadable):
        read_flag(value)


END_OF_JANUARY = int(datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    "value", ["2026-01-31", "20260131", "31.01.2026", "31.1.2026", date(2026, 1, 31), 20260131, 20260131.0]
)
def test_a_date_alone_counts_as_the_end_of_its_day(value: object) -> None:
    assert read_moment(value) == END_OF_JANUARY


@pytest.mark.parametrize(
    "value",
    [
        *["2026-01-31T12:00:00Z", "2026-01-31 12:00", "2026-01-31T13:00:00+01:00", "31.01.2026 12:00"],
        *[datetime(2026, 1, 31, 12), datetime(2026, 1, 31, 12, tzinfo=UTC)],
        datetime(2026, 1, 31, 17, tzinfo=timezone(timedelta(hours=5))),
    ],
)
def test_a_moment_is_read_to_the_second(value: object) -> None:
    assert read_moment(value) == int(datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp())


def test_a_naive_time_is_in_the_zone_and_summer_time_is_kept() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert read_moment("2026-07-01T12:00", berlin) == read_moment("2026-07-01T10:00Z")
    assert read_moment("2026-01-01", berlin) == read_moment("2026-01-01T22:59:59Z")
    assert read_moment("2026-07-01T12:00Z", berlin) == read_moment("2026-07-01T12:00Z")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "2026-02-30",
        "31/01/2026",
        "2026",
        1e18,
        True,
        "1" * 5000,
        "2026-01-31T25:00",
        [],
        1711122512,
        "2026-W05-3",
    ],
)
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(NotReadable):
        read_moment(value)


@given(st.datetimes(), st.sampled_from([UTC, ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")]))
@quick
def test_a_datetime_and_its_iso_text_are_one_moment(moment: datetime, zone: ZoneInfo) -> None:
    found = []
    for value in (moment, moment.isoformat(), moment.isoformat(" ")):
        try:
            found.append(read_moment(value, zone))
        except NotReadable:
            found.append(None)
    assert len(set(found)) == 1


def test_addresses_single_letters_and_numbers_are_no_words() -> None:
    assert words_of("VP of Sales, Sales EMEA 2") == ("vp", "sales", "emea")
    assert words_of("mail jane.doe@corp.com or (jo@x.y), a 030-1234567 B2B_team") == ("mail", "b2b", "team")
    assert words_of("@handle user@ a@b") == ("handle", "user")
    assert words_of("部長 营销") == ("部長", "营销")
    assert words_of("") == words_of("😀 !!") == ()


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("a@gmail.com", "free mail"),
        (" A@GMX.de ", "free mail"),
        ("Ann <ann@gmail.com>", "free mail"),
        ("a@corp.io", "company mail"),
        ("a+b@x.co.uk", "company mail"),
    ],
)
def test_an_address_is_free_or_a_companys(value: str, kind: str) -> None:
    assert mail_kind(value) == kind


@pytest.mark.parametrize(
    "value", ["", "a", "a@b", "@", "@corp.io", "corp.io", 5, None, [], "see a@b.io", "a@b.io or c"]
)
def test_what_is_no_address_is_refused(value: object) -> None:
    with pytest.raises(NotReadable):
        mail_kind(value)


LONG = 40_000
HOSTILE = {
    "digits and a letter": "1" * LONG + "x",
    "one long word": "a" * LONG,
    "combining marks out of order": "a" + "\u0316\u0301" * (LONG // 2),
    "groups": "1,234" * (LONG // 5),
    "blanks": " " * LONG + "x",
    "signs": "@." * (LONG // 2),
    "brackets": "(" * LONG,
    "digits": "9" * LONG,
    "ligatures that grow": "\ufdfa" * LONG,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_costs_the_square_of_its_length(text: str) -> None:
    start = time.process_time()
    for read in READERS:
        try:
            read(text)
        except NotReadable:
            pass
    assert time.process_time() - start < 3

"""What a column is taken for, and what never becomes part of a model."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import Field, Kind, Main, Scorecard, WrongUsage, to_json
from scoring.columns import Coded, Column, Numbers
from scoring.infer import MAX_LEVELS, Inferred, bin_edges, infer
from scoring.scorecard import reference_from
from scoring.values import MISSING_WORDS

from .strategies import AS_OF, quick

ROWS = 400


def column(found: Sequence[object]) -> Column:
    """Values as a file gives them: each different text once, null as -1."""
    if all(isinstance(v, float) for v in found):
        return Numbers(np.array(found, dtype=np.float64))
    places: dict[object, int] = {}
    index = [-1 if v is None else places.setdefault(v, len(places)) for v in found]
    return Coded(list(places), np.array(index, dtype=np.int32))


def inferred(found: Sequence[object], kind: str | None = None, as_of: bool = True) -> Inferred:
    moments = np.full(len(found), AS_OF, dtype=np.int64) if as_of else None
    return infer({"x": column(found)}, missing_words=MISSING_WORDS, kinds={"x": kind} if kind else None, as_of=moments)


def field_of(found: Sequence[object], kind: str | None = None) -> Field:
    (field,) = inferred(found, kind).fields
    return field


def reason_of(found: Sequence[object]) -> str:
    answer = inferred(found)
    assert answer.fields == ()
    (left,) = answer.left_out
    assert left.name == "x"
    return left.reason


def over(values: Sequence[object], rows: int = ROWS) -> list[object]:
    return [values[i % len(values)] for i in range(rows)]


def drawn(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


KINDS: dict[str, tuple[Sequence[object], Kind]] = {
    "yes and no": (over(["Yes", "no", "YES"]), Kind.FLAG),
    "true and false": (over([True, False]), Kind.FLAG),
    "0 and 1": (over([0.0, 1.0]), Kind.FLAG),
    "y and nothing": (over(["Y", ""]), Kind.FLAG),
    "floats": ([float(v) for v in drawn().normal(50, 20, ROWS)], Kind.NUMBER),
    "whole floats, repeated": (over([float(v) for v in range(40)]), Kind.NUMBER),
    "numbers as texts": (over([str(v) for v in range(40)]), Kind.NUMBER),
    "blanks between thousands": (over(["12 000", "900", "1 250"]), Kind.NUMBER),
    "decimals with comma": (over(["1,5", "12,25", "1.234,5"]), Kind.NUMBER),
    "percent and currency": (over(["45%", "7 %", "12%"]), Kind.NUMBER),
    "a few words among numbers": (over([*map(str, range(99)), "many"]), Kind.NUMBER),
    "leading zeros": (over(["01067", "00123", "09111", "04109"]), Kind.CATEGORY),
    "categories": (over(["Retail", "Bank", "NA"]), Kind.CATEGORY),
    "amounts in bands": (over(["0-1000000", "1000001-5000000", "5000001 - 9999999"]), Kind.CATEGORY),
    "notes that name an address": ([f"wrote to a{i}@corp.io about {i}" for i in range(ROWS)], Kind.TEXT),
    "addresses with names": ([f"Ann Lee <ann{i}@corp.io>" for i in range(ROWS)], Kind.EMAIL),
    "sizes": (over(["1-10", "11-50", "51-200"]), Kind.CATEGORY),
    "ISO dates": (over([f"2026-0{m}-1{d}" for m in range(1, 6) for d in range(9)]), Kind.DATE),
    "ISO moments": (over([f"2026-0{m}-11T10:00:00Z" for m in range(1, 6)]), Kind.DATE),
    "German dates": (over([f"1{d}.0{m}.2026" for m in range(1, 6) for d in range(9)]), Kind.DATE),
    "compact dates": (over([f"20260{m}1{d}" for m in range(1, 6) for d in range(9)]), Kind.DATE),
    "dates": (over([date(2026, 1, d) for d in range(1, 28)]), Kind.DATE),
    "datetimes": (over([datetime(2026, 1, d, 5) for d in range(1, 28)]), Kind.DATE),
    "e-mails": ([f"ann{i}@{'gmail.com' if i % 3 else 'corp.io'}" for i in range(ROWS)], Kind.EMAIL),
    "e-mails, some gone": ([f"ann{i}@corp.io" if i % 3 else "" for i in range(ROWS)], Kind.EMAIL),
    "titles": (
        [
            f"{a} {b} {i}x"
            for i, (a, b) in enumerate(zip(over(["Head", "VP", "Chief"]), over(["of Sales", "IT"]), strict=True))
        ],
        Kind.TEXT,
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_kind_of_a_column_is_recognised(name: str) -> None:
    found, kind = KINDS[name]
    assert field_of(found).kind is kind


DIGITS = [f"{v:010d}" for v in drawn(2).choice(10**10, ROWS, replace=False)]
NO_FIELDS: dict[str, tuple[Sequence[object], str]] = {
    "ids": ([f"00Q{i * 7919 % 100_003:06x}" for i in range(ROWS)], "identifier"),
    "uuids": ([f"{i * 2654435761 % 2**32:08x}-0000-4000-8000-{i:012x}" for i in range(ROWS)], "identifier"),
    "serial numbers": ([float(10_000 + i) for i in range(ROWS)], "identifier"),
    "serial numbers as texts": ([str(1 + i) for i in range(ROWS)], "identifier"),
    "serial numbers with gaps": ([float(v) for v in sorted(drawn(3).choice(3000, ROWS, replace=False))], "identifier"),
    "long account numbers": ([float(v) for v in drawn(4).choice(10**12, ROWS, replace=False) + 10**12], "identifier"),
    "phone numbers": ([f"+49 30 {1_000_000 + i * 37}" for i in range(ROWS)], "phone"),
    "phone numbers with brackets": ([f"(0{30 + i % 60}) {100_000 + i * 37}" for i in range(ROWS)], "phone"),
    "phone numbers, bare": ([f"5{d[1:]}" for d in DIGITS], "phone"),
    "phone numbers as floats": ([float(f"5{d[1:]}") for d in DIGITS], "phone"),
    "phone numbers, each often": (over([f"+49 30 {d}" for d in DIGITS[:60]]), "phone"),
    "phone numbers of one country, each often": (over([f"030 {d[:7]}" for d in DIGITS[:60]]), "phone"),
    "short phone numbers, each often": (over([f"030 {d[:5]}" for d in DIGITS[:60]]), "phone"),
    "bare phone numbers, each often": (over([f"5{d[1:]}" for d in DIGITS[:60]]), "phone"),
    "a constant": (over(["DE"]), "constant"),
    "a constant number": (over([5.0]), "constant"),
    "a constant flag": (over(["yes"]), "constant"),
    "a constant date": (over(["2026-01-01"]), "constant"),
    "nothing": (over([None]), "no value"),
    "words for nothing": (over(["", "Select", "n/a"]), "no value"),
    "NaN": (over([float("nan")]), "no value"),
    "levels seen once": ([f"level {i}" for i in range(25)], "seen often enough"),
}


@pytest.mark.parametrize("name", NO_FIELDS)
def test_what_says_nothing_of_a_lead_is_left_out_with_the_reason(name: str) -> None:
    found, reason = NO_FIELDS[name]
    assert reason in reason_of(found)


@pytest.mark.parametrize("name", [*KINDS, *NO_FIELDS])
def test_the_order_of_the_rows_makes_no_difference(name: str) -> None:
    found = list((KINDS | NO_FIELDS)[name][0])  # type: ignore[operator]
    turned = [found[i] for i in drawn(5).permutation(len(found))]
    assert inferred(turned) == inferred(found)


@given(
    st.lists(
        st.sampled_from(["a", "A ", "b", "5", 5, 5.0, "1,5", "1.234,5", "yes", None, "Select", "2026-01-01", "x@y.zz"]),
        max_size=60,
    ),
    st.randoms(use_true_random=False),
)
@quick
def test_nor_does_it_for_any_mix_of_values(found: list[object], dice: object) -> None:
    turned = sorted(found, key=lambda _: dice.random())  # type: ignore[attr-defined]
    assert inferred(turned) == inferred(found)


def test_amounts_of_one_length_stay_numbers() -> None:
    assert field_of(over([f"{v} 250 000" for v in range(1, 10)])).kind is Kind.NUMBER
    revenue = [float(v) for v in drawn(6).integers(1_000_000, 9_999_999, ROWS)]
    assert field_of(revenue).kind is Kind.NUMBER
    assert field_of([v + 0.25 for v in revenue]).kind is Kind.NUMBER


def test_a_comma_is_decimal_where_more_values_can_be_read_so() -> None:
    assert field_of(over(["1,5", "2,25", "1.234,5"])).decimal == ","
    assert field_of(over(["0,125", "0,250"])).decimal == ","
    assert field_of(over(["1,234", "12,345", "1,234.5"])).decimal == "."
    assert field_of([*map(str, drawn().normal(9, 1, 99)), "3,5"]).decimal == "."


def test_numbers_are_binned_by_equal_weight_and_the_lowest_is_kept() -> None:
    field = field_of([float(v) for v in range(1000, 0, -1) for _ in range(2)])
    assert field.lowest == 1.0
    assert 60 <= len(field.edges) <= 63
    assert list(field.edges) == sorted(set(field.edges))


def test_few_values_get_a_bin_each_and_a_heavy_value_its_own() -> None:
    assert field_of(over([0.0, 2.0, 5.0])).edges == (2.0, 5.0)
    heavy = field_of([0.0] * 300 + [float(v) for v in range(1, 300)])
    assert heavy.edges[0] == 1.0
    assert bin_edges(np.array([1.0, 2.0]), np.array([1, 1]), 64) == (2.0,)


def test_levels_come_in_the_order_of_how_often_and_in_their_usual_spelling() -> None:
    found = ["bank"] * 5 + ["Bank"] * 6 + ["retail"] * 20 + ["rare"] * 4 + ["Zoo"] * 5
    field = field_of(found)
    assert (field.levels, field.labels) == (("retail", "bank", "zoo"), ("retail", "Bank", "Zoo"))


def test_namibia_is_a_country() -> None:
    assert "na" in field_of(over(["NA", "DE", "FR"])).levels


def test_words_for_missing_are_reported_column_by_column() -> None:
    table = {"city": column(over(["Select", "Mumbai", "Pune", " N/A ", None, ""])), "size": column(over(["1", "2"]))}
    found = infer(table, missing_words=MISSING_WORDS)
    assert dict(found.missing_words) == {"city": ("N/A", "Select")}
    assert "select" not in found.fields[0].levels


def test_a_date_needs_a_moment_beside_it() -> None:
    (left,) = inferred(over(["2026-01-01", "2026-01-02"]), as_of=False).left_out
    assert "--created-at" in left.reason


def test_the_user_says_what_a_column_is() -> None:
    assert field_of(over(["01067", "00123", "1"]), "number").kind is Kind.NUMBER
    assert field_of(over([1.0, 2.0]), "category").levels == ("1", "2")
    assert inferred(over(["a", "b"]), "number").left_out[0].reason == "constant"
    with pytest.raises(WrongUsage, match="'colour' is no kind"):
        inferred(over(["a"]), "colour")


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("name", [*KINDS, *NO_FIELDS])
def test_any_column_may_be_called_any_kind(name: str, kind: Kind) -> None:
    found = (KINDS | NO_FIELDS)[name][0]  # type: ignore[operator]
    answer = inferred(found, kind.value)
    assert len(answer.fields) + len(answer.left_out) == 1
    assert all(field.kind is kind for field in answer.fields)


def test_a_hundred_thousand_levels_are_looked_at_in_seconds() -> None:
    start = time.process_time()
    reason_of([f"c{i}" for i in range(100_000)])
    field = field_of([f"c{i // 10}" for i in range(1_000_000)])
    assert len(field.levels) == MAX_LEVELS
    assert time.process_time() - start < 20


def test_an_empty_table_has_no_fields() -> None:
    assert infer({}, missing_words=MISSING_WORDS) == Inferred((), (), {})
    assert infer({"x": Coded([], np.array([], dtype=np.int32))}, missing_words=MISSING_WORDS).fields == ()


def card_bytes(table: dict[str, Column]) -> bytes:
    """The JSON of a card that looks at all that was inferred."""
    fields = infer(table, missing_words=MISSING_WORDS, as_of=np.full(ROWS, AS_OF, dtype=np.int64)).fields
    mains = tuple(Main(i, (0,) * f.size) for i, f in enumerate(fields))
    return to_json(Scorecard(0, fields, mains, (), reference_from([0]), tuple(sorted(MISSING_WORDS)), 90, 0.1))


def test_no_identifier_address_or_phone_number_is_in_a_models_bytes() -> None:
    mails = [f"jane{i % 50}@acme{i % 7}.com" for i in range(ROWS)]
    phones = [f"+49 171 {1_000_000 + i % 60 * 977}" for i in range(ROWS)]
    bare = [str(5_000_000_000 + i % 90 * 7_919_113) for i in range(ROWS)]
    ids = [f"00Q{i * 7919:08x}" for i in range(ROWS)]
    mixed = [f"channel {i % 4}" if i % 5 else v for i, v in enumerate(mails)]
    quoted = [f"by Jane <jane{i % 4}@acme1.com>" if i % 3 else f"by channel {i % 4}" for i in range(ROWS)]
    contact = [p if i % 3 else "ask reception" for i, p in enumerate(phones)]
    notes = [
        f"wrote to {m} and called {p} about {i}pricing offer"
        for i, (m, p) in enumerate(zip(mails, phones, strict=True))
    ]
    table = {
        "mail": column(mails),
        "phone": column(phones),
        "bare": column(bare),
        "bare as numbers": column([float(v) for v in bare]),
        "id": column(ids),
        "mixed": column(mixed),
        "quoted": column(quoted),
        "contact": column(contact),
        "notes": column(notes),
    }
    data = card_bytes(table).decode()
    assert "channel 1" in data
    assert "wrote" in data
    for secret in (*mails, *phones, *bare, *ids):
        assert secret.casefold() not in data
        assert secret.replace(" ", "").removeprefix("+49") not in data
    assert "acme" not in data
    assert "jane" not in data


def test_fractions_are_numbers_and_no_phone_numbers() -> None:
    dice = np.random.default_rng(3)
    shares = [f"{v:.6f}" for v in dice.random(400)]
    table = {"written": Coded(shares, np.arange(400, dtype=np.int32)), "typed": Numbers(dice.random(400))}
    found = infer(table, missing_words=MISSING_WORDS)
    assert [(f.name, f.kind) for f in found.fields] == [("written", Kind.NUMBER), ("typed", Kind.NUMBER)]

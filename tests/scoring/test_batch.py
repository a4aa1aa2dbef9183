"""A table of leads and one lead at a time: the same integers, the same words, whoever the neighbours are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import LeadScorer, Scorecard, probability_of
from scoring.batch import CHUNK, Scores, TableScorer, per_mille_of, probabilities_of, reason_line, worth_of
from scoring.columns import Coded
from scoring.fields import Field, Kind
from scoring.scorecard import POINTS, Main
from scoring.snapshot import Derived, Measure
from scoring.worth import READINESS
from tests.cards import small_card

from .strategies import AS_OF, as_columns, cards, leads, quick

Said = tuple[int, list[str], tuple[str, ...]]


def one_by_one(card: Scorecard, rows: Sequence[dict[str, object]], as_of: int | None = AS_OF) -> list[Said]:
    scorer = LeadScorer(card)
    scores = [scorer.score(lead, as_of=as_of) for lead in rows]
    return [
        (s.log_odds, [reason_line(r.text, round(r.points / POINTS)) for r in s.reasons], s.warnings) for s in scores
    ]


def as_said(found: Scores) -> list[Said]:
    reasons = [[found.reason_texts[place] for place in row if place >= 0] for row in found.reasons.tolist()]
    warnings = [found.warning_texts[place] for place in found.warnings.tolist()]
    return list(zip(found.log_odds.tolist(), reasons, warnings, strict=True))


def as_table(card: Scorecard, rows: Sequence[dict[str, object]], as_of: int | None = AS_OF) -> list[Said]:
    moments = None if as_of is None else np.full(len(rows), as_of, dtype=np.int64)
    return as_said(TableScorer(card).score(as_columns(rows), len(rows), as_of=moments))


@given(st.data())
@quick
def test_a_table_says_what_one_lead_at_a_time_says(data: st.DataObject) -> None:
    card = data.draw(cards())
    rows = data.draw(leads(card))
    as_of = data.draw(st.sampled_from([AS_OF, None]))
    assert as_table(card, rows, as_of) == one_by_one(card, rows, as_of)


@given(st.data())
@quick
def test_a_table_promises_what_one_lead_at_a_time_promises(data: st.DataObject) -> None:
    card = data.draw(cards())
    rows = data.draw(leads(card))
    moments = np.full(len(rows), AS_OF, dtype=np.int64)
    found = worth_of(card, TableScorer(card).score(as_columns(rows), len(rows), as_of=moments))
    single = [LeadScorer(card).score(lead, as_of=AS_OF) for lead in rows]
    assert found.probability.tolist() == [s.probability for s in single]
    places = [None] * len(rows) if found.readiness is None else found.readiness.tolist()
    assert [None if p is None else READINESS[p] for p in places] == [s.readiness for s in single]
    nothing = [None] * len(rows)
    short, value = found.short_probability, found.expected_value
    assert (nothing if short is None else short.tolist()) == [s.short_probability for s in single]
    assert (nothing if value is None else value.tolist()) == [s.expected_value for s in single]


@given(st.data())
@quick
def test_a_row_does_not_depend_on_its_neighbours_or_their_order(data: st.DataObject) -> None:
    card = data.draw(cards())
    rows = data.draw(leads(card, least=2))
    order = data.draw(st.permutations(range(len(rows))))
    together = as_table(card, rows)
    assert as_table(card, [rows[i] for i in order]) == [together[i] for i in order]
    assert [as_table(card, [row])[0] for row in rows] == together
    assert as_table(card, rows + rows) == together * 2


def test_rows_beyond_a_chunk_are_scored_like_those_before_it() -> None:
    card = small_card()
    sources, sizes = ["Referral", "cold list", "?", "zeppelin", None], [1, 20, 99.5, "300", "many"]
    titles, sent = ["VP Sales", "intern", "", "baker", "sales"], ["a@gmail.com", "a@corp.io", "x", None, "b@gmx.de"]
    kinds = [
        {
            "Lead source": a,
            "Employees": b,
            "Do not call": "yes",
            "Job title": c,
            "Last funding": "2026-01-01",
            "E-mail": d,
        }
        for a, b, c, d in zip(sources, sizes, titles, sent, strict=True)
    ]
    dice = np.random.default_rng(3).integers(0, len(kinds), CHUNK + 4_000)
    table: dict[str, Any] = {}
    for name, column in as_columns(kinds).items():
        assert isinstance(column, Coded)
        table[name] = column.rows(dice)
    found = as_said(TableScorer(card).score(table, len(dice), as_of=np.full(len(dice), AS_OF, dtype=np.int64)))
    expected = one_by_one(card, kinds)
    assert found == [expected[i] for i in dice.tolist()]


def test_every_row_is_looked_at_as_of_its_own_moment() -> None:
    card = small_card()
    rows: list[dict[str, object]] = [{"Last funding": "2026-05-30"}] * 2
    moments = np.array([AS_OF, AS_OF + 400 * 86_400], dtype=np.int64)
    found = as_said(TableScorer(card).score(as_columns(rows), 2, as_of=moments))
    assert found == [one_by_one(card, rows[:1], moment)[0] for moment in moments.tolist()]
    assert found[0] != found[1]


def test_a_column_that_the_card_does_not_know_is_warned_of_in_every_row() -> None:
    found = as_table(small_card(), [{"Lead source": "Referral", "Stray": 1}, {"Lead source": "zeppelin", "Stray": 2}])
    assert [said[2][-1] for said in found] == ["unknown:Stray"] * 2
    assert "unseen:Lead source" not in found[0][2]
    assert "unseen:Lead source" in found[1][2]


def test_a_table_without_columns_or_rows_is_scored() -> None:
    card = small_card()
    assert as_said(TableScorer(card).score({}, 2)) == one_by_one(card, [{}, {}])
    assert as_said(TableScorer(card).score({}, 0)) == []


@given(st.data())
@quick
def test_log_odds_alone_are_those_with_reasons(data: st.DataObject) -> None:
    card = data.draw(cards())
    rows = data.draw(leads(card))
    scorer, table, moments = TableScorer(card), as_columns(rows), np.full(len(rows), AS_OF, dtype=np.int64)
    alone = scorer.log_odds(table, len(rows), as_of=moments)
    assert alone.tolist() == scorer.score(table, len(rows), as_of=moments).log_odds.tolist()
    assert alone.dtype == np.int64


@given(cards(), st.lists(st.integers(-(1 << 45), 1 << 45)))
@quick
def test_probabilities_and_per_mille_of_a_table_are_those_of_each_integer(card: Scorecard, log_odds: list[int]) -> None:
    table = np.array(log_odds, dtype=np.int64)
    assert probabilities_of(table).tolist() == [probability_of(v) for v in log_odds]
    assert per_mille_of(card, table).tolist() == [card.per_mille_of(v) for v in log_odds]


def test_small_points_keep_a_digit_and_large_ones_are_whole() -> None:
    assert reason_line("a", round(17.4 / POINTS)) == "a (+17)"
    assert reason_line("a", round(-0.46 / POINTS)) == "a (-0.5)"
    assert reason_line("a", round(-3.6 / POINTS)) == "a (-4)"


@pytest.mark.parametrize("blank", [None, float("nan"), "", "n/a"])
def test_a_counted_field_without_a_value_is_warned_of_however_that_is_written(blank: object) -> None:
    card = Scorecard(
        base=0,
        fields=(Field("visit ever", Kind.NUMBER, edges=(1.0,), lowest=0.0),),
        mains=(Main(0, (0, 0, 0)),),
        pairs=(),
        reference=tuple(range(1000)),
        missing_words=("", "n/a"),
        horizon_days=90,
        buyers_share=0.1,
        derived=(Derived("visit ever", Measure.COUNT, "visit", 7),),
    )
    rows = [{"visit ever": 3.0}, {"visit ever": blank}]
    said = [LeadScorer(card).score(row).warnings for row in rows]
    assert said == [(), ("missing:activities",)]
    assert [as_table(card, [row])[0] for row in rows] == as_table(card, rows) == one_by_one(card, rows)

"""One lead: points that add up to the score, reasons, warnings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import Kind, LeadScorer, Main, Reason, Scorecard, probability_of
from scoring.fields import FIRST
from scoring.scorecard import POINTS, points_of
from tests.cards import small_card, steps

from .strategies import AS_OF, cards, leads, quick, values

CARD = small_card()
SCORER = LeadScorer(CARD)
GOOD = {
    "Lead source": "Referral",
    "Employees": 120,
    "Do not call": False,
    "Job title": "VP Sales",
    "Last funding": "2026-04-15",
    "E-mail": "ann@corp.io",
}


def whole(reason: Reason) -> int:
    """The table's integer that a reason's points were made of."""
    return round(reason.points / POINTS)


@given(st.data())
@quick
def test_the_points_of_all_terms_and_the_base_are_the_log_odds(data: st.DataObject) -> None:
    card = data.draw(cards())
    (lead,) = data.draw(leads(card, most=1))
    scorer = LeadScorer(card)
    scored, parts = scorer.score(lead, as_of=AS_OF), scorer.points(lead, as_of=AS_OF)
    assert card.base + sum(map(whole, parts)) == scored.log_odds
    total = points_of(card.base) + sum(part.points for part in parts)
    largest = max([abs(points_of(card.base)), *(abs(part.points) for part in parts)])
    assert total == pytest.approx(points_of(scored.log_odds), abs=max(1e-9, 1e-14 * largest))


@given(st.data())
@quick
def test_the_reasons_are_the_strongest_points_in_order(data: st.DataObject) -> None:
    card = data.draw(cards())
    (lead,) = data.draw(leads(card, most=1))
    scorer = LeadScorer(card)
    parts = scorer.points(lead, as_of=AS_OF)
    assert scorer.score(lead, as_of=AS_OF).reasons == tuple(parts[:3])
    sizes = [abs(whole(part)) for part in parts]
    assert sizes == sorted(sizes, reverse=True)
    assert 0 not in sizes


@given(st.data())
@quick
def test_probability_and_score_are_those_of_the_log_odds(data: st.DataObject) -> None:
    card = data.draw(cards())
    for lead in data.draw(leads(card)):
        scored = LeadScorer(card).score(lead, as_of=AS_OF)
        assert scored.probability == probability_of(scored.log_odds)
        assert scored.score == card.score_of(scored.log_odds)
        assert 0 <= scored.score <= 100


@given(st.data())
@quick
def test_a_lead_scores_the_same_whoever_was_scored_before(data: st.DataObject) -> None:
    card = data.draw(cards())
    rows = data.draw(leads(card, least=2))
    one = LeadScorer(card)
    together = [one.score(lead, as_of=AS_OF) for lead in rows]
    alone = [LeadScorer(card).score(lead, as_of=AS_OF) for lead in reversed(rows)]
    assert repr(together) == repr(alone[::-1])


@given(st.data())
@quick
def test_the_order_of_a_leads_fields_makes_no_difference(data: st.DataObject) -> None:
    card = data.draw(cards())
    (lead,) = data.draw(leads(card, most=1))
    turned = dict(reversed(lead.items()))
    assert repr(LeadScorer(card).score(turned, as_of=AS_OF)) == repr(LeadScorer(card).score(lead, as_of=AS_OF))


@given(st.data())
@quick
def test_a_value_with_more_points_never_lowers_the_score(data: st.DataObject) -> None:
    card = data.draw(cards(pairs=False))
    (lead,) = data.draw(leads(card, most=1))
    field = data.draw(st.sampled_from(card.fields))
    scorer = LeadScorer(card)
    changed = lead | {field.name: data.draw(values(field))}

    def points_there(found: dict[str, object]) -> int:
        return sum(whole(part) for part in scorer.points(found, as_of=AS_OF) if part.fields == (field.name,))

    before, after = scorer.score(lead, as_of=AS_OF), scorer.score(changed, as_of=AS_OF)
    gain = points_there(changed) - points_there(lead)
    assert after.log_odds - before.log_odds == gain
    low, high = (before, after) if gain >= 0 else (after, before)
    assert (low.score, low.probability) <= (high.score, high.probability)


@pytest.mark.parametrize(
    ("name", "rising"),
    [
        ("Employees", [5, 20, 100, 5000]),
        ("Lead source", ["cold list", "web search", "referral"]),
        ("Do not call", ["yes", "no"]),
        ("Job title", ["intern", "baker", "sales", "vp sales"]),
        ("E-mail", ["", "a@gmail.com", "a@corp.io"]),
    ],
)
def test_a_stronger_lead_scores_no_lower(name: str, rising: list[object]) -> None:
    scores = [LeadScorer(CARD).score(GOOD | {name: value}, as_of=AS_OF) for value in rising]
    assert [s.score for s in scores] == sorted(s.score for s in scores)
    assert [s.log_odds for s in scores] == sorted({s.log_odds for s in scores})


def test_a_name_that_the_card_does_not_look_at_makes_no_difference_but_a_warning() -> None:
    scored, named = SCORER.score(GOOD, as_of=AS_OF), SCORER.score(GOOD | {"First name": "Ann"}, as_of=AS_OF)
    assert scored.warnings == ()
    assert named.warnings == ("unknown:First name",)
    assert named._replace(warnings=()) == scored


def test_one_number_in_three_spellings_is_one_lead() -> None:
    assert len({SCORER.score(GOOD | {"Employees": v}, as_of=AS_OF).log_odds for v in (120, 120.0, "120", " 120 ")}) == 1


def test_warnings_name_what_is_wrong_in_the_order_of_the_cards_fields() -> None:
    odd = {
        "Lead source": "zeppelin",
        "Employees": "many",
        "Do not call": "perhaps",
        "Last funding": "soon",
        "E-mail": "a@b",
    }
    assert SCORER.score({**odd, "x": 1}, as_of=AS_OF).warnings == (
        "unseen:Lead source",
        "invalid:Employees",
        "invalid:Do not call",
        "missing:Job title",
        "invalid:Last funding",
        "invalid:E-mail",
        "unknown:x",
    )


def test_a_lead_with_nothing_has_a_score_and_a_warning_for_every_field() -> None:
    scored = SCORER.score({})
    assert scored.warnings == tuple(f"missing:{f.name}" for f in CARD.fields)
    assert scored.log_odds == CARD.base + sum(m.table[0] for m in CARD.mains) + CARD.pairs[0].table[0]


def test_a_reason_says_field_value_points_words_and_the_fact_behind_it() -> None:
    first = next(r for r in SCORER.score(GOOD, as_of=AS_OF).reasons if "Lead source" in r.fields)
    assert first.fields == ("Lead source",)
    assert first.values == ("Referral",)
    assert first.points == pytest.approx(0.9 * 10 / 0.6931, rel=1e-4)
    assert first.text == "Lead source: Referral"
    assert first.fact == "41 % of 300 such leads bought; 17 % of all"


def test_a_reason_of_a_pair_names_both_fields_and_values() -> None:
    parts = SCORER.points({**GOOD, "Employees": 3}, as_of=AS_OF)
    pair = next(part for part in parts if len(part.fields) == 2)
    assert pair.fields == ("Lead source", "Employees")
    assert pair.values == ("Referral", 3)
    assert pair.text == "Lead source: Referral with Employees: 9 or less"


def test_a_text_is_worth_the_sum_of_its_known_words() -> None:
    part = next(p for p in SCORER.points(GOOD, as_of=AS_OF) if p.fields == ("Job title",))
    assert whole(part) == steps(-0.05) + steps(0.8) + steps(0.2)
    assert part.text == "Job title: vp, sales"


def test_equal_points_are_told_in_the_order_of_the_cards_tables() -> None:
    even = tuple(
        Main(m.field, (steps(0.5),) * len(m.table)) for m in CARD.mains if CARD.fields[m.field].kind is not Kind.TEXT
    )
    scored = LeadScorer(replace(CARD, mains=even, pairs=())).score(GOOD, as_of=AS_OF)
    assert [r.fields[0] for r in scored.reasons] == ["Lead source", "Employees", "Do not call"]


def test_a_table_of_zeros_is_no_reason() -> None:
    flat = tuple(Main(m.field, (0,) * len(m.table)) for m in CARD.mains)
    assert LeadScorer(replace(CARD, mains=flat, pairs=())).score(GOOD, as_of=AS_OF).reasons == ()


def test_the_card_holds_a_cell_for_every_level() -> None:
    for main in CARD.mains:
        assert len(main.table) == CARD.fields[main.field].size >= FIRST[CARD.fields[main.field].kind]


def test_a_scorecard_is_not_changed_by_scoring(card: Scorecard = CARD) -> None:
    before = hash(card)
    LeadScorer(card).score(GOOD, as_of=AS_OF)
    assert hash(card) == before

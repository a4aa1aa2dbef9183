"""A scorecard edited by a person: what was asked for, nothing else, and still a card."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scoring import Kind, LeadScorer, Scorecard, from_json, to_json
from scoring.editing import MOST_POINTS, BadEdit, Setting, code_of, editable_codes, edited, setting_of
from scoring.fields import Field
from scoring.scorecard import POINTS, SCALE, points_of
from scoring.words import code_text
from tests.cards import living_card, small_card

from .strategies import AS_OF, cards, leads, quick

STEP = POINTS / 2
"""Half a step of a table's integers, in points: the most that rounding may take."""


def table_of(card: Scorecard, name: str) -> tuple[int, ...]:
    return next(main.table for main in card.mains if card.fields[main.field].name == name)


def mean_of(card: Scorecard, name: str) -> float:
    """The points of the average training lead; of a text each word counts for its leads."""
    field = next(f for f in card.fields if f.name == name)
    table = table_of(card, name)
    whole = sum(field.counts[:2]) if field.kind is Kind.TEXT else sum(field.counts)
    return points_of(sum(n * t for n, t in zip(field.counts, table, strict=True))) / whole


@quick
@given(st.data())
def test_a_veto_makes_a_score_independent_of_the_field(data: st.DataObject) -> None:
    card = data.draw(cards())
    out = data.draw(st.sampled_from([f.name for f in card.fields]))
    made = from_json(to_json(edited(card, veto=[out]).card))
    lead, other = data.draw(leads(card, least=2, most=2))
    scorer = LeadScorer(made)
    first, second = (scorer.score({**lead, out: value}, as_of=AS_OF) for value in (lead.get(out), other.get(out)))
    assert first._replace(warnings=()) == second._replace(warnings=())
    assert scorer.points({**lead, out: other.get(out)}, as_of=AS_OF) == scorer.points(lead, as_of=AS_OF)


@quick
@given(st.data())
def test_a_veto_touches_no_other_table_and_not_the_average_lead(data: st.DataObject) -> None:
    card = data.draw(cards())
    out = data.draw(st.sampled_from(range(len(card.fields))))
    made = edited(card, veto=[card.fields[out].name]).card
    assert (made.base, made.fields, made.reference) == (card.base, card.fields, card.reference)
    assert [m for m in made.mains if m.field != out] == [m for m in card.mains if m.field != out]
    assert list(made.pairs) == [p for p in card.pairs if out not in (p.a, p.b)]


@st.composite
def settings_of(draw: st.DrawFn, card: Scorecard) -> list[Setting]:
    """Points for some levels of one of the card's fields."""
    field = draw(st.sampled_from(card.fields))
    codes = draw(st.lists(st.sampled_from(editable_codes(field)), min_size=1, max_size=2, unique=True))
    return [Setting(field.name, code, draw(st.floats(-30, 30))) for code in codes]


@quick
@given(st.data())
def test_points_are_what_was_asked_for_and_the_field_stays_centred(data: st.DataObject) -> None:
    card = living_card()
    asked = data.draw(settings_of(card))
    try:
        found = edited(card, points=asked)
    except BadEdit as fault:
        assume("to make up for it" not in str(fault))
        raise
    name = asked[0].field
    field = next(f for f in card.fields if f.name == name)
    for one, told in zip(asked, found.points, strict=True):
        code = code_of(field, one.level)
        assert points_of(table_of(found.card, name)[code]) == pytest.approx(one.points, abs=STEP)
        assert told.level == code_text(field, code)
        assert (told.before, told.after) == (points_of(table_of(card, name)[code]), pytest.approx(one.points, abs=STEP))
    assert mean_of(found.card, name) == pytest.approx(mean_of(card, name), abs=STEP)
    others = {f.name for f in card.fields} - {name}
    assert all(table_of(found.card, other) == table_of(card, other) for other in others)
    assert (found.card.base, found.card.pairs) == (card.base, card.pairs)
    assert from_json(to_json(found.card)) == found.card


@quick
@given(st.data())
def test_the_points_and_the_base_still_add_up_to_the_log_odds(data: st.DataObject) -> None:
    card = small_card()
    asked = data.draw(settings_of(card))
    lead = data.draw(leads(card, most=1))[0]
    try:
        made = edited(card, points=asked, veto=data.draw(st.sampled_from([[], ["E-mail"]]))).card
    except BadEdit:
        assume(False)
    scorer = LeadScorer(made)
    points = sum(reason.points for reason in scorer.points(lead, as_of=AS_OF))
    assert round(points / POINTS) + made.base == scorer.score(lead, as_of=AS_OF).log_odds


def test_the_other_levels_move_alike() -> None:
    card = small_card()
    made = edited(card, points=[Setting("Lead source", "referral", 0)]).card
    before, after = table_of(card, "Lead source"), table_of(made, "Lead source")
    assert len({b - a for code, (b, a) in enumerate(zip(before, after, strict=True)) if code != 2}) == 1


def test_a_level_that_no_lead_had_moves_no_other() -> None:
    card = small_card()
    field = replace(card.fields[0], counts=(30, 20, 300, 650, 0), buyers=(1, 1, 123, 45, 0))
    card = replace(card, fields=(field, *card.fields[1:]))
    made = edited(card, points=[Setting("Lead source", "Cold list", 12)]).card
    assert table_of(made, "Lead source")[:4] == table_of(card, "Lead source")[:4]
    assert points_of(table_of(made, "Lead source")[4]) == pytest.approx(12, abs=STEP)


def test_readiness_and_value_no_longer_look_at_a_field_that_was_left_out() -> None:
    card = living_card()
    made = edited(card, veto=["Employees"]).card
    assert made.value is not None
    assert card.value is not None
    assert made.value.mains == ()
    counts, table = card.fields[1].counts, card.value.mains[0].table
    mean = sum(n * t for n, t in zip(counts, table, strict=True)) / sum(counts)
    assert made.value.base - card.value.base == pytest.approx(mean, abs=0.5)
    assert made.short == card.short


@pytest.mark.parametrize(
    ("veto", "points", "said"),
    [
        (["Shoe size"], [], "Shoe size: the model has no such field"),
        ([], [Setting("Shoe size", "42", 1)], "Shoe size: the model has no such field"),
        (
            [],
            [Setting("Lead source", "fax", 1)],
            "Lead source: it has no level 'fax'; it has not given; other; Referral",
        ),
        ([], [Setting("Lead source", 99, 1)], "Lead source: it has no level '99'"),
        ([], [Setting("Job title", 1, 1)], "Job title: it has no level '1'"),
        ([], [Setting("Lead source", "referral", math.nan)], "points are numbers from -100 to 100"),
        ([], [Setting("Lead source", "referral", math.inf)], "points are numbers from -100 to 100"),
        ([], [Setting("Lead source", "referral", 1e9)], "points are numbers from -100 to 100"),
        ([], [Setting("Lead source", "referral", 1), Setting("Lead source", "REFERRAL", 2)], "'Referral' is set twice"),
        (["Lead source"], [Setting("Lead source", "referral", 1)], "left out and has points set at once"),
        ([], [Setting("Do not call", "no", 1), Setting("Do not call", "yes", 1)], "none is left to make up for it"),
        ([], [Setting("Do not call", "no", 90)], "its other levels would have 811 points to make up for it"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(veto: list[str], points: list[Setting], said: str) -> None:
    with pytest.raises(BadEdit) as fault:
        edited(small_card(), veto=veto, points=points)
    assert said in str(fault.value)


def test_a_field_that_may_only_rise_still_does_or_the_edit_is_refused() -> None:
    rises = {"Employees": "up"}
    with pytest.raises(BadEdit, match=r"Employees: its points may only go up with its value \(monotone\)"):
        edited(small_card(), points=[Setting("Employees", "10 to 49", 20)], monotone=rises)
    made = edited(small_card(), points=[Setting("Employees", "250 or more", 20)], monotone=rises)
    assert made.points[0].after == pytest.approx(20, abs=STEP)
    with pytest.raises(BadEdit, match="may only go down"):
        edited(small_card(), points=[Setting("Employees", "250 or more", 20)], monotone={"Employees": "down"})


def test_a_card_without_counts_cannot_be_centred_and_says_so() -> None:
    card = small_card()
    bare = tuple(replace(field, counts=(), buyers=()) for field in card.fields)
    with pytest.raises(BadEdit, match="keeps no counts"):
        edited(replace(card, fields=bare), points=[Setting("Lead source", "referral", 1)])
    assert edited(replace(card, fields=bare), veto=["Lead source"]).card.mains[0].table == (0,) * 5


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("Lead source: Referral = 14", Setting("Lead source", "Referral", 14)),
        ("Lead source:referral=-3.5", Setting("Lead source", "referral", -3.5)),
        ("Shoe size: 42 = 1", Setting("Shoe size", "42", 1)),
        ("Lead source: a = b = 1", Setting("Lead source", "a = b", 1)),
    ],
)
def test_a_setting_is_written_as_reasons_are(text: str, setting: Setting) -> None:
    assert setting_of(text, small_card()) == setting


def test_a_field_whose_name_has_a_colon_is_known_by_its_longest_name() -> None:
    card = replace(small_card(), fields=(*small_card().fields, Field("Lead source: of whom", Kind.FLAG)))
    assert setting_of("Lead source: of whom: yes = 1", card).field == "Lead source: of whom"


@pytest.mark.parametrize("text", ["", "=", "Lead source: Referral", "Lead source: Referral = many"])
def test_a_setting_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadEdit, match="it is not FIELD: LEVEL = POINTS"):
        setting_of(text, small_card())


def test_the_most_points_are_a_thousand_times_the_odds() -> None:
    assert math.exp(MOST_POINTS / POINTS / SCALE) == pytest.approx(1024)

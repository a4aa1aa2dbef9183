"""The numbers behind the pictures, against figures that can be worked out otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from scoring.fields import Field, Kind
from scoring.measure import share_in_top
from scoring.snapshot import NEVER_DAYS
from training.report.bins import merged, range_name
from training.report.charts import ticks
from training.report.curves import GRID, gains_of, over_time, perfect_of, reliability_of
from training.report.evidence import Slice
from training.report.markup import el, named, table, text, with_options
from training.report.pairs import axis_of
from training.report.weaknesses import hardly_ranked, off_promise

DICE = np.random.default_rng(5)
SCORE = np.round(DICE.normal(size=3000), 1)
BOUGHT = DICE.random(3000) < 1 / (1 + np.exp(2 - SCORE))


def test_the_gains_curve_goes_through_the_share_of_buyers_in_the_best_leads() -> None:
    found = gains_of(BOUGHT.astype(float), SCORE, seed=1)
    for share in (0.1, 0.2, 0.5):
        assert found.at(share)[0] == pytest.approx(share_in_top(BOUGHT, SCORE, share))


def test_no_ranking_is_above_the_perfect_one_and_the_perfect_one_reaches_everything_with_its_buyers() -> None:
    worth = np.where(BOUGHT, DICE.lognormal(size=len(BOUGHT)), 0.0)
    for gained in (BOUGHT.astype(float), worth):
        called, share = perfect_of(gained)
        assert (gains_of(gained, gained, seed=1, rounds=0).share <= np.interp(GRID, called, share) + 1e-3).all()
        assert np.interp(BOUGHT.mean(), called, share) == pytest.approx(1.0)
        assert np.interp(BOUGHT.mean() / 2, called, share) < 1.0


def test_the_order_of_the_leads_does_not_move_the_band() -> None:
    rows = DICE.permutation(len(SCORE))
    one, other = (gains_of(b.astype(float), s, seed=1) for b, s in ((BOUGHT, SCORE), (BOUGHT[rows], SCORE[rows])))
    assert np.array_equal(one.low, other.low)
    assert np.array_equal(one.high, other.high)


def test_the_band_covers_what_the_next_leads_show() -> None:
    hits = 0
    for k in range(60):
        dice = np.random.default_rng(100 + k)
        score = dice.normal(size=600)
        bought = dice.random(600) < 1 / (1 + np.exp(2 - score))
        _, low, high = gains_of(bought.astype(float), score, seed=1, rounds=200).at(0.2)
        hits += low <= TRUE_TOP <= high
    assert hits >= 52


def _true_top() -> float:
    score = np.random.default_rng(0).normal(size=400_000)
    return float((1 / (1 + np.exp(2 - np.sort(score)[-80_000:]))).sum() / (1 / (1 + np.exp(2 - score))).sum())


TRUE_TOP = _true_top()


def test_leads_of_one_promise_stay_in_one_group_and_none_is_lost() -> None:
    probability = np.repeat([0.1, 0.5], [80, 20])
    groups = reliability_of(np.arange(100) % 2 == 0, probability)
    assert sum(g.leads for g in groups) == 100
    assert [round(g.promised, 3) for g in groups] == [0.1, 0.5]


def test_few_months_are_told_by_week() -> None:
    bought, probability = np.arange(40) % 3 == 0, np.full(40, 0.3)
    days = np.arange(40, dtype=np.int64) * 86_400
    assert [g.name for g in over_time(days * 3, bought, probability)] == ["1970-01", "1970-02", "1970-03", "1970-04"]
    assert over_time(days[:20], bought[:20], probability[:20])[0].name == "1970-W01"


def _slice(name: str, buyers: int, *, auc: float | None = None) -> Slice:
    return Slice(name, "level", 400, buyers, 0.2, 0.2, 0.02, auc, None if auc is None else 0.01)


def test_a_level_that_is_far_off_its_promise_is_found_among_many_that_are_not() -> None:
    usual = [_slice(f"f{i}", 80 + i % 9 - 4) for i in range(100)]
    off, looked = off_promise([*usual, _slice("bad", 20)])
    assert ([w.slice.field for w in off], looked) == (["bad"], 101)


def test_what_chance_alone_shows_among_many_levels_is_not_told() -> None:
    found = [_slice(f"f{i}", int(b)) for i, b in enumerate(DICE.binomial(400, 0.2, 300))]
    assert len(off_promise(found)[0]) <= 1


def test_a_level_that_is_ranked_badly_is_told_and_one_that_is_a_little_lower_is_not() -> None:
    low, looked = hardly_ranked([_slice("a", 80, auc=0.55), _slice("b", 80, auc=0.77), _slice("c", 80)], 0.8)
    assert ([w.slice.field for w in low], looked) == (["a"], 2)


def test_bins_taken_together_are_named_from_end_to_end() -> None:
    field = Field("n", Kind.NUMBER, edges=(10.0, 50.0, 250.0))
    assert range_name(field, 1, 4) == "given"
    assert range_name(Field("n", Kind.NUMBER), 1, 1) == "given"
    assert range_name(field, 2, 2) == "10 to 49"
    assert range_name(Field("d", Kind.DATE, edges=(30.0, 90.0)), 2, 3) == "30 or more days ago"


def test_a_run_of_bins_that_ends_in_never_says_so() -> None:
    since = Field("days since visit", Kind.NUMBER, edges=(30.0, 90.0, float(NEVER_DAYS)))
    assert range_name(since, 3, 4) == "90 or more, or never"
    assert range_name(since, 2, 4) == "30 or more, or never"
    assert range_name(since, 1, 4) == "at some time, or never"
    assert [range_name(since, *ends) for ends in ((2, 3), (4, 4))] == ["30 or more", "never"]
    other = Field("days in stock", Kind.NUMBER, edges=since.edges)
    assert range_name(other, 3, 4) == "90 or more"


def test_a_run_of_bins_of_a_field_with_fractions_is_not_told_in_whole_numbers() -> None:
    field = Field("pages", Kind.NUMBER, edges=(1.5, 10.0, 12.25, 50.0))
    assert [range_name(field, *ends) for ends in ((1, 2), (3, 4))] == ["under 10", "10 to 50"]


def test_a_row_of_a_pair_is_named_with_the_bins_beyond_what_was_seen_where_it_holds_on() -> None:
    field = Field("n", Kind.NUMBER, edges=(0.0, 10.0, 50.0, 90.0), counts=(3, 0, 7, 9, 8, 0), buyers=(0,) * 6)
    assert axis_of(field, (0, 1, 1, 2, 3, 3)).names == ("not given", "9 or less", "10 to 49", "50 or more")


def test_all_bins_are_in_one_run_and_few_are_left_alone() -> None:
    assert merged([0.0, 1.0], [5, 5], 14) == [(0, 0), (1, 1)]
    runs = merged(list(np.sin(np.arange(40))), [1] * 40, 14)
    assert [k for first, last in runs for k in range(first, last + 1)] == list(range(40))
    assert len(runs) == 14


@pytest.mark.parametrize("end", [1e-9, 0.37, 1.0, 99.0, 1e12, 0.0, float("nan")])
def test_an_axis_has_a_few_round_numbers(end: float) -> None:
    assert 1 <= len(ticks(0, end)) <= 7


def test_what_no_page_may_hold_is_replaced_and_a_long_name_is_cut() -> None:
    assert text("a\x00\ud800<") == "a\ufffd\ufffd&lt;"
    assert el("p", title='"><b>') == '<p title="&quot;&gt;&lt;b&gt;"></p>'
    assert len(named("x" * 5000)) < 500


def test_a_percent_sign_stands_apart_and_stays_with_its_number() -> None:
    assert text("18% of 20 % and 5\u00a0%") == "18\u00a0% of 20\u00a0% and 5\u00a0%"
    assert text("a%20b, 100%sure, % of leads") == "a%20b, 100%sure, % of leads"


def test_the_name_that_somebody_gave_a_level_is_shown_as_it_came() -> None:
    assert named("50% off") == "<bdi>50% off</bdi>"


def test_an_option_of_the_command_line_is_never_divided() -> None:
    assert with_options("say --keep or --ignore < now") == "say <code>--keep</code> or <code>--ignore</code> &lt; now"


def test_cells_that_stand_below_one_another_on_a_telephone_are_named() -> None:
    assert '<td data-of="Why">old</td>' in table(("Field", "Why"), [("a", "old")], cls="words")
    assert "data-of" not in table(("Field", "Why"), [("a", "old")])

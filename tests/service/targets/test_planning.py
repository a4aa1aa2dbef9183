"""Plans: what is expected, what is missing, and that the truth lies in the interval as often as is said."""

from __future__ import annotations

from random import Random

import pytest

from service.targets.counting import Bought, Matured, Open
from service.targets.evidence import WORD, Evidence, evidence_of
from service.targets.planning import Plan, PlanOfGrade, Task, binomial, planned

H = 90


def bought(grade: str, count: int, *, days: float = 45.0, value: float | None = 1_000.0) -> list[Bought]:
    return [Bought(f"{grade}{n}", grade, days, value, matured=True) for n in range(count)]


def known(open_a: int = 100, *, matured: int = 10_000, share: float = 0.2, value: float | None = 1_000.0) -> Evidence:
    """One grade whose model promises one purchase of five, and many leads that show how many bought."""
    worth = None if value is None else open_a * 0.2 * value
    past = bought("A", round(matured * share), value=value)
    ripe = {"A": Matured(matured, matured * 0.2)} if matured else {}
    return evidence_of({"A": Open(open_a, open_a * 0.2, worth)}, ripe, past, H)


def plan(evidence: Evidence, goal: float = 50_000, reached: float = 0.0, days: float = H, **more: bool) -> Plan:
    return planned(Task(goal, reached, days, more.get("in_revenue", True)), evidence)


def only(found: Plan) -> PlanOfGrade:
    (grade,) = found.grades
    return grade


def test_open_leads_bring_their_chances_times_their_value() -> None:
    found = plan(known())
    assert found.expected.about == pytest.approx(20_000, rel=0.01)
    assert found.expected.low < 17_000 < 23_000 < found.expected.high
    assert found.have == pytest.approx(0.4, abs=0.01)
    assert found.gap == pytest.approx(30_000, rel=0.02)


def test_what_is_missing_is_told_in_leads_of_a_grade() -> None:
    needed = only(plan(known())).needed
    assert needed is not None
    assert 140 <= needed.about <= 165, "30 purchases at one of five"
    assert needed.low < 120 < 190 < needed.high


def test_conversion_is_what_happened_where_many_leads_had_their_time() -> None:
    twice = plan(known(share=0.4))
    assert only(twice).conversion == pytest.approx(0.4, rel=0.01)
    assert twice.expected.about == pytest.approx(40_000, rel=0.02), "open leads are corrected by what the past kept"


def test_conversion_is_the_models_word_where_nobody_has_had_his_time() -> None:
    found = plan(known(matured=0))
    assert only(found).conversion == pytest.approx(0.2)
    sure = plan(known())
    assert found.expected.high - found.expected.low > 1.5 * (sure.expected.high - sure.expected.low)


def test_how_sure_the_conversion_is_stands_in_the_interval_however_many_leads_are_open() -> None:
    many = plan(known(1_000_000, matured=0), goal=1e6, in_revenue=False).expected
    assert many.low < 0.6 * many.about < 1.5 * many.about < many.high, "the model's word is that of ten purchases"
    sure = plan(known(1_000_000, matured=100_000), goal=1e6, in_revenue=False).expected
    assert 0.97 * sure.about < sure.low < sure.high < 1.03 * sure.about


def test_leads_needed_vary_as_buyers_and_deals_do() -> None:
    past = [Bought(f"{n}", "A", 45.0, 5_000.0 if n % 5 == 0 else 1e-9, True) for n in range(20_000)]
    evidence = evidence_of({}, {"A": Matured(100_000, 20_000.0)}, past, H)
    assert evidence.spread == pytest.approx(4, rel=0.01), "one deal of five is all the revenue"
    needed = only(plan(evidence, goal=100_000)).needed
    assert needed is not None
    purchases, varies = 100 + 2.5, 400
    assert needed.about == pytest.approx(purchases / 0.2, rel=0.03)
    spread = ((purchases * 0.8 + varies) ** 0.5) / 0.2
    assert needed.high - needed.low == pytest.approx(3.29 * spread, rel=0.12)


def test_ten_purchases_and_the_models_word_weigh_the_same() -> None:
    evidence = known(matured=50, share=0.4)
    promised, happened = 10.0, 20.0
    assert evidence.ratio == pytest.approx((WORD + happened) / (WORD + promised))


def test_a_near_day_leaves_only_the_purchases_that_fall_before_it() -> None:
    whole, half = plan(known(), days=H), plan(known(), days=30)
    assert half.expected.about < whole.expected.about
    assert (whole.share_of_open, whole.share_of_new) == (1.0, 1.0)
    assert half.share_of_open == pytest.approx(30 / 45, abs=0.01), "who buys after 45 days has 0 to 45 days to go"
    assert half.share_of_new == pytest.approx(0.0, abs=0.01), "nobody ever bought within 30 days"


def test_without_purchases_they_are_spread_over_the_horizon() -> None:
    found = plan(known(matured=0), days=30)
    assert found.share_of_open == found.share_of_new == pytest.approx(1 / 3)


def test_a_day_beyond_the_horizon_promises_no_more_than_the_horizon() -> None:
    assert plan(known(), days=300).expected.about == plan(known(), days=H).expected.about


def test_what_is_reached_counts_and_nothing_more_is_needed() -> None:
    found = plan(known(), goal=10_000, reached=9_999)
    assert found.chance > 0.99
    assert found.gap == 0.0
    assert only(found).needed is None
    assert plan(known(), goal=10_000, reached=12_000).have > 1.2


def test_a_target_in_purchases_needs_no_values() -> None:
    found = plan(known(value=None), goal=50, in_revenue=False)
    assert found.expected.about == pytest.approx(20, rel=0.01)
    assert only(found).of.value is None
    needed = only(found).needed
    assert needed is not None
    assert 140 <= needed.about <= 165


def test_a_grade_without_values_is_left_out_of_revenue() -> None:
    assert plan(known(value=None)).grades == []


def test_unequal_deals_widen_the_interval() -> None:
    even = known()
    past = [*bought("A", 1_900, value=500.0), *(Bought(f"x{n}", "A", 45.0, 10_500.0, True) for n in range(100))]
    uneven = evidence_of({"A": Open(100, 20.0, 20_000.0)}, {"A": Matured(10_000, 2_000.0)}, past, H)
    assert uneven.spread > 4 > 0.1 > even.spread
    wide, narrow = plan(uneven).expected, plan(even).expected
    assert wide.high - wide.low > 1.8 * (narrow.high - narrow.low)


def test_the_same_counts_give_the_same_plan() -> None:
    assert plan(known()) == plan(known())


def test_more_than_a_million_leads_are_no_plan() -> None:
    assert only(plan(known(), goal=1e12)).needed is None


def test_a_second_before_the_end_leaves_nothing_to_expect_and_nothing_breaks() -> None:
    for days in (1e-9, 1e-5, 0.01):
        found = plan(known(), days=days)
        assert found.expected.about < 50
        assert only(found).needed is None


def test_nothing_known_is_no_evidence() -> None:
    assert evidence_of({}, {}, [], H).grades == []
    found = evidence_of({"D": Open(3, 0.0, 0.0)}, {}, [], H)
    assert found.grades == [], "a grade whose chances are all 0 says nothing"


def test_a_lead_that_buys_twice_bought_once_and_waited_for_the_first() -> None:
    past = [Bought("a", "A", 50.0, 10.0, True), Bought("a", "A", 20.0, 30.0, True), Bought("b", "A", 5.0, None, False)]
    found = evidence_of({}, {"A": Matured(2, 0.5)}, past, H)
    assert (found.bought, list(found.waits), found.grades[0].values) == (1, [20.0], 2)


def test_a_late_purchase_is_not_one_of_the_horizon() -> None:
    found = evidence_of({}, {"A": Matured(2, 0.5)}, bought("A", 1, days=91), H)
    assert found.bought == 0
    assert found.share_of_new(30) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("count", "chance"), [(40, 0.1), (1_000, 0.001), (5_000, 0.3), (60, 0.9)])
def test_the_dice_are_binomial(count: int, chance: float) -> None:
    dice = Random(5)
    found = [binomial(dice, count, chance) for _ in range(4_000)]
    mean = sum(found) / len(found)
    variance = sum((x - mean) ** 2 for x in found) / len(found)
    assert mean == pytest.approx(count * chance, rel=0.05)
    assert variance == pytest.approx(count * chance * (1 - chance), rel=0.12)
    assert 0 <= min(found) <= max(found) <= count


@pytest.mark.parametrize("days", [30.0, 90.0])
def test_the_truth_lies_in_the_interval_nine_times_of_ten(days: float) -> None:
    """A small copy of `benchmarks.target`: the model is off by a quarter, purchases are few."""
    dice, inside, enough, rounds = Random(int(days)), 0, 0, 200
    for _ in range(rounds):
        share = 0.2 * dice.lognormvariate(0, 0.25)
        past = [
            Bought(str(n), "A", dice.uniform(0, H), dice.gammavariate(2, 500), True)
            for n in range(300)
            if dice.random() < share
        ]
        evidence = evidence_of({"A": Open(80, 16.0, 16_000.0)}, {"A": Matured(300, 60.0)}, past, H)
        open_share = share * (2 * days / H - (days / H) ** 2)
        brings = sum(dice.gammavariate(2, 500) for _ in range(80) if dice.random() < open_share)
        found = planned(Task(30_000, 0.0, days, True), evidence, rounds=300)
        inside += found.expected.low <= brings <= found.expected.high
        took, needed = 0, only(found).needed
        assert needed is not None
        while brings < 30_000:
            took += 1
            brings += dice.gammavariate(2, 500) if dice.random() < share * days / H else 0.0
        enough += needed.low <= took <= needed.high
    assert 0.85 <= inside / rounds <= 0.99
    assert 0.85 <= enough / rounds <= 0.99

"""Can the model be trusted: the verdict by its test, by bands, by month, and in plain words."""

from __future__ import annotations

import random

import pytest

from scoring.scorecard import probability_of
from service.watching.promises import Cell, Kept
from service.watching.trust import Trust, Verdict, sentence_of, trust_of
from tests.cards import steps


def cells(leads: int, *, slope: float = 1.0, shift: float = 0.0, months: int = 6, fall: float = 0.0) -> list[Cell]:
    """Leads one by one; true log-odds = shift + slope x promised, and a fall from month to month."""
    dice = random.Random(5)
    found = []
    for i in range(leads):
        x = dice.uniform(-3.5, 0.5)
        p, month = probability_of(steps(x)), i % months
        bought = dice.random() < probability_of(steps(shift + slope * x - fall * month))
        kept = Kept("", 1, p, int(bought), p * p)
        found.append(Cell("1", f"2026-{month + 1:02}", "B", int(25 * (x + 3.5)), steps(x), kept))
    return found


def test_a_promise_that_was_kept_holds() -> None:
    trust = trust_of(cells(1_000))
    assert trust.verdict is Verdict.HOLDS
    assert sentence_of(trust, 90).endswith("the promise holds.")
    assert trust.whole.low is not None
    assert trust.whole.low < 1 < (trust.whole.high or 0)
    assert trust.line is not None
    assert trust.line.low < 1 < trust.line.high
    assert trust.turn == ""


@pytest.mark.parametrize(("shift", "verdict"), [(-0.7, Verdict.FEWER), (0.7, Verdict.MORE)])
def test_a_broken_promise_is_said(shift: float, verdict: Verdict) -> None:
    trust = trust_of(cells(1_000, shift=shift))
    assert trust.verdict is verdict
    assert f": {verdict} bought than promised. Chance alone does so " in sentence_of(trust, 90)
    assert trust.line is not None
    assert trust.line.intercept == pytest.approx(shift, abs=0.25)


def test_a_model_that_exaggerates_has_a_slope_below_one() -> None:
    line = trust_of(cells(4_000, slope=0.5, shift=-0.5)).line
    assert line is not None
    assert line.high < 1
    assert line.slope == pytest.approx(0.5, abs=0.15)


def test_it_is_said_that_it_gets_worse() -> None:
    assert trust_of(cells(3_000, fall=0.3)).turn.startswith("It falls: of every 100 buyers promised, ")


def test_of_few_promised_buyers_nobody_can_say() -> None:
    trust = trust_of(cells(20))
    assert trust.verdict is Verdict.UNKNOWN
    assert sentence_of(trust, 90).startswith("Nobody can say yet.")


def test_few_leads_that_all_stay_away_from_a_sure_thing_are_a_verdict() -> None:
    sure = [Cell("1", "2026-01", "A", 99, steps(4), Kept("", 8, 7.8, 0, 7.6))]
    assert trust_of(sure).verdict is Verdict.FEWER


@pytest.mark.parametrize("bought", [0, 1])
def test_extremes_have_no_line_and_no_fault(bought: int) -> None:
    same = [Cell("1", "2026-01", "A", 100, steps(0.0), Kept("", 5, 2.5, 5 * bought, 1.25))]
    trust: Trust = trust_of(same)
    assert trust.line is None
    assert [band.kept.name for band in trust.bands] == ["90 to 100"]
    nothing = [Cell("1", "2026-01", "D", 0, steps(-800), Kept("", 5, 0.0, bought, 0.0))]
    assert trust_of(nothing).whole.ratio is None
    assert trust_of([]).verdict is Verdict.UNKNOWN

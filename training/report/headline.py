"""What the head of sales reads: how many buyers the best leads hold, on what that was judged, what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring.calibrated import Calibration
from scoring.ratios import Kept
from training.intervals import plain_numbers
from training.mapping import Mapping
from training.split import moment_text

from .curves import Flags, gains_of
from .figures import UNKNOWN, number, percent, times, whole
from .markup import Html, el, items, named, with_options

if TYPE_CHECKING:
    from training.gate import Gate
    from training.train import Trained

FEW_BUYERS = 100
"""Test buyers below which every share on the page may be off by more than ten points of percent."""

DECISIONS = {
    "promote": ("good", "Fit to serve"),
    "keep": ("bad", "Not fit to serve"),
    "needs_word": ("warn", "Needs your word before it serves"),
}


def headline(trained: Trained, mapping: Mapping) -> Html:
    """The first section."""
    found, top = trained.evidence, trained.metrics.buyers_in_top_20pct
    _, low, high = gains_of(found.bought.astype(float), found.log_odds, seed=trained.seed).at(0.2)
    return el(
        "section",
        el("p", f"The best 20 % of leads hold {percent(top)} of the buyers.", cls="big"),
        el(
            "p",
            f"Called in any order, a fifth of the leads holds a fifth of the buyers: called by this ranking, the same "
            f"number of calls reaches {times(top / 0.2)} as many. Another draw of as many leads would give between "
            f"{percent(low)} and {percent(high)} (95 % interval).",
            _without_suspects(trained),
        ),
        _tiles(trained),
        el("p", _grades(trained), cls="small"),
        decided(trained.gate, trained.metrics.calibration),
        el("div", _judged_on(trained, mapping), _not_known(trained), cls="two"),
        id="headline",
    )


def decided(gate: Gate, calibration: Calibration | None) -> Html:
    """What the gate decided, and in the same breath where the promises are off: the gate looks at the ranking."""
    kind, decision = DECISIONS.get(gate.decision, ("warn", gate.decision))
    off = _off_in_words(calibration)
    if off and gate.decision == "promote":
        kind, decision = "warn", "Fit to rank and serve"
    said = f"{decision}; {off}. " if off else f"{decision}. "
    return el("p", el("b", said, cls=kind), with_options(sentence("; ".join(gate.reasons))))


def _off_in_words(calibration: Calibration | None) -> str:
    """How far promises are off beyond what chance explains; empty where they are not."""
    if calibration is None or calibration.kept in (None, Kept.AS_PROMISED):
        return ""
    way = "much" if calibration.kept is Kept.FEWER else "little"
    ratio = number(calibration.observed_expected, 2)
    return f"it promises too {way}: for every buyer that it promised of the test leads, {ratio} bought"


def _without_suspects(trained: Trained) -> str | None:
    without = trained.metrics_without_suspects
    if without is None or not trained.leaks.suspects:
        return None
    share = percent(without.buyers_in_top_20pct)
    return f" All this leans on fields under suspicion; without them the best 20 % hold {share} of the buyers."


def _grades(trained: Trained) -> str:
    dated = trained.split.cut is not None
    on = "the leads of the last 12 months as they came in" if dated else "the leads that it learned from"
    return (
        f"Grades are cut on {on}: the best 10 % are A, the next 20 % B, the last 40 % D. Test leads are "
        f"{'another mix' if dated else 'others'}, so that their shares may differ."
    )


def _tiles(trained: Trained) -> Html:
    found = trained.evidence
    plain = plain_numbers(found.bought, found.grades)
    best, worst = (_bought(found.bought[found.grades == g]) for g in "AD")
    ratio = UNKNOWN if plain.best_against_worst is None else times(plain.best_against_worst)
    return el(
        "div",
        _tile(percent(plain.flagged), "of leads are flagged: grade A or B, worth a call first"),
        _tile(percent(plain.buyers_flagged), "of all buyers are among the flagged leads"),
        _tile(ratio, f"as often do A leads buy as D leads: {best} against {worst} test leads"),
        cls="tiles",
    )


def _bought(bought: Flags) -> str:
    """How many of how many, so that nobody takes a ratio of few leads for a law."""
    if not len(bought):
        return "none"
    return f"{percent(float(bought.mean()))} of {whole(len(bought))}"


def sentence(said: str) -> str:
    """Words with a capital in front and a stop behind."""
    return f"{said[:1].upper()}{said[1:]}."


def _tile(figure: str, words: str) -> Html:
    return el("div", el("strong", figure), el("span", words))


def _judged_on(trained: Trained, mapping: Mapping) -> Html:
    parts = trained.split
    days = parts.horizon_days
    means = f"bought within {days} days" if days else "became a buyer, as the history says"
    share = percent(float(parts.test_bought.mean()), 1)
    how = (
        f"They were all created after {(moment_text(parts.cut) or '')[:10]}, later than anything the judged model saw."
        if parts.cut is not None
        else "They are a fifth drawn at random, because the history has no dates: the future may be harder than this."
    )
    target = ["The outcome is read from the column ", named(mapping.outcome), ". "] if mapping.outcome else []
    return el(
        "div",
        el("h3", "What it was judged on"),
        el(
            "p",
            f"{whole(parts.test.rows)} leads that the judged model never saw; {whole(int(parts.test_bought.sum()))} of "
            f"them ({share}) {means}. {how} ",
            *target,
            f"Afterwards the same kind of model was learned again from all {whole(trained.rows)} leads: that is the "
            "one published, and the one whose points are shown below.",
        ),
    )


def _not_known(trained: Trained) -> Html:
    buyers = int(trained.split.test_bought.sum())
    said = [
        "Whether a call makes a lead buy: the ranking says who buys, not whom a call persuades.",
        "How well sales would have picked by its own judgement: that was not measured.",
    ]
    if buyers < FEW_BUYERS:
        said.append(f"How good it is to the percent: {whole(buyers)} test buyers are few, mind the intervals.")
    if trained.split.cut is None:
        said.append("Whether it holds next month: without dates nothing could be judged forward in time.")
    if trained.leaks.suspects:
        said.append("Whether the fields under suspicion are written before or after sales speaks to a lead: see below.")
    if trained.promises.by_expected_value is None:
        said.append(
            "What buyers are worth: the test purchases have no complete values, so money is not in the ranking."
        )
    said += [f"Alarm: {alarm.text}." for alarm in trained.alarms]
    return el("div", el("h3", "What is not known"), items(said))

"""Whether promises were kept over all test leads, in one sentence that every section follows, and the usual figures."""

from __future__ import annotations

from collections.abc import Sequence

from scoring.calibrated import Calibration
from scoring.ratios import Ends, Kept

from .curves import Flags, Floats, Group
from .figures import UNKNOWN, number, percent, signed
from .markup import Html, el, join, table

WORDS = {
    Kept.AS_PROMISED: "no more apart than chance explains",
    Kept.FEWER: "fewer than promised, beyond what chance explains",
    Kept.MORE: "more than promised, beyond what chance explains",
}


def kept_in_words(calibration: Calibration, probability: Floats, bought: Flags) -> str:
    """What was promised of all test leads and what happened, by the interval of observed/expected."""
    promised, happened = percent(float(probability.mean()), 1), percent(float(bought.mean()), 1)
    start = f"Over all test leads {promised} was promised and {happened} bought"
    if calibration.kept is None:
        return f"{start}."
    ratio = _with_ends(calibration.observed_expected, calibration.observed_expected_ci)
    return f"{start}, observed/expected {ratio}: {WORDS[calibration.kept]}."


def alone_in_words(groups: Sequence[Group], kept: Kept | None, what: str) -> str:
    """Why parts may all be well where the whole is not, and the other way round; empty where both say the same."""
    off = any(group.kept is not Kept.AS_PROMISED for group in groups)
    if kept in (None, Kept.AS_PROMISED) or off:
        return ""
    return f" Over all leads together {kept} bought than promised: a {what} by itself has too few leads to show it."


def calibrated(calibration: Calibration, probability: Floats, bought: Flags) -> Html:
    """The sentence and the figures of calibration, by their names in the literature."""
    rows = (
        (
            "Observed/expected (O/E)",
            _with_ends(calibration.observed_expected, calibration.observed_expected_ci),
            "1; below 1 fewer bought than promised",
        ),
        (
            "Calibration intercept",
            f"{_signed(calibration.intercept)} ({_ends(calibration.intercept_ci, sign=True)})",
            "0; the same in log-odds, with the slope held at 1",
        ),
        (
            "Calibration slope",
            _with_ends(calibration.slope, calibration.slope_ci),
            "1; below 1 the best leads are promised too much and the worst too little",
        ),
    )
    return join(
        (
            el("p", kept_in_words(calibration, probability, bought)),
            table(("Calibration", "Found, with its 95 % interval", "What is right"), rows),
            el("p", "Named as by Cox 1958 and Van Calster et al. 2019.", cls="small"),
        )
    )


def _with_ends(value: float | None, ends: Ends | None) -> str:
    return f"{number(value, 2)} ({_ends(ends)})"


def _signed(value: float | None) -> str:
    return UNKNOWN if value is None else signed(value, 2)


def _ends(ends: Ends | None, *, sign: bool = False) -> str:
    return UNKNOWN if ends is None else " to ".join(_signed(end) if sign else number(end, 2) for end in ends)

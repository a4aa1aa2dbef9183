"""Where the model does badly: levels in which promises were not kept, or in which it hardly ranks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scoring.measure import Metrics

from .calibrated import kept_in_words
from .evidence import AUC_GROUP, Evidence, Slice
from .figures import number, percent, whole
from .markup import Html, el, named, table

FALSE_SHARE = 0.05
"""The share of findings that may be chance alone (Benjamini and Hochberg 1995)."""

NORMAL = 5.0
"""Expected buyers and others that a level needs for its gap to be judged by the normal distribution."""

LOWER = 0.05
"""How much lower the AUC inside a level must be to matter."""

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Weak:
    """A level that stands out; chance: of seeing so much were all well."""

    slice: Slice
    chance: float


def off_promise(slices: Sequence[Slice]) -> tuple[list[Weak], int]:
    """Levels where promised and happened differ beyond noise, and how many were looked at."""
    fit = [s for s in slices if s.noise > 0 and NORMAL <= s.leads * s.expected <= s.leads - NORMAL]
    found = [Weak(s, math.erfc(abs(s.buyers / s.leads - s.expected) / s.noise / math.sqrt(2))) for s in fit]
    return _beyond_noise(found), len(found)


def hardly_ranked(slices: Sequence[Slice], overall: float) -> tuple[list[Weak], int]:
    """Levels inside which the AUC is lower than that of all test leads, and how many were looked at."""
    found = [
        Weak(s, math.erfc((overall - s.auc) / s.auc_error / math.sqrt(2)) / 2)
        for s in slices
        if s.auc is not None and s.auc_error
    ]
    low = [w for w in _beyond_noise(found) if w.slice.auc is not None and w.slice.auc < overall - LOWER]
    return low, len(found)


def _beyond_noise(found: list[Weak]) -> list[Weak]:
    """Those that stay when the number of looks is allowed for, the surest first."""
    ordered = sorted(found, key=lambda w: (w.chance, w.slice.field, w.slice.level))
    passed = [k for k, w in enumerate(ordered, 1) if w.chance <= FALSE_SHARE * k / len(ordered)]
    return ordered[: max(passed, default=0)]


def weaknesses(found: Evidence, metrics: Metrics) -> Html:
    """The section on levels. metrics: of the test leads that were found."""
    off, looked = off_promise(found.slices)
    low, ranked = hardly_ranked(found.slices, metrics.auc)
    return el(
        "section",
        el("h2", "Where it does badly"),
        el(
            "p",
            kept_in_words(metrics.calibration, found.probability, found.bought),
            " Levels are judged beyond this common gap.",
        ),
        el("h3", "Promises not kept"),
        el(
            "p",
            f"Of {whole(looked)} levels with enough test leads, {_many(len(off))} off beyond chance. {_reading(off)}"
            if looked
            else "No level has test leads enough to be judged by itself.",
        ),
        _off_table(off) if off else None,
        el("h3", "Levels inside which it ranks worse"),
        el(
            "p",
            f"Of {whole(ranked)} levels with at least {AUC_GROUP} buyers and {AUC_GROUP} others, {_many(len(low))} "
            f"ranked worse than all leads by more than {LOWER} AUC and beyond chance. {_order_inside(low)}"
            if ranked
            else f"No level has {AUC_GROUP} test buyers and {AUC_GROUP} others: its order inside levels is not known.",
        ),
        _low_table(low) if low else None,
        id="weaknesses",
    )


def _many(count: int) -> str:
    return {0: "none is", 1: "1 is"}.get(count, f"{count} are")


def _reading(off: list[Weak]) -> str:
    if not off:
        return "That is no proof of promises kept: where a level has few leads, all but a large gap stays hidden."
    return (
        "Of such findings about one in twenty is chance all the same. Where more bought than promised, leads wait too "
        "long; where fewer did, calls are wasted: ask what sets these leads apart and whether a field could say it."
    )


def _order_inside(low: list[Weak]) -> str:
    return (
        "Inside these the order of the list says less: by an AUC near 0.5 nothing, then trust a person." if low else ""
    )


def _off_table(off: list[Weak]) -> Html:
    rows = [
        (
            _level(w.slice),
            whole(w.slice.leads),
            percent(w.slice.promised, 1),
            percent(w.slice.buyers / w.slice.leads, 1),
            "fewer" if w.slice.buyers / w.slice.leads < w.slice.expected else "more",
        )
        for w in off[:SHOWN]
    ]
    return table(("Level", "Test leads", "Promised", "Bought", "Than promised"), rows)


def _low_table(low: list[Weak]) -> Html:
    rows = [(_level(w.slice), whole(w.slice.leads), whole(w.slice.buyers), number(w.slice.auc)) for w in low[:SHOWN]]
    return table(("Level", "Test leads", "Buyers", "AUC inside"), rows)


def _level(found: Slice) -> Html:
    return el("span", named(found.field, 40), ": ", named(found.level, 40))

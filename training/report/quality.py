"""How good the model is, in pictures: gains, reliability, value by capacity, scores by outcome, stability over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scoring.ratios import Kept
from training.mapping import Mapping

from .calibrated import alone_in_words, calibrated
from .charts import Frame, axes, band, bar, dot, drawn, legend, line, note
from .curves import GRID, Group, gains_of, over_time, perfect_of, reliability_of
from .evidence import Evidence
from .figures import money, number, percent, whole
from .markup import Html, el, figure, join, table

if TYPE_CHECKING:
    from training.train import Trained

Floats = NDArray[np.float64]

GAINS = Frame((0, 1), (0, 1), top=28.0)
"""With room above for the words on a perfect ranking."""

ENDS = (("perfect", "a perfect ranking"), ("chance", "in any order"))
"""Between these two lines every ranking lies that is better than none."""

CAPACITIES = (0.05, 0.1, 0.2, 0.3, 0.5)


def quality(trained: Trained, mapping: Mapping) -> Html:
    """The third section."""
    metrics, found = trained.metrics, trained.evidence
    low, high = metrics.auc_ci
    return el(
        "section",
        el("h2", "How good it is"),
        el(
            "p",
            f"AUC {number(metrics.auc)} ({number(low)} to {number(high)}): of a lead that bought and one that did not, "
            f"the one that bought ranks higher in {percent(metrics.auc)} of pairs. Log loss "
            f"{number(metrics.log_loss, 4)}, Brier score {number(metrics.brier, 4)}, calibration error "
            f"{number(metrics.calibration_error)}. Everything here is measured on the "
            f"{whole(len(found.bought))} test leads. Shaded bands and whiskers are 95 % intervals"
            ": what another draw of as many leads could have shown.",
        ),
        calibrated(metrics.calibration, found.probability, found.bought),
        el(
            "div",
            _gains(trained),
            reliability(found, metrics.calibration.kept),
            _value(trained, mapping),
            distribution(found),
            months(found, metrics.calibration.kept),
            cls="figures",
        ),
        _readiness(trained, mapping),
        id="quality",
    )


def _gains(trained: Trained) -> Html:
    found, peers, seed = trained.evidence, trained.peers, trained.seed
    bought = found.bought.astype(np.float64)
    ours = gains_of(bought, found.log_odds, seed=seed)
    parts = [band(GAINS, GRID, ours.low, ours.high, "ours"), _ends(bought)]
    keys = [("ours", "this model, with its band"), *ENDS]
    for name, cls, words in (
        ("best_field", "field", f"best single field ({peers.best_field_name[:40]})"),
        ("logistic", "other", "logistic regression"),
    ):
        if name in found.peers:
            parts.append(line(GAINS, GRID, gains_of(bought, found.peers[name], seed=seed, rounds=0).share, cls))
            keys.append((cls, words))
    parts.append(line(GAINS, GRID, ours.share, "ours"))
    share, low, high = ours.at(0.1)
    return figure(
        drawn(GAINS, "Gains curve", axes(GAINS, "leads called, best first", "buyers reached"), *parts),
        f"Read upwards from how many leads you can call. The best 10 % hold {percent(share)} of buyers ({percent(low)} "
        f"to {percent(high)}), the best 20 % hold {percent(trained.metrics.buyers_in_top_20pct)}; those of a "
        f"perfect ranking, which knew every buyer beforehand, would hold {_perfect_at(bought, 0.1)} and "
        f"{_perfect_at(bought, 0.2)}. The further above the dotted line, the better; where another line lies within "
        "the band, chance may be all that is between them.",
        title="Buyers reached by calls made",
        legend=legend(*keys),
    )


def _ends(gained: Floats) -> Html:
    """What a perfect ranking and none would give, with their names beside them."""
    perfect, chance = (words for _, words in ENDS)
    return join(
        (
            line(GAINS, (0, 1), (0, 1), "chance"),
            line(GAINS, *perfect_of(gained), "perfect"),
            note(GAINS, 1, 1.025, perfect, "perfect", before=True),
            note(GAINS, 0.65, 0.56, chance, "chance"),
        )
    )


def _perfect_at(gained: Floats, called: float) -> str:
    return percent(float(np.interp(called, *perfect_of(gained))))


def reliability(found: Evidence, kept: Kept | None) -> Html:
    """Promised against happened, by parts of equal size. kept: what all leads together say."""
    groups = reliability_of(found.bought, found.probability)
    top = min(1.0, max(0.01, 1.05 * max(max(g.high, g.promised) for g in groups)))
    far = min(1.0, max(0.01, 1.1 * max(g.promised for g in groups)))
    frame, both = Frame((0, far), (0, top)), (0, min(far, top))
    off = [g for g in groups if g.kept is not Kept.AS_PROMISED]
    dots = [
        dot(frame, g.promised, g.happened, g.low, min(g.high, top), "ours", _group_said(f"group {g.name}", g))
        for g in groups
    ]
    said = (
        f"{len(off)} of {len(groups)} groups {'lies' if len(off) == 1 else 'lie'} off the line beyond the interval; "
        "one in twenty does by chance alone."
    )
    return figure(
        drawn(frame, "Reliability", axes(frame, "promised", "bought"), line(frame, both, both, "chance"), *dots),
        "On the dotted line, of leads promised 10 % exactly 10 % buy; above it more do than promised, below it fewer. "
        f"{said}{alone_in_words(groups, kept, 'group')}",
        title="Promised against happened",
        legend=legend(("dot ours", "test leads in parts of equal size"), ("chance", "promises kept to the letter")),
    )


def _group_said(name: str, group: Group) -> str:
    return (
        f"{name}: {whole(group.leads)} leads, promised {percent(group.promised, 1)}, {percent(group.happened, 1)} "
        f"bought ({percent(group.low, 1)} to {percent(group.high, 1)})"
    )


def _value(trained: Trained, mapping: Mapping) -> Html | None:
    found, promises = trained.evidence, trained.promises
    if found.expected_value is None or promises.by_expected_value is None:
        return None
    worth = np.where(found.bought, np.nan_to_num(found.value), 0.0)
    by_value = gains_of(worth, found.expected_value, seed=trained.seed)
    by_chance = gains_of(worth, found.log_odds, seed=trained.seed, rounds=0)
    rows = [
        (percent(c), percent(by_value.at(c)[0]), f"{percent(by_value.at(c)[1])} to {percent(by_value.at(c)[2])}",
         percent(by_chance.at(c)[0]))
        for c in CAPACITIES
    ]  # fmt: skip
    picture = drawn(
        GAINS,
        "Value captured",
        axes(GAINS, "leads called, best first", "revenue reached"),
        band(GAINS, GRID, by_value.low, by_value.high, "ours"),
        _ends(worth),
        line(GAINS, GRID, by_chance.share, "field"),
        line(GAINS, GRID, by_value.share, "ours"),
    )
    return figure(
        picture,
        f"Of the revenue of all test purchases ({money(float(worth.sum()), mapping.currency)}), the best 20 % of leads "
        f"by expected value brought {percent(promises.by_expected_value)}, by probability alone "
        f"{percent(promises.by_probability)}. A few large deals move these curves: mind the band.",
        table(("Calls", "By expected value", "Interval", "By probability"), rows),
        title="Revenue reached by calls made",
        legend=legend(("ours", "by expected value"), ("field", "by probability alone"), *ENDS),
    )


def distribution(found: Evidence) -> Html:
    """The scores of those who bought beside those of the others."""
    tens = np.minimum(found.score // 10, 9)
    shares = [np.bincount(tens[who], minlength=10) / max(1, int(who.sum())) for who in (found.bought, ~found.bought)]
    frame = Frame((0, 100), (0, max(0.01, 1.08 * float(max(s.max() for s in shares)))))
    bars = []
    for k in range(10):
        for share, cls, start, who in (
            (shares[1][k], "rest", 1.0, "of those who did not"),
            (shares[0][k], "won", 5.0, "of buyers"),
        ):
            said = f"score {10 * k} to {10 * k + 9 + (k == 9)}: {percent(float(share), 1)} {who}"
            bars.append(bar(frame, 10 * k + start, 10 * k + start + 4, float(share), cls, said))
    best = float((found.score[found.bought] >= 80).mean()) if found.bought.any() else None
    rest = float((found.score[~found.bought] >= 80).mean()) if (~found.bought).any() else None
    return figure(
        drawn(
            frame, "Scores by outcome", axes(frame, "score", "share of the group", x_name=lambda v: f"{v:.0f}"), *bars
        ),
        f"The more the buyers' bars stand to the right of the others', the better the score tells them apart: "
        f"{percent(best)} of buyers had a score of 80 or more, and {percent(rest)} of those who did not buy.",
        title="Scores of those who bought and those who did not",
        legend=legend(("bar won", "bought"), ("bar rest", "did not buy")),
    )


def months(found: Evidence, kept: Kept | None) -> Html | None:
    """Promised and happened over time; None without dates. kept: what all leads together say."""
    if found.as_of is None:
        return None
    groups = over_time(found.as_of, found.bought, found.probability)
    top = min(1.0, max(0.01, 1.1 * max(max(g.high, g.promised) for g in groups)))
    frame = Frame((-0.5, len(groups) - 0.5), (0, top))
    step = -(-len(groups) // 6)
    dots = [
        dot(frame, i, g.happened, g.low, min(g.high, top), "ours", _group_said(g.name, g)) for i, g in enumerate(groups)
    ]
    promised = line(frame, range(len(groups)), [g.promised for g in groups], "field")
    off = [g for g in groups if g.kept is not Kept.AS_PROMISED]
    rows = [(g.name, whole(g.leads), percent(g.promised, 1), percent(g.happened, 1)) for g in groups]
    at = [float(k) for k in range(0, len(groups), step)]
    named = axes(frame, "looked at in", "bought", x_name=lambda v: groups[int(v)].name, x_at=at)
    when = f" ({', '.join(g.name for g in off[:6])})" if off else ""
    return figure(
        drawn(frame, "Stability over time", named, promised, *dots),
        f"In {len(off)} of {len(groups)} times{when} the promise was outside the interval of what happened; one time "
        f"in twenty it is by chance alone.{alone_in_words(groups, kept, 'time')} Where the points go on wandering off "
        "the line, the market may have moved: train the model again.",
        el("details", el("summary", "The figures"), table(("When", "Leads", "Promised", "Bought"), rows)),
        title="Promised and happened over time",
        legend=legend(("dot ours", "share that bought"), ("field", "promised")),
    )


def _readiness(trained: Trained, mapping: Mapping) -> Html | None:
    ready = trained.promises.readiness
    if not ready:
        return None
    days, soon = trained.split.horizon_days, mapping.short_horizon_days
    rows = [(name, whole(r.leads), percent(r.bought_soon, 1), percent(r.bought, 1)) for name, r in ready.items()]
    return el(
        "div",
        el("h3", "Readiness"),
        el(
            "p",
            "Now should buy soonest and oftenest; where later buys as seldom as browsing, do not plan by readiness.",
        ),
        table(("Said to be", "Test leads", f"Bought in {soon} days", f"Bought in {days} days"), rows),
    )

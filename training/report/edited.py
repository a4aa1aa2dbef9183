"""The page of a model that a person edited: what was changed, and figures before and after on the same leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring.scorecard import Scorecard, digest_of, to_json

from .calibrated import calibrated
from .charts import axes, drawn, legend, line
from .curves import GRID, gains_of
from .evidence import Evidence
from .figures import number, percent, signed, whole
from .headline import decided
from .markup import Html, el, figure, items, join, named, table
from .page import document
from .pairs import pairs
from .points import points
from .quality import GAINS, distribution, months, reliability
from .weaknesses import weaknesses

if TYPE_CHECKING:
    from training.edit_beside import Beside
    from training.edits import Tried

PARENT = "parent"
"""Among the evidence's peers: the model that was edited, as it was judged."""


def edited_report(card: Scorecard, about: Mapping[str, Any], tried: Tried) -> bytes:
    """The report of an edit as an HTML file's bytes, UTF-8. about: the description that it is published with."""
    sections = {
        ("edit", "What was changed"): _edit(about, tried),
        ("beside", "Before and after"): _beside(about, tried),
        ("quality", "How good it is"): _quality(tried),
        ("points", "Points by field"): points(card),
        ("pairs", "Pairs"): pairs(card),
        ("weaknesses", "Where it does badly"): _weaknesses(tried),
        ("card", "Model card"): _card(card, about),
    }
    there = {place: section for place, section in sections.items() if section is not None}
    return document(list(there), *there.values())


def _edit(about: Mapping[str, Any], tried: Tried) -> Html:
    said = about["edited"]
    changes = [
        *(join(("Left out: ", named(name))) for name in said["veto"]),
        *(join(("Let in again, from the next training on: ", named(name))) for name in said["allow"]),
        *(
            join((named(p["field"]), ": ", named(str(p["level"])), _moved(p["before"], p["after"])))
            for p in said["points"]
        ),
    ]
    return el(
        "section",
        el("p", _headline(said["parent"], tried), cls="big"),
        el("p", f"Model {said['parent']}, edited by ", named(said["by"]), f" on {said['at'][:10]}: {said['why']}"),
        items(changes),
        decided(tried.gate, None if tried.beside is None else tried.beside.after.calibration),
        items(f"{note[:1].upper()}{note[1:]}." for note in tried.notes) if tried.notes else None,
        id="edit",
    )


def _moved(before: float, after: float) -> str:
    return f" from {signed(before, 1)} to {signed(after, 1)} points"


def _headline(parent: str, tried: Tried) -> str:
    found = tried.beside
    if found is None:
        return f"Model {parent}, edited and not judged."
    before, after = (percent(one.buyers_in_top_20pct) for one in (found.before, found.after))
    return f"The best 20 % of leads hold {after} of the buyers; before the edit it was {before}."


def _beside(about: Mapping[str, Any], tried: Tried) -> Html | None:
    found, seen = tried.beside, tried.evidence
    if found is None or seen is None:
        return None
    parent = about["edited"]["parent"]
    moved = sum(found.regraded.values())
    return el(
        "section",
        el("h2", "Before and after"),
        el(
            "p",
            f"On the same {whole(found.leads)} leads ({found.source}), {whole(found.buyers)} of them buyers. Both "
            "models are shown as they were judged, before they learned from these leads too.",
        ),
        table(
            ("", f"Before (model {parent})", "After", "Difference", "95 % interval"),
            [_row(found, *row) for row in ROWS],
        ),
        el(
            "p",
            f"{whole(moved)} of {whole(found.leads)} leads ({percent(moved / found.leads)}) change their grade"
            + (": " + ", ".join(f"{whole(n)} from {way}" for way, n in found.regraded.items()) if moved else "")
            + ".",
        ),
        el("div", _gains(seen), cls="figures"),
        id="beside",
    )


ROWS = (
    ("AUC", "auc", 3),
    ("Log loss (less is better)", "log_loss", 4),
    ("Buyers in the best 10 %", "buyers_in_top_10pct", None),
    ("Buyers in the best 20 %", "buyers_in_top_20pct", None),
)
"""A name, the metric's, and its decimals; None: a share."""


def _row(found: Beside, name: str, key: str, digits: int | None) -> tuple[str, ...]:
    values = (getattr(one, key) for one in (found.before, found.after))
    said = (percent(v, 1) if digits is None else number(v, digits) for v in values)
    times, places, unit = (100, 1, " points of percent") if digits is None else (1, digits, "")
    apart = found.differences[key]
    value, low, high = (signed(times * v, places) for v in (apart.value, apart.low, apart.high))
    return (name, *said, f"{value}{unit}", f"{low} to {high}")


def _gains(found: Evidence) -> Html:
    bought = found.bought.astype(np.float64)
    before, after = (gains_of(bought, score, seed=0, rounds=0) for score in (found.peers[PARENT], found.log_odds))
    return figure(
        drawn(
            GAINS,
            "Gains curves before and after",
            axes(GAINS, "leads called, best first", "buyers reached"),
            line(GAINS, (0, 1), (0, 1), "chance"),
            line(GAINS, GRID, before.share, "field"),
            line(GAINS, GRID, after.share, "ours"),
        ),
        "Where the two lines lie on one another the edit costs no buyers; the interval of the difference stands above.",
        title="Buyers reached by calls made",
        legend=legend(("ours", "after the edit"), ("field", "before"), ("chance", "in any order")),
    )


def _quality(tried: Tried) -> Html | None:
    found, seen = tried.beside, tried.evidence
    if found is None or seen is None:
        return None
    promises = found.after.calibration
    return el(
        "section",
        el("h2", "How good it is"),
        calibrated(promises, seen.probability, seen.bought),
        el("div", reliability(seen, promises.kept), distribution(seen), months(seen, promises.kept), cls="figures"),
        id="quality",
    )


def _weaknesses(tried: Tried) -> Html | None:
    found, seen = tried.beside, tried.evidence
    return None if found is None or seen is None else weaknesses(seen, found.after)


def _card(card: Scorecard, about: Mapping[str, Any]) -> Html:
    facts: list[tuple[str, str | Html]] = [
        ("Made from", f"model {about['edited']['parent']}; what that one learned from stands in its own report"),
        ("Learned anew", "nothing: tables were changed by hand, the base was set so that the parent's promises hold"),
        ("Left out by a person", join([f"{one['field']}; " for one in about["vetoed"]]) or "none"),
        ("Scorecard", f"format {card.format}, SHA-256 {digest_of(to_json(card))}"),
    ]
    return el(
        "section",
        el("h2", "Model card"),
        el("dl", *(join((el("dt", name), el("dd", words))) for name, words in facts)),
        id="card",
    )

"""What the model learned from: leads, dates, how young leads were treated, and the fields that were left out."""

from __future__ import annotations

import math
from collections.abc import Mapping as MappingType
from typing import TYPE_CHECKING, Any

from training.censoring import Method
from training.split import moment_text

from .figures import number, percent, whole
from .markup import Html, el, items, join, named, table

if TYPE_CHECKING:
    from training.train import Trained

METHODS = {
    Method.NONE.value: "No lead is too young to know: every label is a fact.",
    Method.WEIGHTS.value: (
        "Leads too young to know are left out, and the older ones like them count for more in their place."
    ),
    Method.HAZARD.value: (
        "Leads too young to know count by the chance that they buy yet, from a model of the time to purchase."
    ),
}


def learned(trained: Trained) -> Html:
    """The second section; suspects come first in it."""
    return el(
        "section",
        el("h2", "What it learned from"),
        _suspects(trained),
        _facts(trained),
        el("h3", "What was done on the way"),
        items(f"{note[:1].upper()}{note[1:]}." for note in trained.notes) if trained.notes else el("p", "Nothing."),
        _excluded(trained),
        id="learned",
    )


def _suspects(trained: Trained) -> Html | None:
    suspects = trained.leaks.suspects
    if not suspects:
        return None
    with_, without = trained.metrics.auc, (trained.metrics_without_suspects or trained.metrics).auc
    rows = [(named(f.field), f.reason, _evidence(f.evidence)) for f in suspects]
    return el(
        "div",
        el("h3", "Under suspicion: fields that may know the outcome"),
        el(
            "p",
            f"With them the AUC is {number(with_)}, without them {number(without)}. Ask of each, whoever fills it in: ",
            el("b", "is this written before or after sales has spoken to the lead?"),
            " If before, train again with ",
            el("code", "--keep FIELD"),
            "; if after, with ",
            el("code", "--ignore FIELD"),
            ", because a model that leans on it is wrong about every fresh lead.",
        ),
        table(("Field", "Why", "Evidence"), rows, cls="words"),
        cls="warned",
    )


def _facts(trained: Trained) -> Html:
    parts, created = trained.split, trained.evidence.created
    said = parts.as_dict()
    dates = " to ".join((moment_text(m) or "")[:10] for m in created) if created else "the history has no dates"
    cut = (
        f"forward in time: learned from leads up to {(moment_text(parts.cut) or '')[:10]}, judged on later ones"
        if parts.cut is not None
        else "at random, a fifth of the buyers and of the others held out"
    )
    rows: list[tuple[str, str]] = [
        ("Leads", f"{whole(trained.rows)}, of them {whole(trained.buyers)} buyers ({_share(trained)})"),
        ("Created", dates),
        ("Old enough to know", f"{whole(trained.mature)} leads, {whole(trained.mature_buyers)} of them buyers"),
        ("Split", cut),
        ("To learn from, while judged", _counts(said["train"], said["train_buyers"])),
        ("To judge on", _counts(said["test"], said["test_buyers"])),
        ("Young leads", _young(trained.censoring)),
        ("Whose words", _whose(trained.words)),
        ("Fields", f"{len(trained.card.fields)} learned from, {len(trained.card.pairs)} pairs of fields"),
    ]
    return el("dl", *(join((el("dt", name), el("dd", words))) for name, words in rows))


def _whose(words: MappingType[str, Any]) -> str:
    """Who told of purchases and losses, and of how many leads nothing is known since a refusal."""
    if not words:
        return "not counted"
    bought, lost = words["purchases"], words["losses"]
    sellers = lost["sales"] + lost["refused"]
    return (
        f"purchases: {whole(bought['crm'])} told by the CRM, {whole(bought['sales'])} by sales; losses: "
        f"{whole(lost['crm'])} by the CRM, {whole(sellers)} by sales; unknown since a refusal: "
        f"{whole(sum(words['unknown'].values()))}"
    )


def _share(trained: Trained) -> str:
    return percent(trained.buyers / trained.rows if trained.rows else None, 1)


def _counts(leads: object, buyers: object) -> str:
    return f"{leads:,} leads, {buyers:,} buyers"


def _young(censoring: MappingType[str, object] | None) -> str:
    if censoring is None:
        return "without dates every outcome is taken as given; leads without one are left out"
    method, effective = str(censoring.get("method")), censoring.get("mature_non_buyers_effective")
    words = METHODS.get(method, f"{method}.")
    if isinstance(effective, int | float) and method != Method.NONE.value:
        words += f" Leads that lived through the horizon and did not buy: {whole(float(effective))}, effective."
    return words


def _excluded(trained: Trained) -> Html:
    rows = [(named(f.field), f.reason, _evidence(f.evidence)) for f in trained.leaks.excluded]
    out = [(named(name), reason, "") for name, reason in trained.left_out.items()]
    kept = [named(name) for name in trained.leaks.kept]
    leaks = (
        "These show what no honest field shows: they are written when the outcome is known already, or carry it."
        if rows
        else "No field was found that knows the outcome already."
    )
    return el(
        "div",
        el("h3", "Left out"),
        el("p", leaks),
        table(("Field", "Why", "Evidence"), rows, cls="words") if rows else None,
        el("p", "Of no use, or set aside by word of the user:") if out else None,
        table(("Field", "Why", ""), out, cls="words") if out else None,
        el("p", "Kept by word of the user: ", *_listed(kept), ".") if kept else None,
    )


def _listed(names: list[Html]) -> list[str | Html]:
    return [part for i, name in enumerate(names) for part in ([", ", name] if i else [name])]


def _evidence(evidence: MappingType[str, object]) -> str:
    """The figures behind a verdict, in words."""
    return "; ".join(said for key, value in evidence.items() if (said := _figure(key, value)))


DATED = {
    "dated_after_creation": "of its dates lie after the day that the lead came in",
    "dated_after_outcome": "of its dates, where the outcome is known, lie after that day",
}

PARTS = {"few_buy": "where few buy", "most_buy": "where most buy"}


def _figure(key: str, value: object) -> str:
    if key in PARTS and isinstance(value, MappingType):
        return _part(PARTS[key], value)
    if isinstance(value, float) and key == "auc_alone":
        return f"AUC alone {number(value, 2)}"
    if isinstance(value, float) and key == "filled_share":
        return f"filled for {percent(value)} of leads" if value < 0.995 else ""
    if isinstance(value, float) and key == "filled_gap_closed_open":
        return f"filled {percent(value)} oftener for closed leads" if value >= 0.01 else ""
    if isinstance(value, float) and key == "filled_log_odds":
        return f"odds of buying {math.exp(min(value, 700)):,.1f} times as high where filled" if value >= 0.1 else ""
    if isinstance(value, float) and key == "like_what_others_say":
        return f"rank correlation {number(value, 2)} with what all other fields say" if abs(value) >= 0.01 else ""
    if isinstance(value, float) and key in DATED:
        return f"{percent(value)} {DATED[key]}" if value >= 0.001 else ""
    if isinstance(value, MappingType):
        return ", ".join(said for k, v in value.items() if (said := _figure(str(k), v)))
    shown = f"{value:.3g}" if isinstance(value, float) else _listed_texts(value)
    return f"{key.replace('_', ' ')} {shown}" if shown else ""


def _part(words: str, part: MappingType[str, object]) -> str:
    levels, leads, buyers = part.get("levels"), part.get("leads"), part.get("buyers")
    if not levels or not isinstance(leads, float) or not isinstance(buyers, float):
        return ""
    return f"{words} ({percent(leads)} of leads, {percent(buyers)} of buyers): {_listed_texts(levels)}"


def _listed_texts(value: object) -> str:
    if isinstance(value, list | tuple):
        more = f" and {len(value) - 5} more" if len(value) > 5 else ""
        return ", ".join(str(v)[:40] for v in value[:5]) + more
    return "" if value is None else str(value)[:200]

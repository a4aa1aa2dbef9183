"""The model card: what the model is for, what it must not be used for, what people said of it, what made it."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from scoring.scorecard import digest_of, probability_of, to_json
from training.logistic import Shape
from training.mapping import Mapping

from .figures import number, percent, whole
from .markup import Html, el, items, join, named, text, with_options

if TYPE_CHECKING:
    from training.train import Trained

PACKAGES = ("leadrank", "numpy", "scikit-learn", "scipy")

NOT_FOR = (
    "Decisions about people that are not sales: credit, prices, insurance, employment, access to a service.",
    "Leads unlike those it learned from: another country, product or source of leads needs its own history.",
    "Judging salespeople: it knows what leads did, not what sales could have done.",
    "A reason to drop a lead for good: a low score says later, not never.",
    "Cause and effect: that a level has many points does not mean that changing it makes a lead buy.",
)


def model_card(trained: Trained, mapping: Mapping) -> Html:
    """The last section."""
    facts: list[tuple[str, str | Html]] = [
        ("Intended use", "To put open leads in the order in which sales calls them, with reasons that can be checked."),
        ("Predicts", _predicts(trained)),
        ("Family", _family(trained)),
        ("Base", _base(trained)),
        ("Vouched for (--keep)", _names(mapping.keep)),
        ("Set aside (--ignore)", _names(mapping.ignore)),
        (
            "Only rising or falling, by word of the user",
            _names(tuple(f"{n}: {w}" for n, w in mapping.monotone.items())),
        ),
        ("Gate", with_options(f"{trained.gate.decision}: {'; '.join(trained.gate.reasons)}")),
        ("Seed", str(trained.seed)),
        ("Made with", ", ".join(_versions())),
        ("Scorecard", f"format {trained.card.format}, SHA-256 {digest_of(to_json(trained.card))}"),
    ]
    return el(
        "section",
        el("h2", "Model card"),
        el("dl", *(join((el("dt", name), el("dd", words))) for name, words in facts)),
        el("h3", "What it must not be used for"),
        items(NOT_FOR),
        el("h3", "What to watch"),
        el(
            "p",
            "Train again when promised and happened drift apart, when a source of leads or the way sales works "
            "changes, and at least once a quarter. Whoever is scored may ask why: the reasons of a score are the "
            "score.",
        ),
        id="card",
    )


def _predicts(trained: Trained) -> str:
    card = trained.card
    if card.horizon_days is None:
        return "whether a lead becomes a buyer; the history has no dates, so it does not say by when"
    said = f"whether a lead buys within {card.horizon_days} days after the moment that it is looked at"
    if card.short is not None and card.short_horizon_days is not None:
        said += f"; readiness also asks for the first {card.short_horizon_days} days"
    if card.value is not None:
        said += "; and what a purchase is worth"
    return said


def _base(trained: Trained) -> str:
    """The probability at 0 points is not the share of buyers: a few leads with many points buy more than the rest."""
    card = trained.card
    return (
        f"a lead with 0 points buys with probability {percent(probability_of(card.base), 1)}; "
        f"of all leads {percent(card.buyers_share, 1)} are expected to buy"
    )


def _family(trained: Trained) -> str:
    chosen = trained.chosen
    what = {
        "logistic": "penalised logistic regression",
        "boosted": "additive boosted trees",
        "blend": f"{percent(chosen.weight)} additive boosted trees, "
        f"{percent(1 - chosen.weight)} penalised logistic regression",
    }.get(chosen.name, chosen.name)
    losses = ", ".join(f"{name} {number(loss, 4)}" for name, loss in sorted(chosen.losses.items(), key=lambda e: e[1]))
    how = f"chosen on {chosen.folds} folds by log loss ({losses})" if losses else f"chosen on {chosen.folds} folds"
    if chosen.weight < 1 and chosen.shape is Shape.LINE:
        what += " in which numbers speak in proportion to their value, beyond what was seen too"
    return (
        f"{what}, one scorecard of {whole(len(trained.card.mains))} fields and {len(trained.card.pairs)} pairs; {how}"
    )


def _names(names: tuple[str, ...]) -> Html:
    if not names:
        return text("none")
    return join(part for i, name in enumerate(names) for part in ([", ", named(name)] if i else [named(name)]))


def _versions() -> list[str]:
    found = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:  # run from a checkout that is not installed
            continue
    return found

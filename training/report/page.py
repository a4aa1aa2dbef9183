"""The report's page: one HTML file that loads nothing, the same bytes for the same model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from training.mapping import Mapping

from .glass import glass
from .headline import headline
from .learned import learned
from .markup import Html, el
from .model_card import model_card
from .pairs import pairs
from .points import points
from .quality import quality
from .style import CSS
from .weaknesses import weaknesses

if TYPE_CHECKING:
    from training.train import Trained

NAVIGATION = (
    ("learned", "What it learned from"),
    ("quality", "How good it is"),
    ("points", "Points by field"),
    ("pairs", "Pairs"),
    ("glass", "The price of glass"),
    ("weaknesses", "Where it does badly"),
    ("card", "Model card"),
)

NO_LOADS = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser is told: this page loads nothing and runs nothing."""


def report_of(trained: Trained, mapping: Mapping) -> bytes:
    """The report of a training run as an HTML file's bytes, UTF-8."""
    return document(
        NAVIGATION,
        headline(trained, mapping),
        learned(trained),
        quality(trained, mapping),
        points(trained.card),
        pairs(trained.card),
        glass(trained),
        weaknesses(trained.evidence, trained.metrics),
        model_card(trained, mapping),
    )


def document(places: Iterable[tuple[str, str]], *sections: Html) -> bytes:
    """A page of these sections. places: of each that is named on top, its id and its name."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", http_equiv="Content-Security-Policy", content=NO_LOADS),
        el("title", "leadrank: report of a model"),
        el("style", Html(CSS)),
    )
    links = (el("a", words, href=f"#{place}") for place, words in places)
    main = el("main", el("h1", "leadrank: report of a model"), el("nav", *links), *sections)
    return f"<!DOCTYPE html>\n{el('html', head, el('body', main), lang='en')}\n".encode()

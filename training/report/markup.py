"""HTML as values: every text is escaped where it enters, so that a level of a stranger is never markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What no HTML page may hold: controls, lone surrogates, noncharacters."""

_PERCENT = re.compile(r"(?<=\d)[ \u00a0]?%(?!\w)")

_OPTION = re.compile(r"(--[a-z]+(?:-[a-z]+)*)")

_FIGURE = re.compile(r"[+\u2212-]?\d.{,23}")
"""A cell that a figure begins and that is short enough for a line of a telephone."""

LONGEST = 300
"""Characters of a name that are kept for those who hover over it."""

VOID = frozenset({"meta", "br"})


class Html(str):
    """Markup that may stand in a page as it is. Made by `el` and `join` alone."""

    __slots__ = ()


Inside = str | Html | None


def text(value: str) -> Html:
    """A text, escaped, its percent signs as the house writes them: a space before, and no line ends there.

    >>> text("18% < 18 %")
    '18\\xa0% &lt; 18\\xa0%'
    """
    return value if isinstance(value, Html) else verbatim(_PERCENT.sub("\u00a0%", value))


def verbatim(value: str) -> Html:
    """A text as it came, escaped: a name that somebody else gave."""
    return Html(escape(_NOT_TEXT.sub("\ufffd", value), quote=True))


def el(tag: str, *inside: Inside, **attributes: str | float | None) -> Html:
    """An element. `cls` is its class; an underscore in an attribute's name is a hyphen; None leaves one out.

    >>> el("p", "a < b ", el("b", "now"), cls="said")
    '<p class="said">a &lt; b <b>now</b></p>'
    """
    named = "".join(
        f' {"class" if k == "cls" else k.replace("_", "-")}="{text(_short(v))}"'
        for k, v in attributes.items()
        if v is not None
    )
    if tag in VOID:
        return Html(f"<{tag}{named}>")
    return Html(f"<{tag}{named}>{join(inside)}</{tag}>")


def join(parts: Iterable[Inside]) -> Html:
    """Elements and texts one after the other."""
    return Html("".join(text(part) for part in parts if part is not None))


def with_options(words: str) -> Html:
    """A sentence whose command line options no line break divides.

    >>> with_options("say --keep")
    'say <code>--keep</code>'
    """
    return join(el("code", part) if part.startswith("--") else part for part in _OPTION.split(words) if part)


def named(name: str, most: int = 40) -> Html:
    """The name of a field or level: set apart from the text around it, cut where it is longer than `most`."""
    if len(name) <= most:
        return el("bdi", verbatim(name))
    whole = name[:LONGEST] + ("…" if len(name) > LONGEST else "")
    return el("bdi", verbatim(name[: most - 1] + "…"), title=verbatim(whole))


def table(head: Iterable[Inside], rows: Iterable[Iterable[Inside]], cls: str | None = None) -> Html:
    """A table; the first column names the row. It scrolls by itself where the page is too narrow.

    Of the class `words` the cells stand below one another there, each with its column's name.
    """
    heads = list(head)
    names = [h if cls == "words" and h else None for h in heads]
    top = el("tr", *(el("th", h, scope="col") for h in heads))
    body = [
        el(
            "tr",
            el("th", first, scope="row"),
            *(_cell(c, n, figures=cls is None) for c, n in zip(rest, names[1:], strict=True)),
        )
        for first, *rest in rows
    ]
    return el("div", el("table", el("thead", top), el("tbody", *body), cls=cls), cls="wide")


def _cell(inside: Inside, column: str | None, *, figures: bool) -> Html:
    """A cell of a table; figures: whether no line may end within one."""
    is_figure = figures and inside is not None and not isinstance(inside, Html) and _FIGURE.fullmatch(inside)
    return el("td", inside, data_of=column, cls="n" if is_figure else None)


def figure(picture: Html, *words: Inside, title: str, legend: Html | None = None) -> Html:
    """A picture with its title above, and below it words on what to read from it."""
    return el("figure", el("h3", title), legend, picture, el("figcaption", *words))


def items(parts: Iterable[Inside]) -> Html:
    """A list of points."""
    return el("ul", *(el("li", part) for part in parts))


def _short(value: str | float) -> str:
    """A number with at most two decimals, as coordinates need."""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return value if isinstance(value, str) else str(value)

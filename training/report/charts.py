"""Charts as SVG, drawn small so that their words stay legible on a telephone: 460 units wide, words 12 to 13 high."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .figures import percent
from .markup import Html, el, join

Floats = NDArray[np.float64]
Name = Callable[[float], str]

WIDTH, HEIGHT = 460.0, 300.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a chart's numbers lie. x, y: from and to. The rest: units of the drawing."""

    x: tuple[float, float]
    y: tuple[float, float]
    height: float = HEIGHT
    left: float = 66.0
    right: float = 26.0
    top: float = 12.0
    bottom: float = 44.0

    def across(self, value: float) -> float:
        """The horizontal place of a number."""
        low, high = self.x
        return self.left + (value - low) / (high - low) * (WIDTH - self.left - self.right)

    def down(self, value: float) -> float:
        """The vertical place of a number."""
        low, high = self.y
        return self.height - self.bottom - (value - low) / (high - low) * (self.height - self.top - self.bottom)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from low to high, no more than `most`.

    >>> ticks(0, 0.37)
    [0.0, 0.1, 0.2, 0.3]
    """
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return [low]
    step = 10.0 ** math.floor(math.log10(span / most))
    step *= next(k for k in (1, 2, 5, 10, 20) if span / (step * k) <= most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{k * step:.10g}") for k in range(first, last + 1)]


def drawn(frame: Frame, label: str, *parts: Html) -> Html:
    """The whole picture; label: what a screen reader says."""
    box = f"0 0 {WIDTH:.0f} {frame.height:.0f}"
    return el("svg", el("title", label), *parts, viewBox=box, role="img", aria_label=label, cls="chart")


def axes(
    frame: Frame,
    x: str,
    y: str,
    *,
    x_name: Name = percent,
    y_name: Name = percent,
    x_at: Sequence[float] | None = None,
) -> Html:
    """Both axes with round numbers and what they count. x_at: places of the numbers on the x axis."""
    floor, right = frame.height - frame.bottom, WIDTH - frame.right
    parts = []
    for v in ticks(*frame.y, most=5):
        at = frame.down(v)
        parts.append(el("line", x1=frame.left, x2=right, y1=at, y2=at, cls="grid"))
        parts.append(el("text", y_name(v), x=frame.left - 6, y=at + 4, text_anchor="end"))
    for v in ticks(*frame.x) if x_at is None else x_at:
        parts.append(el("text", x_name(v), x=frame.across(v), y=floor + 17, text_anchor="middle"))
    middle = (frame.left + right) / 2
    parts.append(el("line", x1=frame.left, x2=right, y1=floor, y2=floor, cls="axis"))
    parts.append(el("text", x, x=middle, y=frame.height - 8, text_anchor="middle", cls="of"))
    turn = f"translate(14 {(frame.top + floor) / 2:.1f}) rotate(-90)"
    parts.append(el("text", y, transform=turn, text_anchor="middle", cls="of"))
    return join(parts)


def line(frame: Frame, x: Sequence[float] | Floats, y: Sequence[float] | Floats, cls: str) -> Html:
    """A line through points."""
    return el("polyline", points=_points(frame, x, y), cls=f"line {cls}")


def band(frame: Frame, x: Floats, low: Floats, high: Floats, cls: str) -> Html:
    """The area between two lines."""
    there, back = _points(frame, x, high), _points(frame, x[::-1], low[::-1])
    return el("polygon", points=f"{there} {back}", cls=f"band {cls}")


def dot(frame: Frame, x: float, y: float, low: float, high: float, cls: str, said: str) -> Html:
    """A point with its interval, and what is said to whoever hovers over it."""
    at = frame.across(x)
    whisker = el("line", x1=at, x2=at, y1=frame.down(low), y2=frame.down(high), cls=f"whisker {cls}")
    return el("g", el("title", said), whisker, el("circle", cx=at, cy=frame.down(y), r=4, cls=cls))


def bar(frame: Frame, start: float, end: float, top: float, cls: str, said: str) -> Html:
    """An upright bar from the floor to `top`."""
    at, floor = frame.across(start), frame.down(frame.y[0])
    high = frame.down(top)
    box = el("rect", el("title", said), x=at, width=frame.across(end) - at, y=high, height=max(0.0, floor - high))
    return el("g", box, cls=cls)


def note(frame: Frame, x: float, y: float, words: str, cls: str, *, before: bool = False) -> Html:
    """Words beside a line, from the point (x, y) on, or up to it where `before`."""
    anchor = "end" if before else "start"
    return el("text", words, x=frame.across(x), y=frame.down(y), text_anchor=anchor, cls=f"note {cls}")


def legend(*entries: tuple[str, str]) -> Html:
    """What each line or colour is: (class, words)."""
    return el("p", *(el("span", _key(cls), el("span", words)) for cls, words in entries), cls="legend")


def _key(cls: str) -> Html:
    if cls.startswith("bar "):
        mark = el("g", el("rect", x=2, y=1, width=20, height=10), cls=cls[4:])
    elif cls.startswith("dot "):
        mark = el("circle", cx=12, cy=6, r=4, cls=cls[4:])
    else:
        mark = el("line", x1=0, x2=24, y1=6, y2=6, cls=f"line {cls}")
    return el("svg", mark, viewBox="0 0 24 12", width=24, height=12, aria_hidden="true")


def _points(frame: Frame, x: Sequence[float] | Floats, y: Sequence[float] | Floats) -> str:
    return " ".join(f"{frame.across(float(a)):.1f},{frame.down(float(b)):.1f}" for a, b in zip(x, y, strict=True))

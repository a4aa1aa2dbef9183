"""Small pictures as SVG text: lines, bands, bars and heat maps, coloured by the page's style."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, HEIGHT = 460, 280
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 24, 44
"""Margins around the plane, in pixels."""

Points = Sequence[tuple[float, float]]


@dataclass
class Plane:
    """A plane of x and y from 0 to their ends, on which marks are put; `svg` draws them under the axes."""

    x_end: float
    y_end: float
    x_label: str
    y_label: str
    title: str
    low: float = 0.0
    unit: str = "%"
    marks: list[str] = field(default_factory=list)

    def x(self, value: float) -> float:
        """Pixels from the left."""
        return LEFT + (WIDTH - LEFT - RIGHT) * value / (self.x_end or 1.0)

    def y(self, value: float) -> float:
        """Pixels from the top."""
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - self.low) / ((self.y_end - self.low) or 1.0))

    def line(self, points: Points, style: str) -> None:
        """A line through points."""
        self.marks.append(f'<polyline class="{style}" points="{self._path(points)}"/>')

    def band(self, low: Points, high: Points, style: str) -> None:
        """The area between two lines."""
        self.marks.append(f'<polygon class="{style}" points="{self._path([*low, *reversed(high)])}"/>')

    def dot(self, x: float, y: float, style: str, low: float | None = None, high: float | None = None) -> None:
        """A dot, with its interval where there is one."""
        if low is not None and high is not None:
            ends = f'x1="{self.x(x):.1f}" x2="{self.x(x):.1f}" y1="{self.y(low):.1f}" y2="{self.y(high):.1f}"'
            self.marks.append(f'<line class="{style} whisker" {ends}/>')
        self.marks.append(f'<circle class="{style}" cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="4"/>')

    def bar(self, x: float, width: float, y: float, style: str) -> None:
        """A bar from the lower edge, or from 0 where that lies inside."""
        foot = self.y(max(self.low, 0.0)) if self.low < 0 else self.y(self.low)
        top, left = self.y(y), self.x(x)
        box = f'x="{left:.1f}" y="{min(top, foot):.1f}" width="{max(0.5, self.x(x + width) - left - 1):.1f}"'
        self.marks.append(f'<rect class="{style}" {box} height="{abs(foot - top):.1f}"/>')

    def svg(self, x_ticks: Sequence[tuple[float, str]], y_ticks: int = 4) -> str:
        """The picture."""
        step = (self.y_end - self.low) / y_ticks
        axis = []
        for k in range(y_ticks + 1):
            value = self.low + k * step
            y = self.y(value)
            axis.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            axis.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_figure(value)}{self.unit}</text>')
        for place, words in x_ticks:
            x = f"{self.x(place):.1f}"
            axis.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{escape(words)}</text>')
        middle = (LEFT + WIDTH - RIGHT) / 2
        axis.append(
            f'<text class="label" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(self.x_label)}</text>'
        )
        axis.append(f'<text x="{LEFT - 6}" y="{TOP - 10}">{escape(self.y_label)}</text>')
        spoken = escape(f"{self.title}: {self.y_label} by {self.x_label}")
        box = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{spoken}"'
        return f"<svg {box}><title>{spoken}</title>{''.join(axis)}{''.join(self.marks)}</svg>"

    def _path(self, points: Points) -> str:
        return " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)


def percents(count: int = 5) -> list[tuple[float, str]]:
    """Ticks from 0 to 100 %."""
    return [(100 * k / count, f"{100 * k // count}%") for k in range(count + 1)]


def rounded(top: float) -> float:
    """The end of an axis whose quarters are round figures, at or above `top`."""
    size = 10.0 ** math.floor(math.log10(top)) if top > 0 else 1.0
    return next(step * size for step in (1, 2, 4, 6, 8, 10) if step * size >= top)


def _figure(value: float) -> str:
    size = abs(value)
    if size >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 1 else f"{value:.2g}"


def swing(points: float, most: float) -> str:
    """A bar to the right of the middle for what speaks for a lead, to the left for what speaks against it."""
    half, width = 90.0, 90.0 * min(1.0, abs(points) / (most or 1.0))
    x = half if points >= 0 else half - width
    style = "for" if points >= 0 else "against"
    bar = f'<rect class="{style}" x="{x:.1f}" y="2" width="{max(width, 0.5):.1f}" height="12"/>'
    return (
        f'<svg class="swing" viewBox="0 0 180 16" aria-hidden="true"><line x1="90" x2="90" y1="0" y2="16"/>{bar}</svg>'
    )


CELL = 22


def heat_map(rows: Sequence[str], columns: Sequence[str], points: Sequence[Sequence[float]], most: float) -> str:
    """A grid of points, blue for and orange against; the stronger the fuller. Names are the row's and column's."""
    left, top = 120, 6
    width, height = left + CELL * len(columns) + 6, top + CELL * len(rows) + 70
    found = []
    for i, name in enumerate(rows):
        y = top + CELL * i
        found.append(f'<text x="{left - 5}" y="{y + 15}" text-anchor="end">{escape(name)}</text>')
        for j, value in enumerate(points[i]):
            style, fill = ("for" if value >= 0 else "against"), min(1.0, abs(value) / (most or 1.0))
            said = escape(f"{name} and {columns[j]}: {value:+.1f} points")
            box = f'x="{left + CELL * j}" y="{y}" width="{CELL - 1}" height="{CELL - 1}"'
            found.append(f'<rect class="{style}" {box} fill-opacity="{fill:.2f}"><title>{said}</title></rect>')
    for j, name in enumerate(columns):
        x, y = left + CELL * j + 14, top + CELL * len(rows) + 8
        found.append(f'<text x="{x}" y="{y}" transform="rotate(55 {x} {y})">{escape(name)}</text>')
    box = f'viewBox="0 0 {width} {height}" style="max-width:{width}px" role="img"'
    return f'<svg class="heat" {box}>{"".join(found)}</svg>'

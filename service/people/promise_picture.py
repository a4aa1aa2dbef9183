"""A picture of promises as numbers for SVG: what was promised as marks, what happened as dots with whiskers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.watching.trust import BANDS, Share

from .words import portion

LEFT, TOP, STEP, HEIGHT, HALF = 52.0, 12.0, 56.0, 200.0, 14.0
"""Where the picture begins, how far bands stand apart, how high it is, half a mark's width; units of the view box."""

LINES = (1.0, 0.5, 0.25, 0.1, 0.05)
"""What the axis may end at: the smallest that holds all."""


@dataclass(frozen=True, slots=True)
class Point:
    """A band: x; y of the promise, of what happened and of both ends of its interval."""

    x: float
    name: str
    promised: float
    bought: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PromisePicture:
    """All bands, the axis' lines with their words, and the whole in words."""

    points: Sequence[Point]
    lines: Sequence[tuple[float, str]]
    words: str
    width: float
    base: float


def promise_picture(bands: Sequence[Share]) -> PromisePicture | None:
    """The picture of bands of scores; None for none."""
    if not bands:
        return None
    most = max(max(band.high, band.promised) for band in bands)
    top = min(line for line in LINES if line >= min(most, 1.0))
    base = TOP + HEIGHT

    def y(share: float) -> float:
        return round(base - HEIGHT * min(share, top) / top, 1)

    points = [
        Point(
            LEFT + STEP * (BANDS.index(band.kept.name) + 0.5),
            band.kept.name.replace(" to ", "\u2013"),
            y(band.promised),
            y(band.bought),
            y(band.low),
            y(band.high),
        )
        for band in bands
    ]
    lines = [(y(top * part), portion(top * part)) for part in (0.0, 0.5, 1.0)]
    said = (f"Scores {b.kept.name}: {portion(b.promised)} promised, {portion(b.bought)} bought" for b in bands)
    return PromisePicture(points, lines, ". ".join(said) + ".", LEFT + STEP * len(BANDS), base)

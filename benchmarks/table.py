"""What a benchmark prints: a line each, the figure first, its aim, and whether it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One thing that was measured. figure, holds: None where nothing is aimed at; reached: false short of the aim."""

    what: str
    figure: float | None
    aim: str
    holds: bool | None
    seen: str
    reached: bool = True


def table(lines: Sequence[Line]) -> str:
    """The lines under one another.

    >>> print(table([Line("a batch", 0.83, "0.7", True, "8/s; 10/s"), Line("rows", None, "", None, "5 rows/s")]))
      0.83  holds   a batch (0.7): 8/s; 10/s
                    rows: 5 rows/s
    """
    return "\n".join(_line(line) for line in lines)


def _line(line: Line) -> str:
    figure = "" if line.figure is None else f"{line.figure:.2f}" if line.figure < 20 else f"{line.figure:,.0f}"
    aim = f" ({line.aim})" if line.aim else ""
    seen = f": {line.seen}" if line.seen else ""
    return f"{figure:>6}  {_word(line):<6}  {line.what}{aim}{seen}"


def _word(line: Line) -> str:
    if line.holds is None:
        return ""
    if not line.holds:
        return "MISSES"
    return "holds" if line.reached else "least"

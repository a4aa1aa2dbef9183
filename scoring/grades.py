"""Grade: A to D, by cuts that live beside the model."""

from __future__ import annotations

from dataclasses import dataclass

from .scorecard import REFERENCE_STEPS


@dataclass(frozen=True, slots=True)
class GradeCuts:
    """The shares of reference leads above which a lead is an A, a B or a C; the rest is D. version counts changes."""

    a: float = 0.10
    b: float = 0.30
    c: float = 0.60
    version: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.a <= self.b <= self.c <= 1:
            raise ValueError(f"grade cuts must rise from 0 to 1: a={self.a}, b={self.b}, c={self.c}")

    def grade_of(self, per_mille: int) -> str:
        """A to D of `Scorecard.per_mille_of`.

        >>> [GradeCuts().grade_of(p) for p in (1000, 900, 899, 700, 400, 0)]
        ['A', 'A', 'B', 'B', 'C', 'D']
        """
        for grade, share in (("A", self.a), ("B", self.b), ("C", self.c)):
            if per_mille >= REFERENCE_STEPS - round(REFERENCE_STEPS * share):
                return grade
        return "D"

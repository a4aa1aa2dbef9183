"""What is known of a file's leads beside their fields: when they were created, and what happened to them since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

import numpy as np
from numpy.typing import NDArray

from .columns import Column, moments_of
from .files import Piece
from .lives import UNKNOWN, Lives, derived_columns
from .snapshot import Derived, Measure, named


@dataclass(frozen=True)
class FileLives:
    """lives: of the leads whose ids `place` knows; every other lead has none. created_column: of the file, in zone."""

    lives: Lives | None = None
    place: Mapping[str, int] = field(default_factory=dict)
    created_column: str | None = None
    zone: tzinfo = UTC

    def counted(
        self, derived: Sequence[Derived], piece: Piece, as_of: NDArray[np.int64]
    ) -> tuple[dict[str, Column], NDArray[np.float64] | None]:
        """The derived fields of a piece's leads as of moments, and the leads' age in days, None where it is not known.

        Where the lives are not known, fields that the file itself has are left to it.
        """
        column = piece.columns.get(self.created_column or "")
        created = None if column is None else moments_of(column, self.zone, unknown=UNKNOWN)
        lead = np.full(piece.rows, len(self.place), dtype=np.intp)
        if piece.ids is not None and self.lives is not None:
            lead = np.array([self.place.get(i, len(self.place)) for i in piece.ids.to_pylist()], dtype=np.intp)
        known = [d for d in derived if (created if d.measure is Measure.AGE else self.lives) is not None]
        age = named(Measure.AGE)
        found = derived_columns([*known, age], lead=lead, as_of=as_of, created=created, lives=self.lives)
        ages = None if created is None else found[age.field].values
        return {d.field: found[d.field] for d in known}, ages
